"""What models read: the seed's features, in one ColumnTransformer."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tasks.catalog import derive_features
from tasks.errors import ConfigError
from tasks.train.terms import NGRAM_RANGE, TermCounts

MAX_TERMS = 60_000
READS = {
    "text": ("title", "description"),
    "duration_value": ("duration",),
    "release_year": ("release_year",),
    "cast_count": ("cast",),
    "genre_count": ("listed_in",),
    "type": ("type",),
    "rating": ("rating",),
    "duration_unit": ("duration",),
}
"""The columns of the catalog that each feature is derived from."""

NUMERIC = ("duration_value", "release_year", "cast_count", "genre_count")
CATEGORICAL = ("type", "rating", "duration_unit")
MISSING = "missing"


class CatalogFeatures(TransformerMixin, BaseEstimator):
    """Derives the features' columns from a raw catalog; the first step of a published model."""

    def fit(self, catalog: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002
        """Do nothing: there is nothing to learn."""
        return self

    def transform(self, catalog: pd.DataFrame) -> pd.DataFrame:
        """Return `tasks.catalog.derive_features` of the catalog."""
        return derive_features(catalog)

    def __sklearn_is_fitted__(self) -> bool:
        return True


class TextFeatures(TransformerMixin, BaseEstimator):
    """TF-IDF of the most frequent words and pairs of words.

    The same as scikit-learn's TfidfVectorizer, except that the limit's ties are decided: of terms
    that occur equally often, the first in the alphabet are kept.

    Parameters
    ----------
    max_terms : int
        The most terms to keep.
    counts : TermCounts, optional
        The counts of texts that this will meet. Makes fitting faster and changes nothing else;
        texts that are not among them are counted as they come. Not pickled.
    """

    def __init__(self, max_terms: int = MAX_TERMS, counts: TermCounts | None = None) -> None:
        self.max_terms = max_terms
        self.counts = counts

    def fit(self, texts: pd.Series, y: object = None) -> Self:
        """Choose the terms and weigh them by the texts."""
        self.fit_transform(texts, y)
        return self

    def fit_transform(self, texts: pd.Series, y: object = None) -> sparse.csr_matrix:  # noqa: ARG002
        """Choose the terms, weigh them by the texts, and return the texts' features."""
        counts = self.counts
        rows = None if counts is None else counts.rows(texts)
        if counts is None or rows is None:
            counts = TermCounts.of(texts)
            rows = counts.texts.get_indexer(pd.Index(texts))
        columns = counts.most_frequent(rows, self.max_terms)
        self._columns = columns if counts is self.counts else None
        self.terms_ = counts.terms[columns]
        self.vectorizer_ = CountVectorizer(
            ngram_range=NGRAM_RANGE, dtype=np.int32, vocabulary=self.terms_.tolist()
        )
        self.weights_ = TfidfTransformer()
        return self.weights_.fit_transform(counts.matrix[rows][:, columns])

    def transform(self, texts: pd.Series) -> sparse.csr_matrix:
        """Return the texts' features, shape (n_texts, n_terms)."""
        rows = None if self.counts is None else self.counts.rows(texts)
        if self.counts is None or rows is None or self._columns is None:
            return self.weights_.transform(self.vectorizer_.transform(texts))
        return self.weights_.transform(self.counts.matrix[rows][:, self._columns])

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the terms."""
        return self.terms_

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "counts": None, "_columns": None}


class SharedColumns(TransformerMixin, BaseEstimator):
    """Keeps the columns that are not zero in several rows.

    Parameters
    ----------
    min_rows : int
        How many rows; fewer where no column has as many.
    """

    def __init__(self, min_rows: int = 5) -> None:
        self.min_rows = min_rows

    def fit(self, X: Any, y: object = None) -> Self:  # noqa: ARG002, N803
        """Find the columns."""
        rows = np.asarray((X != 0).sum(axis=0)).ravel()
        self.columns_ = np.flatnonzero(rows >= min(self.min_rows, rows.max()))
        return self

    def transform(self, X: Any) -> Any:  # noqa: N803
        """Return the columns."""
        return X[:, self.columns_]


def build_features(
    withhold: Sequence[str] = (), counts: TermCounts | None = None
) -> ColumnTransformer:
    """Return the unfitted features: text, numeric and categorical.

    Parameters
    ----------
    withhold : sequence of str
        Columns of the catalog; features derived from any of them are left out.
    counts : TermCounts, optional
        See `TextFeatures`.

    Returns
    -------
    ColumnTransformer
        From the columns of `tasks.catalog.derive_features` to a sparse matrix. A missing category
        is a category of its own, a missing number the median.

    Raises
    ------
    ConfigError
        If no feature is left.
    """
    left = {name for name, columns in READS.items() if not set(columns) & set(withhold)}
    if not left:
        raise ConfigError(f"withhold is {tuple(withhold)!r}, which leaves no feature to train on.")
    numeric = Pipeline(
        [
            ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
            ("scale", StandardScaler()),
        ]
    )
    categorical = Pipeline(
        [
            (
                "impute",
                SimpleImputer(strategy="constant", fill_value=MISSING, keep_empty_features=True),
            ),
            ("encode", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    blocks = [
        ("numeric", numeric, [name for name in NUMERIC if name in left]),
        ("categorical", categorical, [name for name in CATEGORICAL if name in left]),
    ]
    chosen: list[Any] = [("text", TextFeatures(counts=counts), "text")] if "text" in left else []
    chosen += [block for block in blocks if block[2]]
    return ColumnTransformer(chosen, sparse_threshold=1.0)

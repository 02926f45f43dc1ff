"""What models read, in one ColumnTransformer: the seed's features, or these and rich ones."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tasks.catalog.columns import RATING, VOTE_COLUMNS
from tasks.catalog.utilities import FEATURE_READS, derive_features
from tasks.config import FEATURE_SETS
from tasks.errors import ConfigError, PublishError, TrainingError
from tasks.label.rule import LabelingFunction, rules_from_json, rules_to_json
from tasks.label.vote import apply_rules, name_votes
from tasks.train.names import ListedNames, ListedPairs
from tasks.train.terms import TermCounter, most_frequent_terms, words_of

MAX_TERMS = 60_000
TEXT = "text"
SEED, RICH = FEATURE_SETS
VOTES, RATING_VOTES = VOTE_COLUMNS
NUMERIC = ("duration_value", "release_year", "cast_count", "genre_count")
CATEGORICAL_BLOCK = "categorical"
CATEGORICAL = ("type", "rating", "duration_unit")
NAMES = {"listed_in": 1, "cast": 2, "director": 2, "country": 2, VOTES: 1, RATING_VOTES: 1}
"""The columns of names that are rich, and how many titles must list a name for it to count."""
PAIRS = {"genres": (["listed_in"], 3), "genre_in_country": (["listed_in", "country"], 5)}
"""The same for pairs of names, within a column and across two."""


class CatalogFeatures(TransformerMixin, BaseEstimator):
    """Derives the features' columns from a raw catalog, and lets the model's own rules vote.

    The first step of a published model. The rules are data and part of the model: what the rulebook
    says later changes nothing. They are pickled as one text of JSON.
    """

    def __init__(self, rules: Sequence[LabelingFunction] = ()) -> None:
        self.rules = rules

    def fit(self, catalog: pd.DataFrame, y: object = None) -> Self:  # noqa: ARG002
        """Do nothing: there is nothing to learn."""
        return self

    def transform(self, catalog: pd.DataFrame) -> pd.DataFrame:
        """Return `tasks.catalog.utilities.derive_features` of the catalog, and `VOTE_COLUMNS`."""
        votes = name_votes(apply_rules(catalog, self.rules), self.rules)
        return pd.concat([derive_features(catalog), votes], axis=1)

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "rules": rules_to_json(self.rules)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        if "rules" not in state:
            raise PublishError(
                "the model was made by an earlier version of the lab and does not carry its rules; "
                "run the workflow again (make run)."
            )
        super().__setstate__({**state, "rules": rules_from_json(state["rules"])})


class TextFeatures(TransformerMixin, BaseEstimator):
    """TF-IDF of the `max_terms` most frequent words and pairs of words.

    The same as scikit-learn's TfidfVectorizer, except that the limit's ties are decided.
    """

    def __init__(self, max_terms: int = MAX_TERMS) -> None:
        self.max_terms = max_terms

    def fit(self, texts: pd.Series, y: object = None) -> Self:
        """Choose the terms and weigh them by the texts."""
        self.fit_transform(texts, y)
        return self

    def fit_transform(self, texts: pd.Series, y: object = None) -> sparse.csr_matrix:  # noqa: ARG002
        """Choose the terms, weigh them by the texts, and return the texts' features."""
        found = words_of(texts)
        terms = most_frequent_terms(found, self.max_terms)
        if not terms:
            raise TrainingError(
                f"None of the {len(texts)} texts to train on has a word in it; "
                "expected titles and descriptions. Look at the catalog."
            )
        self._set_terms(np.array(terms, dtype=object))
        self.weights_ = TfidfTransformer()
        return self.weights_.fit_transform(self.counter_.count(found))

    def transform(self, texts: pd.Series) -> sparse.csr_matrix:
        """Return the texts' features, shape (n_texts, n_terms)."""
        return self.weights_.transform(self.counter_.count(words_of(texts)))

    def _set_terms(self, terms: NDArray[Any]) -> None:
        self.terms_ = terms
        self.counter_ = TermCounter(terms.tolist())

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the terms."""
        return self.terms_

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        if "terms_" in state:  # one text: skops writes a vocabulary entry by entry, for ten seconds
            del state["counter_"]
            state["terms_"] = "\n".join(self.terms_)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if isinstance(state.get("terms_"), str):
            self._set_terms(np.array(state["terms_"].split("\n"), dtype=object))


class SharedColumns(TransformerMixin, BaseEstimator):
    """Keeps the columns that are not zero in `min_rows` rows; fewer where none is in as many."""

    def __init__(self, min_rows: int) -> None:
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
    withhold: Sequence[str] = (),
    feature_set: str = SEED,
    titles: NDArray[Any] | None = None,
) -> ColumnTransformer:
    """Return the unfitted features: from the columns of `derive_features` to a sparse matrix.

    Text, numeric and categorical, and names and votes if they are rich; none that is derived from a
    column to `withhold`, and the votes are to be of rules that read none. A missing category is a
    category of its own, a missing number the median. `titles` are for `ListedNames`.
    """
    left = {name for name, columns in FEATURE_READS.items() if not set(columns) & set(withhold)}
    left |= {VOTES} if RATING in withhold else set(VOTE_COLUMNS)
    blocks: list[Any] = [(TEXT, TextFeatures(), TEXT)] if TEXT in left else []
    for name, pipeline, columns in (
        ("numeric", _numeric(), NUMERIC),
        (CATEGORICAL_BLOCK, _categorical(), CATEGORICAL),
    ):
        if chosen := [column for column in columns if column in left]:
            blocks.append((name, pipeline, chosen))
    if feature_set == RICH:
        blocks += [(n, ListedNames(least, titles), n) for n, least in NAMES.items() if n in left]
        blocks += [
            (name, ListedPairs(least, titles), columns)
            for name, (columns, least) in PAIRS.items()
            if left.issuperset(columns)
        ]
    if not blocks:
        raise ConfigError(f"withhold is {tuple(withhold)!r}, which leaves no feature to train on.")
    return ColumnTransformer(blocks, sparse_threshold=1.0)


def _numeric() -> Pipeline:
    impute = SimpleImputer(strategy="median", keep_empty_features=True)
    return Pipeline([("impute", impute), ("scale", StandardScaler())])


def _categorical() -> Pipeline:
    impute = SimpleImputer(strategy="constant", fill_value="missing", keep_empty_features=True)
    return Pipeline([("impute", impute), ("encode", OneHotEncoder(handle_unknown="ignore"))])

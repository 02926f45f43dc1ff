"""Counting words and pairs of words once, for every fold and every model that needs them."""

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from tasks.errors import TrainingError

NGRAM_RANGE = (1, 2)


@dataclass(frozen=True, eq=False)
class TermCounts:
    """How often each term, in alphabetical order, occurs in each of some distinct texts."""

    texts: pd.Index
    terms: NDArray[Any]
    matrix: sparse.csr_matrix = field(repr=False)

    @classmethod
    def of(cls, texts: pd.Series) -> Self:
        """Count the terms of texts, each distinct one once, in order of first appearance."""
        distinct = pd.Index(texts.drop_duplicates())
        vectorizer = CountVectorizer(ngram_range=NGRAM_RANGE, dtype=np.int32)
        try:
            matrix = vectorizer.fit_transform(distinct)
        except ValueError as error:
            raise TrainingError(
                f"None of the {len(distinct)} texts to train on has a word in it ({error}); "
                "expected titles and descriptions. Look at the catalog."
            ) from error
        return cls(distinct, vectorizer.get_feature_names_out(), sparse.csr_matrix(matrix))

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself, which never changes: cloning an estimator need not copy the counts."""
        return self

    def rows(self, texts: pd.Series) -> NDArray[np.intp] | None:
        """Return where the texts are, or None if any of them is unknown."""
        rows = self.texts.get_indexer(pd.Index(texts))
        return None if (rows < 0).any() else rows

    def most_frequent(self, rows: NDArray[np.intp], n: int) -> NDArray[np.intp]:
        """Return the columns of the `n` terms that the rows use most, in alphabetical order.

        Of terms used equally often the first in the alphabet win: tens of thousands occur once,
        and which of them are kept must not depend on a sorting algorithm.
        """
        totals = np.bincount(rows, minlength=len(self.texts)) @ self.matrix
        ranked = np.argsort(-totals, kind="stable")[:n]
        return np.sort(ranked[totals[ranked] > 0])

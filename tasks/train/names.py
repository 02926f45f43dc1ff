"""Who and what a title lists: genres, cast, directors and countries as columns of 0 and 1."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

from tasks.catalog.text import split_names


class ListedNames(TransformerMixin, BaseEstimator):
    """A column for each name that cells such as ``Ann Lee, Bo Li`` list, 1 where it is listed.

    Only names that `min_titles` titles list get a column: a name of one title tells nothing about
    another. `titles` tells which title each row of `fit` is of, so that copies count once; by
    default each row is a title of its own. It is not pickled.
    """

    def __init__(self, min_titles: int, titles: NDArray[Any] | None = None) -> None:
        self.min_titles = min_titles
        self.titles = titles

    def fit(self, cells: pd.Series, y: object = None) -> Self:  # noqa: ARG002
        """Choose the names."""
        titles = np.arange(len(cells)) if self.titles is None else self.titles
        matrix, names = _indicators(cells)
        of_title = sparse.csr_matrix(
            (np.ones(len(cells)), (pd.factorize(titles)[0], np.arange(len(cells))))
        )
        counts = np.bincount((of_title @ matrix).indices, minlength=len(names))
        chosen = names[counts >= self.min_titles]
        # scikit-learn refuses a block without columns: then one that stays 0, of no name.
        self._set_names(chosen if len(chosen) else np.array([""], dtype=object))
        return self

    def transform(self, cells: pd.Series) -> sparse.csr_matrix:
        """Return the columns, shape (n_rows, n_names); names without a column are ignored."""
        codes, values = pd.factorize(cells)
        every, known = map(_names, values.tolist()), self._columns
        # Backwards, in which order earlier releases add up: the last digit depends on it.
        listed = [[known[name] for name in reversed(names) if name in known] for names in every]
        return _rows_of(listed, codes, len(self.names_))

    def get_feature_names_out(self, input_features: object = None) -> NDArray[Any]:  # noqa: ARG002
        """Return the names."""
        return self.names_

    def _set_names(self, names: NDArray[Any]) -> None:
        self.names_ = names
        self._columns = {name: place for place, name in enumerate(names)}

    def __getstate__(self) -> dict[str, Any]:
        state = {**super().__getstate__(), "titles": None}
        if "names_" in state:  # one text, for the same reason as the terms of TextFeatures
            del state["_columns"]
            state["names_"] = "\n".join(self.names_)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if isinstance(state.get("names_"), str):
            self._set_names(np.array(state["names_"].split("\n"), dtype=object))


class ListedPairs(ListedNames):
    """A column for each pair of names that a title lists: genres together, or genre and country.

    Of one column, the pairs within a cell, and the whole cell (a drama and nothing else); of two
    columns, each name of the first with each of the second.
    """

    def fit(self, cells: Any, y: object = None) -> Self:  # noqa: ARG002
        """Choose the pairs that the columns, one or two, list."""
        return super().fit(_pair(cells))

    def transform(self, cells: Any) -> sparse.csr_matrix:
        """Return the columns, shape (n_rows, n_pairs)."""
        return super().transform(_pair(cells))


def _pair(cells: pd.DataFrame) -> pd.Series:
    columns = [cells[name].fillna("").tolist() for name in cells.columns]
    pair = _pairs_within if len(columns) == 1 else _pairs_across
    paired = [pair(*row) for row in zip(*columns, strict=True)]
    return pd.Series(paired, index=cells.index, dtype="str")


@lru_cache(maxsize=10_000)
def _pairs_within(cell: str) -> str:
    names = _names(cell)
    pairs = [f"{one} + {other}" for one, other in combinations(names, 2)]
    return ", ".join([*pairs, "only " + " + ".join(names)]) if names else ""


@lru_cache(maxsize=10_000)
def _pairs_across(cell: str, other: str) -> str:
    return ", ".join(f"{a} in {b}" for a in _names(cell) for b in _names(other))


@lru_cache(maxsize=100_000)
def _names(cell: str) -> tuple[str, ...]:
    return tuple(sorted(set(split_names(cell))))


def _indicators(cells: pd.Series) -> tuple[sparse.csr_matrix, NDArray[Any]]:
    """Return which name each row lists, 1 or 0, and the names in alphabetical order."""
    codes, values = pd.factorize(cells)
    listed = [_names(cell) for cell in values.tolist()]
    names = np.array(sorted(set().union(*listed)), dtype=object)
    column = {name: place for place, name in enumerate(names)}
    rows = _rows_of([[column[name] for name in found] for found in listed], codes, len(names))
    return rows, names


def _rows_of(
    columns: Sequence[Sequence[int]], codes: NDArray[np.intp], n_columns: int
) -> sparse.csr_matrix:
    """Return 1 in the columns of each row's cell, given those of each distinct cell."""
    sizes = [*map(len, columns), 0]  # the last row, of no names, is for missing cells
    flat = [column for found in columns for column in found]
    ends = np.concatenate([[0], np.cumsum(sizes)])
    distinct = sparse.csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(sizes), n_columns))
    return distinct[codes]

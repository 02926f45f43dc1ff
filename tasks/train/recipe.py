"""What a classifier is fitted to: rows with the rating and without, and soft labels as weights."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.compose import ColumnTransformer

from tasks.catalog.columns import FAMILY, NOT_FAMILY, RATING
from tasks.train.features import CATEGORICAL_BLOCK, RATING_VOTES, SEED

COPY, HALF = "copy", "half"
LEARNED_BY = ["show_id", "parent_id", "content_group", "label", "probability"]  # beside features
SLIGHT = 0.01  # a class of less probability is not learned: the row would cost and hardly count


@dataclass(frozen=True)
class Recipe:
    """How training rows become what a classifier is fitted to; by default the seed's way."""

    features: str = SEED
    mask_rating: bool = False  # rows are trained on with their rating masked as missing, too
    soft_labels: bool = False  # a row of probability p is family with weight p, else with 1 - p


class WeightedRows(NamedTuple):
    """The arguments of a fit; all have one entry a row."""

    matrix: sparse.csr_matrix
    labels: NDArray[np.int64]
    groups: NDArray[Any]
    weights: NDArray[np.float64]


def weigh_rows(
    matrix: sparse.csr_matrix,
    masked: sparse.csr_matrix | None,
    rows: pd.DataFrame,
    recipe: Recipe,
    masking: str,
    seed: int,
) -> WeightedRows:
    """Return what a classifier is fitted to; the weights add up to the number of titles.

    `matrix` is what features gave for the rows, `masked` the same with the rating hidden, if rows
    are to be trained on without it too. A title counts once, however many copies of it there are,
    so that copies do not shift the share of the classes. Masking ``copy``: each row with its rating
    and without, at half the weight each. ``half``: a random half of the rows without: half the
    work, and a little less to learn from.
    """
    n = len(rows)
    chosen, labels, weights = np.arange(n), rows["label"].to_numpy(dtype=np.int64), np.ones(n)
    if recipe.soft_labels:
        chosen, labels, weights = soften(labels, rows["probability"])
    weights = weights * weights_of_titles(rows)[chosen]
    if masked is not None:
        matrix = sparse.csr_matrix(sparse.vstack([matrix, masked]))
        if masking == COPY:
            chosen = np.concatenate([chosen, chosen + n])
            labels, weights = np.tile(labels, 2), np.tile(weights / 2, 2)
        else:
            chosen = chosen + n * draw_half(rows["show_id"], seed)[chosen]
    groups = rows["content_group"].to_numpy()[chosen % n]
    return WeightedRows(matrix[chosen], labels, groups, weights)


def weights_of_titles(rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return for each row 1 over the number of rows that are its title or a copy of it."""
    title, _ = pd.factorize(rows["parent_id"].fillna(rows["show_id"]))
    return np.asarray(1 / np.bincount(title)[title])


def soften(
    labels: NDArray[np.int64], probability: pd.Series
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return row numbers, labels and weights: first each row's family side, then the others.

    A side of less weight than `SLIGHT` is left out; a row without probability counts in full as
    what its label says.
    """
    family = probability.to_numpy(dtype=np.float64, na_value=np.nan)
    family = np.where(np.isnan(family), labels == FAMILY, family)
    weights = np.concatenate([family, 1 - family])
    sides = np.repeat([FAMILY, NOT_FAMILY], len(labels))
    kept = np.flatnonzero(weights >= SLIGHT)
    return kept % len(labels), sides[kept], weights[kept]


def reads_rating(features: ColumnTransformer) -> bool:
    """Return whether features read the rating."""
    return any(RATING in columns for _, _, columns in features.transformers)


def mask_rating(
    features: ColumnTransformer, matrix: sparse.csr_matrix, rows: pd.DataFrame
) -> sparse.csr_matrix:
    """Return what features that gave `matrix` for the rows give with the rating missing.

    Only the blocks that read the rating are computed again.
    """
    masked = hide_rating(rows)
    for name, _, columns in features.transformers:
        if name in (CATEGORICAL_BLOCK, RATING_VOTES):
            block = features.named_transformers_[name].transform(masked[columns])
            place = features.output_indices_[name]
            parts = [matrix[:, : place.start], block, matrix[:, place.stop :]]
            matrix = sparse.hstack(parts, format="csr")
    return matrix


def hide_rating(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows without rating and its rules' votes: the case in which one needs a model."""
    nothing = pd.Series(None, index=rows.index, dtype="str")
    hidden = [column for column in (RATING, RATING_VOTES) if column in rows.columns]
    return rows.assign(**dict.fromkeys([RATING, *hidden], nothing))


def draw_half(show_ids: Sequence[str] | pd.Series, seed: int) -> NDArray[np.int64]:
    """Return 1 for about half of the rows and 0 for the others, by id and seed alone."""
    digests = (hashlib.blake2b(f"{seed} {i}".encode(), digest_size=1).digest() for i in show_ids)
    return np.array([digest[0] & 1 for digest in digests], dtype=np.int64)

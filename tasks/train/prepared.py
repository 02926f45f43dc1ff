"""The training table as numbers, computed once for every fold, every candidate and the refit."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import normalize

from tasks.pipeline import AUGMENTED, LABELED, NEAR_DUPLICATES
from tasks.train.features import TEXT, build_features
from tasks.train.guard import read_training_table
from tasks.train.model import Model
from tasks.train.recipe import LEARNED_BY, Recipe, mask_rating, reads_rating, weigh_rows
from tasks.volume.artifacts import Artifacts

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Prepared:
    """Rows with derived features and labels, and what models read of them.

    The features are fitted to all titles. That tells them which words and names there are and how
    large numbers are, and no label; how much a word weighs, `weighed_by` learns from some rows.
    They are not fitted to copies, which only the smaller class has: whether a rare word is known at
    all would then tell the class of titles that were held out.
    """

    rows: pd.DataFrame
    features: ColumnTransformer
    matrix: sparse.csr_matrix
    masked: sparse.csr_matrix | None  # with the rating hidden; None if no feature reads it

    @property
    def hidden(self) -> sparse.csr_matrix:
        """What models read with the rating hidden."""
        return self.matrix if self.masked is None else self.masked

    def with_others(self, titles: pd.DataFrame) -> "Prepared":
        """Return the same with the rows of other titles at the end; the features learn nothing."""
        if titles.empty:  # scikit-learn refuses no rows
            return self
        rows = pd.concat([self.rows, titles], ignore_index=True)
        matrix = sparse.vstack([self.matrix, self.features.transform(titles)], format="csr")
        masked = mask_rating(self.features, matrix, rows) if reads_rating(self.features) else None
        return Prepared(rows, self.features, matrix, masked)

    def weighed_by(self, chosen: Rows) -> "Prepared":
        """Return the same with words weighed by how many of the chosen titles have them.

        Each row's TF-IDF is normalised, so the weights of other rows can be replaced without
        counting again.
        """
        if TEXT not in self.features.named_transformers_:
            return self
        place = self.features.output_indices_[TEXT]
        text = self.matrix[:, place]
        titles = chosen[is_title(self.rows)[chosen]]
        n_with = np.bincount(text[titles].indices, minlength=text.shape[1])
        weights = np.log((1 + len(titles)) / (1 + n_with)) + 1
        ratio = weights / self.features.named_transformers_[TEXT].weights_.idf_
        text = normalize(text @ sparse.diags_array(ratio))
        matrices = (
            m if m is None else sparse.hstack([text, m[:, place.stop :]], format="csr")
            for m in (self.matrix, self.masked)
        )
        return Prepared(self.rows, self.features, *matrices)

    def fit(self, model: Model, chosen: Rows, recipe: Recipe, seed: int) -> Any:
        """Return a classifier fitted to the chosen rows."""
        masked = self.masked if recipe.mask_rating else None
        weighed = weigh_rows(
            self.matrix[chosen],
            None if masked is None else masked[chosen],
            self.rows[LEARNED_BY].iloc[chosen],
            recipe,
            model.masking,
            seed,
        )
        return model.fit(weighed.matrix, weighed.labels, weighed.groups, seed, weighed.weights)

    def fit_all(self, model: Model, recipe: Recipe, seed: int) -> Pipeline:
        """Return the steps ``features`` and ``model``, fitted to all rows."""
        classifier = self.fit(model, np.arange(len(self.rows)), recipe, seed)
        return Pipeline([("features", self.features), ("model", classifier)])


def prepare(rows: pd.DataFrame, feature_set: str, withhold: tuple[str, ...] = ()) -> Prepared:
    """Compute what models read of rows with derived features; nothing of a column to `withhold`."""
    titles = rows[is_title(rows)]
    features = build_features(withhold, feature_set, titles["content_group"].to_numpy())
    matrix = sparse.csr_matrix(features.fit_transform(titles))
    if len(titles) < len(rows):
        matrix = _with_copies(features, matrix, titles, rows)
    masked = mask_rating(features, matrix, rows) if reads_rating(features) else None
    return Prepared(rows, features, matrix, masked)


def _with_copies(
    features: ColumnTransformer, matrix: sparse.csr_matrix, titles: pd.DataFrame, rows: pd.DataFrame
) -> sparse.csr_matrix:
    """Return the matrix of all rows, given that of the titles: copies differ in their text only."""
    of_title = pd.Index(titles["show_id"]).get_indexer(rows["parent_id"].fillna(rows["show_id"]))
    every = matrix[of_title]
    if TEXT not in features.named_transformers_:
        return every
    place, copies = features.output_indices_[TEXT], ~is_title(rows)
    text = features.named_transformers_[TEXT].transform(rows.loc[copies, TEXT])
    blocks = sparse.hstack([text, every[copies][:, place.stop :]], format="csr")
    order = np.argsort(np.r_[np.flatnonzero(~copies), np.flatnonzero(copies)])
    return sparse.vstack([every[~copies], blocks], format="csr")[order]


def is_title(rows: pd.DataFrame) -> NDArray[np.bool_]:
    """Say which rows are titles and no copies."""
    return rows["parent_id"].isna().to_numpy()


_prepared: dict[tuple[str, ...], Prepared] = {}


def read_prepared(augment: Artifacts, label: Artifacts, feature_set: str) -> Prepared:
    """Return the training table, checked by the guard and prepared, once a process."""
    used = ((augment, AUGMENTED), (label, LABELED), (label, NEAR_DUPLICATES))
    contents = (found.read_bytes(file) for found, file in used)  # checks and notes what is read
    key = (feature_set, *(hashlib.sha256(content).hexdigest() for content in contents))
    if key not in _prepared:
        _prepared.clear()
        _prepared[key] = prepare(read_training_table(augment, label), feature_set)
    return _prepared[key]

"""Fitting a candidate, and dealing titles out to folds so that none is seen in any form."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import CLASS_NAMES
from tasks.errors import TrainingError
from tasks.train.features import build_features
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.model import Model
from tasks.train.sample import Recipe, Sample, draw_sample
from tasks.train.terms import TermCounts

SEEDS_RECIPE = Recipe()


def fit_candidate(
    model: Model,
    rows: pd.DataFrame,
    *,
    seed: int,
    withhold: Sequence[str] = (),
    counts: TermCounts | None = None,
    recipe: Recipe = SEEDS_RECIPE,
) -> Pipeline:
    """Fit features and classifier to training rows.

    Parameters
    ----------
    model : Model
        The candidate.
    rows : DataFrame, shape (n_rows, n_columns)
        Has ``label``, ``content_group``, the columns of `derive_features`, and for
        soft labels ``probability``, for masking by halves ``show_id``.
    seed : int
        The source of the classifier's randomness.
    withhold : sequence of str
        Columns of the catalog that no feature may read.
    counts : TermCounts, optional
        Saves counting the texts' terms again.
    recipe : Recipe
        Feature set, masking, soft labels; by default the seed's way.

    Returns
    -------
    Pipeline
        The fitted steps ``features`` and ``model``: derived features in, probabilities out.
    """
    titles = rows["content_group"].to_numpy()
    features = build_features(withhold, counts, recipe.features, titles)
    matrix = sparse.csr_matrix(features.fit_transform(rows))
    sample = draw_sample(features, matrix, rows, recipe, model.masking, seed)
    return Pipeline([("features", features), ("model", fit_classifier(model, sample, seed))])


def fit_classifier(model: Model, sample: Sample, seed: int) -> Any:
    """Fit a candidate's classifier."""
    return model.fit(sample.matrix, sample.labels, sample.groups, seed, sample.weights)


def family_probability(pipeline: Pipeline, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return the probability of family of each row; of none, if there are no rows."""
    if rows.empty:
        return np.empty(0)
    return np.asarray(pipeline.predict_proba(rows)[:, 1], dtype=np.float64)


def fold_of_rows(table: pd.DataFrame, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of every row: titles are dealt out, copies and twins go with their title.

    Parameters
    ----------
    table : DataFrame, shape (n_rows, n_columns)
        Has ``label``, ``parent_id`` and ``content_group``; in a fixed order.
    n_folds : int
        How many folds.
    seed : int
        With the order of the rows, fixes the folds.

    Raises
    ------
    TrainingError
        If a class has fewer groups of titles than there are folds, or a copy belongs to no title.
    """
    titles = table[table["parent_id"].isna()]
    labels, groups = titles["label"].to_numpy(dtype=int), titles["content_group"].to_numpy()
    _check_enough(labels, groups, n_folds)
    folds = pd.Series(assign_folds(labels, groups, n_folds, seed), index=groups)
    of_group = folds[~folds.index.duplicated()]
    found = table["content_group"].map(of_group)
    if found.isna().any():
        orphan = table.loc[found.isna(), "show_id"].iloc[0]
        raise TrainingError(
            f"The copy {orphan} has the content group of no title in the training table; "
            "expected its parent's. Run augment again."
        )
    return found.to_numpy(dtype=np.int64)


def _check_enough(labels: NDArray[np.int64], groups: NDArray[np.object_], n_folds: int) -> None:
    counts = groups_per_class(labels, groups)
    rarest = min(counts, key=lambda label: counts[label])
    if counts[rarest] >= n_folds:
        return
    lower = f"Lower the parameter folds to {counts[rarest]} or less, or label"
    raise TrainingError(
        f"{counts[rarest]} distinct titles of {len(set(groups))} labelled for training are "
        f"{CLASS_NAMES[rarest]}; {n_folds}-fold cross-validation needs {n_folds} or more of each "
        f"class. {lower if counts[rarest] > 1 else 'Label'} more titles "
        "(look at the votes: rules, tie_policy)."
    )

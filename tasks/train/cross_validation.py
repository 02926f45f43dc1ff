"""Fitting a candidate, and scoring it on titles that it has not seen in any form."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from tasks.errors import TrainingError
from tasks.schema import CLASS_NAMES
from tasks.train.core import Model
from tasks.train.features import build_features
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.terms import TermCounts


def fit_candidate(
    model: Model,
    rows: pd.DataFrame,
    *,
    seed: int,
    withhold: Sequence[str] = (),
    counts: TermCounts | None = None,
) -> Pipeline:
    """Fit features and classifier to training rows.

    Parameters
    ----------
    model : Model
        The candidate.
    rows : DataFrame, shape (n_rows, n_columns)
        Has ``label``, ``content_group`` and the columns of `tasks.catalog.derive_features`.
    seed : int
        The source of the classifier's randomness.
    withhold : sequence of str
        Columns of the catalog that no feature may read.
    counts : TermCounts, optional
        Saves counting the texts' terms again.

    Returns
    -------
    Pipeline
        The fitted steps ``features`` and ``model``: derived features in, probabilities out.
    """
    features = build_features(withhold, counts)
    matrix = features.fit_transform(rows)
    labels, groups = rows["label"].to_numpy(dtype=int), rows["content_group"].to_numpy()
    classifier = model.fit(matrix, labels, groups, seed)
    return Pipeline([("features", features), ("model", classifier)])


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


def cross_validate(
    model: Model,
    table: pd.DataFrame,
    *,
    n_folds: int,
    seed: int,
    withhold: Sequence[str] = (),
    counts: TermCounts | None = None,
) -> pd.DataFrame:
    """Score every title by a candidate fitted without it, its twins and their copies.

    Parameters
    ----------
    model : Model
        The candidate.
    table : DataFrame, shape (n_rows, n_columns)
        The training table; in a fixed order.
    n_folds : int
        How many folds.
    seed, withhold, counts
        See `fit_candidate`. Terms are chosen and weighed by each fold's training rows alone.

    Returns
    -------
    DataFrame, shape (n_titles, 4)
        ``show_id``, ``label``, ``probability`` of family and ``fold`` of each real title.
    """
    fold = fold_of_rows(table, n_folds, seed)
    is_title = table["parent_id"].isna().to_numpy()
    probability = np.full(len(table), np.nan)
    for held_out in range(n_folds):
        scored = is_title & (fold == held_out)
        fitted = fit_candidate(
            model, table[fold != held_out], seed=seed, withhold=withhold, counts=counts
        )
        probability[scored] = family_probability(fitted, table[scored])
    scores = table[["show_id", "label"]].assign(probability=probability, fold=fold)
    return scores[is_title].reset_index(drop=True)


def roc_auc_of_folds(out_of_fold: pd.DataFrame) -> list[float]:
    """Return the ROC-AUC of each fold of `cross_validate`, in order."""
    return [
        float(roc_auc_score(titles["label"], titles["probability"]))
        for _, titles in out_of_fold.groupby("fold", sort=True)
    ]

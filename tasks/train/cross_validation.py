"""The cross-validation of a candidate, in which no title is scored by who learned from it.

Every title is scored by a model that was fitted to neither it nor its twins nor their copies, once
with its rating and once with the rating hidden. The second is the honest check, for which the
published model is made. The reference is the weak labels of train titles: gold and test titles are
never looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import CLASS_NAMES
from tasks.config import TrainConfig
from tasks.errors import TrainingError
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.model import Model
from tasks.train.prepared import Prepared, is_title
from tasks.train.recipe import Recipe

VISIBLE, HIDDEN = "probability", "probability_rating_hidden"
VISIBLE_TOLERANCE = 0.001  # so much less ROC-AUC with the rating visible passes for equal


def recipe_of(config: TrainConfig) -> Recipe:
    """Return how rows become what a classifier is fitted to."""
    return Recipe(config.features, config.mask_rating, config.soft_labels)


def family_probability(pipeline: Pipeline, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return the probability of family of each row; of none, if there are no rows."""
    if rows.empty:
        return np.empty(0)
    return np.asarray(pipeline.predict_proba(rows)[:, 1], dtype=np.float64)


def cross_validate(
    model: Model, prepared: Prepared, recipe: Recipe, *, n_folds: int, seed: int
) -> pd.DataFrame:
    """Score every title by a candidate fitted without it, its twins and their copies.

    The rows are in a fixed order. Each real title gets its ``probability`` of family as it is and
    with the rating hidden, and its ``fold``.
    """
    rows = prepared.rows
    fold = fold_of_rows(rows, n_folds, seed)
    scores = []
    for held_out in range(n_folds):
        learned = np.flatnonzero(fold != held_out)
        weighed = prepared.weighed_by(learned)
        fitted = weighed.fit(model, learned, recipe, seed)
        scored = np.flatnonzero(is_title(rows) & (fold == held_out))
        probabilities = {
            VISIBLE: fitted.predict_proba(weighed.matrix[scored])[:, 1],
            HIDDEN: fitted.predict_proba(weighed.hidden[scored])[:, 1],
        }
        titles = rows.iloc[scored][["show_id", "label"]]
        scores.append(titles.assign(**probabilities, fold=held_out))
    return pd.concat(scores).sort_index().reset_index(drop=True)


def fold_of_rows(table: pd.DataFrame, n_folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of every row: titles are dealt out, copies and twins go with their title."""
    titles = table[table["parent_id"].isna()]
    labels, groups = titles["label"].to_numpy(dtype=int), titles["content_group"].to_numpy()
    _check_enough(labels, groups, n_folds)
    folds = dict(zip(groups, assign_folds(labels, groups, n_folds, seed), strict=True))
    found = table["content_group"].map(folds)
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


def describe_scores(scores: pd.DataFrame) -> dict[str, Any]:
    """Return the ROC-AUC with the rating visible and hidden; ``std`` is the folds' own."""
    described: dict[str, Any] = {"n_folds": int(scores["fold"].nunique())}
    for name, probability in (("roc_auc", VISIBLE), ("rating_hidden", HIDDEN)):
        folds = [
            float(roc_auc_score(titles["label"], titles[probability]))
            for _, titles in scores.groupby("fold", sort=True)
        ]
        described[name] = {
            "mean": float(np.mean(folds)),
            "std": float(np.std(folds)),
            "folds": folds,
        }
    return described


def rank_by_evidence(candidates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the candidates, the best first; equal ones keep their order.

    Those whose ROC-AUC with the rating visible is within `VISIBLE_TOLERANCE` of the best are equal
    in that and come first; the better with the rating hidden wins.
    """
    least = max(found["roc_auc"]["mean"] for found in candidates) - VISIBLE_TOLERANCE
    return sorted(
        (dict(found) for found in candidates),
        key=lambda found: (found["roc_auc"]["mean"] < least, -found["rating_hidden"]["mean"]),
    )

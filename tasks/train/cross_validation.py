"""The cross-validation of a candidate, in which no title is seen in any form by who scores it.

Every title is scored by a model that has seen neither it nor its twins nor their copies, once with
its rating and once with the rating hidden. The second is the honest check, for which the published
model is made. The reference is the weak labels of train titles: gold and test titles are never
looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import CLASS_NAMES
from tasks.config import TrainConfig
from tasks.errors import TrainingError
from tasks.train.features import build_features
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.model import Model
from tasks.train.recipe import Recipe, hide_rating, weigh_rows
from tasks.train.terms import TermCounts

SEEDS_RECIPE = Recipe()
VISIBLE, HIDDEN = "probability", "probability_rating_hidden"
VISIBLE_TOLERANCE = 0.001  # so much less ROC-AUC with the rating visible passes for equal


def fit_candidate(
    model: Model,
    rows: pd.DataFrame,
    *,
    seed: int,
    withhold: Sequence[str] = (),
    counts: TermCounts | None = None,
    recipe: Recipe = SEEDS_RECIPE,
) -> Pipeline:
    """Return the steps ``features`` and ``model``, fitted to rows with derived features and labels.

    No feature reads the columns to `withhold`; `counts` save counting the texts' terms again.
    """
    features = build_features(withhold, counts, recipe.features, rows["content_group"].to_numpy())
    matrix = sparse.csr_matrix(features.fit_transform(rows))
    weighed = weigh_rows(features, matrix, rows, recipe, model.masking, seed)
    classifier = model.fit(weighed.matrix, weighed.labels, weighed.groups, seed, weighed.weights)
    return Pipeline([("features", features), ("model", classifier)])


def fit_options(table: pd.DataFrame, config: TrainConfig) -> dict[str, Any]:
    """Return what `fit_candidate` takes beside the candidate and rows of the table."""
    return {
        "seed": config.seed,
        "counts": TermCounts.of(table["text"]),
        "recipe": Recipe(config.features, config.mask_rating, config.soft_labels),
    }


def family_probability(pipeline: Pipeline, rows: pd.DataFrame) -> NDArray[np.float64]:
    """Return the probability of family of each row; of none, if there are no rows."""
    if rows.empty:
        return np.empty(0)
    return np.asarray(pipeline.predict_proba(rows)[:, 1], dtype=np.float64)


def cross_validate(
    model: Model, table: pd.DataFrame, *, n_folds: int, seed: int, **options: Any
) -> pd.DataFrame:
    """Score every title by a candidate fitted without it, its twins and their copies.

    The training table is in a fixed order; `options` are those of `fit_candidate`. Each real title
    gets its ``probability`` of family as it is and with the rating hidden, and its ``fold``.
    """
    fold = fold_of_rows(table, n_folds, seed)
    is_title = table["parent_id"].isna().to_numpy()
    scores = []
    for held_out in range(n_folds):
        fitted = fit_candidate(model, table[fold != held_out], seed=seed, **options)
        titles = table[is_title & (fold == held_out)]
        probabilities = {
            VISIBLE: family_probability(fitted, titles),
            HIDDEN: family_probability(fitted, hide_rating(titles)),
        }
        scores.append(titles[["show_id", "label"]].assign(**probabilities, fold=held_out))
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

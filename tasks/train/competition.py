"""The cross-validation of a candidate, in which feature sets compete.

Every title is scored by a model that has seen neither it nor its twins nor their copies, once with
its rating and once with the rating hidden. The second is the honest check, for which the published
model is made; it decides between the feature sets. The reference is the weak labels of train
titles: gold and test titles are never looked at.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.metrics import roc_auc_score

from tasks.train.cross_validation import SEEDS_RECIPE, fit_classifier, fold_of_rows
from tasks.train.features import RICH, SEED, build_features, count_seed_columns
from tasks.train.masking import hide_rating
from tasks.train.model import Model
from tasks.train.sample import Recipe, draw_sample
from tasks.train.terms import TermCounts

VISIBLE, HIDDEN = "probability", "probability_rating_hidden"
CLEAR_LEAD = 0.03  # behind by so much ROC-AUC, rating hidden, a feature set is not fitted any more
VISIBLE_TOLERANCE = 0.001  # so much less ROC-AUC with the rating visible passes for equal


def cross_validate(
    model: Model,
    table: pd.DataFrame,
    *,
    n_folds: int,
    seed: int,
    withhold: Sequence[str] = (),
    counts: TermCounts | None = None,
    recipe: Recipe = SEEDS_RECIPE,
    feature_sets: Sequence[str] = (SEED,),
) -> dict[str, pd.DataFrame]:
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
    recipe : Recipe
        Masking and soft labels.
    feature_sets : sequence of str
        Those that compete.

    Returns
    -------
    dict of str to DataFrame, shape (n_titles, 5)
        By feature set: ``show_id``, ``label``, ``probability`` of family as it is and with the
        rating hidden, and ``fold`` of each real title; of a set that was dropped only the titles
        of the folds before.
    """
    fold = fold_of_rows(table, n_folds, seed)
    is_title = table["parent_id"].isna().to_numpy()
    scores: dict[str, list[pd.DataFrame]] = {name: [] for name in feature_sets}
    running = list(feature_sets)
    for held_out in range(n_folds):
        titles = table[is_title & (fold == held_out)]
        rows = table[fold != held_out]
        found = score_fold(
            model,
            rows,
            titles,
            running,
            seed=seed,
            withhold=withhold,
            counts=counts,
            recipe=recipe,
        )
        for name, scored in found.items():
            scores[name].append(scored.assign(fold=held_out))
        running = drop_beaten({name: pd.concat(scores[name]) for name in running})
    return {name: _together(parts) for name, parts in scores.items()}


def score_fold(
    model: Model,
    rows: pd.DataFrame,
    titles: pd.DataFrame,
    feature_sets: Sequence[str],
    *,
    seed: int,
    withhold: Sequence[str],
    counts: TermCounts | None,
    recipe: Recipe,
) -> dict[str, pd.DataFrame]:
    """Fit a candidate to rows with each feature set, and score titles that are not among them.

    The features are computed once: those of ``seed`` are the first columns of ``rich``.
    """
    richest = RICH if RICH in feature_sets else SEED
    groups = rows["content_group"].to_numpy()
    features = build_features(withhold, counts, richest, groups)
    matrix = sparse.csr_matrix(features.fit_transform(rows))
    sample = draw_sample(features, matrix, rows, recipe, model.masking, seed)
    visible = sparse.csr_matrix(features.transform(titles))
    hidden = hide_rating(features, visible, titles)
    found = {}
    for name in feature_sets:
        first = slice(None) if name == richest else slice(count_seed_columns(features))
        classifier = fit_classifier(model, sample._replace(matrix=sample.matrix[:, first]), seed)
        found[name] = titles[["show_id", "label"]].assign(
            **{
                VISIBLE: classifier.predict_proba(visible[:, first])[:, 1],
                HIDDEN: classifier.predict_proba(hidden[:, first])[:, 1],
            }
        )
    return found


def drop_beaten(scores: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the feature sets that are not behind by `CLEAR_LEAD` over the folds so far."""
    means = {name: np.mean(roc_auc_of_folds(table, HIDDEN)) for name, table in scores.items()}
    return [name for name, mean in means.items() if mean > max(means.values()) - CLEAR_LEAD]


def choose_feature_set(scores: Mapping[str, pd.DataFrame]) -> str:
    """Return the feature set with the best ROC-AUC, rating hidden, of those not dropped.

    A set that loses more than `VISIBLE_TOLERANCE` of ROC-AUC with the rating visible is out.
    """
    most = max(table["fold"].nunique() for table in scores.values())
    finished = {name: t for name, t in scores.items() if t["fold"].nunique() == most}
    figures = {name: describe_scores(table) for name, table in finished.items()}
    return rank_by_evidence(figures)[0]


def rank_by_evidence(figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return names, the best first: the one rule by which feature sets and candidates are ranked.

    Those whose ROC-AUC with the rating visible is within `VISIBLE_TOLERANCE` of the best are equal
    in that and come first; the better with the rating hidden wins. Ties keep their order.

    Parameters
    ----------
    figures : mapping of str to mapping
        By name, ``roc_auc`` and ``rating_hidden``, each with a ``mean``.
    """
    best = max(found["roc_auc"]["mean"] for found in figures.values())
    behind = {
        n: found["roc_auc"]["mean"] < best - VISIBLE_TOLERANCE for n, found in figures.items()
    }
    return sorted(figures, key=lambda n: (behind[n], -figures[n]["rating_hidden"]["mean"]))


def describe_scores(scores: pd.DataFrame) -> dict[str, Any]:
    """Return the ROC-AUC with the rating visible and hidden; ``std`` is the folds' own."""
    described: dict[str, Any] = {"n_folds": int(scores["fold"].nunique())}
    for name, probability in (("roc_auc", VISIBLE), ("rating_hidden", HIDDEN)):
        folds = roc_auc_of_folds(scores, probability)
        described[name] = {
            "mean": float(np.mean(folds)),
            "std": float(np.std(folds)),
            "folds": folds,
        }
    return described


def _together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts).sort_index().reset_index(drop=True)


def roc_auc_of_folds(out_of_fold: pd.DataFrame, probability: str = VISIBLE) -> list[float]:
    """Return the ROC-AUC of each fold of `cross_validate`, in order."""
    return [
        float(roc_auc_score(titles["label"], titles[probability]))
        for _, titles in out_of_fold.groupby("fold", sort=True)
    ]

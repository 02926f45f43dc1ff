"""What the rules are worth in hand labels: the same end model, trained on gold of train titles."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tasks.audits.blind_parts import Blind, fit_and_score, rank_figures

SIZES = (50, 100, 200, 400, 800, 1200, 1600, 2400, 4000)


def supervised_ceiling(blind: Blind) -> dict[str, Any]:
    """Score the end model trained on all gold of the train titles."""
    known = np.flatnonzero(~np.isnan(blind.train_gold))
    return {"n_train": len(known), **_figures(blind, known)}


def learning_curve(
    blind: Blind, draws: int, sizes: Sequence[int] = SIZES
) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
    """Score the end model trained on the gold of ever more random train titles.

    Parameters
    ----------
    blind : Blind
    draws : int
        How often titles are drawn; in one draw, more titles include the fewer.
    sizes : sequence of int
        How many titles; those that there are not are left out.

    Returns
    -------
    list of dict
        ``n_labels``, ``draws`` that had both classes, and ``roc_auc``, their mean, ``low`` and
        ``high``, the least and the most; None if there was none.
    array of float, shape (draws, n_sizes)
        The ROC-AUC of each; NaN if undefined.
    """
    known = np.flatnonzero(~np.isnan(blind.train_gold))
    taken = [size for size in sizes if size <= len(known)]
    random = np.random.default_rng(blind.seed)
    orders = [random.permutation(known) for _ in range(draws)]
    scores = np.array(
        [[_figures(blind, order[:n])["roc_auc"] for n in taken] for order in orders], dtype=float
    ).reshape(draws, len(taken))
    return [_describe(n, scores[:, place]) for place, n in enumerate(taken)], scores


def labels_needed(
    sizes: Sequence[int], scores: NDArray[np.float64], wanted: float | None
) -> dict[str, Any]:
    """Return how many hand labels reach a ROC-AUC.

    Parameters
    ----------
    sizes : sequence of int
        The numbers of labels, increasing.
    scores : array of float, shape (n_draws, n_sizes)
        The ROC-AUC of each draw.
    wanted : float or None
        The ROC-AUC to reach.

    Returns
    -------
    dict
        ``n``, where the draws' mean first reaches it, interpolated between the logarithms of two
        sizes, None if it never does; ``low`` and ``high``, the same of the draw that reaches it
        first and of the last; ``at_most``, the most labels tried; ``draws`` and how many
        ``reached`` it.
    """
    facts = {"at_most": max(sizes, default=0), "draws": len(scores)}
    if wanted is None or not scores.size or np.isnan(scores).all():
        return {"n": None, "low": None, "high": None, "reached": 0, **facts}
    each = [crossing(sizes, draw, wanted) for draw in scores]
    found = [n for n in each if n is not None]
    defined = ~np.isnan(scores).all(axis=0)
    means = np.full(len(sizes), np.nan)
    means[defined] = np.nanmean(scores[:, defined], axis=0)
    return {
        "n": crossing(sizes, means, wanted),
        "low": min(found, default=None),
        "high": max(found) if len(found) == len(each) else None,
        "reached": len(found),
        **facts,
    }


def crossing(sizes: Sequence[int], scores: NDArray[np.float64], wanted: float) -> int | None:
    """Return where a curve first reaches a height, interpolated over log(size); None if never."""
    above = np.flatnonzero(scores >= wanted)
    if not len(above):
        return None
    after = above[0]
    if after == 0 or np.isnan(scores[after - 1]):
        return int(sizes[after])
    left, right = np.log(sizes[after - 1]), np.log(sizes[after])
    share = (wanted - scores[after - 1]) / (scores[after] - scores[after - 1])
    return round(float(np.exp(left + share * (right - left))))


def _figures(blind: Blind, chosen: NDArray[np.intp]) -> dict[str, float | None]:
    labels = blind.train_gold[chosen]
    if len(set(labels)) < 2 or not blind.test.shape[0]:
        return {"roc_auc": None, "average_precision": None}
    return rank_figures(blind.test_gold, fit_and_score(blind, chosen, labels))


def _describe(n_labels: int, scores: NDArray[np.float64]) -> dict[str, Any]:
    defined = scores[~np.isnan(scores)]
    figures: dict[str, float | None] = {"roc_auc": None, "low": None, "high": None}
    if len(defined):
        figures = {
            "roc_auc": float(defined.mean()),
            "low": float(defined.min()),
            "high": float(defined.max()),
        }
    return {"n_labels": n_labels, "draws": len(defined), **figures}

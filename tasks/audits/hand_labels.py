"""What the rules are worth in hand labels: a learning curve of gold, and where it reaches them."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZES = (50, 100, 200, 400, 800, 1200, 1600, 2400, 4000)


def learning_curve(
    titles: NDArray[np.intp],
    score: Callable[[NDArray[np.intp]], float | None],
    draws: int,
    seed: int,
    sizes: Sequence[int] = SIZES,
) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
    """Score a model trained on ever more random titles; in one draw, more include the fewer.

    Parameters
    ----------
    titles : array of int
        The numbers of the titles that have a hand label.
    score : callable
        Takes some of them and returns the ROC-AUC of a model that is trained on those; None if it
        is not defined.
    draws : int
        How often titles are drawn.
    seed : int
    sizes : sequence of int
        How many titles; those that there are not are left out.

    Returns
    -------
    list of dict
        ``n_labels``, ``draws`` that have a figure, and ``roc_auc``, their mean, ``low`` and
        ``high``, the least and the most; None if there was none.
    array of float, shape (draws, n_sizes)
        The ROC-AUC of each; NaN if undefined.
    """
    taken = [size for size in sizes if size <= len(titles)]
    random = np.random.default_rng(seed)
    orders = [random.permutation(titles) for _ in range(draws)]
    scores = np.array([[score(order[:n]) for n in taken] for order in orders], dtype=float)
    scores = scores.reshape(draws, len(taken))
    return [_describe(n, scores[:, place]) for place, n in enumerate(taken)], scores


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

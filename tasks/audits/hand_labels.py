"""What the rules are worth in hand labels: a learning curve of gold, and where it reaches them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZES = (50, 100, 200, 400, 800, 1200, 1600, 2400, 4000, 6000)


def learning_curve(
    titles: NDArray[np.intp],
    score: Callable[[NDArray[np.intp]], float | None],
    draws: int,
    seed: int,
    sizes: Sequence[int] = SIZES,
) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
    """Score a model trained on ever more random titles; in one draw, more include the fewer.

    `titles` are the numbers of those with a hand label; `score` takes some of them and returns the
    ROC-AUC of a model trained on those, if it is defined. Returns the curve's points, each with the
    draws' mean, least and most, and the ROC-AUC of each draw and size, NaN if undefined. Sizes that
    there are not enough titles for are left out.
    """
    taken = [size for size in sizes if size <= len(titles)]
    random = np.random.default_rng(seed)
    orders = [random.permutation(titles) for _ in range(draws)]
    scores = np.array([[score(order[:n]) for n in taken] for order in orders], dtype=float)
    scores = scores.reshape(draws, len(taken))
    return [_describe(n, scores[:, place]) for place, n in enumerate(taken)], scores


def _describe(n_labels: int, scores: NDArray[np.float64]) -> dict[str, Any]:
    defined = scores[~np.isnan(scores)]
    figures = (defined.mean(), defined.min(), defined.max()) if len(defined) else (None,) * 3
    named = zip(("roc_auc", "low", "high"), figures, strict=True)
    return {"n_labels": n_labels, "draws": len(defined), **dict(named)}


def labels_needed(
    curve: Sequence[Mapping[str, Any]], scores: NDArray[np.float64], wanted: float | None
) -> dict[str, Any]:
    """Return how many hand labels reach a ROC-AUC: `n`, where the mean of the draws first does.

    It is interpolated between the logarithms of two sizes, and None if it never does; ``low`` and
    ``high`` are the same of the draw that reaches it first and of the last; ``at_most`` is the most
    labels tried, ``reached`` the number of draws that got there.
    """
    sizes = [point["n_labels"] for point in curve]
    means = np.array([point["roc_auc"] for point in curve], dtype=float)
    height = np.inf if wanted is None else wanted
    each = [crossing(sizes, draw, height) for draw in scores]
    found = [n for n in each if n is not None]
    return {
        "n": crossing(sizes, means, height),
        "low": min(found, default=None),
        "high": max(found) if len(found) == len(each) else None,
        "reached": len(found),
        "at_most": max(sizes, default=0),
        "draws": len(scores),
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

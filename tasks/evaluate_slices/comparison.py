"""Challenger against champion, paired on the same test titles."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tasks.evaluate_slices.bootstrap import (
    Floats,
    Interval,
    Ints,
    percentile_interval,
    resample_counts,
    weighted_ranking,
)
from tasks.evaluate_slices.metrics import OK, checked, describe_classes, point_roc_auc

BETTER, WORSE, NOT_ENOUGH = "better", "worse", "not enough evidence"


def compare_roc_auc(
    y: ArrayLike, challenger: ArrayLike, champion: ArrayLike, *, seed: int, resamples: int
) -> dict[str, Any]:
    """Compare two models on the same titles by the paired bootstrap of the ROC-AUC difference.

    Every resample draws the same titles for both, so what makes a title hard cancels out.

    Parameters
    ----------
    y, challenger, champion : array-like, shape (n_titles,)
        The truth, and each model's P(family).
    seed, resamples : int
        Of the bootstrap.

    Returns
    -------
    dict
        ``n``, ``n_family``, ``status``, ``challenger``, ``champion`` and ``difference`` (challenger
        minus champion), ``intervals`` {difference}, and ``outcome``: ``better`` or ``worse`` if
        the interval leaves out 0, else ``not enough evidence``.
    """
    truth, new = checked(y, challenger)
    _, old = checked(y, champion)
    order = np.lexsort((truth, old, new))
    truth, new, old = truth[order], new[order], old[order]
    family = int(truth.sum())
    status = describe_classes(len(truth) - family, family)
    values = (point_roc_auc(truth, new), point_roc_auc(truth, old))
    interval = None
    if status == OK:
        draws = [
            _resampled_roc_auc(truth, new, counts) - _resampled_roc_auc(truth, old, counts)
            for counts in resample_counts(len(truth), resamples=resamples, seed=seed)
        ]
        interval = percentile_interval(np.concatenate(draws))
    return {
        "n": len(truth),
        "n_family": family,
        "status": status,
        "challenger": values[0],
        "champion": values[1],
        "difference": None if values[0] is None or values[1] is None else values[0] - values[1],
        "intervals": {"difference": interval},
        "outcome": decide_outcome(interval),
    }


def decide_outcome(interval: Interval) -> str:
    """Return what the interval of a difference shows."""
    if interval is None or interval[0] <= 0 <= interval[1]:
        return NOT_ENOUGH
    return BETTER if interval[0] > 0 else WORSE


def _resampled_roc_auc(y: Ints, score: Floats, counts: Floats) -> Floats:
    order = np.argsort(score, kind="stable")
    return weighted_ranking(y[order], score[order], counts[:, order])[0]

"""Several models on the same titles, challenger against champion among them.

Every resample draws the same titles for all, so that what makes a title hard cancels out.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tasks.evaluate_slices.bootstrap import (
    Floats,
    Interval,
    percentile_interval,
    resample_counts,
    roc_auc_statistic,
)
from tasks.evaluate_slices.metrics import roc_auc
from tasks.evaluate_slices.scored import OK, Scored, checked, describe_classes

BETTER, WORSE, NOT_ENOUGH = "better", "worse", "not enough evidence"


class PairedRocAuc:
    """ROC-AUC of several models, and their differences by the paired bootstrap.

    `y` is the truth, 1 family and 0 not; `scores` has each model's P(family) by its name.
    """

    def __init__(
        self, y: ArrayLike, scores: Mapping[str, ArrayLike], *, seed: int, resamples: int
    ) -> None:
        said = {name: checked(y, probability) for name, probability in scores.items()}
        truth, _ = next(iter(said.values()))
        family = int(truth.sum())
        self.facts = {"n": len(truth), "n_family": family}
        self.status = describe_classes(len(truth) - family, family)
        self.points = {name: roc_auc(Scored(*both, seed, resamples)) for name, both in said.items()}
        self.draws: dict[str, Floats] = {}
        if self.status == OK:
            statistics = [roc_auc_statistic(*both) for both in said.values()]
            blocks = [
                [statistic(counts) for statistic in statistics]
                for counts in resample_counts(len(truth), resamples=resamples, seed=seed)
            ]
            self.draws = dict(zip(said, np.concatenate(blocks, axis=1), strict=True))

    def describe(self, name: str) -> dict[str, Any]:
        """Return ``n``, ``n_family``, ``roc_auc`` and ``intervals`` of a model."""
        interval = percentile_interval(self.draws[name]) if self.draws else None
        return {**self.facts, "roc_auc": self.points[name], "intervals": {"roc_auc": interval}}

    def compare(self, name: str, other: str) -> dict[str, Any]:
        """Return ``difference`` (a model minus another), ``intervals`` and ``outcome``."""
        one, two = self.points[name], self.points[other]
        interval = None
        if self.draws:
            interval = percentile_interval(self.draws[name] - self.draws[other])
        return {
            "difference": None if one is None or two is None else one - two,
            "intervals": {"difference": interval},
            "outcome": decide_outcome(interval),
        }


def compare_roc_auc(
    y: ArrayLike, challenger: ArrayLike, champion: ArrayLike, *, seed: int, resamples: int
) -> dict[str, Any]:
    """Compare two models on the same titles, challenger minus champion, in any row order."""
    truth, new, old = (np.asarray(a, dtype=np.float64) for a in (y, challenger, champion))
    order = np.lexsort((truth, old, new))
    models = {"challenger": new[order], "champion": old[order]}
    paired = PairedRocAuc(truth[order], models, seed=seed, resamples=resamples)
    compared = paired.compare("challenger", "champion")
    return {**paired.facts, "status": paired.status, **paired.points, **compared}


def decide_outcome(interval: Interval) -> str:
    """Return what the interval of a difference shows: only one that leaves out 0 shows anything."""
    if interval is None or interval[0] <= 0 <= interval[1]:
        return NOT_ENOUGH
    return BETTER if interval[0] > 0 else WORSE

"""Several models on the same titles: every resample is drawn once, for all of them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tasks.evaluate_slices.bootstrap import (
    Floats,
    percentile_interval,
    resample_counts,
    weighted_ranking,
)
from tasks.evaluate_slices.comparison import decide_outcome
from tasks.evaluate_slices.metrics import OK, checked, describe_classes, point_roc_auc


class PairedRocAuc:
    """ROC-AUC of several models, and their differences by the paired bootstrap.

    The same as `tasks.evaluate_slices.comparison.compare_roc_auc` for each pair, at the price of
    one bootstrap a model.

    Parameters
    ----------
    y : array-like of int, shape (n_titles,)
        The truth.
    scores : mapping of str to array-like, shape (n_titles,)
        Each model's P(family).
    seed, resamples : int
        Of the bootstrap.
    """

    def __init__(
        self, y: ArrayLike, scores: Mapping[str, ArrayLike], *, seed: int, resamples: int
    ) -> None:
        pairs = {name: checked(y, score) for name, score in scores.items()}
        truth = next(iter(pairs.values()))[0]
        family = int(truth.sum())
        self._facts = {"n": len(truth), "n_family": family}
        self._points = {name: point_roc_auc(truth, score) for name, (_, score) in pairs.items()}
        self._draws: dict[str, Floats] = {}
        if describe_classes(len(truth) - family, family) == OK:
            orders = {name: np.argsort(score, kind="stable") for name, (_, score) in pairs.items()}
            blocks = [
                [
                    weighted_ranking(truth[order], pairs[name][1][order], counts[:, order])[0]
                    for name, order in orders.items()
                ]
                for counts in resample_counts(len(truth), resamples=resamples, seed=seed)
            ]
            self._draws = dict(zip(orders, np.concatenate(blocks, axis=1), strict=True))

    def describe(self, name: str) -> dict[str, Any]:
        """Return ``n``, ``n_family``, ``roc_auc`` and ``intervals`` of a model."""
        interval = percentile_interval(self._draws[name]) if self._draws else None
        return {
            **self._facts,
            "roc_auc": self._points[name],
            "intervals": {"roc_auc": interval},
        }

    def compare(self, name: str, other: str) -> dict[str, Any]:
        """Return ``difference`` (a model minus another), ``intervals`` and ``outcome``."""
        one, two = self._points[name], self._points[other]
        interval = None
        if self._draws:
            interval = percentile_interval(self._draws[name] - self._draws[other])
        return {
            "difference": None if one is None or two is None else one - two,
            "intervals": {"difference": interval},
            "outcome": decide_outcome(interval),
        }

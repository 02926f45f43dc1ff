"""METRICS: the figures that judge a binary classifier, each with its 95 % interval.

To add a metric, add one entry to `METRICS` and one row to the tests: ``metrics.json``, the model
card and the summary of a run read this table. What is undefined is None.

Accuracy, precision and recall are shares of titles, so their intervals are Wilson's (E. B. Wilson,
1927). The others get the percentile bootstrap over titles (B. Efron, 1979).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from tasks.catalog.intervals import wilson_interval
from tasks.catalog.rulebook import rulebook
from tasks.evaluate_slices.bootstrap import (
    Interval,
    Ints,
    Statistic,
    average_precision_statistic,
    f1_statistic,
    percentile_interval,
    roc_auc_statistic,
)
from tasks.evaluate_slices.scored import OK, Outcomes, Scored, checked

CALIBRATION_BINS = 10
COSTS = (0.5, 1.0, 2.0, 4.0, 9.0)


@dataclass(frozen=True)
class Metric:
    """One figure."""

    name: str  # its key in metrics.json
    words: str  # what people call it
    point: Callable[[Scored], float | None]
    interval: Callable[[Scored], Interval]
    decimals: int = 3  # that a person is shown


def share(name: str, words: str, count: Callable[[Outcomes], tuple[int, int]]) -> Metric:
    """Make a metric of a share of titles: how many, and of how many."""

    def point(scored: Scored) -> float | None:
        part, n = count(scored.outcomes)
        return part / n if n else None

    return Metric(name, words, point, lambda scored: wilson_interval(*count(scored.outcomes)))


def resampled(
    make_statistic: Callable[[Ints, Any], Statistic], of: str = "score"
) -> Callable[[Scored], Interval]:
    """Make the interval of a statistic by the bootstrap; see `tasks.evaluate_slices.bootstrap`.

    `of` names what the statistic is made of beside the truth: ``score`` or ``called``.

    There is none where a class has few titles: resampling would bound it far too tightly (a
    perfect ranking of 2 titles at [1, 1]).
    """

    def interval(scored: Scored) -> Interval:
        if scored.status != OK:
            return None
        statistic = make_statistic(scored.truth, getattr(scored, of))
        return percentile_interval(np.concatenate([statistic(counts) for counts in scored.draws]))

    return interval


def roc_auc(scored: Scored) -> float | None:
    """Return scikit-learn's ROC-AUC, None unless both classes are there."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(scored.truth, scored.score)) if scored.has_both else None


def average_precision(scored: Scored) -> float | None:
    """Return scikit-learn's average precision, None unless both classes are there."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(scored.truth, scored.score)) if scored.has_both else None


def f1(scored: Scored) -> float | None:
    """Return the harmonic mean of precision and recall, 0 if all that is named family is wrong."""
    outcomes = scored.outcomes
    named = 2 * outcomes.tp + outcomes.fp + outcomes.fn
    return 2 * outcomes.tp / named if named else None


METRICS = rulebook(
    Metric("roc_auc", "ROC-AUC", roc_auc, resampled(roc_auc_statistic)),
    Metric(
        "average_precision",
        "Average precision",
        average_precision,
        resampled(average_precision_statistic),
    ),
    share("accuracy", "Accuracy", lambda o: (o.tn + o.tp, sum(o))),
    share("precision", "Precision (family)", lambda o: (o.tp, o.tp + o.fp)),
    share("recall", "Recall (family)", lambda o: (o.tp, o.tp + o.fn)),
    Metric("f1", "F1 (family)", f1, resampled(f1_statistic, "called")),
)


def classification_metrics(
    y: ArrayLike, probability: ArrayLike, *, threshold: float, seed: int, resamples: int
) -> dict[str, Any]:
    """Compute every metric of P(family), which is called from the threshold on, in any row order.

    ``status`` is ``ok``, or why something is undefined.
    """
    truth, score = checked(y, probability)
    order = np.lexsort((truth, score))
    scored = Scored(truth[order], score[order], seed, resamples, threshold)
    return {
        "n": len(truth),
        "n_family": int(truth.sum()),
        "status": scored.status,
        **{metric.name: metric.point(scored) for metric in METRICS},
        "confusion_matrix": scored.outcomes._asdict(),
        "intervals": {metric.name: metric.interval(scored) for metric in METRICS},
    }


def describe_thresholds(y: ArrayLike, probability: ArrayLike) -> list[dict[str, Any]]:
    """Tell what thresholds buy, each the best for what a false alarm costs in missed titles."""
    truth, score = checked(y, probability)
    rows = []
    for cost in COSTS:
        threshold = cost / (1 + cost)
        called = score >= threshold
        n, right, family = int(called.sum()), int(truth[called].sum()), int(truth.sum())
        rows.append(
            {
                "false_alarm_cost": cost,
                "threshold": threshold,
                "called": n,
                "precision": right / n if n else None,
                "recall": right / family if family else None,
            }
        )
    return rows


def describe_calibration(y: ArrayLike, probability: ArrayLike) -> dict[str, Any]:
    """Compare probabilities with what happened, in bins of equally many titles.

    ``brier`` (Brier, 1950) is the mean squared difference, ``expected_error`` (Naeini, Cooper and
    Hauskrecht, AAAI 2015) the mean absolute difference of the bins.
    """
    truth, score = checked(y, probability)
    if not len(truth):
        return {"n": 0, "brier": None, "expected_error": None, "bins": []}
    order = np.lexsort((truth, score))
    truth, score = truth[order], score[order]
    parts = [p for p in np.array_split(np.arange(len(truth)), CALIBRATION_BINS) if len(p)]
    bins = [
        {
            "n": len(part),
            "probability": float(score[part].mean()),
            "family_share": float(truth[part].mean()),
        }
        for part in parts
    ]
    gaps = [abs(b["probability"] - b["family_share"]) * b["n"] for b in bins]
    return {
        "n": len(truth),
        "brier": float(np.mean((score - truth) ** 2)),
        "expected_error": float(sum(gaps) / len(truth)),
        "bins": bins,
    }

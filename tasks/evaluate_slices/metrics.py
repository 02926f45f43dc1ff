"""Figures of a binary classifier, each with a 95 % interval; what is undefined is None.

Accuracy, precision and recall are shares of titles, so their intervals are Wilson's (E. B. Wilson,
1927). F1, ROC-AUC and average precision get the percentile bootstrap over titles (B. Efron, 1979).
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.errors import EvaluationError
from tasks.evaluate_slices.bootstrap import (
    LEVEL,
    Floats,
    Interval,
    Ints,
    percentile_interval,
    resample_counts,
    weighted_f1,
    weighted_ranking,
)

THRESHOLD = 0.5
MIN_CLASS_TITLES = 5
OK = "ok"


def classification_metrics(
    y: ArrayLike, probability: ArrayLike, *, seed: int, resamples: int
) -> dict[str, Any]:
    """Score probabilities of the class family, which is predicted from 0.5 on.

    Row order does not matter. ROC-AUC and average precision need both classes. Resampling a class
    of fewer than `MIN_CLASS_TITLES` titles would bound F1, ROC-AUC and average precision far too
    tightly (a perfect ranking of 2 titles at [1, 1]), so then they have no interval.

    Parameters
    ----------
    y : array-like of int, shape (n_titles,)
        The truth: 1 family, 0 not family.
    probability : array-like of float, shape (n_titles,)
        P(family), in [0, 1].
    seed : int
        Seed of the bootstrap.
    resamples : int
        Bootstrap resamples.

    Returns
    -------
    dict
        ``n``, ``n_family``, ``status`` (``ok``, or why something is undefined), ``accuracy``,
        ``precision``, ``recall``, ``f1``, ``roc_auc``, ``average_precision``,
        ``confusion_matrix`` {tn, fp, fn, tp}, and ``intervals`` {name: [low, high]}.

    Raises
    ------
    EvaluationError
        If truth and probabilities differ in length or are not what they should be.
    """
    truth, score = _sorted_by_score(*checked(y, probability))
    predicted = (score >= THRESHOLD).astype(np.int64)
    matrix = _count_outcomes(truth, predicted)
    family = int(truth.sum())
    return {
        "n": len(truth),
        "n_family": family,
        "status": describe_classes(len(truth) - family, family),
        **_point_metrics(truth, predicted, score),
        "confusion_matrix": matrix,
        "intervals": _wilson_intervals(**matrix)
        | _bootstrap_intervals(truth, predicted, score, seed=seed, resamples=resamples),
    }


def describe_classes(n_not_family: int, n_family: int) -> str:
    """Say whether the classes are there in numbers that every figure needs: ``ok`` if so."""
    counts = {NOT_FAMILY: n_not_family, FAMILY: n_family}
    if not any(counts.values()):
        return "no titles"
    if absent := [label for label, n in counts.items() if n == 0]:
        return f"only {CLASS_NAMES[1 - absent[0]]} titles"
    label = min(counts, key=lambda key: counts[key])
    if counts[label] < MIN_CLASS_TITLES:
        return f"fewer than {MIN_CLASS_TITLES} {CLASS_NAMES[label]} titles"
    return OK


def wilson_interval(successes: int, n: int) -> Interval:
    """Return Wilson's score interval of a share, None for n = 0."""
    if n == 0:
        return None
    low, high = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return [float(low), float(high)]


def checked(y: ArrayLike, probability: ArrayLike) -> tuple[Ints, Floats]:
    """Return truth and probabilities as arrays, or raise `EvaluationError`."""
    truth = np.asarray(y, dtype=np.float64)
    score = np.asarray(probability, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != score.shape:
        raise EvaluationError(
            f"{truth.shape} labels and {score.shape} probabilities; expected one of each a title."
        )
    if not np.isin(truth, (NOT_FAMILY, FAMILY)).all():
        raise EvaluationError("A label is neither 1 nor 0; leave unlabelled titles out.")
    if bad := int((~((score >= 0) & (score <= 1))).sum()):
        raise EvaluationError(
            f"{bad} of {len(score)} probabilities are missing or outside [0, 1]; "
            "run select again, the model does not give probabilities."
        )
    return truth.astype(np.int64), score


def _sorted_by_score(y: Ints, score: Floats) -> tuple[Ints, Floats]:
    order = np.lexsort((y, score))
    return y[order], score[order]


def _count_outcomes(y: Ints, predicted: Ints) -> dict[str, int]:
    if len(y) == 0:
        return dict.fromkeys(("tn", "fp", "fn", "tp"), 0)
    cells = confusion_matrix(y, predicted, labels=[NOT_FAMILY, FAMILY]).ravel()
    return dict(zip(("tn", "fp", "fn", "tp"), map(int, cells), strict=True))


def _point_metrics(y: Ints, predicted: Ints, score: Floats) -> dict[str, float | None]:
    names = ("accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")
    if len(y) == 0:
        return dict.fromkeys(names)
    precision, recall, f1, _ = precision_recall_fscore_support(
        y, predicted, labels=[FAMILY], average=None, zero_division=np.nan
    )
    shares = [accuracy_score(y, predicted), precision[0], recall[0], f1[0]]
    both = 0 < y.sum() < len(y)
    average_precision = float(average_precision_score(y, score)) if both else None
    values = [*map(_number, shares), point_roc_auc(y, score), average_precision]
    return dict(zip(names, values, strict=True))


def point_roc_auc(y: Ints, score: Floats) -> float | None:
    """Return scikit-learn's ROC-AUC, None unless both classes are there."""
    return float(roc_auc_score(y, score)) if 0 < y.sum() < len(y) else None


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _wilson_intervals(*, tn: int, fp: int, fn: int, tp: int) -> dict[str, Interval]:
    return {
        "accuracy": wilson_interval(tn + tp, tn + fp + fn + tp),
        "precision": wilson_interval(tp, tp + fp),
        "recall": wilson_interval(tp, tp + fn),
    }


def _bootstrap_intervals(
    y: Ints, predicted: Ints, score: Floats, *, seed: int, resamples: int
) -> dict[str, Interval]:
    names = ("f1", "roc_auc", "average_precision")
    family = int(y.sum())
    if describe_classes(len(y) - family, family) != OK:
        return dict.fromkeys(names)
    draws = [
        np.stack([weighted_f1(y, predicted, counts), *weighted_ranking(y, score, counts)])
        for counts in resample_counts(len(y), resamples=resamples, seed=seed)
    ]
    return dict(zip(names, map(percentile_interval, np.concatenate(draws, axis=1)), strict=True))

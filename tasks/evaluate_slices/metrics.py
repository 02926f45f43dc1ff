"""Figures of a binary classifier, each with a 95 % interval; what is undefined is None.

Accuracy, precision and recall are shares of titles, so their intervals are Wilson's (E. B. Wilson,
1927). F1, ROC-AUC and average precision get the percentile bootstrap over titles (B. Efron, 1979).
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from tasks.errors import EvaluationError
from tasks.schema import CLASS_NAMES, FAMILY, NOT_FAMILY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Interval = list[float] | None

LEVEL = 0.95
THRESHOLD = 0.5
MIN_CLASS_TITLES = 5
OK = "ok"
BETTER, WORSE, NOT_ENOUGH = "better", "worse", "not enough evidence"

_BLOCK_CELLS = 100_000


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
    truth, score = _sorted_by_score(*_checked(y, probability))
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
    truth, new = _checked(y, challenger)
    _, old = _checked(y, champion)
    order = np.lexsort((truth, old, new))
    truth, new, old = truth[order], new[order], old[order]
    family = int(truth.sum())
    status = describe_classes(len(truth) - family, family)
    points = [_point_roc_auc(truth, score) for score in (new, old)]
    difference = None if None in points else points[0] - points[1]  # type: ignore[operator]
    interval = None
    if status == OK:
        draws = [
            _resampled_roc_auc(truth, new, counts) - _resampled_roc_auc(truth, old, counts)
            for counts in resample_counts(len(truth), resamples=resamples, seed=seed)
        ]
        interval = _percentiles(np.concatenate(draws))
    return {
        "n": len(truth),
        "n_family": family,
        "status": status,
        "challenger": points[0],
        "champion": points[1],
        "difference": difference,
        "intervals": {"difference": interval},
        "outcome": decide_outcome(interval),
    }


def decide_outcome(interval: Interval) -> str:
    """Return what the interval of a difference shows."""
    if interval is None or interval[0] <= 0 <= interval[1]:
        return NOT_ENOUGH
    return BETTER if interval[0] > 0 else WORSE


def resample_counts(n: int, *, resamples: int, seed: int) -> Iterator[Ints]:
    """Yield how often each of n titles is drawn, in blocks of shape (some resamples, n)."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK_CELLS // n)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = rng.integers(0, n, size=(size, n)) + n * np.arange(size)[:, np.newaxis]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)


def weighted_ranking(y: Ints, score: Floats, counts: Ints) -> tuple[Floats, Floats]:
    """Compute ROC-AUC and average precision of many weightings of the same titles at once.

    ROC-AUC is the weighted Mann-Whitney statistic with ties counted half; average precision is
    the sum of precision times the rise in recall over the distinct scores, as in scikit-learn.

    Parameters
    ----------
    y : array of int, shape (n_titles,)
        The truth.
    score : array of float, shape (n_titles,)
        In ascending order.
    counts : array of int, shape (n_weightings, n_titles)
        The weight of each title.

    Returns
    -------
    roc_auc, average_precision : array of float, shape (n_weightings,)
        NaN where the weight of a class is 0.
    """
    is_new = np.concatenate(([True], np.diff(score) > 0))
    family = counts * y
    other = counts - family
    if not is_new.all():
        starts = np.flatnonzero(is_new)
        family = np.add.reduceat(family, starts, axis=1)
        other = np.add.reduceat(other, starts, axis=1)
    family_above = family[:, ::-1].cumsum(axis=1)[:, ::-1]
    other_above = other[:, ::-1].cumsum(axis=1)[:, ::-1]
    all_family, all_other = family_above[:, 0], other_above[:, 0]
    beaten_twice = 2 * all_other[:, np.newaxis] - 2 * other_above + other
    with np.errstate(divide="ignore", invalid="ignore"):
        roc_auc = (family * beaten_twice).sum(axis=1) / (2.0 * all_family * all_other)
        precision = family_above / np.maximum(family_above + other_above, 1)
        average_precision = (family * precision).sum(axis=1) / all_family
    average_precision[all_other == 0] = np.nan
    return roc_auc, average_precision


def _checked(y: ArrayLike, probability: ArrayLike) -> tuple[Ints, Floats]:
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
    values = [*map(_number, shares), _point_roc_auc(y, score), average_precision]
    return dict(zip(names, values, strict=True))


def _point_roc_auc(y: Ints, score: Floats) -> float | None:
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
        np.stack([_resampled_f1(y, predicted, counts), *weighted_ranking(y, score, counts)])
        for counts in resample_counts(len(y), resamples=resamples, seed=seed)
    ]
    return dict(zip(names, map(_percentiles, np.concatenate(draws, axis=1)), strict=True))


def _resampled_f1(y: Ints, predicted: Ints, counts: Ints) -> Floats:
    twice_right = 2.0 * (counts @ (y * predicted))
    named = counts @ (y + predicted)
    return np.divide(twice_right, named, out=np.full(len(counts), np.nan), where=named > 0)


def _resampled_roc_auc(y: Ints, score: Floats, counts: Ints) -> Floats:
    order = np.argsort(score, kind="stable")
    return weighted_ranking(y[order], score[order], counts[:, order])[0]


def _percentiles(draws: Floats) -> Interval:
    """Return the middle `LEVEL` of the draws that are defined."""
    defined = draws[~np.isnan(draws)]
    tail = (1 - LEVEL) / 2
    return [float(q) for q in np.quantile(defined, [tail, 1 - tail])] if len(defined) else None

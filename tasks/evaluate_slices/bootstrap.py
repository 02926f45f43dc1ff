"""The bootstrap over titles, many resamples at once (B. Efron, 1979).

A statistic is made of the truth and of what a model says. It takes weights of shape (n_weightings,
n_titles), how often each title is drawn, and returns one value a weighting, NaN where it is
undefined. By hand, because scikit-learn's own functions take 4 s for what takes 0.1 s here.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from tasks.catalog.intervals import LEVEL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Interval = list[float] | None
Statistic = Callable[[Floats], Floats]

_BLOCK_CELLS = 20_000  # what stays in the processor's cache


def resample_counts(n: int, *, resamples: int, seed: int) -> Iterator[Floats]:
    """Yield how often each of n titles is drawn, in blocks of shape (some resamples, n)."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK_CELLS // n)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = rng.integers(0, n, size=(size, n))
        drawn += n * np.arange(size)[:, np.newaxis]
        counts = np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n)
        yield counts.astype(np.float64)


def percentile_interval(draws: Floats) -> Interval:
    """Return the middle `LEVEL` of the draws that are defined."""
    defined = draws[~np.isnan(draws)]
    tail = (1 - LEVEL) / 2
    return [float(q) for q in np.quantile(defined, [tail, 1 - tail])] if len(defined) else None


def roc_auc_statistic(y: Ints, score: Floats) -> Statistic:
    """Return the share of pairs of a family and another title that are ranked right; ties half."""
    family, other = np.flatnonzero(y), np.flatnonzero(y == 0)
    other = other[np.argsort(score[other], kind="stable")]
    lower, not_higher = (np.searchsorted(score[other], score[family], s) for s in ("left", "right"))

    def statistic(counts: Floats) -> Floats:
        drawn = counts.take(family, axis=1)
        below = np.pad(counts.take(other, axis=1).cumsum(axis=1), ((0, 0), (1, 0)))
        twice = below.take(lower, axis=1) + below.take(not_higher, axis=1)
        right = np.einsum("ij,ij->i", drawn, twice) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            return right / (drawn.sum(axis=1) * below[:, -1])

    return statistic


def average_precision_statistic(y: Ints, score: Floats) -> Statistic:
    """Return the sum of precision times the rise in recall over the distinct scores."""
    order = np.argsort(-score, kind="stable")
    is_last = np.append(np.diff(score[order]) < 0, True)

    def statistic(counts: Floats) -> Floats:
        drawn = counts.take(order, axis=1)
        family = (drawn * y[order]).cumsum(axis=1)[:, is_last]
        titles = drawn.cumsum(axis=1)[:, is_last]
        precision = family / np.maximum(titles, 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            rises = np.diff(family, axis=1, prepend=0.0)
            values = np.einsum("ij,ij->i", rises, precision) / family[:, -1]
        values[family[:, -1] == titles[:, -1]] = np.nan
        return values

    return statistic


def f1_statistic(y: Ints, called: Ints) -> Statistic:
    """Return F1 of the class family; `called` is 1 for the titles that are called family."""
    right, named = (2 * y * called).astype(np.float64), (y + called).astype(np.float64)

    def statistic(counts: Floats) -> Floats:
        n_named = counts @ named
        return np.divide(
            counts @ right, n_named, out=np.full(len(counts), np.nan), where=n_named > 0
        )

    return statistic

"""The bootstrap over titles, many resamples at once (B. Efron, 1979).

A statistic takes the truth, the scores in ascending order, and weights of shape (n_weightings,
n_titles): how often each title is drawn. It returns one value a weighting, NaN where it is
undefined. By hand, because scikit-learn's own functions take 4 s for what takes 0.1 s here.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tasks.catalog.intervals import LEVEL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Interval = list[float] | None

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


def weighted_roc_auc(y: Ints, score: Floats, counts: Floats) -> Floats:
    """Compute the area under straight lines between the distinct scores; ties count half."""
    family, other = _cumulate(y, score, counts)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = np.einsum("ij,ij->i", _steps(other), family - _steps(family) / 2)
        return area / (family[:, -1] * other[:, -1])


def weighted_average_precision(y: Ints, score: Floats, counts: Floats) -> Floats:
    """Sum precision times the rise in recall over the distinct scores."""
    family, other = _cumulate(y, score, counts)
    precision = family / np.maximum(family + other, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.einsum("ij,ij->i", _steps(family), precision) / family[:, -1]
    values[other[:, -1] == 0] = np.nan
    return values


def weighted_f1(y: Ints, called: Ints, counts: Floats) -> Floats:
    """Compute F1 of the class family; `called` is 1 for the titles that are called family."""
    twice_right = 2 * (counts @ (y * called).astype(np.float64))
    named = counts @ (y + called).astype(np.float64)
    return np.divide(twice_right, named, out=np.full(len(counts), np.nan), where=named > 0)


def _cumulate(y: Ints, score: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Count the family and the other titles from each distinct score up, the highest first."""
    descending = score[::-1]
    is_last = np.append(descending[1:] < descending[:-1], True)
    family = (counts * y)[:, ::-1].cumsum(axis=1)
    titles = counts[:, ::-1].cumsum(axis=1)
    if not is_last.all():
        family, titles = family[:, is_last], titles[:, is_last]
    return family, titles - family


def _steps(totals: Floats) -> Floats:
    return np.diff(totals, axis=1, prepend=0.0)

"""The bootstrap over titles, many resamples at once (B. Efron, 1979)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Interval = list[float] | None

LEVEL = 0.95

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


def weighted_ranking(y: Ints, score: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Compute ROC-AUC and average precision of many weightings of the same titles at once.

    ROC-AUC is the area under straight lines between the distinct scores, which counts ties half;
    average precision is the sum over them of precision times the rise in recall. Both are
    scikit-learn's own definitions.

    Parameters
    ----------
    y : array of int, shape (n_titles,)
        The truth.
    score : array of float, shape (n_titles,)
        In ascending order.
    counts : array of float, shape (n_weightings, n_titles)
        The weight of each title, a whole number.

    Returns
    -------
    roc_auc, average_precision : array of float, shape (n_weightings,)
        NaN where the weight of a class is 0.
    """
    descending = score[::-1]
    is_last = np.append(descending[1:] < descending[:-1], True)
    family = (counts * y)[:, ::-1].cumsum(axis=1)
    titles = counts[:, ::-1].cumsum(axis=1)
    if not is_last.all():
        family, titles = family[:, is_last], titles[:, is_last]
    other = titles - family
    family_step, other_step = _steps(family), _steps(other)
    all_family, all_other = family[:, -1], other[:, -1]
    precision = family / np.maximum(titles, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        area = np.einsum("ij,ij->i", other_step, family - family_step / 2)
        roc_auc = area / (all_family * all_other)
        average_precision = np.einsum("ij,ij->i", family_step, precision) / all_family
    average_precision[all_other == 0] = np.nan
    return roc_auc, average_precision


def weighted_f1(y: Ints, predicted: Ints, counts: Floats) -> Floats:
    """Compute F1 of many weightings of the same titles at once; NaN where it is undefined."""
    twice_right = 2 * (counts @ (y * predicted).astype(np.float64))
    named = counts @ (y + predicted).astype(np.float64)
    return np.divide(twice_right, named, out=np.full(len(counts), np.nan), where=named > 0)


def percentile_interval(draws: Floats) -> Interval:
    """Return the middle `LEVEL` of the draws that are defined."""
    defined = draws[~np.isnan(draws)]
    tail = (1 - LEVEL) / 2
    return [float(q) for q in np.quantile(defined, [tail, 1 - tail])] if len(defined) else None


def _steps(totals: Floats) -> Floats:
    return np.diff(totals, axis=1, prepend=0.0)

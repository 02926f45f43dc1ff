"""The vectorised bootstrap against scikit-learn, resample by resample."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from tasks.evaluate_slices.bootstrap import (
    average_precision_statistic,
    f1_statistic,
    percentile_interval,
    resample_counts,
    roc_auc_statistic,
)


def test_weighted_figures_are_scikit_learns():
    rng = np.random.default_rng(5)
    y = (rng.random(150) < 0.3).astype(np.int64)
    raw = np.clip(0.2 * y + 0.8 * rng.random(150), 0, 1)
    for decimals in (8, 2, 0):  # no ties, many ties, two scores
        score = np.round(raw, decimals)
        counts = np.concatenate(list(resample_counts(len(y), resamples=25, seed=1)))
        counts[0] = 1  # the titles as they are
        called = (score >= 0.5).astype(np.int64)
        found = [
            roc_auc_statistic(y, score)(counts),
            average_precision_statistic(y, score)(counts),
            f1_statistic(y, called)(counts),
        ]
        for i, weight in enumerate(counts):
            expected = [
                roc_auc_score(y, score, sample_weight=weight),
                average_precision_score(y, score, sample_weight=weight),
                f1_score(y, called, sample_weight=weight, zero_division=0),
            ]
            got = [values[i] for values in found]
            assert got == pytest.approx(expected, abs=1e-14), (decimals, i)


def test_a_resample_without_one_class_is_undefined():
    y, score, called = np.array([0, 1]), np.array([0.2, 0.8]), np.array([0, 1])
    counts = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    for statistic, said, values in (
        (roc_auc_statistic, score, [np.nan, np.nan, 1]),
        (average_precision_statistic, score, [np.nan, np.nan, 1]),
        (f1_statistic, called, [np.nan, 1, 1]),
    ):
        found = statistic(y, said)(counts)
        np.testing.assert_array_equal(found, values, err_msg=statistic.__name__)


def test_every_resample_draws_all_titles_and_percentiles_leave_undefined_draws_out():
    for n in (1, 40, 70_000):
        counts = np.concatenate(list(resample_counts(n, resamples=3, seed=0)))
        assert counts.shape == (3, n)
        np.testing.assert_array_equal(counts.sum(axis=1), [n] * 3)
    draws = np.append(np.arange(101.0), np.nan)
    assert percentile_interval(draws) == pytest.approx([2.5, 97.5])
    assert percentile_interval(np.array([np.nan])) is None

"""The vectorised bootstrap against scikit-learn, resample by resample."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from tasks.evaluate_slices.bootstrap import (
    percentile_interval,
    resample_counts,
    weighted_f1,
    weighted_ranking,
)


@pytest.fixture(params=[2, 0, 8], ids=["many ties", "two scores", "no ties"])
def titles(request):
    rng = np.random.default_rng(5)
    y = (rng.random(150) < 0.3).astype(np.int64)
    probability = np.round(np.clip(0.2 * y + 0.8 * rng.random(150), 0, 1), request.param)
    order = np.argsort(probability)
    return y[order], probability[order]


def test_weighted_figures_are_scikit_learns(titles):
    y, probability = titles
    counts = np.concatenate(list(resample_counts(len(y), resamples=25, seed=1)))
    roc_auc, average_precision = weighted_ranking(y, probability, counts)
    predicted = (probability >= 0.5).astype(np.int64)
    f1 = weighted_f1(y, predicted, counts)
    for i, weight in enumerate(counts):
        given = {"sample_weight": weight}
        expected = roc_auc_score(y, probability, **given)
        assert roc_auc[i] == pytest.approx(expected, abs=1e-14)
        expected = average_precision_score(y, probability, **given)
        assert average_precision[i] == pytest.approx(expected, abs=1e-14)
        expected = f1_score(y, predicted, zero_division=0, **given)
        assert f1[i] == pytest.approx(expected, abs=1e-14)


def test_weights_of_one_give_the_plain_figures(titles):
    y, probability = titles
    (roc_auc,), (average_precision,) = weighted_ranking(y, probability, np.ones((1, len(y))))
    assert roc_auc == pytest.approx(roc_auc_score(y, probability), abs=1e-14)
    assert average_precision == pytest.approx(average_precision_score(y, probability), abs=1e-14)


def test_a_resample_without_one_class_is_undefined():
    y, probability = np.array([0, 1]), np.array([0.2, 0.8])
    counts = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    roc_auc, average_precision = weighted_ranking(y, probability, counts)
    np.testing.assert_array_equal(roc_auc, [np.nan, np.nan, 1])
    np.testing.assert_array_equal(average_precision, [np.nan, np.nan, 1])
    np.testing.assert_array_equal(weighted_f1(y, y, counts), [np.nan, 1, 1])


@pytest.mark.parametrize("n", [1, 40, 70_000])
def test_every_resample_draws_as_many_titles_as_there_are(n):
    blocks = list(resample_counts(n, resamples=3, seed=0))
    counts = np.concatenate(blocks)
    assert counts.shape == (3, n)
    np.testing.assert_array_equal(counts.sum(axis=1), [n] * 3)


def test_percentiles_leave_undefined_draws_out():
    draws = np.append(np.arange(101.0), np.nan)
    assert percentile_interval(draws) == pytest.approx([2.5, 97.5])
    assert percentile_interval(np.array([np.nan])) is None

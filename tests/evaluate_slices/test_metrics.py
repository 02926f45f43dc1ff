"""Point figures, intervals, and what is undefined."""

import json

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.intervals import wilson_interval
from tasks.errors import EvaluationError
from tasks.evaluate_slices.metrics import (
    classification_metrics,
    describe_classes,
)

NAMES = ("accuracy", "precision", "recall", "f1", "roc_auc", "average_precision")


def score(y, probability, seed=7, resamples=100):
    return classification_metrics(y, probability, seed=seed, resamples=resamples)


def noisy_titles(n=300, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    return y, np.round(np.clip(0.3 * y + 0.7 * rng.random(n), 0, 1), 2)


def test_the_figures_of_five_titles():
    metrics = score([1, 1, 0, 0, 0], [0.9, 0.4, 0.5, 0.3, 0.1])
    assert metrics["n"] == 5
    assert metrics["n_family"] == 2
    assert metrics["confusion_matrix"] == {"tn": 2, "fp": 1, "fn": 1, "tp": 1}
    assert [metrics[name] for name in NAMES] == pytest.approx([0.6, 0.5, 0.5, 0.5, 5 / 6, 5 / 6])


def test_family_is_predicted_from_one_half_on():
    metrics = score([1, 0], [0.5, np.nextafter(0.5, 0)])
    assert metrics["confusion_matrix"] == {"tn": 1, "fp": 0, "fn": 0, "tp": 1}


def test_wilson_gives_the_published_interval():
    assert wilson_interval(81, 263) == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert wilson_interval(0, 10) == pytest.approx([0, 0.2775], abs=5e-5)
    assert wilson_interval(0, 0) is None


def test_shares_have_wilson_intervals_of_their_own_denominators():
    metrics = score([1, 1, 0, 0, 0], [0.9, 0.4, 0.5, 0.3, 0.1])
    intervals = metrics["intervals"]
    assert intervals["accuracy"] == wilson_interval(3, 5)
    assert intervals["precision"] == wilson_interval(1, 2)
    assert intervals["recall"] == wilson_interval(1, 2)


def test_every_interval_holds_its_figure():
    metrics = score(*noisy_titles())
    assert metrics["status"] == "ok"
    for name in NAMES:
        low, high = metrics["intervals"][name]
        assert 0 <= low < metrics[name] < high <= 1


def test_row_order_changes_nothing():
    y, probability = noisy_titles()
    order = np.random.default_rng(1).permutation(len(y))
    assert score(y[order], probability[order]) == score(y, probability)


def test_the_seed_decides_the_bootstrap_and_nothing_else():
    y, probability = noisy_titles()
    one, same, other = score(y, probability), score(y, probability), score(y, probability, seed=8)
    assert one == same
    assert one["intervals"]["roc_auc"] != other["intervals"]["roc_auc"]
    assert [one[name] for name in NAMES] == [other[name] for name in NAMES]


def test_no_titles():
    metrics = score([], [])
    assert (metrics["n"], metrics["n_family"], metrics["status"]) == (0, 0, "no titles")
    assert [metrics[name] for name in NAMES] == [None] * 6
    assert metrics["intervals"] == dict.fromkeys(metrics["intervals"])
    assert metrics["confusion_matrix"] == {"tn": 0, "fp": 0, "fn": 0, "tp": 0}


def test_only_family_titles():
    metrics = score([1, 1], [0.9, 0.1])
    assert metrics["status"] == "only family titles"
    assert [metrics[name] for name in NAMES] == [0.5, 1, 0.5, pytest.approx(2 / 3), None, None]
    assert metrics["intervals"]["accuracy"] == wilson_interval(1, 2)
    assert metrics["intervals"]["f1"] is None


@pytest.mark.parametrize(
    ("probability", "precision", "f1"), [([0.1, 0.2], None, None), ([0.1, 0.9], 0, 0)]
)
def test_only_not_family_titles(probability, precision, f1):
    metrics = score([0, 0], probability)
    assert metrics["status"] == "only not family titles"
    assert (metrics["precision"], metrics["f1"]) == (precision, f1)
    assert metrics["recall"] is metrics["roc_auc"] is metrics["average_precision"] is None


def test_a_tiny_slice_has_a_roc_auc_but_no_interval_that_pins_it():
    metrics = score([0, 1], [0.1, 0.9])
    assert metrics["status"] == "fewer than 5 not family titles"
    assert metrics["roc_auc"] == 1
    assert metrics["intervals"]["roc_auc"] is None
    assert metrics["intervals"]["average_precision"] is None
    assert metrics["intervals"]["accuracy"] == wilson_interval(2, 2)


@pytest.mark.parametrize(
    ("n_not_family", "n_family", "status"),
    [
        (0, 0, "no titles"),
        (3, 0, "only not family titles"),
        (0, 3, "only family titles"),
        (4, 9, "fewer than 5 not family titles"),
        (9, 4, "fewer than 5 family titles"),
        (5, 5, "ok"),
    ],
)
def test_the_status_says_what_is_lacking(n_not_family, n_family, status):
    assert describe_classes(n_not_family, n_family) == status


@pytest.mark.parametrize(("y", "p"), [([], []), ([1], [0.2]), ([0] * 6 + [1] * 6, [0.5] * 12)])
def test_the_figures_are_json(y, p):
    assert json.loads(json.dumps(score(y, p), allow_nan=False)) == score(y, p)


def test_takes_pandas_columns():
    y, probability = pd.Series([1, 0], dtype="Int8"), pd.Series([0.9, 0.2], dtype="Float64")
    assert score(y, probability) == score([1, 0], [0.9, 0.2])


@pytest.mark.parametrize(
    ("y", "probability", "message"),
    [
        ([1, 0], [0.5], r"\(2,\) labels and \(1,\) probabilities"),
        ([1, -1], [0.5, 0.5], "neither 1 nor 0"),
        ([1, 0], [0.5, np.nan], "1 of 2 probabilities are missing or outside"),
        ([1, 0], [0.5, 1.5], "1 of 2 probabilities are missing or outside"),
    ],
)
def test_what_is_no_truth_or_no_probability_is_refused(y, probability, message):
    with pytest.raises(EvaluationError, match=message):
        score(y, probability)

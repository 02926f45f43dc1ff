"""Point figures, intervals, and what is undefined."""

import json

import numpy as np
import pytest

from tasks.catalog.intervals import wilson_interval
from tasks.errors import EvaluationError
from tasks.evaluate_slices.metrics import (
    CALIBRATION_BINS,
    METRICS,
    classification_metrics,
    describe_calibration,
    describe_thresholds,
)
from tasks.evaluate_slices.scored import describe_classes

# Of five titles: 1 1 0 0 0 with the probabilities 0.9 0.4 0.5 0.3 0.1.
OF_FIVE = {
    "roc_auc": 5 / 6, "average_precision": 5 / 6, "accuracy": 3 / 5,
    "precision": 1 / 2, "recall": 1 / 2, "f1": 1 / 2,
}  # fmt: skip
NAMES = tuple(OF_FIVE)


def score(y, probability, seed=7, threshold=0.5):
    return classification_metrics(y, probability, threshold=threshold, seed=seed, resamples=100)


def noisy_titles(n=300, seed=0):
    rng = np.random.default_rng(seed)
    y = (rng.random(n) < 0.3).astype(int)
    return y, np.round(np.clip(0.3 * y + 0.7 * rng.random(n), 0, 1), 2)


def test_every_metric_has_its_value_on_five_titles_and_an_interval_that_holds_it():
    assert tuple(metric.name for metric in METRICS) == NAMES
    found = score([1, 1, 0, 0, 0], [0.9, 0.4, 0.5, 0.3, 0.1])
    assert (found["n"], found["n_family"]) == (5, 2)
    assert found["confusion_matrix"] == {"tn": 2, "fp": 1, "fn": 1, "tp": 1}
    shares = {"accuracy": (3, 5), "precision": (1, 2), "recall": (1, 2)}
    for name, share in shares.items():  # each of its own denominator
        assert found["intervals"][name] == wilson_interval(*share), name
    many = score(*noisy_titles(), threshold=0.7)
    assert many["status"] == "ok"
    for metric in METRICS:
        assert metric.words[0].isupper(), metric.name
        assert found[metric.name] == pytest.approx(OF_FIVE[metric.name]), metric.name
        low, high = many["intervals"][metric.name]
        assert 0 <= low < many[metric.name] < high <= 1, metric.name


def test_family_is_called_from_the_threshold_on():
    for threshold in (0.5, 2 / 3):
        found = score([1, 0], [threshold, np.nextafter(threshold, 0)], threshold=threshold)
        assert found["confusion_matrix"] == {"tn": 1, "fp": 0, "fn": 0, "tp": 1}, threshold
        assert found["f1"] == 1, threshold


def test_a_threshold_is_told_with_what_it_buys():
    keys = ("false_alarm_cost", "threshold", "called", "precision", "recall")
    for y, probability, expected in [
        (
            [1, 1, 0, 0],
            [0.8, 0.5, 0.7, 0.1],
            [(3, 2 / 3, 1), (3, 2 / 3, 1), (2, 1 / 2, 1 / 2), (1, 1, 1 / 2), (0, None, 0)],
        ),
        ([], [], [(0, None, None)] * 5),
    ]:
        costs = [(0.5, 1 / 3), (1, 1 / 2), (2, 2 / 3), (4, 4 / 5), (9, 9 / 10)]
        rows = [
            dict(zip(keys, row + of, strict=True)) for row, of in zip(costs, expected, strict=True)
        ]
        assert describe_thresholds(y, probability) == rows


def test_the_seed_decides_the_bootstrap_and_row_order_nothing():
    y, probability = noisy_titles()
    order = np.random.default_rng(1).permutation(len(y))
    one, other = score(y, probability), score(y, probability, seed=8)
    assert score(y[order], probability[order]) == one
    assert one["intervals"]["roc_auc"] != other["intervals"]["roc_auc"]
    assert [one[name] for name in NAMES] == [other[name] for name in NAMES]


def test_what_one_class_or_no_title_leaves_undefined():
    nothing, none = score([], []), [None] * 6
    assert (nothing["n"], nothing["status"]) == (0, "no titles")
    assert nothing["confusion_matrix"] == {"tn": 0, "fp": 0, "fn": 0, "tp": 0}
    assert nothing["intervals"] == dict.fromkeys(NAMES)
    for y, probability, status, expected in [
        ([], [], "no titles", none),
        ([1, 1], [0.9, 0.1], "only family titles", [None, None, 0.5, 1, 0.5, 2 / 3]),
        ([0, 0], [0.1, 0.2], "only not family titles", [None, None, 1, None, None, None]),
        ([0, 0], [0.1, 0.9], "only not family titles", [None, None, 0.5, 0, None, 0]),
        ([0, 1], [0.1, 0.9], "fewer than 5 not family titles", [1] * 6),
    ]:
        found = score(y, probability)
        assert found["status"] == status, status
        assert [found[name] for name in NAMES] == pytest.approx(expected), status
        for name in ("f1", "roc_auc", "average_precision"):  # too few titles to resample
            assert found["intervals"][name] is None, (status, name)
        assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert describe_classes(9, 4) == "fewer than 5 family titles"
    assert describe_classes(5, 5) == "ok"


def test_what_is_no_truth_or_no_probability_is_refused():
    for y, probability, message in [
        ([1, 0], [0.5], r"\(2,\) labels and \(1,\) probabilities"),
        ([1, -1], [0.5, 0.5], "neither 1 nor 0"),
        ([1, 0], [0.5, np.nan], "1 of 2 probabilities are missing or outside"),
        ([1, 0], [0.5, 1.5], "1 of 2 probabilities are missing or outside"),
    ]:
        with pytest.raises(EvaluationError, match=message):
            score(y, probability)


def test_calibration_is_the_distance_of_probability_and_truth_in_bins_of_equally_many_titles():
    sure = describe_calibration([1, 0, 1, 0], [1.0, 0.0, 1.0, 0.0])
    assert (sure["n"], sure["brier"], sure["expected_error"]) == (4, 0.0, 0.0)
    half_right = describe_calibration([1, 0] * CALIBRATION_BINS, [1.0] * (2 * CALIBRATION_BINS))
    assert (half_right["brier"], half_right["expected_error"]) == (0.5, 0.5)
    assert describe_calibration([1], [0.8])["brier"] == pytest.approx(0.04)
    nothing = describe_calibration([], [])
    assert nothing == {"n": 0, "brier": None, "expected_error": None, "bins": []}
    y, p = np.array([0, 1] * 50), np.arange(100) / 100
    found = describe_calibration(y, p)
    assert [b["n"] for b in found["bins"]] == [10] * CALIBRATION_BINS
    assert found["bins"][0] == {"n": 10, "probability": pytest.approx(0.045), "family_share": 0.5}
    assert describe_calibration(y[::-1], p[::-1]) == found

"""Calibration: what a probability is worth as a probability."""

import pytest

from tasks.evaluate_slices.calibration import BINS, describe_calibration


def test_a_model_that_is_right_and_sure_has_no_error():
    found = describe_calibration([1, 0, 1, 0], [1.0, 0.0, 1.0, 0.0])
    assert (found["n"], found["brier"], found["expected_error"]) == (4, 0.0, 0.0)


def test_a_model_that_is_sure_and_half_right_is_off_by_a_half():
    found = describe_calibration([1, 0] * BINS, [1.0] * (2 * BINS))
    assert found["brier"] == pytest.approx(0.5)
    assert found["expected_error"] == pytest.approx(0.5)


def test_bins_hold_equally_many_titles_lowest_first():
    found = describe_calibration([0, 1] * 50, [i / 100 for i in range(100)])
    assert [b["n"] for b in found["bins"]] == [10] * BINS
    assert found["bins"][0]["probability"] == pytest.approx(0.045)
    assert found["bins"][0]["family_share"] == 0.5


def test_the_order_of_titles_changes_nothing():
    y, p = [1, 0, 1, 1, 0], [0.9, 0.2, 0.2, 0.7, 0.4]
    assert describe_calibration(y, p) == describe_calibration(y[::-1], p[::-1])


def test_one_class_and_no_title_are_described():
    assert describe_calibration([1], [0.8])["brier"] == pytest.approx(0.04)
    assert describe_calibration([], []) == {
        "n": 0, "brier": None, "expected_error": None, "bins": []
    }  # fmt: skip

"""Challenger against champion: better, worse, or not enough evidence."""

import numpy as np
import pytest

from tasks.evaluate_slices.comparison import compare_roc_auc, decide_outcome

Y = np.array([0, 1] * 60)
GOOD = np.where(Y == 1, 0.8, 0.2)
NOISE = np.random.default_rng(0).random(len(Y))


def compare(challenger, champion, y=Y):
    return compare_roc_auc(y, challenger, champion, seed=1, resamples=200)


def test_better_and_worse():
    better, worse = compare(GOOD, NOISE), compare(NOISE, GOOD)
    assert (better["outcome"], worse["outcome"]) == ("better", "worse")
    assert better["challenger"] == 1
    assert better["difference"] == 1 - better["champion"] == -worse["difference"]
    low, high = better["intervals"]["difference"]
    assert low < better["difference"] < high
    assert worse["intervals"]["difference"] == pytest.approx([-high, -low], abs=0.03)


def test_the_same_predictions_differ_by_nothing():
    compared = compare(NOISE, NOISE)
    assert compared["difference"] == 0
    assert compared["intervals"] == {"difference": [0, 0]}
    assert compared["outcome"] == "not enough evidence"


def test_pairing_sees_a_small_difference_that_is_always_there():
    challenger = NOISE + 0.03 * Y
    compared = compare(challenger / challenger.max(), NOISE)
    assert compared["difference"] < 0.05
    assert compared["outcome"] == "better"


def test_row_order_changes_nothing():
    order = np.random.default_rng(2).permutation(len(Y))
    assert compare(GOOD[order], NOISE[order], Y[order]) == compare(GOOD, NOISE)


@pytest.mark.parametrize(
    ("n", "status"), [(0, "no titles"), (1, "only not family titles"), (6, "fewer than 5")]
)
def test_too_few_titles_are_not_enough_evidence(n, status):
    compared = compare(GOOD[:n], NOISE[:n], Y[:n])
    assert compared["n"] == n
    assert compared["status"].startswith(status)
    assert compared["intervals"] == {"difference": None}
    assert compared["outcome"] == "not enough evidence"


@pytest.mark.parametrize(
    ("interval", "outcome"),
    [
        ([0.01, 0.02], "better"),
        ([-0.02, -0.01], "worse"),
        ([-0.01, 0.02], "not enough evidence"),
        ([0, 0.02], "not enough evidence"),
        (None, "not enough evidence"),
    ],
)
def test_the_interval_decides(interval, outcome):
    assert decide_outcome(interval) == outcome

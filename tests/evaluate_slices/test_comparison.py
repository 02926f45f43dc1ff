"""Models on the same titles: better, worse, or not enough evidence."""

import numpy as np
import pytest

from tasks.evaluate_slices.comparison import PairedRocAuc, compare_roc_auc, decide_outcome
from tasks.evaluate_slices.metrics import classification_metrics

Y = np.array([0, 1] * 60)
GOOD = np.where(Y == 1, 0.8, 0.2)
NOISE = np.random.default_rng(0).random(len(Y))
BOOTSTRAP = {"seed": 1, "resamples": 200}


def compare(challenger, champion, y=Y):
    return compare_roc_auc(y, challenger, champion, **BOOTSTRAP)


def test_better_and_worse():
    better, worse = compare(GOOD, NOISE), compare(NOISE, GOOD)
    assert (better["outcome"], worse["outcome"]) == ("better", "worse")
    assert better["challenger"] == 1
    assert better["difference"] == 1 - better["champion"] == -worse["difference"]
    low, high = better["intervals"]["difference"]
    assert low < better["difference"] < high
    assert worse["intervals"]["difference"] == pytest.approx([-high, -low], abs=0.03)


def test_the_same_predictions_differ_by_nothing_a_small_lasting_difference_is_seen_by_pairing():
    compared = compare(NOISE, NOISE)
    assert compared["difference"] == 0
    assert compared["intervals"] == {"difference": [0, 0]}
    assert compared["outcome"] == "not enough evidence"
    challenger = NOISE + 0.03 * Y
    compared = compare(challenger / challenger.max(), NOISE)
    assert compared["difference"] < 0.05
    assert compared["outcome"] == "better"
    order = np.random.default_rng(2).permutation(len(Y))
    assert compare(GOOD[order], NOISE[order], Y[order]) == compare(GOOD, NOISE)


def test_the_interval_decides_and_too_few_titles_are_not_enough_evidence():
    for n, status in ((0, "no titles"), (1, "only not family titles"), (6, "fewer than 5")):
        compared = compare(GOOD[:n], NOISE[:n], Y[:n])
        assert compared["n"] == n
        assert compared["status"].startswith(status)
        assert compared["intervals"] == {"difference": None}
        assert compared["outcome"] == "not enough evidence"
    for interval, outcome in [
        ([0.01, 0.02], "better"),
        ([-0.02, -0.01], "worse"),
        ([-0.01, 0.02], "not enough evidence"),
        ([0, 0.02], "not enough evidence"),
        (None, "not enough evidence"),
    ]:
        assert decide_outcome(interval) == outcome, interval


def test_a_models_own_figure_has_its_interval():
    scores = {"fair": 0.3 * Y + 0.7 * NOISE, "good": GOOD}
    found = PairedRocAuc(Y, scores, **BOOTSTRAP).describe("fair")
    alone = classification_metrics(Y, scores["fair"], threshold=0.5, **BOOTSTRAP)
    assert (found["n"], found["n_family"]) == (120, 60)
    assert found["roc_auc"] == alone["roc_auc"]
    low, high = found["intervals"]["roc_auc"]
    assert low < found["roc_auc"] < high
    few = PairedRocAuc(Y[:3], {"fair": scores["fair"][:3]}, **BOOTSTRAP)
    assert few.describe("fair")["intervals"] == {"roc_auc": None}

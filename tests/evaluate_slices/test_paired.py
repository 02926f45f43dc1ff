import numpy as np
import pytest

from tasks.evaluate_slices.comparison import compare_roc_auc
from tasks.evaluate_slices.metrics import classification_metrics
from tasks.evaluate_slices.comparison import PairedRocAuc

BOOTSTRAP = {"seed": 1, "resamples": 300}


@pytest.fixture
def models():
    rng = np.random.default_rng(0)
    y = (rng.random(300) < 0.3).astype(int)
    noise = rng.random((3, 300))
    scores = {"good": 0.5 * y + 0.5 * noise[0], "fair": 0.2 * y + 0.8 * noise[1], "blind": noise[2]}
    return y, scores


def test_a_difference_is_that_of_comparing_two(models):
    y, scores = models
    found = PairedRocAuc(y, scores, **BOOTSTRAP).compare("good", "fair")
    alone = compare_roc_auc(y, scores["good"], scores["fair"], **BOOTSTRAP)
    assert found["difference"] == pytest.approx(alone["difference"])
    low, high = found["intervals"]["difference"]
    assert low < found["difference"] < high
    assert high - low == pytest.approx(np.ptp(alone["intervals"]["difference"]), rel=0.2)
    assert found["outcome"] == alone["outcome"] == "better"


def test_the_other_way_round_it_is_worse(models):
    paired = PairedRocAuc(*models, **BOOTSTRAP)
    assert paired.compare("blind", "good")["outcome"] == "worse"
    assert paired.compare("good", "good") == {
        "difference": 0.0,
        "intervals": {"difference": [0.0, 0.0]},
        "outcome": "not enough evidence",
    }


def test_a_models_own_figure_has_its_interval(models):
    y, scores = models
    found = PairedRocAuc(y, scores, **BOOTSTRAP).describe("fair")
    alone = classification_metrics(y, scores["fair"], **BOOTSTRAP)
    assert (found["n"], found["n_family"]) == (300, int(y.sum()))
    assert found["roc_auc"] == pytest.approx(alone["roc_auc"])
    low, high = found["intervals"]["roc_auc"]
    assert low < found["roc_auc"] < high


def test_too_few_titles_have_no_interval():
    paired = PairedRocAuc([1, 0, 0], {"a": [0.9, 0.1, 0.2], "b": [0.1, 0.9, 0.8]}, **BOOTSTRAP)
    assert paired.describe("a") == {
        "n": 3,
        "n_family": 1,
        "roc_auc": 1.0,
        "intervals": {"roc_auc": None},
    }
    assert paired.compare("a", "b") == {
        "difference": 1.0,
        "intervals": {"difference": None},
        "outcome": "not enough evidence",
    }

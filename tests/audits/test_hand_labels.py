import numpy as np
import pytest

from tasks.audits.blind_parts import prepare
from tasks.audits.hand_labels import (
    crossing,
    labels_needed,
    learning_curve,
    supervised_ceiling,
)
from tasks.config import BlindAuditConfig

SIZES = (100, 400, 1600)
NAN = float("nan")


@pytest.mark.parametrize(
    ("scores", "wanted", "expected"),
    [
        ([0.6, 0.8, 0.9], 0.7, 200),
        ([0.6, 0.8, 0.9], 0.8, 400),
        ([0.6, 0.8, 0.9], 0.5, 100),
        ([0.6, 0.8, 0.9], 0.95, None),
        ([NAN, 0.8, 0.9], 0.7, 400),
        ([0.6, 0.5, 0.7], 0.6, 100),
    ],
)
def test_where_a_curve_first_reaches_a_height(scores, wanted, expected):
    assert crossing(SIZES, np.array(scores), wanted) == expected


def test_labels_needed_come_with_the_spread_of_the_draws():
    scores = np.array([[0.6, 0.8, 0.9], [0.5, 0.6, 0.8]])
    assert labels_needed(SIZES, scores, 0.7) == {
        "n": 400,
        "low": 200,
        "high": 800,
        "reached": 2,
        "at_most": 1600,
        "draws": 2,
    }
    late = labels_needed(SIZES, scores, 0.85)
    assert (late["n"], late["low"], late["high"], late["reached"]) == (1600, 800, None, 1)


@pytest.mark.parametrize(
    ("scores", "wanted"),
    [(np.empty((0, 0)), 0.9), (np.full((1, 3), NAN), 0.9), ([[1, 1, 1]], None)],
)
def test_without_figures_no_number_is_given(scores, wanted):
    found = labels_needed(SIZES, np.asarray(scores), wanted)
    assert (found["n"], found["low"], found["high"], found["reached"]) == (None, None, None, 0)


def test_the_curve_ends_at_the_titles_there_are(labeled):
    blind = prepare(labeled, BlindAuditConfig())
    curve, scores = learning_curve(blind, draws=3, sizes=(1, 10, 20, 40))
    assert [point["n_labels"] for point in curve] == [1, 10, 20]
    assert curve[0] == {"n_labels": 1, "draws": 0, "roc_auc": None, "low": None, "high": None}
    assert scores.shape == (3, 3)
    last = curve[-1]
    assert last["low"] == last["high"] == pytest.approx(supervised_ceiling(blind)["roc_auc"])


def test_the_seed_fixes_the_draws(labeled):
    blind = prepare(labeled, BlindAuditConfig(seed=3))
    one, two = (learning_curve(blind, 2, (8,))[1] for _ in range(2))
    np.testing.assert_array_equal(one, two)

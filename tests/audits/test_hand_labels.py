"""The learning curve of hand labels, and how many of them the rules are worth."""

import numpy as np

from tasks.audits.hand_labels import crossing, labels_needed, learning_curve

SIZES = (100, 400, 1600)
NAN = float("nan")


def test_where_a_curve_first_reaches_a_height():
    cases = [
        ([0.6, 0.8, 0.9], 0.7, 200),
        ([0.6, 0.8, 0.9], 0.8, 400),
        ([0.6, 0.8, 0.9], 0.5, 100),
        ([0.6, 0.8, 0.9], 0.95, None),
        ([NAN, 0.8, 0.9], 0.7, 400),
        ([0.6, 0.5, 0.7], 0.6, 100),
    ]
    for scores, wanted, expected in cases:
        assert crossing(SIZES, np.array(scores), wanted) == expected, (scores, wanted)


def needed(scores, wanted):
    """Return the labels needed of a curve with these scores, one row a draw."""
    scores = np.array(scores, dtype=float)
    means = scores.mean(axis=0) if scores.size else []
    curve = [{"n_labels": n, "roc_auc": mean} for n, mean in zip(SIZES, means, strict=False)]
    return labels_needed(curve, scores, wanted)


def test_labels_needed_come_with_the_spread_of_the_draws():
    scores = [[0.6, 0.8, 0.9], [0.5, 0.6, 0.8]]
    found = {"n": 400, "low": 200, "high": 800, "reached": 2, "at_most": 1600, "draws": 2}
    assert needed(scores, 0.7) == found
    late = needed(scores, 0.85)
    assert (late["n"], late["low"], late["high"], late["reached"]) == (1600, 800, None, 1)


def test_without_figures_no_number_is_given():
    for scores, wanted in (([[]], 0.9), ([[NAN] * 3], 0.9), ([[1] * 3], None)):
        found = needed(scores, wanted)
        assert (found["n"], found["low"], found["high"], found["reached"]) == (None, None, None, 0)


def test_the_curve_ends_at_the_titles_there_are():
    titles = np.array([3, 5, 8, 9])
    curve, scores = learning_curve(titles, lambda some: some.sum() / 25, 3, seed=1, sizes=(1, 4, 5))
    assert [point["n_labels"] for point in curve] == [1, 4]
    assert curve[1] == {"n_labels": 4, "draws": 3, "roc_auc": 1.0, "low": 1.0, "high": 1.0}
    assert scores.shape == (3, 2)
    assert curve[0]["low"] == scores[:, 0].min()
    again = learning_curve(titles, lambda some: some.sum() / 25, 3, seed=1, sizes=(1, 4, 5))
    np.testing.assert_array_equal(again[1], scores)


def test_what_is_not_defined_does_not_count():
    curve, _ = learning_curve(np.arange(9), lambda some: None, 2, seed=1, sizes=(5,))
    assert curve == [{"n_labels": 5, "draws": 0, "roc_auc": None, "low": None, "high": None}]

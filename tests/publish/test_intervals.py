import pytest

from tasks.publish.intervals import exact, folds, mean_of_slices, reported


def accuracy(low, high, n=10):
    return {"n": n, "accuracy": 0.5, "intervals": {"accuracy": [low, high]}}


@pytest.mark.parametrize(
    ("interval", "block", "expected"),
    [
        (reported, {"x": 1, "intervals": {"x": [0, 2]}}, (0, 2)),
        (reported, {"x": 1, "intervals": {"x": None}}, None),
        (reported, {"x": 1, "intervals": {"x": [0, None]}}, None),
        (reported, {"x": 1, "intervals": None}, None),
        (reported, {"x": 1}, None),
        (exact, {"x": 3}, (3, 3)),
        (exact, {"x": None}, None),
        (exact, {"x": True}, None),
        (folds, {"x": 0.5, "folds": [0.6, 0.4, 0.5]}, (0.4, 0.6)),
        (folds, {"x": 0.5, "folds": [0.6, 0.4], "intervals": {"x": [0.1, 0.9]}}, (0.1, 0.9)),
        (folds, {"x": 0.5, "folds": [0.5]}, None),
        (folds, {"x": 0.5}, None),
        (mean_of_slices, {"slices": {"a": accuracy(0, 1), "b": accuracy(0.5, 1)}}, (0.25, 1)),
        (mean_of_slices, {"slices": {"a": accuracy(0, 1), "b": accuracy(9, 9, n=0)}}, (0, 1)),
        (mean_of_slices, {"slices": {"a": accuracy(0, 1), "b": accuracy(None, None)}}, None),
        (mean_of_slices, {"slices": {"a": accuracy(0, 1)}, "intervals": {"x": [0.2, 0.3]}},
         (0.2, 0.3)),
        (mean_of_slices, {}, None),
    ],
)  # fmt: skip
def test_intervals(interval, block, expected):
    assert interval(block, "x") == expected

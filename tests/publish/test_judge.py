from dataclasses import replace

import pytest

from tasks.errors import ConfigError
from tasks.publish.gate import ALLOWS, AT_MOST, GATES, Gate, exact, folds
from tasks.publish.judge import check_thresholds, judge

ROC = Gate(name="roc", metric="test.roc_auc", threshold=0.95, minimum_n=100, because="Why.")
TWINS = Gate(
    name="twins", metric="leakage.twins", threshold=0, bound=AT_MOST, interval=exact,
    because="Why.", limits=(0, 100),
)  # fmt: skip
SLICES = Gate(
    name="slice", metric="slices.*.accuracy", threshold=0.8, minimum_n=30, insufficient=ALLOWS,
    because="Why.",
)  # fmt: skip
CHAMPION = Gate(
    name="champion", metric="comparison.difference", threshold=0, insufficient=ALLOWS,
    because="Why.",
)  # fmt: skip
UNSURE = "insufficient evidence"
NO_NUMBER = "cannot be judged (metrics.json has no number at test.roc_auc)"


def roc(value, low=None, high=None, n=500, **more):
    intervals = {} if low is None else {"roc_auc": [low, high]}
    return {"test": {"n": n, "roc_auc": value, "intervals": intervals, **more}}


def short_slice(n, accuracy, low, high, **more):
    interval = {"accuracy": [low, high]}
    return {"slices": {"short": {"n": n, "accuracy": accuracy, "intervals": interval, **more}}}


def compared(difference, low, high):
    return {"comparison": {"difference": difference, "intervals": {"difference": [low, high]}}}


# gate, metrics, outcome, whether it blocks, what the sentence says
CASES = [
    (ROC, roc(0.97, 0.96, 0.98), "passed", False, "is 0.9700 [0.9600, 0.9800] on 500 titles"),
    (ROC, roc(0.97, 0.95, 0.98), "passed", False, "[0.9500, 0.9800]"),
    (ROC, roc(0.94, 0.9, 0.95), UNSURE, True, "[0.9000, 0.9500]"),
    (ROC, roc(0.9, 0.88, 0.9499999), "failed", True, "[0.8800, 0.9499999]"),
    (ROC, roc(0.999, 0.99, 1.0, n=99), UNSURE, True, "(at least 100 titles are needed)"),
    (ROC, roc(0.999), UNSURE, True, "(metrics.json gives no interval)"),
    (ROC, roc(0.999, status="only 4 family"), UNSURE, True, "(only 4 family)"),
    (ROC, roc(None, status="only family"), UNSURE, True, "cannot be judged (only family)"),
    (ROC, roc(0.99, 0.98, 1.0, n=None), UNSURE, True, "does not say on how many titles"),
    (ROC, {}, UNSURE, True, NO_NUMBER),
    (ROC, roc(float("nan"), 0.96, 1.0), UNSURE, True, NO_NUMBER),
    (TWINS, {"leakage": {"twins": 0}}, "passed", False, "twins is 0; at most 0 is asked: passed."),
    (TWINS, {"leakage": {"twins": 3, "n": 1}}, "failed", True, "is 3 on 1 title; at most 0 is"),
    (SLICES, {"slices": {}}, UNSURE, True, "metrics.json has no number at slices.*.accuracy"),
    # These ask for proven harm: doubt passes.
    (SLICES, short_slice(40, 0.9, 0.8, 0.95), "passed", False, "[0.8000, 0.9500] on 40 titles"),
    (SLICES, short_slice(40, 0.7, 0.6, 0.79), "failed", True, "[0.6000, 0.7900]"),
    (SLICES, short_slice(40, 0.7, 0.6, 0.85), UNSURE, False, "[0.6000, 0.8500]"),
    (SLICES, short_slice(29, 0.1, 0.0, 0.2), UNSURE, False, "(at least 30 titles are needed)"),
    (SLICES, short_slice(0, None, None, None, status="empty"), UNSURE, False, "(empty)"),
    (CHAMPION, compared(0.02, 0.01, 0.03), "passed", False, "0.0200 [0.0100, 0.0300]"),
    (CHAMPION, compared(-0.01, -0.03, 0.01), UNSURE, False, "-0.0100 [-0.0300, 0.0100]"),
    (CHAMPION, compared(-0.05, -0.07, -0.03), "failed", True, "-0.0500 [-0.0700, -0.0300]"),
    (CHAMPION, {"comparison": {"status": "none yet"}}, UNSURE, False, "cannot be judged (none ye"),
    (CHAMPION, {}, UNSURE, True, "metrics.json has no number at comparison.difference"),
]  # fmt: skip


def test_the_interval_decides_and_what_is_not_shown_blocks_unless_only_harm_counts():
    for gate, metrics, outcome, blocks, said in CASES:
        (verdict,) = judge(metrics, {}, [gate])
        assert (verdict.outcome, verdict.blocks) == (outcome, blocks), (metrics, verdict)
        assert said in verdict.sentence, (metrics, verdict)
        assert verdict.sentence.endswith(f"is asked: {outcome}."), verdict


def test_every_slice_is_judged_on_its_own_and_its_own_threshold_wins():
    block = {"n": 50, "accuracy": 0.9, "intervals": {"accuracy": [0.9, 0.9]}}
    gate = replace(SLICES, per_slice={"b.c": 0.95, "d": 0.7})
    metrics = {"slices": dict.fromkeys(["a", "b.c", "d"], block)}
    assert [(v.gate, v.metric, v.threshold, v.outcome) for v in judge(metrics, {}, [gate])] == [
        ("slice[a]", "slices.a.accuracy", 0.8, "passed"),
        ("slice[b.c]", "slices.b.c.accuracy", 0.95, "failed"),
        ("slice[d]", "slices.d.accuracy", 0.7, "passed"),
    ]
    changed = judge(metrics, {"slice": 0.95, "slice[b.c]": 0.5}, [gate])
    assert [v.threshold for v in changed] == [0.95, 0.5, 0.95]


def test_thresholds_are_checked_by_name_and_value_before_anything_runs():
    check_thresholds({"roc": 0.5, "slice[any]": 1, "twins": 100}, [ROC, SLICES, TWINS])
    check_thresholds({gate.name: gate.threshold for gate in GATES})
    for name in ("accuracy", "roc[short]", "slice[short", "slice]", "", "x" * 10_000):
        with pytest.raises(ConfigError, match=r"which is no gate.*some of roc, slice \(one") as no:
            check_thresholds({name: 0.5}, [ROC, SLICES])
        assert len(str(no.value)) < 300, name
    with pytest.raises(ConfigError, match=r"rating_hidden, which is no gate. Did you mean \w*hidd"):
        check_thresholds({"rating_hidden": 0.6})
    for value in (1.5, -0.1, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match=r"thresholds\[roc\] is .* a number from 0 to 1. C"):
            check_thresholds({"roc": value}, [ROC])
    with pytest.raises(ConfigError, match=r"slice\[tall\], but the run has no .* slice\[short\]"):
        judge(short_slice(50, 0.9, 0.8, 1), {"slice[tall]": 0.5}, [SLICES])


def test_folds_say_how_far_their_mean_may_be_off():
    assert folds({"x": 0.5, "folds": [0.6, 0.4, 0.5]}, "x") == (0.4, 0.6)
    assert folds({"x": 0.5, "folds": [0.5]}, "x") is None

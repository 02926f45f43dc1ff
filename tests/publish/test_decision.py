from dataclasses import replace

import pytest

from tasks.errors import ConfigError
from tasks.publish.decision import check_thresholds, decide, show
from tasks.publish.gate import ALLOWS, AT_MOST, Gate
from tasks.publish.intervals import exact

ROC = Gate(name="roc", metric="test.roc_auc", threshold=0.95, minimum_n=100, because="Why.")
TWINS = Gate(
    name="twins", metric="leakage.twins", threshold=0, bound=AT_MOST, interval=exact,
    because="Why.",
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
NO_NUMBER = "metrics.json has no number at test.roc_auc"
ASKED = "at least 0.95 is asked"


def roc(value, low=None, high=None, n=500, **more):
    intervals = {} if low is None else {"roc_auc": [low, high]}
    return {"test": {"n": n, "roc_auc": value, "intervals": intervals, **more}}


def short_slice(n, accuracy, low, high, **more):
    interval = {"accuracy": [low, high]}
    return {"slices": {"short": {"n": n, "accuracy": accuracy, "intervals": interval, **more}}}


def compared(difference, low, high):
    return {"comparison": {"difference": difference, "intervals": {"difference": [low, high]}}}


@pytest.mark.parametrize(
    ("gate", "metrics", "outcome", "sentence"),
    [
        (ROC, roc(0.97, 0.96, 0.98), "passed",
         f"roc is 0.97 (0.96 to 0.98) on 500 titles; {ASKED}: passed."),
        (ROC, roc(0.97, 0.95, 0.98), "passed",
         f"roc is 0.97 (0.95 to 0.98) on 500 titles; {ASKED}: passed."),
        (ROC, roc(0.97, 0.94, 0.98), UNSURE,
         f"roc is 0.97 (0.94 to 0.98) on 500 titles; {ASKED}: {UNSURE}."),
        (ROC, roc(0.94, 0.9, 0.95), UNSURE,
         f"roc is 0.94 (0.9 to 0.95) on 500 titles; {ASKED}: {UNSURE}."),
        (ROC, roc(0.9, 0.88, 0.9499999), "failed",
         f"roc is 0.9 (0.88 to 0.9499999) on 500 titles; {ASKED}: failed."),
        (ROC, roc(0.999, 0.99, 1.0, n=99), UNSURE,
         ("roc is 0.999 (0.99 to 1) on 99 titles (at least 100 titles are needed); "
         f"{ASKED}: {UNSURE}.")),
        (ROC, roc(0.999), UNSURE,
         f"roc is 0.999 on 500 titles (metrics.json gives no interval); {ASKED}: {UNSURE}."),
        (ROC, roc(0.999, status="fewer than 5 family titles"), UNSURE,
         f"roc is 0.999 on 500 titles (fewer than 5 family titles); {ASKED}: {UNSURE}."),
        (ROC, roc(None, status="only family titles"), UNSURE,
         f"roc cannot be judged (only family titles); {ASKED}: {UNSURE}."),
        (ROC, roc(None, status="ok"), UNSURE,
         f"roc cannot be judged ({NO_NUMBER}); {ASKED}: {UNSURE}."),
        (ROC, roc(0.99, 0.98, 1.0, n=None), UNSURE,
         ("roc is 0.99 (0.98 to 1) (metrics.json does not say on how many titles); "
         f"{ASKED}: {UNSURE}.")),
        (ROC, {}, UNSURE, f"roc cannot be judged ({NO_NUMBER}); {ASKED}: {UNSURE}."),
        (ROC, roc(float("nan"), 0.96, 1.0), UNSURE,
         f"roc cannot be judged ({NO_NUMBER}); {ASKED}: {UNSURE}."),
        (ROC, roc(True, 0.96, 1.0), UNSURE,
         f"roc cannot be judged ({NO_NUMBER}); {ASKED}: {UNSURE}."),
        (TWINS, {"leakage": {"twins": 0}}, "passed", "twins is 0; at most 0 is asked: passed."),
        (TWINS, {"leakage": {"twins": 3, "n": 8807}}, "failed",
         "twins is 3 on 8,807 titles; at most 0 is asked: failed."),
        (SLICES, {"slices": {}}, UNSURE,
         ("slice cannot be judged (metrics.json has no number at slices.*.accuracy); "
         f"at least 0.8 is asked: {UNSURE}.")),
    ],
)  # fmt: skip
def test_the_interval_decides_and_what_is_not_shown_blocks(gate, metrics, outcome, sentence):
    decision = decide(metrics, gates=[gate])
    (verdict,) = decision.verdicts
    assert (verdict.outcome, verdict.sentence) == (outcome, sentence)
    assert decision.passed is (outcome == "passed")
    assert decision.reasons == ([] if decision.passed else [sentence])
    assert decision.doubts == []


@pytest.mark.parametrize(
    ("gate", "metrics", "outcome", "passes", "said"),
    [
        (SLICES, short_slice(40, 0.9, 0.8, 0.95), "passed", True, "0.9 (0.8 to 0.95) on 40 titles"),
        (SLICES, short_slice(40, 0.7, 0.6, 0.79), "failed", False, "0.7 (0.6 to 0.79)"),
        (SLICES, short_slice(40, 0.7, 0.6, 0.85), UNSURE, True, "0.7 (0.6 to 0.85)"),
        (SLICES, short_slice(29, 0.1, 0.0, 0.2), UNSURE, True, "(at least 30 titles are needed)"),
        (SLICES, short_slice(0, None, None, None, status="no titles"), UNSURE, True, "(no titles)"),
        (CHAMPION, compared(0.02, 0.01, 0.03), "passed", True, "0.02 (0.01 to 0.03)"),
        (CHAMPION, compared(0.0, 0.0, 0.0), "passed", True, "is 0;"),
        (CHAMPION, compared(-0.01, -0.03, 0.01), UNSURE, True, "-0.01 (-0.03 to 0.01)"),
        (CHAMPION, compared(-0.05, -0.07, -0.03), "failed", False, "-0.05 (-0.07 to -0.03)"),
        (CHAMPION, {"comparison": {"status": "no champion yet"}}, UNSURE, True,
         "cannot be judged (no champion yet)"),
        (CHAMPION, {}, UNSURE, False, "metrics.json has no number at comparison.difference"),
    ],
)  # fmt: skip
def test_a_gate_that_asks_for_proven_harm_lets_doubt_pass_and_says_so(
    gate, metrics, outcome, passes, said
):
    decision = decide(metrics, gates=[gate])
    (verdict,) = decision.verdicts
    assert (verdict.outcome, decision.passed) == (outcome, passes)
    assert said in verdict.sentence
    assert decision.doubts == ([verdict.sentence] if outcome == UNSURE and passes else [])


def test_every_slice_is_judged_on_its_own():
    slices = {
        name: {"n": 50, "accuracy": value, "intervals": {"accuracy": [value, value]}}
        for name, value in [("a", 0.9), ("b.c", 0.5)]
    }
    verdicts = decide({"slices": slices}, gates=[SLICES]).verdicts
    assert [(v.gate, v.metric, v.outcome) for v in verdicts] == [
        ("slice[a]", "slices.a.accuracy", "passed"),
        ("slice[b.c]", "slices.b.c.accuracy", "failed"),
    ]


def test_one_blocking_gate_refuses_and_small_slices_do_not():
    metrics = roc(0.99, 0.98, 1.0) | short_slice(2, 0.1, 0.0, 0.5)
    assert decide(metrics, gates=[ROC, SLICES]).passed
    assert not decide(metrics, gates=[ROC, SLICES, TWINS]).passed


def test_the_example_metrics_pass_every_gate(metrics):
    decision = decide(metrics)
    assert decision.reasons == []
    unsure = [v.gate for v in decision.verdicts if v.outcome == UNSURE]
    assert unsure == [
        "slice_accuracy[long_tv_shows]", "slice_accuracy[horror]", "not_worse_than_champion",
    ]  # fmt: skip
    assert len(decision.doubts) == 3


def test_thresholds_are_replaced_by_name(metrics):
    (reason,) = decide(metrics, {"blind_audit_roc_auc": 0.9}).reasons
    found = "blind_audit_roc_auc is 0.83 (0.81 to 0.831) on 1,690 titles"
    assert reason == f"{found}; at least 0.9 is asked: failed."


def test_the_threshold_of_one_slice_wins_over_that_of_all():
    block = {"n": 50, "accuracy": 0.9, "intervals": {"accuracy": [0.9, 0.9]}}
    gate = replace(SLICES, per_slice={"b": 0.85, "c": 0.7})
    metrics = {"slices": dict.fromkeys("abc", block)}
    declared = decide(metrics, gates=[gate]).verdicts
    assert [v.threshold for v in declared] == [0.8, 0.85, 0.7]
    verdicts = decide(metrics, {"slice": 0.95, "slice[b]": 0.5}, [gate]).verdicts
    assert [(v.gate, v.threshold, v.outcome) for v in verdicts] == [
        ("slice[a]", 0.95, "failed"),
        ("slice[b]", 0.5, "passed"),
        ("slice[c]", 0.95, "failed"),
    ]


def test_in_short_each_gate_has_outcome_and_rule(metrics):
    said = decide(metrics).in_short()
    assert said["rating_hidden_roc_auc"] == "passed: at least 0.75"
    assert said["not_worse_than_champion"] == "insufficient evidence: at least 0"


@pytest.mark.parametrize("name", ["accuracy", "roc[short]", "slice[short", "slice]", ""])
def test_a_threshold_for_no_gate_is_refused_with_those_there_are(name):
    with pytest.raises(ConfigError, match=r"which is no gate; expected some of roc, slice \(one"):
        check_thresholds({name: 0.5}, [ROC, SLICES])


def test_a_threshold_for_no_slice_is_refused_with_those_there_are():
    metrics = {"slices": {"short": {"n": 50, "accuracy": 0.9}}}
    with pytest.raises(ConfigError, match=r"slice\[tall\], but the run has no .* slice\[short\]"):
        decide(metrics, {"slice[tall]": 0.5}, [SLICES])


@pytest.mark.parametrize(
    ("value", "beside", "shown"),
    [
        (0.999123, None, "0.9991"),
        (1.0, None, "1"),
        (0.9999823, None, "0.99998"),
        (0.00001, None, "1e-05"),
        (0, None, "0"),
        (123456, None, "123,456"),
        (0.95, 0.95, "0.95"),
        (0.94999, 0.95, "0.94999"),
        (0.95001, 0.95, "0.95001"),
    ],
)
def test_numbers_are_short_but_never_hide_on_which_side_they_are(value, beside, shown):
    assert show(value, beside) == shown


def test_verdicts_become_json(metrics):
    verdict = decide(metrics).verdicts[1].to_dict()
    assert verdict == {
        "gate": "test_roc_auc",
        "metric": "seed_protocol.test.roc_auc",
        "outcome": "passed",
        "blocks": False,
        "value": 0.999,
        "interval": (0.979, 1.0),
        "bound": "at least",
        "threshold": 0.95,
        "n": 1712,
        "minimum_n": 100,
        "sentence": "test_roc_auc is 0.999 (0.979 to 1) on 1,712 titles; "
        "at least 0.95 is asked: passed.",
    }

import pytest

from tasks.errors import ConfigError
from tasks.publish.decision import check_thresholds, decide, show
from tasks.publish.gate import AT_MOST, Gate

ROC = Gate(name="roc", metric="test.roc_auc", threshold=0.95, minimum_n=100, because="Why.")
TWINS = Gate(name="twins", metric="leakage.twins", threshold=0, bound=AT_MOST, because="Why.")
SLICES = Gate(
    name="slice", metric="slices.*.accuracy", threshold=0.8, minimum_n=30, required=False,
    because="Why.",
)  # fmt: skip


ASKED = "at least 0.95 is asked"
UNJUDGED = "and it may not go unjudged."
NO_NUMBER = "metrics.json has no number at test.roc_auc"


def roc(value, n=500, **more):
    return {"test": {"n": n, "roc_auc": value, **more}}


def short_slice(n, accuracy, **more):
    return {"slices": {"short": {"n": n, "accuracy": accuracy, **more}}}


@pytest.mark.parametrize(
    ("gate", "metrics", "outcome", "sentence"),
    [
        (ROC, roc(0.999, 1712), "passed", f"roc is 0.999 on 1,712 titles; {ASKED}."),
        (ROC, roc(0.95, 100), "passed", f"roc is 0.95 on 100 titles; {ASKED}."),
        (ROC, roc(0.9499999), "failed", f"roc is 0.9499999 on 500 titles; {ASKED}."),
        (ROC, roc(0.999, 99), "failed",
         f"roc cannot be judged (99 titles, at least 100 are needed); {ASKED}, {UNJUDGED}"),
        (ROC, roc(None, status="only family titles"), "failed",
         f"roc cannot be judged (only family titles); {ASKED}, {UNJUDGED}"),
        (ROC, roc(None, status="ok"), "failed",
         f"roc cannot be judged ({NO_NUMBER}); {ASKED}, {UNJUDGED}"),
        (ROC, roc(0.99, None), "failed",
         ("roc cannot be judged (metrics.json does not say on how many titles); "
         f"{ASKED}, {UNJUDGED}")),
        (ROC, {}, "failed", f"roc cannot be judged ({NO_NUMBER}); {ASKED}, {UNJUDGED}"),
        (ROC, roc(float("nan")), "failed",
         f"roc cannot be judged ({NO_NUMBER}); {ASKED}, {UNJUDGED}"),
        (ROC, roc(True), "failed", f"roc cannot be judged ({NO_NUMBER}); {ASKED}, {UNJUDGED}"),
        (TWINS, {"leakage": {"twins": 0}}, "passed", "twins is 0; at most 0 is asked."),
        (TWINS, {"leakage": {"twins": 3, "n": 8807}}, "failed",
         "twins is 3 on 8,807 titles; at most 0 is asked."),
        (SLICES, short_slice(40, 0.9), "passed",
         "slice[short] is 0.9 on 40 titles; at least 0.8 is asked."),
        (SLICES, short_slice(40, 0.7), "failed",
         "slice[short] is 0.7 on 40 titles; at least 0.8 is asked."),
        (SLICES, short_slice(29, 0.1), "not judged",
         "slice[short] is not judged (29 titles, at least 30 are needed); at least 0.8 is asked."),
        (SLICES, short_slice(0, None, status="no titles"), "not judged",
         "slice[short] is not judged (no titles); at least 0.8 is asked."),
        (SLICES, {"slices": {}}, "failed",
         ("slice cannot be judged (metrics.json has no number at slices.*.accuracy); "
         f"at least 0.8 is asked, {UNJUDGED}")),
    ],
)  # fmt: skip
def test_verdicts(gate, metrics, outcome, sentence):
    decision = decide(metrics, gates=[gate])
    (verdict,) = decision.verdicts
    assert (verdict.outcome, verdict.sentence) == (outcome, sentence)
    assert decision.passed is (outcome != "failed")
    assert decision.reasons == ([sentence] if outcome == "failed" else [])


def test_every_slice_is_judged_on_its_own():
    slices = {name: {"n": 50, "accuracy": value} for name, value in [("a", 0.9), ("b.c", 0.5)]}
    verdicts = decide({"slices": slices}, gates=[SLICES]).verdicts
    assert [(v.gate, v.metric, v.outcome) for v in verdicts] == [
        ("slice[a]", "slices.a.accuracy", "passed"),
        ("slice[b.c]", "slices.b.c.accuracy", "failed"),
    ]


def test_one_failed_gate_refuses_and_unjudged_slices_do_not():
    metrics = {"test": {"n": 500, "roc_auc": 0.99}, "slices": {"a": {"n": 2, "accuracy": 0.1}}}
    assert decide(metrics, gates=[ROC, SLICES]).passed
    assert not decide(metrics, gates=[ROC, SLICES, TWINS]).passed


def test_the_example_metrics_pass_every_gate(metrics):
    decision = decide(metrics)
    assert decision.reasons == []
    unjudged = [v.gate for v in decision.verdicts if v.outcome == "not judged"]
    assert unjudged == ["slice_accuracy[long_tv_shows]", "slice_accuracy[horror]"]


def test_thresholds_are_replaced_by_name(metrics):
    decision = decide(metrics, {"blind_audit_roc_auc": 0.9})
    assert decision.reasons == [
        "blind_audit_roc_auc is 0.83 on 1,690 titles; at least 0.9 is asked."
    ]


def test_the_threshold_of_one_slice_wins_over_that_of_all():
    metrics = {"slices": {name: {"n": 50, "accuracy": 0.9} for name in "ab"}}
    verdicts = decide(metrics, {"slice": 0.95, "slice[b]": 0.5}, [SLICES]).verdicts
    assert [(v.gate, v.threshold, v.outcome) for v in verdicts] == [
        ("slice[a]", 0.95, "failed"),
        ("slice[b]", 0.5, "passed"),
    ]


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
        "value": 0.999,
        "bound": "at least",
        "threshold": 0.95,
        "n": 1712,
        "minimum_n": 100,
        "sentence": "test_roc_auc is 0.999 on 1,712 titles; at least 0.95 is asked.",
    }

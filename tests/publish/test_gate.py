from tasks.publish.gate import ALLOWS, GATES
from tasks.publish.judge import judge

# A row a gate: what it asks of the challenger, word for word.
ASKED = {
    "cv_roc_auc": "at least 0.95",
    "test_roc_auc": "at least 0.95, n >= 100",
    "family_precision": "at least 0.85, n >= 100",
    "family_recall": "at least 0.5, n >= 100",
    "slice_average_accuracy": "at least 0.85",
    "slice_accuracy": "at least 0.8, n >= 30; allows",
    "slice_rating_hidden": "at least 0.5, n >= 30; allows",
    "rating_hidden_roc_auc": "at least 0.75, n >= 100",
    "blind_audit_roc_auc": "at least 0.75, n >= 200",
    "not_worse_than_champion": "at least -0.001; allows",
    "label_coverage": "at least 0.5",
    "twins_across_split": "at most 0",
    "augmented_in_test": "at most 0",
    "test_titles_in_training": "at most 0",
    "test_texts_in_training": "at most 0",
}


def test_every_gate_asks_what_its_row_says_and_says_why():
    assert [gate.name for gate in GATES] == list(ASKED)
    for gate in GATES:
        least = f", n >= {gate.minimum_n}" if gate.minimum_n else ""
        doubt = "; allows" if gate.insufficient == ALLOWS else ""
        assert f"{gate.bound} {gate.threshold:g}{least}{doubt}" == ASKED[gate.name], gate.name
        assert gate.because.endswith("."), gate.name


def test_every_gate_finds_its_number_interval_and_n_in_the_metrics_of_a_run(metrics):
    metrics["comparison"] = {"n": 9, "difference": 0.1, "intervals": {"difference": [0, 0.2]}}
    for gate in GATES:
        verdicts = judge(metrics, {}, [gate])
        assert any(verdict.value is not None for verdict in verdicts), gate.name
        assert any(verdict.interval is not None for verdict in verdicts), gate.name
        assert all(verdict.n is not None for verdict in verdicts), gate.name


def test_without_metrics_every_gate_blocks_and_one_leak_is_a_failure(metrics):
    for gate in GATES:
        (verdict,) = judge({}, {}, [gate])
        assert (verdict.outcome, verdict.blocks) == ("insufficient evidence", True), gate.name
    for gate in GATES[-4:]:
        metrics["leakage"][gate.name] = 1
        (verdict,) = judge(metrics, {}, [gate])
        assert (verdict.outcome, verdict.blocks) == ("failed", True), gate.name

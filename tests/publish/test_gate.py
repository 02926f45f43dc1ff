import subprocess
import sys
from pathlib import Path

import pytest

from tasks.publish.decision import decide
from tasks.publish.gate import ALLOWS, AT_LEAST, AT_MOST, BLOCKS, GATES

ROOT = Path(__file__).resolve().parents[2]

# A row a gate: what it asks of the challenger, word for word.
ASKED = {
    "cv_roc_auc": "at least 0.95",
    "test_roc_auc": "at least 0.95, n >= 100",
    "family_precision": "at least 0.85, n >= 100",
    "family_recall": "at least 0.85, n >= 100",
    "slice_average_accuracy": "at least 0.85",
    "slice_accuracy": "at least 0.8, n >= 30; allows",
    "slice_rating_hidden": "at least 0.5, n >= 30; allows",
    "rating_hidden_roc_auc": "at least 0.75, n >= 100",
    "blind_audit_roc_auc": "at least 0.75, n >= 200",
    "not_worse_than_champion": "at least 0; allows",
    "label_coverage": "at least 0.5",
    "twins_across_split": "at most 0",
    "augmented_in_test": "at most 0",
    "test_titles_in_training": "at most 0",
    "test_texts_in_training": "at most 0",
}


def test_every_gate_has_a_row_and_every_row_a_gate():
    assert [gate.name for gate in GATES] == list(ASKED)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_asks_what_its_row_says(gate):
    doubt = "; allows" if gate.insufficient == ALLOWS else ""
    assert gate.rule + doubt == ASKED[gate.name]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_is_documented_in_one_sentence(gate):
    assert gate.because[0].isupper()
    assert gate.because.endswith(".")
    assert gate.bound in (AT_LEAST, AT_MOST)
    assert gate.insufficient in (BLOCKS, ALLOWS)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gates_number_and_interval_are_in_the_metrics(gate, metrics):
    metrics["comparison"] = {"n": 9, "difference": 0.1, "intervals": {"difference": [0, 0.2]}}
    verdicts = decide(metrics, gates=[gate]).verdicts
    assert verdicts
    assert any(verdict.value is not None for verdict in verdicts)
    assert any(verdict.interval is not None for verdict in verdicts)
    if gate.minimum_n:
        assert all(verdict.n is not None for verdict in verdicts)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_without_metrics_every_gate_blocks(gate):
    (verdict,) = decide({}, gates=[gate]).verdicts
    assert (verdict.outcome, verdict.blocks) == ("insufficient evidence", True)


LEAKS = [gate for gate in GATES if gate.metric.startswith("leakage.")]


@pytest.mark.parametrize("gate", LEAKS, ids=lambda gate: gate.name)
def test_one_leak_is_a_failure(gate, metrics):
    metrics["leakage"][gate.metric.split(".")[1]] = 1
    (verdict,) = decide(metrics, gates=[gate]).verdicts
    assert (verdict.outcome, verdict.blocks) == ("failed", True)


def test_the_rulebook_imports_no_heavy_library():
    heavy = "import sys, tasks.publish.gate; print({'pandas', 'sklearn', 'numpy'} & {*sys.modules})"
    ran = subprocess.run(
        [sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.publish.decision import decide
from tasks.publish.gate import AT_LEAST, AT_MOST, GATES

ROOT = Path(__file__).resolve().parents[2]

# A row a gate: what it asks of the challenger, word for word.
ASKED = {
    "cv_roc_auc": "at least 0.95",
    "test_roc_auc": "at least 0.95, n >= 100",
    "family_precision": "at least 0.85, n >= 100",
    "family_recall": "at least 0.85, n >= 100",
    "slice_average_accuracy": "at least 0.9",
    "slice_accuracy": "at least 0.8, n >= 30",
    "rating_hidden_roc_auc": "at least 0.55, n >= 100",
    "blind_audit_roc_auc": "at least 0.7, n >= 200",
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
    least = f", n >= {gate.minimum_n}" if gate.minimum_n else ""
    assert f"{gate.bound} {gate.threshold:g}{least}" == ASKED[gate.name]


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_is_documented_in_one_sentence(gate):
    assert gate.because[0].isupper()
    assert gate.because.endswith(".")
    assert gate.bound in (AT_LEAST, AT_MOST)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gates_number_is_in_the_metrics(gate, metrics):
    verdicts = decide(metrics, gates=[gate]).verdicts
    assert verdicts
    assert any(verdict.value is not None for verdict in verdicts)
    if gate.minimum_n:
        assert all(verdict.n is not None for verdict in verdicts)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_only_a_gate_of_single_slices_may_go_unjudged(gate):
    assert gate.required is ("*" not in gate.metric)


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
def test_a_gate_fails_a_challenger_without_metrics(gate):
    (verdict,) = decide({}, gates=[gate]).verdicts
    assert verdict.outcome == "failed"


def test_the_rulebook_imports_no_heavy_library():
    heavy = "import sys, tasks.publish.gate; print({'pandas', 'sklearn', 'numpy'} & {*sys.modules})"
    ran = subprocess.run(
        [sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"

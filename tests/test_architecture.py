"""Imports go one way, and parsing the DAG file stays cheap."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from labeling_lab.local import environment

REPO = Path(__file__).resolve().parents[1]
STAGES = ("fetch", "label", "augment", "train", "evaluate_slices", "publish")
# The audits repeat the pipeline with its stages' pure parts. The referee alone of augment asks the
# rulebook, because a copy on which a rule would vote otherwise must not be made.
MAY_COMPOSE = {
    "blind_audit/": {"tasks.label", "tasks.train"},
    "augmentation_audit.py": {
        *("tasks.label", "tasks.augment", "tasks.train", "tasks.evaluate_slices"),
    },
    "augment/referee.py": {"tasks.label"},
    # A title's votes beside what a release's model makes of it.
    "vote_card.py": {"tasks.label", "tasks.publish"},
}
MODULES = sorted((REPO / "tasks").rglob("*.py"))
FOUNDATION = (
    *("atomic", "artifacts", "releases", "volume", "config", "schema"),
    *("quarantine", "similarity"),
)
PARSE = """
import json, sys, time
import airflow.dag_processing.dagbag as dagbag
started = time.perf_counter()
bag = dagbag.DagBag(sys.argv[1], collect_dags=True)
seconds = time.perf_counter() - started
heavy = sorted({"pandas", "sklearn", "nltk", "matplotlib", "scipy"} & set(sys.modules))
print(json.dumps([seconds, heavy, sorted(bag.dags), bag.import_errors]))
"""


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def stage_of(path: Path) -> str | None:
    parts = path.relative_to(REPO / "tasks").parts
    return parts[0] if parts[0] in STAGES else None


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(REPO).as_posix())
def test_tasks_know_nothing_of_airflow(path):
    assert not {n for n in imported_modules(path) if n.split(".")[0] in {"airflow", "labeling_lab"}}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(REPO).as_posix())
def test_stages_do_not_import_each_other(path):
    stage = stage_of(path)
    others = {f"tasks.{other}" for other in STAGES if other != stage}
    name = path.relative_to(REPO / "tasks").as_posix()
    for composer, composed in MAY_COMPOSE.items():
        others -= composed if name.startswith(composer) else set()
    found = {n for n in imported_modules(path) if ".".join(n.split(".")[:2]) in others}
    assert found == set()


@pytest.mark.parametrize("name", FOUNDATION)
def test_the_foundation_does_not_import_stages(name):
    names = imported_modules(REPO / "tasks" / f"{name}.py")
    assert names.isdisjoint({f"tasks.{stage}" for stage in STAGES})
    assert not [n for n in names if n.startswith(tuple(f"tasks.{stage}." for stage in STAGES))]


@pytest.mark.airflow
def test_the_dag_file_parses_fast_and_light(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", PARSE, str(REPO / "dags")]
    done = subprocess.run(
        command, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    seconds, heavy, dags, errors = json.loads(done.stdout.splitlines()[-1])
    assert (heavy, errors) == ([], {})
    assert "netflix_labeling_lab" in dags
    assert seconds < 0.3

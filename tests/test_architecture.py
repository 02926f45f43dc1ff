"""Imports go one way, rooms are few, and parsing the DAG file stays cheap."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from labeling_lab.home import HOME_ENV, environment
from tasks.pipeline import STAGES

REPO = Path(__file__).resolve().parents[1]
# From the ground up; a room imports from lower floors only, and from nothing on its own.
ABOVE_THE_STAGES = {"audits", "explain", "score"}
FLOORS = (
    {"errors"},
    {"catalog"},
    {"config", "pipeline", "volume"},
    {stage.function.split(".")[1] for stage in STAGES} - ABOVE_THE_STAGES,
    ABOVE_THE_STAGES,
)
BESIDE = {
    ("pipeline", "config"),  # the table names each stage's configuration
    ("volume", "config"),  # a manifest records the configuration
    ("volume", "pipeline"),  # the stage that ends a run, the file of the model
    ("augment", "label"),  # a copy on which a rule would vote otherwise is not kept
    ("train", "label"),  # the rules vote inside a published model
    ("evaluate_slices", "label"),  # why a title is worth an answer: what made the rules vote
    ("publish", "evaluate_slices"),  # the card reads the table of metrics
}
PARSE = """
import json, sys, time
import airflow.dag_processing.dagbag as dagbag
started = time.process_time()
bag = dagbag.DagBag(sys.argv[1], collect_dags=True)
seconds = time.process_time() - started
heavy = sorted({"pandas", "sklearn", "nltk", "matplotlib", "scipy"} & set(sys.modules))
print(json.dumps([seconds, heavy, sorted(bag.dags), bag.import_errors]))
"""
# What Airflow's parsing, the form and the summary need, before and after the table of metrics.
LIGHT = """
import sys, tasks.pipeline, tasks.publish.gate, tasks.publish.judge
found = {"airflow", "jinja2", "numpy", "pandas", "sklearn"} & {*sys.modules}
import tasks.evaluate_slices.metrics
print(found | {"airflow", "pandas", "scipy", "sklearn"} & {*sys.modules})
"""


def imported_modules(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def room_of(module: str) -> str:
    return module.split(".")[1]


def floor_of(room: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if room in rooms)


def test_imports_go_down_only_and_never_to_airflow():
    for path in sorted((REPO / "tasks").rglob("*.py")):
        module = ".".join(path.relative_to(REPO).with_suffix("").parts)
        found = imported_modules(path)
        assert not {n for n in found if n.split(".")[0] in {"airflow", "labeling_lab"}}, module
        if module == "tasks.__init__":
            continue
        here = room_of(module)
        for name in (n for n in found if n.startswith("tasks.") and room_of(n) != here):
            down = floor_of(room_of(name)) < floor_of(here)
            assert down or (here, room_of(name)) in BESIDE, f"{module} imports {name}"


def test_tasks_holds_a_room_for_every_stage_and_nothing_loose():
    rooms = {p.name for p in (REPO / "tasks").iterdir() if p.name != "__pycache__"}
    loose = {f"{name}.py" for name in ("__init__", "errors", "config", "pipeline")}
    assert rooms == loose | set().union(*FLOORS) - {"errors", "config", "pipeline"}


def test_the_tables_and_rulebooks_that_parsing_needs_import_no_heavy_library():
    command = [sys.executable, "-c", LIGHT]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.airflow
def test_the_dag_file_parses_fast_and_light(tmp_path, monkeypatch):
    monkeypatch.setenv(HOME_ENV, str(tmp_path))
    command = [sys.executable, "-W", "ignore", "-c", PARSE, str(REPO / "dags")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    seconds, heavy, dags, errors = json.loads(done.stdout.splitlines()[-1])
    assert (heavy, errors) == ([], {})
    assert "netflix_labeling_lab" in dags
    assert seconds < 0.3

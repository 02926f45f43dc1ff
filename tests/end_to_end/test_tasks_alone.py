"""Every task alone, as somebody who debugs a stage runs it, after a run that has its inputs."""

import json
import shutil
import subprocess
import sys

import pytest

from labeling_lab.home import REPO
from labeling_lab.task import APPROVE, task_names
from tasks.config import DecideConfig
from tasks.pipeline import FETCH, TRAIN
from tasks.publish.decision import decide

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.wordnet]

# Every task and one that fails in one process, which starts Airflow once; as quick as it gets.
ALONE = """
import json, sys
from labeling_lab.task import main
for name, params in json.loads(sys.argv[1]):
    print("TASK", name, flush=True)
    print("CODE", main([name.split()[0], "--params", json.dumps(params)]), flush=True)
"""
QUICK = {"folds": 2}
BROKEN = f"{FETCH} of nothing"


@pytest.fixture(scope="module")
def lab(sample_run, make_lab, tmp_path_factory):
    lab = make_lab(tmp_path_factory.mktemp("alone"))
    shutil.copytree(sample_run.volume.root / "runs", lab.volume.root / "runs")
    decide(lab.volume.workspace(sample_run.run.id), DecideConfig())
    return lab


def test_each_task_works_alone_on_the_newest_run_and_leaves_no_trace_but_a_scratch_run(lab):
    newest = lab.volume.runs()[0].id
    calls = [*((task, QUICK) for task in task_names()), (BROKEN, {"source": "/nowhere/titles.csv"})]
    done = subprocess.run(
        [sys.executable, "-c", ALONE, json.dumps(calls)],
        cwd=REPO, env=lab.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = dict(part.split("\n", 1) for part in done.stdout.split("TASK ")[1:])
    assert list(said) == [*task_names(), BROKEN], done.stderr
    failed = said.pop(BROKEN)
    assert "CODE 1" in failed
    assert "/nowhere/titles.csv" in failed + done.stderr
    for task, output in said.items():
        assert "CODE 0" in output, f"{task}: {output}{done.stderr}"
        if task not in {FETCH, APPROVE}:
            assert f"from run {newest}" in output, task
    stages = {
        stage.split("/")[0] for run in lab.volume.runs(scratch=True) for stage in run.stages()
    }
    assert stages == {*task_names()} - {APPROVE}
    assert lab.volume.releases.history() == []


def test_the_plain_airflow_command_needs_nothing_but_the_home(lab):
    airflow = [sys.executable, "-m", "airflow", "tasks", "test", "netflix_labeling_lab", TRAIN]
    environment = {**lab.environment, "AIRFLOW_HOME": lab.environment["LABELING_LAB_AIRFLOW"]}
    done = subprocess.run(
        [*airflow, "2026-01-04", "--map-index", "0"],
        cwd=lab.volume.root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "logistic_regression: ROC-AUC" in done.stdout, done.stdout + done.stderr

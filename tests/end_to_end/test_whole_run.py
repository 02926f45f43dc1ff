"""The whole workflow inside Airflow on the sample, from a catalog to a release; each task alone."""

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from labeling_lab.home import APPROVE, HOME_ENV, REPO
from labeling_lab.task import task_names
from tasks.pipeline import DECIDE, DECISION, FETCH, LABEL
from tests.catalogs import other_catalog

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.wordnet]

RELEASED = {
    *("netflix_labeled_family.csv", "netflix_augmented.csv", "best_model.pkl", "best_model.skops"),
    *("golden.json", "profile.json", "predictions_test.csv", "blind_audit_predictions.csv"),
    *("label_issues.csv", "to_review.csv", "metrics.json", "model_card.md", "model_card.html"),
    "manifest.json",
}
# The run on the real catalogue has the defaults.
QUICK = {"folds": 2, "models": ["logistic_regression"]}
# Tasks in one process, which starts Airflow once.
ALONE = """
import json, sys
from labeling_lab.task import main
for name, arguments in json.loads(sys.argv[1]):
    print("TASK", name, flush=True)
    print("CODE", main(arguments), flush=True)
"""
BROKEN = f"{FETCH} of nothing"
IN_A_RUN = f"{LABEL} in a run"


@pytest.fixture(scope="module")
def sample_lab(make_lab, tmp_path_factory):
    lab = make_lab(tmp_path_factory.mktemp("sample"))
    code, output = lab.call("run", "--conf", json.dumps(QUICK))
    assert code == 0, output
    return lab, output


def test_a_run_on_the_sample_publishes_every_file_and_says_calmly_what_it_is_worth(sample_lab):
    lab, output = sample_lab
    folder = lab.released()
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {f for f in files if not f.startswith("figures/")} == RELEASED
    assert len(files - RELEASED) >= 7
    lab.volume.releases.verify(folder.name)
    with closing(sqlite3.connect(Path(lab.environment[HOME_ENV]) / "airflow.db")) as database:
        notes = database.execute("SELECT content FROM dag_run_note").fetchall()
    assert notes[0][0].startswith("published v0001: ROC-AUC 0.")
    assert "Traceback" not in output
    assert "Warning" not in output
    assert len(output.splitlines()) < 60
    code, summary = lab.call("summary")
    assert code == 0
    assert "They mean nothing" in summary
    assert "Published" in summary


def test_each_task_works_alone_in_a_run_or_on_the_newest_and_leaves_only_a_scratch_run(sample_lab):
    lab, _ = sample_lab
    (run,) = lab.volume.runs()
    shutil.rmtree(run.path / LABEL)
    history = lab.volume.releases.history()
    calls = {
        IN_A_RUN: [LABEL, "--run", run.id],
        **{task: [task, "--params", json.dumps(QUICK)] for task in task_names()},
        BROKEN: [FETCH, "--params", '{"source": "/nowhere/titles.csv"}'],
    }
    done = subprocess.run(
        [sys.executable, "-c", ALONE, json.dumps(list(calls.items()))],
        cwd=REPO, env=lab.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = dict(part.split("\n", 1) for part in done.stdout.split("TASK ")[1:])
    assert list(said) == list(calls), done.stderr
    failed = said.pop(BROKEN)
    assert "CODE 1" in failed
    assert "/nowhere/titles.csv" in failed + done.stderr
    for name, output in said.items():
        assert "CODE 0" in output, f"{name}: {output}{done.stderr}"
        if name not in {FETCH, APPROVE, IN_A_RUN}:
            assert f"from run {run.id}" in output, name
    assert run.has([LABEL])
    stages = {
        stage.split("/")[0] for run in lab.volume.runs(scratch=True) for stage in run.stages()
    }
    assert stages == {*task_names()} - {APPROVE}
    assert lab.volume.releases.history() == history


def test_the_plain_airflow_command_needs_nothing_but_the_home(sample_lab):
    lab, _ = sample_lab
    done = subprocess.run(
        [sys.executable, "-m", "airflow", "tasks", "test", "netflix_labeling_lab", DECIDE,
         "2026-01-04"],
        env={**lab.environment, "AIRFLOW_HOME": lab.environment[HOME_ENV]},
        cwd=lab.volume.root, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert " gates: " in done.stdout, done.stdout + done.stderr


def test_what_300_titles_cannot_show_is_refused_by_a_successful_run(sample_lab, tmp_path):
    lab, _ = sample_lab
    champion = lab.volume.releases.current()
    other_catalog("small").to_csv(tmp_path / "small.csv", index=False)
    conf = {**QUICK, "operations": [], "source": str(tmp_path / "small.csv")}
    code, output = lab.call("run", "--conf", json.dumps(conf))
    assert code == 0, output
    assert lab.volume.releases.current() == champion
    refused = lab.volume.releases.history()[-1]
    assert refused["event"] == "refused"
    gates = lab.volume.runs()[0].read(DECIDE).read_json(DECISION)["gates"]
    blocking = {gate["gate"]: gate["outcome"] for gate in gates if gate["blocks"]}
    assert blocking.keys() >= {"rating_hidden_roc_auc", "blind_audit_roc_auc"}
    assert {*blocking.values()} == {"insufficient evidence"}


def test_a_failed_run_exits_with_1_and_leaves_the_champion(sample_lab, tmp_path):
    lab, _ = sample_lab
    champion = lab.volume.releases.current()
    empty = tmp_path / "empty.csv"
    empty.touch()
    code, output = lab.call("run", "--conf", json.dumps({"source": str(empty)}))
    assert code == 1
    assert str(empty) in output
    assert lab.volume.releases.current() == champion

"""The whole workflow inside Airflow on the sample, from a catalog to a release."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from labeling_lab.home import HOME_ENV

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.wordnet]

RELEASED = {
    "netflix_labeled_family.csv",
    "netflix_augmented.csv",
    "best_model.pkl",
    "best_model.skops",
    "golden.json",
    "profile.json",
    "predictions_test.csv",
    "blind_audit_predictions.csv",
    "label_issues.csv",
    "to_review.csv",
    "metrics.json",
    "model_card.md",
    "model_card.html",
    "manifest.json",
}
QUICK = {"folds": 2}  # the run on the real catalogue has the defaults


@pytest.fixture(scope="module")
def sample_lab(make_lab, tmp_path_factory):
    lab = make_lab(tmp_path_factory.mktemp("sample"))
    code, output = lab.call("run", "--conf", json.dumps(QUICK))
    assert code == 0, output
    return lab, output


def test_a_run_on_the_sample_publishes_every_file_and_bears_its_outcome_as_a_note(sample_lab):
    lab, _ = sample_lab
    folder = lab.released()
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {f for f in files if not f.startswith("figures/")} == RELEASED
    assert len(files - RELEASED) >= 7
    lab.volume.releases.verify(folder.name)
    database = sqlite3.connect(Path(lab.environment[HOME_ENV]) / "airflow.db")
    with closing(database):
        notes = database.execute("SELECT content FROM dag_run_note").fetchall()
    assert notes[0][0].startswith("published v0001: ROC-AUC 0.")


def test_the_terminal_is_calm_and_says_what_the_sample_is_worth(sample_lab):
    lab, output = sample_lab
    assert "Traceback" not in output
    assert "Warning" not in output
    assert len(output.splitlines()) < 60
    code, summary = lab.call("summary")
    assert code == 0
    assert "They mean nothing" in summary
    assert "Published" in summary


def test_a_task_works_in_the_folder_of_an_existing_run(sample_lab):
    lab, _ = sample_lab
    run = lab.volume.runs()[0]
    before = run.read("label").manifest
    code, output = lab.call("task", "label", "--run", run.id)
    assert code == 0, output
    after = run.read("label").manifest
    assert after["files"] == before["files"]
    assert after["finished_at"] >= before["finished_at"]


def test_a_refusal_is_a_successful_run_that_publishes_nothing(sample_lab):
    lab, _ = sample_lab
    champion = lab.volume.releases.current()
    asked = {"thresholds": {"rating_hidden_roc_auc": 0.999}}
    least = {"models": ["logistic_regression"], "operations": []}
    code, output = lab.call("run", "--conf", json.dumps({**QUICK, **least, **asked}))
    assert code == 0, output
    assert lab.volume.releases.current() == champion
    refused = lab.volume.releases.history()[-1]
    assert refused["event"] == "refused"
    assert any("rating_hidden_roc_auc" in reason for reason in refused["reasons"])


def test_a_failed_run_exits_with_1_and_leaves_the_champion(sample_lab, tmp_path):
    lab, _ = sample_lab
    champion = lab.volume.releases.current()
    empty = tmp_path / "empty.csv"
    empty.touch()
    code, output = lab.call("run", "--conf", json.dumps({"source": str(empty)}))
    assert code == 1
    assert str(empty) in output
    assert lab.volume.releases.current() == champion

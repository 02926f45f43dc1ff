"""The whole workflow inside Airflow, from a catalog to a release, and each task alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labeling_lab.home import REPO
from labeling_lab.task import task_names
from tasks.volume import atomic
from tasks.volume.runs import DATA_ENV, Volume

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.wordnet]

RELEASED = {
    "netflix_labeled_family.csv",
    "netflix_augmented.csv",
    "best_model.pkl",
    "best_model.skops",
    "golden.json",
    "predictions_test.csv",
    "blind_audit_predictions.csv",
    "label_issues.csv",
    "metrics.json",
    "model_card.md",
    "model_card.html",
    "manifest.json",
}
SCORE_IN_A_FRESH_PROCESS = """
import joblib, pandas as pd, sys
model = joblib.load(sys.argv[1])
titles = pd.DataFrame({
    "show_id": ["a", "b"], "type": ["Movie", "TV Show"], "title": ["Puppy School", "Cold Case"],
    "listed_in": ["Children & Family Movies", "Crime TV Shows"],
    "description": ["A puppy learns to read.", "A detective hunts a killer."],
})
print(model.predict_proba(titles).shape)
"""


class Lab:
    """A volume and an Airflow of its own, driven by the commands that the Makefile uses."""

    def __init__(self, folder: Path, catalog: Path | None = None) -> None:
        self.volume = Volume(folder / "data")
        self.volume.root.mkdir()
        for shared in ("nltk_data", "cache"):
            place = Volume.from_environment().root / shared
            if place.is_dir():
                (self.volume.root / shared).symlink_to(place)
        self.environment = {
            **os.environ,
            DATA_ENV: str(self.volume.root),
            "LABELING_LAB_AIRFLOW": str(folder / "airflow"),
            "LABELING_LAB_OFFLINE": "1",
            "PYTHONPATH": os.pathsep.join([str(REPO), str(REPO / "plugins")]),
        }
        self.environment.pop("NETFLIX_TITLES_CSV", None)
        if catalog:
            self.environment["NETFLIX_TITLES_CSV"] = str(catalog)

    def call(self, command: str, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", f"labeling_lab.{command}", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def released(self) -> Path:
        return self.volume.releases.folder(self.volume.releases.current())

    def metrics(self) -> dict:
        return json.loads((self.released() / "metrics.json").read_text())


@pytest.fixture(scope="module")
def sample_lab(tmp_path_factory):
    lab = Lab(tmp_path_factory.mktemp("sample"))
    code, output = lab.call("run")
    assert code == 0, output
    return lab, output


def test_a_run_on_the_sample_publishes_every_file(sample_lab):
    lab, _ = sample_lab
    folder = lab.released()
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {f for f in files if not f.startswith("figures/")} == RELEASED
    assert len(files - RELEASED) >= 7
    lab.volume.releases.verify(folder.name)


def test_the_terminal_is_calm_and_says_what_the_sample_is_worth(sample_lab):
    lab, output = sample_lab
    assert "Traceback" not in output
    assert "Warning" not in output
    assert len(output.splitlines()) < 60
    code, summary = lab.call("summary")
    assert code == 0
    assert "They mean nothing" in summary
    assert "Published" in summary


def test_the_released_model_works_in_a_fresh_process_on_the_required_columns(sample_lab):
    lab, _ = sample_lab
    done = subprocess.run(
        [sys.executable, "-c", SCORE_IN_A_FRESH_PROCESS, str(lab.released() / "best_model.pkl")],
        cwd=REPO, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "(2, 2)", done.stderr


@pytest.mark.parametrize("task", task_names())
def test_each_task_works_alone_straight_after_a_run(sample_lab, task):
    lab, _ = sample_lab
    before = lab.volume.releases.history()
    code, output = lab.call("task", task)
    assert code == 0, output
    if task not in {"fetch", "approve"}:
        assert f"from run {lab.volume.runs()[0].id}" in output
    if task != "approve":
        stage = "train/logistic_regression" if task == "train" else task
        newest = lab.volume.runs(scratch=True)[0]
        assert stage in newest.stages()
    assert lab.volume.releases.history() == before


def test_a_task_works_in_the_folder_of_an_existing_run(sample_lab):
    lab, _ = sample_lab
    run = lab.volume.runs()[0]
    before = run.read("label").manifest
    code, output = lab.call("task", "label", "--run", run.id)
    assert code == 0, output
    after = run.read("label").manifest
    assert after["files"] == before["files"]
    assert after["finished_at"] >= before["finished_at"]


def test_a_failed_task_alone_exits_with_1_and_says_why(sample_lab):
    lab, _ = sample_lab
    code, output = lab.call("task", "fetch", "--params", '{"source": "/nowhere/titles.csv"}')
    assert code == 1
    assert "/nowhere/titles.csv" in output


def test_a_refusal_is_a_successful_run_that_publishes_nothing(sample_lab):
    lab, _ = sample_lab
    champion = lab.volume.releases.current()
    conf = json.dumps({"thresholds": {"rating_hidden_roc_auc": 0.999}, "folds": 2,
                       "models": ["logistic_regression"]})  # fmt: skip
    code, output = lab.call("run", "--conf", conf)
    assert code == 0, output
    assert lab.volume.releases.current() == champion
    assert lab.volume.releases.history()[-1]["event"] == "refused"
    assert "rating_hidden_roc_auc" in lab.volume.releases.history()[-1]["reasons"][0]


def test_a_failed_run_exits_with_1_and_leaves_the_champion(sample_lab, tmp_path):
    lab, _ = sample_lab
    champion = lab.volume.releases.current()
    empty = tmp_path / "empty.csv"
    empty.touch()
    code, output = lab.call("run", "--conf", json.dumps({"source": str(empty)}))
    assert code == 1
    assert str(empty) in output
    assert lab.volume.releases.current() == champion


@pytest.mark.catalog
def test_the_seeds_protocol_is_reproduced_and_the_honest_figures_stand_beside_it(
    real_catalog, tmp_path
):
    lab = Lab(tmp_path, real_catalog)
    code, output = lab.call("run")
    assert code == 0, output
    metrics = lab.metrics()
    seed, test = metrics["seed_protocol"], metrics["seed_protocol"]["test"]
    assert seed["cv_roc_auc"]["mean"] >= 0.99
    assert test["roc_auc"] >= 0.99
    assert (test["precision"] >= 0.94, test["recall"] >= 0.92) == (True, True)
    assert seed["slice_average_accuracy"] > 0.93
    assert len(seed["slices"]) >= 5
    leakage = metrics["leakage"]
    assert leakage["twins_across_split"] == leakage["augmented_in_test"] == 0
    assert "rating" in [c["column"] for c in leakage["columns"] if c["both"]]
    for block in ("rating_hidden", "blind_audit"):
        low, high = metrics[block]["intervals"]["roc_auc"]
        assert metrics[block]["n"] > 2000
        assert 0.5 < low < metrics[block]["roc_auc"] < high < 0.99
    labelled = atomic.from_csv((lab.released() / "netflix_labeled_family.csv").read_bytes())
    assert len(labelled) == 8807
    assert labelled.set_index("show_id").loc["s3809", "title"] == "1994"

"""The same seed and the same titles in another order give the same everything."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tasks.audits.blind import blind_audit
from tasks.augment.stage import augment
from tasks.config import (
    AugmentConfig,
    BlindAuditConfig,
    EvaluateConfig,
    FetchConfig,
    LabelConfig,
    TrainConfig,
)
from tasks.evaluate_slices.stage import evaluate_slices
from tasks.fetch.source import SAMPLE
from tasks.fetch.stage import fetch
from tasks.label.stage import label
from tasks.train.select import select
from tasks.train.stage import train
from tasks.volume import atomic
from tasks.volume.runs import Volume

SAME = {
    "fetch": ["catalog.parquet"],
    "label": ["labeled.parquet", "votes.parquet", "netflix_labeled_family.csv"],
    "augment": ["augmented.parquet", "netflix_augmented.csv"],
    "train/logistic_regression": ["out_of_fold.parquet"],
    "select": ["predictions_test.csv"],
    "blind_audit": ["predictions.parquet"],
    "evaluate_slices": ["metrics.json"],
}


def run_stages(root: Path, catalog: Path, **params: object) -> dict[str, dict[str, str]]:
    """Run everything up to the figures; return the digest of every file of each stage."""
    workspace = Volume(root).workspace("r1")
    params = {"models": ["logistic_regression"], "folds": 3, "source": str(catalog), **params}
    fetch(workspace, FetchConfig.from_params(params))
    label(workspace, LabelConfig.from_params(params))
    augment(workspace, AugmentConfig.from_params(params))
    train(workspace, TrainConfig.from_params(params), model="logistic_regression")
    select(workspace, TrainConfig.from_params(params))
    blind_audit(workspace, BlindAuditConfig.from_params(params))
    evaluate_slices(workspace, EvaluateConfig.from_params(params))
    manifests = {stage: workspace.read(stage).manifest for stage in SAME}
    return {
        stage: {name: file["sha256"] for name, file in manifest["files"].items()}
        for stage, manifest in manifests.items()
    }


def shuffled(catalog: Path, folder: Path, order: int) -> Path:
    """Write the catalog's rows in another order under the same file name."""
    folder.mkdir()
    table = pd.read_csv(catalog, dtype="str", keep_default_na=False)
    rows = table.sample(frac=1, random_state=order)
    atomic.write_bytes(folder / catalog.name, atomic.to_csv(rows))
    return folder / catalog.name


def check_same(tmp_path: Path, catalog: Path, **params: object) -> None:
    """Run on the rows in two orders, and compare."""
    first = run_stages(tmp_path / "one", shuffled(catalog, tmp_path / "a", 1), **params)
    second = run_stages(tmp_path / "two", shuffled(catalog, tmp_path / "b", 2), **params)
    for stage, names in SAME.items():
        for name in names:
            assert first[stage][name] == second[stage][name], f"{stage}/{name}"


WITHOUT_WORDNET = {"operations": ["random_swap", "random_deletion"]}


def test_shuffled_rows_change_nothing_on_the_sample(tmp_path):
    check_same(tmp_path, SAMPLE, **WITHOUT_WORDNET)


@pytest.mark.catalog
@pytest.mark.slow
def test_shuffled_rows_change_nothing_on_the_real_catalogue(tmp_path, real_catalog):
    check_same(tmp_path, real_catalog, **WITHOUT_WORDNET)


def test_another_seed_changes_the_copies_and_not_the_split(tmp_path):
    first = run_stages(tmp_path / "one", SAMPLE, **WITHOUT_WORDNET)
    second = run_stages(tmp_path / "two", SAMPLE, seed=7, **WITHOUT_WORDNET)
    assert first["label"] == second["label"]
    assert first["augment"]["augmented.parquet"] != second["augment"]["augmented.parquet"]


def test_metrics_carry_no_clock_and_no_path(tmp_path):
    run_stages(tmp_path / "one", SAMPLE, **WITHOUT_WORDNET)
    run = Volume(tmp_path / "one").run("r1")
    text = json.dumps(run.read("evaluate_slices").read_json("metrics.json"))
    assert "seconds" not in text
    assert str(tmp_path) not in text

"""The same seed and the same titles in another order give the same everything."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tasks.fetch.source import SAMPLE
from tasks.pipeline import AUGMENT, EVALUATE_SLICES, FETCH, FETCH_REPORT, LABEL, METRICS, TRAIN
from tasks.volume import atomic

NOT_ABOUT_TITLES = ("fetch/fetch.json", "fetch/quarantine.csv")  # these name the file and its rows


def digests(workspace):
    """Return the digest of every file of a run, but for those that name the catalog's file."""
    manifests = {name: workspace.read(name).manifest for name in workspace.run.stages()}
    files = {
        f"{stage}/{name}": file["sha256"]
        for stage, manifest in manifests.items()
        for name, file in manifest["files"].items()
    }
    return {name: digest for name, digest in files.items() if name not in NOT_ABOUT_TITLES}


def shuffled(catalog, folder, order):
    """Write the catalog's rows in another order under the same file name."""
    folder.mkdir(parents=True)
    table = pd.read_csv(catalog, dtype="str", keep_default_na=False)
    rows = table.sample(frac=1, random_state=order)
    atomic.write_bytes(folder / catalog.name, atomic.to_csv(rows))
    return folder / catalog.name


def differences(one, other):
    """Return the names of files that differ, but for those that have the seconds of fitting."""
    first, second = digests(one), digests(other)
    assert first.keys() == second.keys()
    different = {name for name in first if first[name] != second[name]}
    return {name for name in different if not name.endswith(("cv.json", "candidates.json"))}


def test_shuffled_rows_change_nothing_in_any_stage(tmp_path, finished, run_on):
    catalog = Path(finished.read(FETCH).read_json(FETCH_REPORT)["source"])
    rows = shuffled(catalog, tmp_path / "catalog", 1)
    again = run_on(tmp_path, rows, EVALUATE_SLICES)
    assert len(digests(again)) > 20
    assert differences(finished, again) == set()


@pytest.mark.catalog
@pytest.mark.slow
def test_shuffled_rows_change_no_candidate_on_the_real_catalogue(tmp_path, real_catalog, run_on):
    runs = []
    for order in (1, 2):
        rows = shuffled(real_catalog, tmp_path / str(order) / "catalog", order)
        stages = (FETCH, LABEL, AUGMENT, TRAIN)
        runs.append(run_on(tmp_path / str(order), rows, TRAIN, stages=stages))
    assert differences(*runs) == set()


def test_another_seed_changes_the_copies_and_not_the_split(tmp_path, sample_run, run_on):
    other = digests(run_on(tmp_path, SAMPLE, "augment", seed=7))
    first = digests(sample_run)
    assert {n for n in other if n.startswith("label/")} <= set(first)
    assert all(first[n] == other[n] for n in other if n.startswith("label/"))
    assert first["augment/augmented.parquet"] != other["augment/augmented.parquet"]


def test_metrics_carry_no_clock_and_no_path(sample_run):
    text = json.dumps(sample_run.read(EVALUATE_SLICES).read_json(METRICS))
    assert "seconds" not in text
    assert str(sample_run.volume.root) not in text

"""The same seed and the same titles in another order give the same everything."""

import json

import pytest

from tasks.fetch.source import SAMPLE
from tasks.pipeline import AUGMENT, EVALUATE_SLICES, FETCH, LABEL, METRICS, TRAIN

pytestmark = pytest.mark.slow

NOT_ABOUT_TITLES = ("fetch/fetch.json", "fetch/quarantine.csv")  # these name the file and its rows
SECONDS = ("cv.json", "candidates.json")  # these have the seconds of fitting
SAMPLES = (f"{EVALUATE_SLICES}/{METRICS}", "figures/")  # these say whether it is the sample


def digests(workspace):
    """Return the digest of every file of a run, but for those that name the catalog's file."""
    manifests = {name: workspace.read(name).manifest for name in workspace.run.stages()}
    files = {
        f"{stage}/{name}": file["sha256"]
        for stage, manifest in manifests.items()
        for name, file in manifest["files"].items()
    }
    return {name: digest for name, digest in files.items() if name not in NOT_ABOUT_TITLES}


def differences(one, other):
    """Return the names of files that differ, but for those that have the seconds of fitting."""
    first, second = digests(one), digests(other)
    assert first.keys() == second.keys()
    return {n for n in first if first[n] != second[n] and not n.endswith(SECONDS)}


def test_shuffled_rows_change_nothing_in_any_stage(sample_run, finished):
    different = differences(sample_run, finished)
    assert len(digests(finished)) > 20
    assert [name for name in different if not any(s in name for s in SAMPLES)] == []
    first, second = (run.read(EVALUATE_SLICES).read_json(METRICS) for run in (sample_run, finished))
    del first["notes"]["sample"]
    assert first == second


@pytest.mark.catalog
def test_shuffled_rows_change_no_candidate_on_the_real_catalogue(
    tmp_path, real_catalog, shuffled, run_on
):
    catalogs, runs = (real_catalog, shuffled(real_catalog, tmp_path)), []
    for number, catalog in enumerate(catalogs):
        stages = (FETCH, LABEL, AUGMENT, TRAIN)
        runs.append(run_on(tmp_path / str(number), catalog, TRAIN, stages))
    assert differences(*runs) == set()


def test_another_seed_changes_the_copies_and_not_the_split(tmp_path, sample_run, run_on):
    stages = (FETCH, LABEL, AUGMENT)
    other = digests(run_on(tmp_path, SAMPLE, AUGMENT, stages, seed=7))
    first = digests(sample_run)
    assert {n for n in other if n.startswith("label/")} <= set(first)
    assert all(first[n] == other[n] for n in other if n.startswith("label/"))
    assert first["augment/augmented.parquet"] != other["augment/augmented.parquet"]


def test_metrics_carry_no_clock_and_no_path(sample_run):
    text = json.dumps(sample_run.read(EVALUATE_SLICES).read_json(METRICS))
    assert "seconds" not in text
    assert str(sample_run.volume.root) not in text

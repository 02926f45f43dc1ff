"""Which catalogues are scored, and how the note says that it ended."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from labeling_lab.score_operators import FindCatalogsOperator, ScoreOperator
from tasks.fetch.source import SAMPLE


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    return tmp_path / "catalogs"


@pytest.fixture
def context():
    xcoms = {}
    ti = SimpleNamespace(xcom_push=lambda key, value: xcoms.update({key: value}), xcoms=xcoms)
    return {"params": {"catalog": "", "release": "", "format": "csv", "seed": 1}, "ti": ti}


def find(context, catalog=""):
    return FindCatalogsOperator(task_id="find_catalogs", catalog=catalog).execute(context)


def test_the_catalog_that_is_named_or_all_in_the_folder_and_none_is_a_clean_skip(folder, context):
    with pytest.raises(AirflowSkipException, match=r"put catalogs .* into .*/catalogs\.$"):
        find(context)
    assert context["ti"].xcoms["note"].startswith("Nothing to score")
    folder.mkdir()
    for name in ("b.csv", "a.parquet", ".hidden.csv", "notes.txt"):
        (folder / name).touch()
    assert find(context) == ["a.parquet", "b.csv"]
    assert find(context, "/any/where.csv") == ["/any/where.csv"]


def test_a_bad_catalog_or_release_fails_at_once(folder, context):
    operator = ScoreOperator(task_id="score", catalog="/no/where.csv")
    with pytest.raises(AirflowFailException, match="CatalogError: There is no catalog /no/where"):
        operator.execute(context)
    context["params"]["release"] = "latest"
    with pytest.raises(AirflowFailException, match="ConfigError: release is 'latest'"):
        operator.execute(context)


def test_the_note_says_how_it_ended(released_volume, folder, context, monkeypatch):
    monkeypatch.setenv("LABELING_LAB_DATA", str(released_volume.root))
    report = ScoreOperator(task_id="score", catalog=str(SAMPLE)).execute(context)
    assert (report["scored"], report["release"]) == (1500, "v0001")
    assert Path(report["scores"]).is_file()
    said = context["ti"].xcoms["note"]
    assert said.startswith(f"{SAMPLE}: 1,500 titles scored by v0001, 2")
    assert said.endswith("family; drift: stable")

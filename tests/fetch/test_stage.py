import csv
import random

import pytest

from tasks.config import FetchConfig
from tasks.errors import CatalogError, VolumeError
from tasks.fetch import source
from tasks.fetch.stage import fetch
from tasks.volume.atomic import from_csv
from tasks.volume.runs import Volume


@pytest.fixture
def volume(tmp_path):
    return Volume(tmp_path / "volume")


def run(volume, path, run_id="r1"):
    summary = fetch(volume.workspace(run_id), FetchConfig(source=str(path)))
    return summary, volume.run(run_id).read("fetch")


def test_fetch_writes_catalog_quarantine_and_report(volume, tmp_path, catalog_csv):
    path = tmp_path / "titles.csv"
    path.write_bytes(
        catalog_csv(
            {"show_id": "s2", "rating": "61 min", "duration": ""}, {}, {"title": "", "cast": "NA"}
        )
    )

    summary, written = run(volume, path)

    assert summary == {
        "source": str(path),
        "kind": "given",
        "is_sample": False,
        "rows": 2,
        "quarantined": 1,
        "quarantine_reasons": {"title is empty": 1},
        "repaired": 1,
    }
    assert written.read_table("catalog.parquet")["show_id"].tolist() == ["s1", "s2"]
    quarantine = from_csv(written.read_bytes("quarantine.csv"), {"record": "int64"})
    assert quarantine[["cast", "record", "reason"]].to_dict("records") == [
        {"cast": "NA", "record": 3, "reason": "title is empty"}
    ]
    report = written.read_json("fetch.json")
    assert summary.items() <= report.items()
    assert (report["encoding"], report["records"], report["bytes"]) == (
        "UTF-8",
        3,
        path.stat().st_size,
    )
    assert report["repairs"][0]["show_id"] == "s2"
    assert len(report["sha256"]) == 64


def test_what_was_set_apart_and_repaired_is_logged(volume, tmp_path, catalog_csv, caplog):
    caplog.set_level("INFO")
    path = tmp_path / "titles.csv"
    path.write_bytes(catalog_csv({"show_id": "s2", "release_year": "2020.0"}, {"title": ""}))

    run(volume, path)

    assert "Repaired s2: year written as a whole number (found '2020.0')" in caplog.text
    assert "Quarantined: 1 records because title is empty" in caplog.text
    assert "Fetched 1 titles" in caplog.text


def test_text_that_looks_missing_survives_the_volume(volume, tmp_path, catalog_csv):
    cells = {"title": "1994", "director": "NA", "cast": "None", "country": "null"}
    path = tmp_path / "titles.csv"
    path.write_bytes(catalog_csv({**cells, "rating": ""}))

    _, written = run(volume, path)

    row = written.read_table("catalog.parquet").iloc[0]
    assert row[list(cells)].to_dict() == cells
    assert row[["rating"]].isna().all()


def test_row_order_does_not_matter_and_a_second_run_changes_nothing(volume, tmp_path, catalog_csv):
    titles = [{"show_id": f"s{n}", "title": f"Title {n}"} for n in range(40)]
    path = tmp_path / "titles.csv"
    path.write_bytes(catalog_csv(*titles))
    first = run(volume, path)[1].read_bytes("catalog.parquet")
    assert run(volume, path)[1].read_bytes("catalog.parquet") == first

    random.Random(5).shuffle(titles)
    path.write_bytes(catalog_csv(*titles))
    assert run(volume, path, "r2")[1].read_bytes("catalog.parquet") == first


def test_nothing_is_written_for_a_file_that_is_no_catalog(volume, tmp_path):
    path = tmp_path / "titles.csv"
    path.write_bytes(b"id,name\n1,One\n")

    with pytest.raises(CatalogError, match=r"titles\.csv has no column show_id"):
        run(volume, path)
    assert volume.run("r1").stages() == []


def test_a_failed_run_leaves_the_earlier_artifacts(volume, tmp_path, catalog_csv):
    path = tmp_path / "titles.csv"
    path.write_bytes(catalog_csv({}))
    run(volume, path)

    path.write_bytes(b"")
    with pytest.raises(CatalogError, match="is empty"):
        run(volume, path)
    assert len(volume.run("r1").read("fetch").read_table("catalog.parquet")) == 1


def test_a_volume_that_cannot_be_written_is_found_out_first(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(VolumeError, match="file"):
        run(Volume(tmp_path / "file" / "volume"), tmp_path / "nowhere.csv")


def test_the_sample_warns_loudly(volume, tmp_path, catalog_csv, monkeypatch, caplog):
    monkeypatch.setattr(source, "SAMPLE", tmp_path / "sample.csv")
    source.SAMPLE.write_bytes(catalog_csv({}))

    summary, _ = run(volume, "sample")

    assert (summary["kind"], summary["is_sample"]) == ("sample", True)
    assert "figures on the sample mean nothing" in caplog.text


def test_the_embedded_sample_is_a_sound_catalog(volume):
    summary, _ = run(volume, "sample")

    assert summary["is_sample"] is True
    assert summary["quarantine_reasons"] == {}
    assert summary["rows"] > 1000


@pytest.mark.catalog
def test_the_real_catalog_is_kept_whole(volume, real_catalog):
    summary, written = run(volume, real_catalog)

    table = written.read_table("catalog.parquet").set_index("show_id")
    assert (summary["rows"], summary["quarantined"], summary["repaired"]) == (8807, 0, 3)
    report = written.read_json("fetch.json")
    assert {done["show_id"] for done in report["repairs"]} == {"s5542", "s5795", "s5814"}
    assert table.loc["s5542", "duration"] == "74 min"
    assert table.loc[["s5542", "s5795", "s5814"], "rating"].isna().all()
    assert table["duration"].notna().all()
    assert table.loc["s3809", "title"] == "1994"


@pytest.mark.catalog
def test_the_real_catalog_shuffled_gives_the_same_bytes(volume, real_catalog, tmp_path):
    with real_catalog.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    random.Random(3).shuffle(rows)
    path = tmp_path / "shuffled.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])

    shuffled = run(volume, path, "r1")[1].read_bytes("catalog.parquet")
    assert shuffled == run(volume, real_catalog, "r2")[1].read_bytes("catalog.parquet")

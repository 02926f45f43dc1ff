import pytest

from tasks.catalog.home import is_foreign
from tasks.catalog.utilities import derive_features
from tasks.config import FetchConfig
from tasks.errors import CatalogError, VolumeError
from tasks.fetch.source import Source
from tasks.fetch.stage import fetch
from tasks.pipeline import CATALOG, FETCH, FETCH_REPORT, QUARANTINE
from tasks.volume.atomic import from_csv
from tasks.volume.runs import Volume
from tests.catalogs import other_catalog


@pytest.fixture
def catalog(tmp_path, catalog_csv):
    """Writes a catalog file of titles, always the same path."""

    def write(*titles):
        path = tmp_path / "titles.csv"
        path.write_bytes(catalog_csv(*titles))
        return path

    return write


def run(volume, path, run_id="r1"):
    summary = fetch(volume.workspace(run_id), FetchConfig(source=str(path)))
    return summary, volume.run(run_id).read(FETCH)


def test_fetch_writes_catalog_quarantine_and_report_and_logs_them(volume, catalog, caplog):
    misplaced = {"show_id": "s2", "rating": "61 min", "duration": ""}
    odd = {"title": "1994", "director": "NA", "cast": "None", "country": "null"}
    path = catalog(misplaced, odd, {"title": "", "cast": "NA"})
    caplog.set_level("INFO")
    summary, written = run(volume, path)
    assert summary == {
        "source": str(path), "kind": "given", "is_sample": False, "rows": 2, "quarantined": 1,
        "quarantine_reasons": {"title is empty": 1}, "repaired": 1,
    }  # fmt: skip
    table = written.read_table(CATALOG)
    assert table["show_id"].tolist() == ["s1", "s2"]
    assert table.loc[0, list(odd)].to_dict() == odd
    quarantine = from_csv(written.read_bytes(QUARANTINE), {"record": "int64"})
    assert quarantine[["cast", "record", "reason"]].to_dict("records") == [
        {"cast": "NA", "record": 3, "reason": "title is empty"}
    ]
    report = written.read_json(FETCH_REPORT)
    assert summary.items() <= report.items()
    told = (report["encoding"], report["records"], report["bytes"])
    assert told == ("UTF-8", 3, path.stat().st_size)
    assert report["repairs"][0]["show_id"] == "s2"
    assert len(report["sha256"]) == 64
    assert "Repaired s2: duration moved back from rating (found '61 min')" in caplog.text
    assert "Quarantined: 1 records because title is empty" in caplog.text
    assert "Fetched 2 titles" in caplog.text


def test_what_no_table_has_is_counted_named_and_warned_of(volume, catalog, caplog):
    known = [{"show_id": f"s{n}", "listed_in": "Dramas"} for n in range(8)]
    run(volume, catalog(*known, {"show_id": "s8", "listed_in": "Podcast"}))  # a ninth
    assert "(1 of 9 names) are in no table" in caplog.text
    assert "read them: Podcast (1)." in caplog.text
    odd = {"show_id": "s8", "listed_in": "Podcast", "rating": "Q"}
    kids = {"show_id": "s9", "listed_in": "Kids"}
    _, written = run(volume, catalog(*known, odd, kids), "r2")
    home = written.read_json(FETCH_REPORT)["home"]
    assert home["genre_names"] == {"n": 10, "known": 8, "mapped": 1, "unmapped": 1}
    assert home["unmapped_genres"] == {"Podcast": 1}
    assert home["unknown_ratings"] == {"Q": 1}
    assert "does not know them: Q (1)." in caplog.text


def test_a_failed_run_writes_nothing_and_leaves_the_earlier_artifacts(volume, catalog, tmp_path):
    path = catalog({})
    path.write_bytes(b"id,name\n1,One\n")
    with pytest.raises(CatalogError, match=r"titles\.csv has no column type, listed_in"):
        run(volume, path)
    assert volume.run("r1").stages() == []

    run(volume, catalog({}))
    path.write_bytes(b"")
    with pytest.raises(CatalogError, match="is empty"):
        run(volume, path)
    assert len(volume.run("r1").read(FETCH).read_table(CATALOG)) == 1
    (tmp_path / "file").touch()
    with pytest.raises(VolumeError, match="file"):  # found out first
        run(Volume(tmp_path / "file" / "volume"), tmp_path / "nowhere.csv")


def test_the_embedded_sample_is_a_sound_catalog_and_warns_loudly(volume, caplog):
    summary, _ = run(volume, "sample")

    assert (summary["kind"], summary["is_sample"]) == ("sample", True)
    assert (summary["rows"], summary["quarantine_reasons"]) == (1500, {})
    assert "figures on the sample mean nothing" in caplog.text


def test_catalogs_of_other_services_are_read_whole_whatever_they_call_things(volume, tmp_path):
    for kind, facts in {
        "ages": (1500, {"n": 1500, "with_gold": 1480, "missing": 5, "unknown": 0}),
        "world": (900, {"n": 900, "with_gold": 889, "missing": 3, "unknown": 8}),
        "unrated": (1200, {"n": 1200, "with_gold": 0, "missing": 1200, "unknown": 0}),
        "small": (300, {"n": 300, "with_gold": 294, "missing": 3, "unknown": 0}),
    }.items():
        path = tmp_path / f"{kind}.csv"
        other_catalog(kind).to_csv(path, index=False)
        summary, written = run(volume, path, kind)
        report = written.read_json(FETCH_REPORT)
        assert (summary["rows"], report["home"]["ratings"]) == facts, kind
        assert is_foreign(report["home"]), kind
    table = volume.run("world").read(FETCH).read_table(CATALOG)
    assert set(table["type"]) == {"Movie", "TV Show"}
    assert derive_features(table)["duration_value"].notna().all()


@pytest.mark.catalog
def test_the_real_catalog_is_kept_whole(volume, real_catalog):
    summary, written = run(volume, real_catalog)
    assert (summary["rows"], summary["quarantined"], summary["repaired"]) == (8807, 0, 3)
    table = written.read_table(CATALOG).set_index("show_id", drop=False)
    repaired = ["s5542", "s5795", "s5814"]
    assert [done["show_id"] for done in written.read_json(FETCH_REPORT)["repairs"]] == repaired
    assert table.loc["s5542", "duration"] == "74 min"
    assert table.loc[repaired, "rating"].isna().all()
    assert table["duration"].notna().all()
    assert table.loc["s3809", "title"] == "1994"
    known = derive_features(table)[["duration_unit", "rating", "cast", "director", "country"]]
    assert known.notna().sum().tolist() == [8807, 8800, 7982, 6173, 7976]
    found = Source("given", str(real_catalog), real_catalog.read_bytes())
    assert found.identity == "version 5 of the public catalog"

"""A catalogue scored from end to end: nothing lost, nothing half-written, nothing mixed."""

import json
import os
import signal
import time
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.config import ScoreConfig
from tasks.errors import CatalogError, ConfigError, PublishError
from tasks.fetch.source import SAMPLE
from tasks.score import scoring
from tasks.score.scoring import score_catalog
from tasks.score.titles import SCORE_COLUMNS
from tasks.volume.model_file import load_model
from tasks.volume.runs import Volume


def score(volume, catalog, out=None, **params):
    return score_catalog(volume, ScoreConfig(catalog=str(catalog), **params), out)


def read(path):
    return pd.read_csv(path, dtype="str", keep_default_na=False)


def test_scores_stand_beside_all_the_cells_as_they_were(volume, write_catalog, tmp_path):
    catalog = write_catalog(
        {"Stars (1-5)": "-5", "": "x", "rating": "TV-MA", "title": " Two  words "},
        {"Stars (1-5)": "=2+3", "release_year": "2020.0"},
    )
    report = score(volume, catalog, tmp_path / "out.csv")
    given, scored = read(catalog), read(tmp_path / "out.csv")
    assert scored.columns.tolist() == [*given.columns, *SCORE_COLUMNS]
    assert scored["Stars (1-5)"].tolist() == ["-5", "'=2+3"]
    kept = given.columns.drop("Stars (1-5)")
    pd.testing.assert_frame_equal(scored[kept], given[kept])

    titles = given.rename(columns={"": "other"}).assign(rating=["TV-MA", None])
    model = load_model(volume.releases)
    expected = model.predict_proba(titles)[:, 1].tolist()
    assert scored["family_probability"].astype(float).tolist() == expected
    labels = [str(int(probability >= report["threshold"])) for probability in expected]
    assert scored["family"].tolist() == labels
    assert scored["rating_read"].tolist() == ["1", "0"]
    votes = model.named_steps["catalog"].transform(titles)["rating_votes"]
    assert votes.tolist()[0].count(",") + 1 < int(scored["rules_voted"][0])
    assert scored["release"].tolist() == ["v0001", "v0001"]
    assert (report["records"], report["scored"], report["rating_read"]) == (2, 2, 1)
    assert json.loads((tmp_path / "out.report.json").read_text()) == report


def test_what_cannot_be_scored_is_set_apart_with_all_its_cells_and_why(
    volume, write_catalog, tmp_path
):
    catalog = write_catalog({}, {"title": ""}, {"release_year": "soon", "more": "y"}, {})
    with catalog.open("a") as stream:
        stream.write("s5,Movie\n" + ",".join("abcdefghijklmnop") + "\n")
    report = score(volume, catalog, tmp_path / "out.csv")
    assert read(tmp_path / "out.csv")["show_id"].tolist() == ["s1", "s4"]
    apart = read(tmp_path / "out.quarantine.csv")
    assert apart.iloc[:, :5].to_numpy().tolist() == [
        ["2", "title is empty", "", "s2", "Movie"],
        ["3", "release_year is not a year", "", "s3", "Movie"],
        ["5", "too few fields", "", "s5", "Movie"],
        ["6", "too many fields", "n, o, p", "a", "b"],
    ]
    assert apart["more"].tolist() == ["", "y", "", "m"]
    assert report["records"] == report["scored"] + report["quarantined"] == 6
    assert report["quarantine_reasons"]["title is empty"] == 1


def test_chunks_of_any_size_and_parquet_give_the_same_scores(volume, tmp_path, monkeypatch):
    whole = score(volume, SAMPLE, tmp_path / "whole.csv")
    monkeypatch.setattr(scoring, "CHUNK", 333)
    parts = score(volume, SAMPLE, tmp_path / "parts.csv")
    assert parts["scores_sha256"] == whole["scores_sha256"]
    assert parts["drift"] == whole["drift"]
    assert (whole["drift"]["outcome"], whole["drift"]["shifts"]) == ("stable", [])

    table = pa.table({name: pa.array(read(SAMPLE)[name]) for name in read(SAMPLE).columns})
    years = pa.array([int(year) for year in table["release_year"].to_pylist()])
    listed = pa.array([cell.split(", ") for cell in table["listed_in"].to_pylist()])
    table = table.set_column(7, "release_year", years).set_column(10, "listed_in", listed)
    pq.write_table(table, tmp_path / "titles.parquet")
    again = score(volume, tmp_path / "titles.parquet", tmp_path / "again.csv")
    assert again["scores_sha256"] == whole["scores_sha256"]
    score(volume, tmp_path / "titles.parquet", tmp_path / "again.parquet")
    typed = pq.read_table(tmp_path / "again.parquet")
    assert typed.schema.names == [*table.schema.names, *SCORE_COLUMNS]
    assert typed["release_year"].type == pa.int64()
    scores = read(tmp_path / "whole.csv")["family_probability"].astype(float)
    assert typed["family_probability"].to_pylist() == scores.tolist()


def test_scores_in_the_column_of_ratings_are_no_ages_in_any_chunk(
    volume, write_catalog, tmp_path, monkeypatch
):
    monkeypatch.setattr(scoring, "CHUNK", 2)
    catalog = write_catalog(*({"rating": cell} for cell in (" 7.0", "7", "", "7.5", "8.1", "PG")))
    for adapt in ("auto", "true"):
        report = score(volume, catalog, tmp_path / "out.csv", adapt=adapt)
        assert read(tmp_path / "out.csv")["rating_read"].tolist() == [*"000001"], adapt
        assert report["rating_read"] == 1


def test_columns_of_other_names_are_read_and_kept_under_these(volume, write_catalog, tmp_path):
    catalog = write_catalog({"rating": "TV-MA"})
    catalog.write_text(catalog.read_text().replace("rating", "Certificate"))
    report = score(volume, catalog, tmp_path / "out.csv")
    assert (report["columns"]["rating"], report["rating_read"]) == ("Certificate", 1)
    assert read(tmp_path / "out.csv")["Certificate"].tolist() == ["TV-MA"]


def test_an_id_that_comes_twice_is_scored_twice_and_counted(
    volume, write_catalog, tmp_path, monkeypatch
):
    monkeypatch.setattr(scoring, "CHUNK", 2)
    catalog = write_catalog({"show_id": "a"}, {}, {"show_id": "a", "title": "Other"}, {})
    report = score(volume, catalog, tmp_path / "out.csv")
    assert (report["scored"], report["repeated_ids"]) == (4, 1)


def test_what_cannot_be_scored_at_all_is_refused_and_writes_nothing(
    volume, write_catalog, tmp_path
):
    taken = write_catalog({"Family": "x"}, name="taken.csv")
    bad = write_catalog({"type": "podcast"}, {"type": "game"}, name="bad.csv")
    good = write_catalog({})
    folder = tmp_path / "out"
    for catalog, out, error, message in (
        (taken, "o.csv", CatalogError, "has Family already, which scoring adds; rename"),
        (bad, "o.csv", CatalogError, r"none of its 2 records .*2 x type is not Movie or TV Show"),
        (tmp_path / "no.csv", "o.csv", CatalogError, r"There is no catalog .*no\.csv; give"),
        (tmp_path, "o.csv", CatalogError, "is no file; give a CSV or Parquet file"),
        (good, "o.xlsx", ConfigError, r"expected a file name that ends in \.csv or \.parquet"),
        (good, str(good), ConfigError, "the catalog itself; give another name"),
    ):
        with pytest.raises(error, match=message):
            score(volume, catalog, folder / out)
    with pytest.raises(PublishError, match="has no release yet; run the workflow"):
        score(Volume(tmp_path / "empty"), good, folder / "o.csv")
    assert not [p for p in folder.rglob("*") if p.is_file()]


def test_a_catalog_that_changes_while_it_is_scored_is_found_out(
    volume, write_catalog, tmp_path, monkeypatch
):
    catalog, out = write_catalog({}, {}), tmp_path / "out.csv"
    before = score(volume, catalog, out)
    read_titles = scoring.read_titles
    content = catalog.read_text()

    def replace_file():
        (tmp_path / "new.csv").write_text(content)
        (tmp_path / "new.csv").replace(catalog)

    for change in (replace_file, lambda: catalog.write_text(content + content.split("\n")[1])):

        def meanwhile(*arguments, change=change):
            change()
            return read_titles(*arguments)

        monkeypatch.setattr(scoring, "read_titles", meanwhile)
        with pytest.raises(CatalogError, match="changed while it was scored, so nothing was writ"):
            score(volume, catalog, out)
    assert json.loads((tmp_path / "out.report.json").read_text()) == before


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_score_leaves_nothing_and_two_at_once_do_not_mix(
    volume, write_catalog, tmp_path, monkeypatch
):
    folder, out = tmp_path / "out", tmp_path / "out" / "scores.csv"
    few, many = write_catalog({}, name="few.csv"), write_catalog({}, {}, {}, name="many.csv")
    read_titles = scoring.read_titles

    def wait(*arguments):
        wait_for((tmp_path / "go").exists)
        return read_titles(*arguments)

    def start(catalog):
        if child := os.fork():
            return child
        monkeypatch.setattr(scoring, "read_titles", wait)
        try:
            score(volume, catalog, out)
        finally:
            os._exit(0)

    killed = start(few)
    wait_for(lambda: folder.is_dir() and len(list(folder.iterdir())) == 1)
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    assert not [path for path in folder.glob("*") if not path.name.startswith(".")]

    both = [start(few), start(many)]
    (tmp_path / "go").touch()
    for child in both:
        os.waitpid(child, 0)
    report = json.loads((folder / "scores.report.json").read_text())
    assert len(read(out)) == report["scored"] == (1 if "few" in report["catalog"] else 3)
    assert report["scores_sha256"] == scoring.atomic.sha256(out)


def test_by_default_scores_go_to_the_volume_and_names_mean_its_folder_of_catalogs(
    volume, write_catalog, monkeypatch, tmp_path
):
    kept = volume.root / "catalogs"
    kept.mkdir(exist_ok=True)
    write_catalog({}).rename(kept / "mine.csv")
    report = score(volume, "mine.csv", format="parquet")
    target = volume.root / "scores" / "mine.csv" / "scores.parquet"
    assert Path(report["scores"]) == target
    assert pq.read_table(target).num_rows == 1

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import CatalogError, VolumeError
from tasks.fetch import source
from tasks.fetch.source import Source, download, find_source, load_netflix_data
from tasks.volume.runs import Volume

PAGE = b"<!DOCTYPE html>\n<p>Log in first.</p>\n"


@pytest.fixture
def sample(tmp_path, monkeypatch, catalog_csv):
    monkeypatch.setattr(source, "SAMPLE", tmp_path / "sample.csv")
    source.SAMPLE.write_bytes(catalog_csv({"title": "Invented"}))
    return source.SAMPLE


@pytest.fixture
def server(catalog_csv, monkeypatch):
    """Serves a catalog at /titles.csv, and every way in which a download goes wrong."""
    content = catalog_csv({})
    released = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            if self.path == "/missing":
                self.send_error(404)
                return
            if self.path == "/silent":
                released.wait(10)
                return
            body = PAGE if self.path == "/page" else content
            self.send_response(200)
            if self.path != "/unsized":
                extra = 100 if self.path == "/truncated" else 0
                self.send_header("Content-Length", str(len(body) + extra))
            self.end_headers()
            for part in (body[n : n + 8] for n in range(0, len(body), 8)):
                if self.path == "/dribble" and released.wait(0.05):
                    return
                self.wfile.write(part)

        def log_message(self, *arguments):
            pass

    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(source, "READ_SECONDS", 0.5)
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    released.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture
def online(monkeypatch):
    """Takes away what would stop ``auto`` from downloading."""
    monkeypatch.delenv("LABELING_LAB_OFFLINE", raising=False)
    monkeypatch.delenv("NETFLIX_TITLES_CSV", raising=False)


def test_a_path_is_taken_at_its_word(volume, tmp_path, sample):
    path = tmp_path / "titles.csv"
    path.write_bytes(b"x")
    assert find_source(str(path), volume) == Source("given", str(path), b"x")

    for name, message in [
        ("~/nowhere-at-all.csv", r"nowhere-at-all\.csv cannot be read: No such file"),
        (str(tmp_path), r"cannot be read: Is a directory\. Give the path"),
        ("x" * 5000, r"x\.\.\. \(5,\d+ characters\) cannot be read: File name too long"),
        ("a\0b", "cannot be read: embedded null byte"),
    ]:
        with pytest.raises(CatalogError, match=message):
            find_source(name, volume)


def test_the_sample_on_request_and_wherever_it_is_found(volume, sample, tmp_path):
    found = find_source("sample", volume)
    assert (found.kind, found.name) == ("sample", str(sample))
    assert (found.is_sample, found.identity) == (True, "the sample")

    copy = tmp_path / "copy.csv"
    copy.write_bytes(sample.read_bytes())
    assert find_source(str(copy), volume).is_sample
    other = Source("given", "titles.csv", b"x")
    assert (other.is_sample, other.identity) == (False, "other content")

    sample.unlink()
    with pytest.raises(CatalogError, match=r"sample\.csv is missing; restore it.*NETFLIX_TITLES"):
        find_source("sample", volume)


def test_auto_prefers_the_environment_then_the_volume(volume, tmp_path, monkeypatch):
    named = tmp_path / "named.csv"
    named.write_bytes(b"named")
    volume.root.mkdir()
    kept = volume.root / "netflix_titles.csv"
    kept.write_bytes(b"kept")
    monkeypatch.setenv("NETFLIX_TITLES_CSV", str(named))
    assert find_source("auto", volume) == Source("environment", str(named), b"named")

    monkeypatch.setenv("NETFLIX_TITLES_CSV", "nowhere.csv")
    with pytest.raises(CatalogError, match=r"is 'nowhere\.csv', and there is no such file"):
        find_source("auto", volume)

    monkeypatch.delenv("NETFLIX_TITLES_CSV")
    assert find_source("auto", volume) == Source("volume", str(kept), b"kept")


def test_auto_downloads_and_keeps_the_catalog_and_an_address_is_not_kept(
    volume, server, online, monkeypatch, catalog_csv
):
    url = f"{server}/titles.csv"
    assert find_source(url, volume) == Source("download", url, catalog_csv({}))
    assert not volume.root.exists()
    assert download(f"{server}/unsized") == catalog_csv({})

    monkeypatch.setattr(source, "CATALOG_URL", url)
    first, second = find_source("auto", volume), find_source("auto", volume)
    assert first == Source("download", url, catalog_csv({}))
    assert second.kind == "volume"
    assert second.content == first.content
    assert [path.name for path in volume.root.iterdir()] == ["netflix_titles.csv"]


def test_auto_falls_to_the_sample_offline_and_when_a_download_fails_but_not_for_a_full_disk(
    volume, server, online, sample, monkeypatch, caplog, tmp_path
):
    for page in ("truncated", "page"):
        monkeypatch.setattr(source, "CATALOG_URL", f"{server}/{page}")
        caplog.clear()
        assert find_source("auto", volume).kind == "sample"
        assert "No catalog could be downloaded" in caplog.text
        assert f"{server}/{page}" in caplog.text
        assert not (volume.root / "netflix_titles.csv").exists()

    monkeypatch.setattr(source, "CATALOG_URL", f"{server}/titles.csv")
    (tmp_path / "file").touch()
    with pytest.raises(VolumeError, match="file"):
        find_source("auto", Volume(tmp_path / "file"))

    caplog.set_level("INFO")
    monkeypatch.setenv("LABELING_LAB_OFFLINE", "1")
    assert find_source("auto", volume).kind == "sample"
    assert "LABELING_LAB_OFFLINE is set: not trying to download" in caplog.text


def test_a_download_that_fails_says_why_and_what_to_do(volume, server, sample, monkeypatch):
    for url, message in [
        (f"{server}/missing", "/missing cannot be downloaded: 404 Client.*set NETFLIX_TITLES_CSV"),
        (f"{server}/truncated", "/truncated cannot be downloaded: .*100 more expected"),
        (f"{server}/silent", "/silent cannot be downloaded: .*Read timed out"),
        ("http://127.0.0.1:9/x.csv", r"127\.0\.0\.1:9/x\.csv cannot be downloaded"),
        ("http://", "http:// cannot be downloaded: Invalid URL"),
    ]:
        started = time.monotonic()
        with pytest.raises(CatalogError, match=message):
            find_source(url, volume)
        assert time.monotonic() - started < 5, url
    monkeypatch.setattr(source, "TOTAL_SECONDS", 0.2)
    with pytest.raises(CatalogError, match=r"cannot be downloaded: it takes more than 0\.2 s"):
        download(f"{server}/dribble")


def test_the_catalog_of_the_environment_then_of_the_volume_is_loaded_as_text_and_years(
    tmp_path, monkeypatch, caplog, catalog_csv
):
    named, kept = tmp_path / "named.csv", tmp_path / "netflix_titles.csv"
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    monkeypatch.delenv("NETFLIX_TITLES_CSV", raising=False)
    with pytest.raises(CatalogError, match=r"No catalog found.*set NETFLIX_TITLES_CSV"):
        load_netflix_data()

    odd = {"title": "1994", "director": "NA", "cast": "None", "description": " A b "}
    titles = catalog_csv(odd, {"title": "nan", "release_year": "soon"})
    kept.write_bytes(titles + b"s2,Movie,Unfinished\n")
    named.write_bytes(catalog_csv({"title": "Named"}))
    table = load_netflix_data()
    assert tuple(table.columns) == CATALOG_COLUMNS
    assert table["title"].tolist() == ["1994", "nan"]
    found = table.loc[0, ["director", "cast", "description"]]
    assert found.tolist() == ["NA", "None", "A b"]
    assert table["date_added"].isna().all()
    assert table["release_year"].tolist() == [2020, pd.NA]
    assert "left out 1 malformed rows, dropped 1 years that are none" in caplog.text
    monkeypatch.setenv("NETFLIX_TITLES_CSV", str(named))
    assert load_netflix_data()["title"].tolist() == ["Named"]

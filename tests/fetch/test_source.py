import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tasks.errors import CatalogError, VolumeError
from tasks.fetch import source
from tasks.fetch.source import KNOWN_CATALOGS, Source, download, find_source
from tasks.volume.runs import Volume

PAGE = b"<!DOCTYPE html>\n<p>Log in first.</p>\n"


@pytest.fixture
def volume(tmp_path):
    return Volume(tmp_path / "volume")


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
            self.send_in_parts(body, pause=0.05 if self.path == "/dribble" else 0)

        def send_in_parts(self, body, pause):
            for part in (body[n : n + 8] for n in range(0, len(body), 8)):
                if pause and released.wait(pause):
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


def test_a_path_is_taken_at_its_word(volume, tmp_path):
    path = tmp_path / "titles.csv"
    path.write_bytes(b"x")

    assert find_source(str(path), volume) == Source("given", str(path), b"x")


@pytest.mark.parametrize("name", ["nowhere.csv", "~/nowhere-at-all.csv"])
def test_a_path_that_does_not_exist_is_an_error(volume, name, sample):
    with pytest.raises(CatalogError, match=r"nowhere.*\.csv cannot be read: No such file"):
        find_source(name, volume)


def test_the_sample_on_request(volume, sample):
    found = find_source("sample", volume)

    assert (found.kind, found.name) == ("sample", str(sample))
    assert found.is_sample
    assert found.identity == "the sample"


def test_a_missing_sample_says_what_to_do(volume, sample):
    sample.unlink()

    with pytest.raises(CatalogError, match=r"sample\.csv is missing; restore it.*NETFLIX_TITLES"):
        find_source("sample", volume)


def test_the_sample_is_recognised_wherever_it_is_found(volume, sample, tmp_path):
    copy = tmp_path / "copy.csv"
    copy.write_bytes(sample.read_bytes())

    assert find_source(str(copy), volume).is_sample


def test_other_content_is_not_the_sample(sample):
    found = Source("given", "titles.csv", b"x")

    assert not found.is_sample
    assert found.identity == "other content"


@pytest.mark.catalog
def test_the_real_catalog_is_known(real_catalog):
    found = Source("given", str(real_catalog), real_catalog.read_bytes())

    assert found.identity == KNOWN_CATALOGS[found.sha256] == "version 5 of the public catalog"


def test_auto_prefers_the_environment_then_the_volume(volume, tmp_path, monkeypatch):
    named = tmp_path / "named.csv"
    named.write_bytes(b"named")
    volume.root.mkdir()
    kept = volume.root / "netflix_titles.csv"
    kept.write_bytes(b"kept")
    monkeypatch.setenv("NETFLIX_TITLES_CSV", str(named))
    assert find_source("auto", volume) == Source("environment", str(named), b"named")

    monkeypatch.delenv("NETFLIX_TITLES_CSV")
    assert find_source("auto", volume) == Source("volume", str(kept), b"kept")


def test_auto_never_falls_back_from_a_wrong_environment(volume, sample, monkeypatch):
    monkeypatch.setenv("NETFLIX_TITLES_CSV", "nowhere.csv")

    with pytest.raises(CatalogError, match=r"is 'nowhere\.csv', and there is no such file"):
        find_source("auto", volume)


def test_auto_downloads_and_keeps_the_catalog(volume, server, online, monkeypatch, catalog_csv):
    monkeypatch.setattr(source, "CATALOG_URL", f"{server}/titles.csv")

    first, second = find_source("auto", volume), find_source("auto", volume)

    assert first == Source("download", f"{server}/titles.csv", catalog_csv({}))
    assert second.kind == "volume"
    assert second.content == first.content
    assert [path.name for path in volume.root.iterdir()] == ["netflix_titles.csv"]


@pytest.mark.parametrize("page", ["missing", "truncated", "silent", "page"])
def test_auto_falls_to_the_sample_and_keeps_nothing_when_a_download_fails(
    volume, server, online, sample, monkeypatch, caplog, page
):
    monkeypatch.setattr(source, "CATALOG_URL", f"{server}/{page}")

    assert find_source("auto", volume).kind == "sample"
    assert "No catalog could be downloaded" in caplog.text
    assert f"{server}/{page}" in caplog.text
    assert not (volume.root / "netflix_titles.csv").exists()


def test_auto_does_not_take_a_full_disk_for_a_failed_download(
    server, online, sample, monkeypatch, tmp_path
):
    (tmp_path / "file").touch()
    monkeypatch.setattr(source, "CATALOG_URL", f"{server}/titles.csv")

    with pytest.raises(VolumeError, match="file"):
        find_source("auto", Volume(tmp_path / "file"))


def test_auto_does_not_download_when_offline(volume, server, online, sample, monkeypatch, caplog):
    caplog.set_level("INFO")
    monkeypatch.setenv("LABELING_LAB_OFFLINE", "1")
    monkeypatch.setattr(source, "CATALOG_URL", f"{server}/titles.csv")

    assert find_source("auto", volume).kind == "sample"
    assert "LABELING_LAB_OFFLINE is set: not trying to download" in caplog.text


def test_an_address_is_downloaded_but_not_kept(volume, server, catalog_csv):
    url = f"{server}/titles.csv"

    assert find_source(url, volume) == Source("download", url, catalog_csv({}))
    assert not volume.root.exists()


def test_a_download_of_unknown_size(server, catalog_csv):
    assert download(f"{server}/unsized") == catalog_csv({})


@pytest.mark.parametrize(
    ("page", "message"),
    [
        ("missing", "/missing cannot be downloaded: 404 Client Error.*set NETFLIX_TITLES_CSV"),
        ("truncated", "/truncated cannot be downloaded: .*100 more expected"),
        ("silent", "/silent cannot be downloaded: .*Read timed out"),
    ],
)
def test_a_download_that_fails_says_why_and_what_to_do(server, page, message):
    started = time.monotonic()

    with pytest.raises(CatalogError, match=message):
        download(f"{server}/{page}")
    assert time.monotonic() - started < 5


def test_a_download_that_trickles_in_is_given_up(server, monkeypatch):
    monkeypatch.setattr(source, "TOTAL_SECONDS", 0.2)

    with pytest.raises(CatalogError, match=r"cannot be downloaded: it takes more than 0\.2 s"):
        download(f"{server}/dribble")


def test_an_address_that_nobody_serves_is_an_error_at_once(volume, sample):
    with pytest.raises(CatalogError, match=r"127\.0\.0\.1:9/x\.csv cannot be downloaded"):
        find_source("http://127.0.0.1:9/x.csv", volume)


def test_an_address_without_a_host_is_an_error(volume, sample):
    with pytest.raises(CatalogError, match="http:// cannot be downloaded: Invalid URL"):
        find_source("http://", volume)

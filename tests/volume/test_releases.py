import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.errors import ArtifactError, PublishError, VolumeError
from tasks.volume import atomic
from tasks.volume.releases import File, Releases

ROOT = Path(__file__).resolve().parents[2]
START = """
import os, resource, signal, sys
from pathlib import Path
from tasks.volume import atomic
from tasks.volume.releases import File, Releases
releases, source = Releases(Path(sys.argv[1])), Path(sys.argv[2])
files = {"m": File(source, atomic.sha256(source))}
KILL = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
"""


def start_python(code, *arguments):
    command = [sys.executable, "-c", START + code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def releases(tmp_path):
    return Releases(tmp_path / "releases")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(b"model")
    return path


def add(releases, source, run_id="run1", check=None, **facts):
    file = File(source, atomic.sha256(source))
    files = {"best_model.pkl": file, "figures/roc.png": file}
    version = releases.next_version()
    releases.add(version, files, {"run_id": run_id, **facts}, check)
    return version


def test_before_the_first_release_there_is_nothing(releases):
    assert releases.versions() == []
    assert releases.current() is None
    assert releases.of_run("run1") is None
    assert releases.history() == []


def test_a_release_holds_copies_and_a_manifest(releases, source):
    version = add(releases, source, is_sample=False)
    source.write_bytes(b"changed later")
    assert version == "v0001"
    assert releases.read_bytes(version, "best_model.pkl") == b"model"
    manifest = releases.manifest(version)
    assert manifest["run_id"] == "run1"
    assert manifest["is_sample"] is False
    assert sorted(manifest["files"]) == ["best_model.pkl", "figures/roc.png"]
    releases.verify(version)
    mode = (releases.folder(version) / "best_model.pkl").stat().st_mode
    assert mode & 0o777 == 0o444
    assert releases.folder(version).stat().st_mode & 0o777 == 0o755


def test_adding_a_release_does_not_make_it_the_champion(releases, source):
    add(releases, source)
    assert releases.current() is None


def test_versions_count_up_and_sort_as_numbers(releases, source):
    assert [add(releases, source) for _ in range(2)] == ["v0001", "v0002"]
    (releases.root / "v10000").mkdir()
    (releases.root / "v9999").mkdir()
    (releases.root / "notes").mkdir()
    assert releases.versions() == ["v0001", "v0002", "v9999", "v10000"]
    assert add(releases, source) == "v10001"


def test_the_number_of_a_removed_release_is_not_used_again(releases, source):
    version = add(releases, source)
    releases.record("published", "run1", version=version)
    for path in sorted(releases.folder(version).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    releases.folder(version).rmdir()
    assert add(releases, source) == "v0002"


def test_a_file_in_the_way_of_a_version_is_stepped_over(releases, source):
    releases.root.mkdir()
    (releases.root / "v0001").write_text("not a release")
    assert add(releases, source) == "v0002"


def test_a_missing_or_altered_file_makes_no_release_and_leaves_no_scrap(releases, source):
    files = {"a": File(source, atomic.sha256(source)), "b": File(source.parent / "gone.csv", "")}
    with pytest.raises(ArtifactError, match=r"gone.csv does not exist"):
        releases.add("v0001", files, {})
    with pytest.raises(ArtifactError, match=r"model.pkl was altered while it was being published"):
        releases.add("v0001", {"best_model.pkl": File(source, "0" * 64)}, {})
    assert [path.name for path in releases.root.iterdir()] == ["history.jsonl"]


def test_what_is_examined_and_fails_gets_no_version_and_is_kept_out_of_the_way(releases, source):
    seen = []

    def check(folder):
        seen.append(sorted(p.name for p in folder.iterdir()))
        raise PublishError("not this one")

    with pytest.raises(PublishError, match="not this one"):
        add(releases, source, check=check)
    assert seen == [["best_model.pkl", "figures", "manifest.json"]]
    assert releases.versions() == []
    (kept,) = releases.root.glob(".*")
    assert kept.name.startswith(".failed-")
    assert (kept / "best_model.pkl").read_bytes() == b"model"


def test_a_manifest_altered_after_history_knew_it_is_found_out(releases, source):
    version = add(releases, source)
    manifest = releases.folder(version) / "manifest.json"
    releases.record("published", "run1", version=version, manifest_sha256=atomic.sha256(manifest))
    releases.verify(version)
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes() + b"\n")
    with pytest.raises(ArtifactError, match=r"manifest.json was altered: .* in history.jsonl"):
        releases.verify(version)
    with pytest.raises(ArtifactError, match=r"manifest.json was altered"):
        releases.read_bytes(version, "best_model.pkl")


def test_the_release_of_a_run_is_its_newest(releases, source):
    for run_id in ("run1", "run2", "run1"):
        add(releases, source, run_id)
    assert releases.of_run("run1") == "v0003"
    assert releases.of_run("run2") == "v0002"


def test_a_damaged_old_release_stops_nobody(releases, source, caplog):
    add(releases, source, "run1")
    damaged = add(releases, source, "run2")
    (releases.folder(damaged) / "manifest.json").unlink()
    with caplog.at_level(logging.WARNING):
        assert releases.of_run("run1") == "v0001"
    assert "v0002 is left aside" in caplog.text
    assert add(releases, source) == "v0003"


def test_switching_moves_the_pointer(releases, source):
    for run_id in ("run1", "run2"):
        releases.switch(add(releases, source, run_id), run_id)
    assert releases.current() == "v0002"
    releases.switch("v0001", "run1")
    assert releases.current() == "v0001"


def alter(path):
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(bytes([content[0] ^ 1]) + content[1:])


@pytest.mark.parametrize(
    ("sabotage", "message"),
    [
        (lambda f: alter(f / "best_model.pkl"), "best_model.pkl is missing or altered"),
        (lambda f: (f / "figures/roc.png").unlink(), "figures/roc.png is missing or altered"),
        (lambda f: (f / "extra.pkl").write_bytes(b"x"), "its manifest does not name: extra.pkl"),
        (lambda f: (f / "manifest.json").unlink(), "v0002 is no release of this volume"),
        (lambda f: (f / "manifest.json").chmod(0o644) or
         (f / "manifest.json").write_bytes(b"{}"), "manifest.json is not a manifest"),
    ],
)  # fmt: skip
def test_a_sabotaged_release_is_not_switched_to(releases, source, sabotage, message):
    releases.switch(add(releases, source), "run1")
    version = add(releases, source, "run2")
    sabotage(releases.folder(version))
    with pytest.raises(ArtifactError, match=message):
        releases.switch(version, "run2")
    assert releases.current() == "v0001"


def test_a_version_that_does_not_exist_is_refused_with_those_that_do(releases, source):
    add(releases, source)
    with pytest.raises(ArtifactError, match=r"v0009 is no release .* the releases are v0001"):
        releases.switch("v0009", "run1")


def test_an_altered_or_foreign_file_of_a_release_is_not_read(releases, source):
    version = add(releases, source)
    alter(releases.folder(version) / "best_model.pkl")
    with pytest.raises(ArtifactError, match=r"best_model.pkl is not the file that was released"):
        releases.read_bytes(version, "best_model.pkl")
    with pytest.raises(ArtifactError, match=r"v0001 has no x.csv; it has best_model.pkl, figures"):
        releases.read_bytes(version, "x.csv")


def test_a_lost_or_altered_pointer_is_read_off_history_and_restored(releases, source, caplog):
    for run_id in ("run1", "run2"):
        releases.record("published", run_id, version=add(releases, source, run_id))
    releases.record("rolled back", "by hand", version="v0001")
    releases.record("refused", "run3")
    pointer = releases.root / "current.json"
    deep = b'{"version": ' * 100_000
    for content in (None, b"", b"{}", b"[]", deep, b'{"version": "../v0002"}'):
        if content is not None:
            pointer.write_bytes(content)
        with caplog.at_level(logging.WARNING):
            assert (releases.pointer(), releases.current()) == (None, "v0001"), content
        assert "current.json is lost; by history.jsonl it is v0001" in caplog.text
        events = len(releases.history())
        releases.restore_pointer("run4")
        releases.restore_pointer("run4")
        assert releases.pointer() == "v0001", content
        assert len(releases.history()) == events + 1
        assert releases.history()[-1]["event"] == "pointer restored"
        pointer.unlink()


def test_before_history_knows_a_release_there_is_no_champion_but_a_lost_history_is_an_error(
    releases, source
):
    add(releases, source)  # its publisher was killed
    assert releases.current() is None
    (releases.root / "history.jsonl").unlink()
    with pytest.raises(ArtifactError, match=r"has v0001, but current.json and history.jsonl are"):
        releases.current()


def test_history_keeps_every_event_in_order(releases):
    odd = "line\nbreaks\r\u2028\u2029\x85 and \x1e"
    releases.record("refused", "run1", reasons=[odd])
    releases.record("published", "run2", version="v0001")
    events = releases.history()
    assert [e["event"] for e in events] == ["refused", "published"]
    assert events[0]["reasons"] == [odd]
    assert events[1] | {"at": ""} == {
        "at": "", "event": "published", "run_id": "run2", "version": "v0001",
    }  # fmt: skip


def test_a_torn_line_of_history_is_left_aside_and_said(releases, caplog):
    releases.record("published", "run1", version="v0001")
    path = releases.root / "history.jsonl"
    path.write_bytes(path.read_bytes() + b'{"event": "publ\xc3')
    releases.record("published", "run2", version="v0002")
    with caplog.at_level(logging.WARNING):
        assert [e["version"] for e in releases.history()] == ["v0001", "v0002"]
    assert "history.jsonl: line 2 is cut off; it is left aside" in caplog.text


def test_two_publishers_at_once_get_a_version_each_and_lose_nothing(releases, source):
    code = """
for number in range(8):
    run_id = f"{sys.argv[3]}{number}"
    with releases.exclusive():
        version = releases.next_version()
        releases.add(version, files, {"run_id": run_id})
        releases.record("published", run_id, version=version, padding="x" * 5000)
        releases.switch(version, run_id)
"""
    publishers = [start_python(code, releases.root, source, name) for name in ("a", "b")]
    assert [p.communicate(timeout=120)[1] for p in publishers] == ["", ""]
    assert releases.versions() == [f"v{n:04d}" for n in range(1, 17)]
    runs = {releases.manifest(version)["run_id"] for version in releases.versions()}
    assert runs == {f"{name}{n}" for name in "ab" for n in range(8)}
    assert {e["version"] for e in releases.history()} == set(releases.versions())
    assert releases.current() in releases.versions()
    for version in releases.versions():
        releases.verify(version)
    assert [p.name for p in releases.root.glob(".*")] == [".lock"]


def test_a_version_that_was_taken_without_the_lock_is_not_replaced(releases, source):
    file = {"m": File(source, atomic.sha256(source))}
    version = add(releases, source)
    with pytest.raises(PublishError, match=r"cannot become v0001: .*not empty"):
        releases.add(version, file, {"run_id": "run2"})
    releases.verify(version)


ADD = "releases.add('v0002', files, {'run_id': 'run2'})"
KILLS = {
    "while copying": f"atomic.write_bytes = KILL\n{ADD}",
    "before the rename": f"releases._put_in_place = KILL\n{ADD}",
    "before the pointer": f"{ADD}\nos.fsync = KILL\nreleases.switch('v0002', 'run2')",
}


@pytest.mark.parametrize("when", KILLS)
def test_a_publisher_killed_half_way_leaves_the_champion(releases, source, when):
    releases.switch(add(releases, source), "run1")
    killed = start_python(KILLS[when], releases.root, source)
    _, err = killed.communicate(timeout=120)
    assert (killed.returncode, err) == (-9, "")
    assert releases.current() == "v0001"
    releases.verify("v0001")
    for version in releases.versions():
        releases.verify(version)
    releases.switch(add(releases, source, "run3"), "run3")
    assert releases.manifest(releases.current())["run_id"] == "run3"


def test_a_release_that_does_not_fit_on_the_disk_leaves_the_champion(releases, source):
    releases.switch(add(releases, source), "run1")
    source.write_bytes(b"x" * 10**6)
    limit = "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
    full = start_python(limit + ADD, releases.root, source)
    _, err = full.communicate(timeout=120)
    assert "VolumeError" in err
    assert "File too large" in err
    assert releases.versions() == ["v0001"]
    assert releases.current() == "v0001"
    left = sorted(p.name for p in releases.root.iterdir())
    assert left == ["current.json", "history.jsonl", "v0001"]


def test_releases_that_cannot_be_written_are_a_volume_error(tmp_path, source):
    (tmp_path / "file").write_text("in the way")
    releases = Releases(tmp_path / "file" / "releases")
    with pytest.raises(VolumeError, match=r"file/releases: .*; check the path and the disk"):
        add(releases, source)
    with pytest.raises(VolumeError, match=r"history.jsonl: "):
        releases.record("refused", "run1")
    with (
        pytest.raises(VolumeError, match=r"\.lock: "),
        releases.exclusive(),
    ):
        pytest.fail("the block must not be entered")


def test_the_pointer_is_json_that_a_person_can_read(releases, source):
    version = add(releases, source)
    releases.switch(version, "run1")
    pointer = json.loads((releases.root / "current.json").read_text())
    assert pointer | {"switched_at": ""} == {
        "version": "v0001", "run_id": "run1", "switched_at": "",
    }  # fmt: skip
    assert atomic.sha256(releases.root / "current.json")

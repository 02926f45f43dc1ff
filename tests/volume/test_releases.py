import logging
import shutil

import pytest

from tasks.errors import ArtifactError, PublishError
from tasks.volume import atomic
from tasks.volume.releases import File, Releases


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


def test_a_release_holds_copies_and_a_manifest_and_is_not_yet_the_champion(releases, source):
    assert (releases.versions(), releases.history()) == ([], [])
    assert (releases.current(), releases.of_run("run1")) == (None, None)
    version = add(releases, source, is_sample=False)
    source.write_bytes(b"changed later")
    assert (version, releases.current()) == ("v0001", None)
    assert releases.read_bytes(version, "best_model.pkl") == b"model"
    manifest = releases.manifest(version)
    assert (manifest["run_id"], manifest["is_sample"]) == ("run1", False)
    assert sorted(manifest["files"]) == ["best_model.pkl", "figures/roc.png"]
    releases.verify(version)
    folder = releases.folder(version)
    modes = [path.stat().st_mode & 0o777 for path in (folder, folder / "best_model.pkl")]
    assert modes == [0o755, 0o444]


def test_versions_sort_as_numbers_and_no_number_is_given_away_twice(releases, source):
    releases.root.mkdir()
    (releases.root / "v0001").write_text("not a release")
    assert add(releases, source) == "v0002"
    releases.record("published", "run1", version="v0002")
    shutil.rmtree(releases.folder("v0002"))
    assert add(releases, source) == "v0003"
    for name in ("v10000", "v9999", "notes"):
        (releases.root / name).mkdir()
    assert releases.versions() == ["v0003", "v9999", "v10000"]
    assert add(releases, source) == "v10001"
    file = File(source, atomic.sha256(source))
    with pytest.raises(PublishError, match=r"cannot become v0003: .*not empty"):
        releases.add("v0003", {"m": file}, {"run_id": "without the lock"})


def test_what_is_missing_altered_or_fails_its_check_makes_no_release(releases, source):
    files = {"a": File(source, atomic.sha256(source)), "b": File(source.parent / "gone.csv", "")}
    with pytest.raises(ArtifactError, match=r"gone.csv does not exist"):
        releases.add("v0001", files, {})
    with pytest.raises(ArtifactError, match=r"model.pkl was altered while it was being published"):
        releases.add("v0001", {"best_model.pkl": File(source, "0" * 64)}, {})
    assert [path.name for path in releases.root.iterdir()] == ["history.jsonl"]
    # What is examined and fails gets no version and is kept out of the way.
    seen = []

    def check(folder):
        seen.append(sorted(p.name for p in folder.iterdir()))
        raise PublishError("not this one")

    with pytest.raises(PublishError, match="not this one"):
        add(releases, source, check=check)
    assert seen == [["best_model.pkl", "figures", "manifest.json"]]
    assert releases.versions() == []
    (kept,) = releases.root.glob(".failed-*")
    assert (kept / "best_model.pkl").read_bytes() == b"model"


def test_the_release_of_a_run_is_its_newest_and_a_damaged_one_stops_nobody(
    releases, source, caplog
):
    for run_id in ("run1", "run2", "run1", "run3"):
        add(releases, source, run_id)
    (releases.folder("v0004") / "manifest.json").unlink()
    assert [releases.of_run(f"run{n}") for n in (1, 2, 3)] == ["v0003", "v0002", None]
    assert "v0004 is left aside" in caplog.text
    assert add(releases, source) == "v0005"


def test_switching_moves_the_pointer_and_before_history_knows_a_release_there_is_no_champion(
    releases, source
):
    add(releases, source)  # its publisher was killed
    assert (releases.current(), releases.was_published("v0001")) == (None, False)
    releases.switch(add(releases, source, "run2"), "run2")
    assert releases.current() == "v0002"
    releases.switch("v0001", "run1")
    assert releases.pointer() == releases.current() == "v0001"
    with pytest.raises(ArtifactError, match=r"v0009 is no release .* the releases are v0001"):
        releases.switch("v0009", "run1")
    for name in ("current.json", "history.jsonl"):
        (releases.root / name).unlink()
    with pytest.raises(ArtifactError, match=r"v0002, but current.json and history.jsonl are"):
        releases.current()


def overwrite(path, content):
    path.chmod(0o644)
    path.write_bytes(content)


SABOTAGES = [
    (lambda f: overwrite(f / "best_model.pkl", b"mobel"), "best_model.pkl is missing or altered"),
    (lambda f: (f / "figures/roc.png").unlink(), "figures/roc.png is missing or altered"),
    (lambda f: (f / "extra.pkl").write_bytes(b"x"), "its manifest does not name: extra.pkl"),
    (lambda f: overwrite(f / "manifest.json", b"{}"), "manifest.json is not a manifest"),
    (lambda f: (f / "manifest.json").unlink(), "is no release of this volume"),
]


def test_a_sabotaged_release_is_neither_switched_to_nor_read(releases, source):
    releases.switch(add(releases, source), "run1")
    for sabotage, message in SABOTAGES:
        version = add(releases, source, "run2")
        sabotage(releases.folder(version))
        with pytest.raises(ArtifactError, match=message):
            releases.switch(version, "run2")
        assert releases.current() == "v0001"
    with pytest.raises(ArtifactError, match=r"best_model.pkl is missing or altered: it is not the"):
        releases.read_bytes("v0002", "best_model.pkl")
    with pytest.raises(ArtifactError, match=r"v0001 has no x.csv; it has best_model.pkl, figures"):
        releases.read_bytes("v0001", "x.csv")
    # So is a manifest that was altered after history knew it.
    version = add(releases, source)
    manifest = releases.folder(version) / "manifest.json"
    releases.record("published", "run1", version=version, manifest_sha256=atomic.sha256(manifest))
    releases.verify(version)
    overwrite(manifest, manifest.read_bytes() + b"\n")
    for read in (releases.verify, lambda v: releases.read_bytes(v, "best_model.pkl")):
        with pytest.raises(ArtifactError, match=r"manifest.json was altered: .* in history.jsonl"):
            read(version)


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
        caplog.clear()
        assert (releases.pointer(), releases.current()) == (None, "v0001"), content
        assert "current.json is lost; by history.jsonl it is v0001" in caplog.text
        events = len(releases.history())
        releases.restore_pointer("run4")
        releases.restore_pointer("run4")
        assert releases.pointer() == "v0001", content
        assert len(releases.history()) == events + 1
        assert releases.history()[-1]["event"] == "pointer restored"
        pointer.unlink()


def test_history_keeps_every_event_in_order_and_leaves_a_torn_line_aside(releases, caplog):
    odd = "line\nbreaks\r\u2028\u2029\x85 and \x1e"
    releases.record("refused", "run1", reasons=[odd])
    path = releases.root / "history.jsonl"
    path.write_bytes(path.read_bytes() + b'{"event": "publ\xc3')
    releases.record("published", "run2", version="v0001")
    with caplog.at_level(logging.WARNING):
        refused, published = releases.history()
    assert "history.jsonl: line 2 is cut off; it is left aside" in caplog.text
    assert (refused["event"], refused["reasons"]) == ("refused", [odd])
    del published["at"]
    assert published == {"event": "published", "run_id": "run2", "version": "v0001"}
    assert releases.moves()[0]["version"] == "v0001"
    assert releases.was_published("v0001")

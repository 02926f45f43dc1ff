import os
import time

from tasks.volume import hidden
from tasks.volume.hidden import hidden_folder, put_in_place, remove_abandoned


def age(path, seconds):
    then = time.time() - seconds
    os.utime(path, (then, then))


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_killed_writers_folder_goes_at_once_and_a_living_ones_stays(tmp_path, start):
    def work():
        with hidden_folder(tmp_path, "audit") as folder:
            (folder / "begun").touch()
            time.sleep(60)

    writer = start(work)
    while not (begun := list(tmp_path.glob(".audit-*/begun"))):
        time.sleep(0.01)
    folder = begun[0].parent
    assert folder.name.startswith(f".audit-{hidden.HOST}-")
    age(folder, hidden.LOCKING_SECONDS + 60)
    remove_abandoned(tmp_path)
    assert names(tmp_path) == [folder.name]
    writer.kill()
    writer.join()
    with hidden_folder(tmp_path, "label") as mine:
        assert names(tmp_path) == [mine.name]
    assert names(tmp_path) == []


def test_what_may_belong_to_a_writer_elsewhere_stays_for_a_day(tmp_path):
    mine, theirs = f".label-{hidden.HOST}-x", ".label-elsewhere-x"
    for name in (mine, theirs, ".failed-x", ".lock", "label"):
        (tmp_path / name).mkdir()
    (tmp_path / "history.jsonl").write_text("")
    (tmp_path / ".current.json-x").write_text("")
    remove_abandoned(tmp_path)  # just made: its writer may not have locked it yet
    assert mine in names(tmp_path)
    for path in tmp_path.iterdir():
        age(path, hidden.STALE_SECONDS - 60)
    remove_abandoned(tmp_path)
    rest = [".lock", "history.jsonl", "label"]
    assert names(tmp_path) == sorted([theirs, ".failed-x", ".current.json-x", *rest])
    for path in tmp_path.iterdir():
        age(path, hidden.STALE_SECONDS + 60)
    remove_abandoned(tmp_path)
    assert names(tmp_path) == rest


def test_where_the_file_system_has_no_locks_age_alone_decides(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("no locks here")

    monkeypatch.setattr(hidden.fcntl, "flock", fail)
    with hidden_folder(tmp_path, "label") as folder:
        age(folder, hidden.STALE_SECONDS - 60)
        remove_abandoned(tmp_path)
        assert folder.is_dir()


def test_put_in_place_replaces_a_folder_and_even_a_file_in_the_way(tmp_path):
    (tmp_path / "augment").write_text("no folder")
    for target in ("label", "label", "augment"):
        folder = tmp_path / ".writing"
        folder.mkdir()
        (folder / "name").write_text(target)
        put_in_place(folder, tmp_path / target)
        assert (tmp_path / target / "name").read_text() == target
    assert names(tmp_path) == ["augment", "label"]

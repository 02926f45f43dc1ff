import errno
import json
import signal
import time
from pathlib import Path

import pandas as pd
import pytest

from tasks.errors import ArtifactError, VolumeError
from tasks.volume import atomic


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_writer_killed_half_way_or_without_room_leaves_what_was_there(
    tmp_path, exit_codes, kill, limit_files, monkeypatch
):
    path, history = tmp_path / "file.bin", tmp_path / "history.jsonl"
    for content in (b"abc", b"earlier"):
        atomic.write_bytes(path, content)
    assert names(tmp_path) == ["file.bin"]
    assert path.stat().st_mode & 0o777 == 0o644
    history.write_bytes(b"first\n")

    def write_without_room():
        limit_files(50_000)
        with pytest.raises(VolumeError, match=r"file.bin: File too large; the file is larger than"):
            atomic.write_bytes(path, b"x" * 10**6)
        with pytest.raises(VolumeError, match=r"history.jsonl: File too large"):
            atomic.append_lines(history, ["x" * 10**5])

    def be_killed():
        monkeypatch.setattr(atomic.os, "fsync", kill)
        atomic.write_bytes(path, b"x" * 10**6)

    assert exit_codes(write_without_room) == [0]
    assert names(tmp_path) == ["file.bin", "history.jsonl"]
    assert exit_codes(be_killed) == [-signal.SIGKILL]
    assert (path.read_bytes(), history.read_bytes()) == (b"earlier", b"first\n")
    assert all(n.startswith(".file.bin-") for n in names(tmp_path)[:-2])


ADVICE = {
    errno.ENOSPC: "the disk is full: free some space, then run the task again",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "raise the limit",
    errno.EROFS: "the file system is read-only: set LABELING_LAB_DATA",
    errno.EACCES: "permission denied: give this user write access",
    errno.EIO: "check the path and the disk",
}


def test_disk_errors_say_what_to_do_and_known_only_lets_others_through(tmp_path):
    for number, advice in ADVICE.items():
        for known_only in (False, True):
            expected = OSError if known_only and number == errno.EIO else VolumeError
            with (
                pytest.raises(expected, match=advice if expected is VolumeError else "system"),
                atomic.disk_errors(Path("somewhere"), known_only=known_only),
            ):
                raise OSError(number, "as the system says it")
    (tmp_path / "file").write_text("in the way")
    path = tmp_path / "file" / "x"
    for write in (
        lambda: atomic.write_bytes(path, b""),
        lambda: atomic.append_lines(path, []),
        lambda: atomic.exclusive(path).__enter__(),
    ):
        with pytest.raises(VolumeError, match=r"file/x: .*; check the path and the disk"):
            write()
    with pytest.raises(ArtifactError, match=r"gone.json does not exist; run the stage"):
        atomic.read_bytes(tmp_path / "gone.json")


def test_lines_of_several_writers_never_mix_and_a_torn_one_spoils_no_other(tmp_path, exit_codes):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"torn"')

    def write(letter):
        for number in range(50):
            atomic.append_lines(path, [letter * 5000 + str(number)])

    assert exit_codes(*(lambda letter=letter: write(letter) for letter in "abc")) == [0] * 3
    torn, *lines = path.read_text().splitlines()
    assert torn == '{"torn"'
    assert sorted(lines) == sorted(c * 5000 + str(n) for c in "abc" for n in range(50))


def test_an_exclusive_block_waits_for_the_other_and_a_killed_holder_is_no_obstacle(tmp_path, start):
    lock, held, mine = tmp_path / "deep" / ".lock", tmp_path / "held", tmp_path / "mine"

    def hold(sign, seconds):
        with atomic.exclusive(lock):
            sign.touch()
            time.sleep(seconds)

    holder = start(hold, held, 60)
    while not held.exists():
        time.sleep(0.01)
    waiter = start(hold, mine, 0)
    time.sleep(0.2)
    assert not mine.exists()
    holder.kill()
    waiter.join(60)
    assert (waiter.exitcode, mine.exists()) == (0, True)


def test_long_json_fills_its_lines_and_says_the_same():
    names, word = [f"name{i:02}" for i in range(12)], "x" * 80
    value = {"n": 3, "share": 0.25, "names": names, "deep": {word: [{}, []], "b": {"c": "[\n"}}}
    quoted = [f'"{name}"' for name in names]
    written = atomic.to_json(value).decode()
    assert json.loads(written) == value
    assert written.splitlines() == [
        "{",
        '  "n": 3, "share": 0.25,',
        '  "names": [',
        f"    {', '.join(quoted[:9])},",
        f"    {', '.join(quoted[9:])}",
        "  ],",
        '  "deep": {',
        f'    "{word}": [{{}}, []],',
        '    "b": {"c": "[\\n"}',
        "  }",
        "}",
    ]
    assert atomic.to_json({"name": "Pokémon"}) == '{"name": "Pokémon"}\n'.encode()
    with pytest.raises(ValueError, match="Out of range float values"):
        atomic.to_json({"a": float("nan")})


def test_cut_off_or_bottomless_json_and_parquet_are_errors_that_name_the_file():
    for content in (b"", b'{"a"', b"\xff\xfe", b"{} {}", b"[" * 100_000, b'{"a":' * 100_000):
        with pytest.raises(ArtifactError, match=r"run/x.json is not JSON .*altered or cut off"):
            atomic.from_json(content, Path("run/x.json"))
    content = atomic.to_parquet(pd.DataFrame({"a": [1, 2]}))
    for keep in (0, 10, -1):
        with pytest.raises(ArtifactError, match=r"x.parquet is not Parquet .*altered or cut off"):
            atomic.from_parquet(content[:keep], Path("x.parquet"))


TEXTS = ["NA", "None", "nan", "1994", "007", "=1+1", ' "q", x', "a\nb", "a\r\nb", "a\rb", "\u2028é"]


def test_text_and_types_survive_csv_and_parquet():
    for text in TEXTS:
        titles = pd.Series([text, None], dtype="str")
        table = pd.DataFrame({"show_id": ["s1", "s2"], "title": titles})
        for again in (
            atomic.from_csv(atomic.to_csv(table)),
            atomic.from_parquet(atomic.to_parquet(table), Path("x")),
        ):
            pd.testing.assert_frame_equal(again, table)
    table = pd.DataFrame(
        {"show_id": ["s1", "s2"], "label": pd.array([1, None], "Int8"), "p": [0.1, float("nan")]}
    )
    content = atomic.to_csv(table)
    assert content == b"show_id,label,p\ns1,1,0.1\ns2,,\n"
    again = atomic.from_csv(content, {"label": "Int8", "p": "float64", "absent": "Int8"})
    pd.testing.assert_frame_equal(again, table)

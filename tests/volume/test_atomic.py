import errno
import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tasks.errors import ArtifactError, VolumeError
from tasks.volume import atomic

ROOT = Path(__file__).resolve().parents[2]
START = (
    "import os, resource, signal, sys\nfrom pathlib import Path\nfrom tasks.volume import atomic\n"
)
LIMIT_FILES = "resource.setrlimit(resource.RLIMIT_FSIZE, ({0}, {0}))\n"


def start_python(code, *arguments):
    command = [sys.executable, "-c", START + code, *map(str, arguments)]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def run_python(code, *arguments):
    process = start_python(code, *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_write_bytes_makes_folders_replaces_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "a" / "b" / "file.bin"
    atomic.write_bytes(path, b"one")
    atomic.write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert names(path.parent) == ["file.bin"]
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_writer_killed_half_way_leaves_the_earlier_content(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"earlier")
    kill = "os.fsync = lambda fd: os.kill(os.getpid(), signal.SIGKILL)\n"
    code, _, _ = run_python(kill + "atomic.write_bytes(Path(sys.argv[1]), b'x' * 10**6)", path)
    assert code == -9
    assert path.read_bytes() == b"earlier"
    assert [n for n in names(tmp_path) if not n.startswith(".file.bin-")] == ["file.bin"]


def test_a_write_that_does_not_fit_leaves_the_earlier_content_and_no_scrap(tmp_path):
    path = tmp_path / "file.bin"
    path.write_bytes(b"earlier")
    write = "atomic.write_bytes(Path(sys.argv[1]), b'x' * 10**6)"
    code, _, err = run_python(LIMIT_FILES.format(50_000) + write, path)
    assert code == 1
    assert f"VolumeError: {path}: File too large; the file is larger than" in err
    assert path.read_bytes() == b"earlier"
    assert names(tmp_path) == ["file.bin"]


def test_a_folder_that_cannot_be_made_is_a_volume_error_naming_the_path(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(VolumeError, match=r"file/x: (Not a directory|File exists); check the path"):
        atomic.write_bytes(blocked / "x", b"")
    with pytest.raises(VolumeError, match=r"file/x: .*; check the path and the disk"):
        atomic.append_line(blocked / "x", "line")


ADVICE = {
    errno.ENOSPC: "the disk is full: free some space, then run the task again",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "raise the limit",
    errno.EROFS: "the file system is read-only: set LABELING_LAB_DATA",
    errno.EACCES: "permission denied: give this user write access",
    errno.EIO: "check the path and the disk",
}


def test_disk_errors_say_what_to_do_and_known_only_lets_others_through():
    somewhere = Path("somewhere")
    for number, advice in ADVICE.items():
        with pytest.raises(VolumeError, match=advice), atomic.disk_errors(somewhere):
            raise OSError(number, "as the system says it")
    with pytest.raises(FileNotFoundError), atomic.disk_errors(somewhere, known_only=True):
        raise FileNotFoundError(errno.ENOENT, "no such file", "elsewhere")
    with (
        pytest.raises(VolumeError, match="somewhere: full; the disk is full"),
        atomic.disk_errors(somewhere, known_only=True),
    ):
        raise OSError(errno.ENOSPC, "full")


def test_reading_a_missing_file_says_to_run_the_stage(tmp_path):
    with pytest.raises(ArtifactError, match=r"gone.json does not exist; run the stage"):
        atomic.read_bytes(tmp_path / "gone.json")
    with pytest.raises(VolumeError, match=r"gone.json: No such file"):
        atomic.sha256(tmp_path / "gone.json")


def test_sha256_is_the_digest_of_the_content(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    assert atomic.sha256(tmp_path / "abc").startswith("ba7816bf8f01cfea")


def test_lines_of_several_writers_never_mix(tmp_path):
    path = tmp_path / "history.jsonl"
    code = """
for number in range(100):
    atomic.append_line(Path(sys.argv[1]), sys.argv[2] * 5000 + str(number))
"""
    writers = [start_python(code, path, letter) for letter in "abc"]
    assert [writer.communicate(timeout=120)[1] for writer in writers] == [""] * 3
    lines = path.read_text().splitlines()
    expected = {letter * 5000 + str(number) for letter in "abc" for number in range(100)}
    assert len(lines) == 300
    assert set(lines) == expected


def test_a_line_that_does_not_fit_leaves_no_part_of_itself(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b"first\n")
    write = "atomic.append_line(Path(sys.argv[1]), 'x' * 10**5)"
    code, _, err = run_python(LIMIT_FILES.format(5000) + write, path)
    assert code == 1
    assert "VolumeError" in err
    assert path.read_bytes() == b"first\n"


def test_a_torn_line_does_not_spoil_the_next(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"a": 1}\n{"b"')
    atomic.append_line(path, '{"c": 3}')
    assert path.read_bytes() == b'{"a": 1}\n{"b"\n{"c": 3}\n'


def test_an_exclusive_block_waits_for_the_other_and_a_killed_holder_is_no_obstacle(tmp_path):
    lock = tmp_path / "deep" / ".lock"
    hold = """
with atomic.exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    signal.pause()
"""
    wait = "with atomic.exclusive(Path(sys.argv[1])):\n    print('mine', flush=True)"
    holder = start_python(hold, lock)
    assert holder.stdout.readline() == "held\n"
    waiter = start_python(wait, lock)
    time.sleep(0.5)
    assert waiter.poll() is None
    holder.kill()
    assert waiter.communicate(timeout=120)[0] == "mine\n"
    holder.communicate()


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


def test_json_is_readable_and_holds_no_nan():
    assert atomic.to_json({"name": "Pokémon"}) == '{"name": "Pokémon"}\n'.encode()
    assert atomic.to_json_line({"a": "x\ny"}) == '{"a": "x\\ny"}'
    with pytest.raises(ValueError, match="Out of range float values"):
        atomic.to_json({"a": float("nan")})
    with pytest.raises(ValueError, match="Out of range float values"):
        atomic.to_json_line({"a": float("inf")})


def test_cut_off_or_bottomless_json_is_an_artifact_error_naming_the_file():
    for content in (b"", b'{"a"', b"\xff\xfe", b"{} {}", b"[" * 100_000, b'{"a":' * 100_000):
        with pytest.raises(ArtifactError, match=r"run/x.json is not JSON .*altered or cut off"):
            atomic.from_json(content, Path("run/x.json"))


def test_parquet_comes_back_as_it_was(tmp_path):
    table = pd.DataFrame(
        {
            "title": pd.Series(["NA", "None", "1994", None, ""], dtype="str"),
            "label": pd.array([1, 0, None, 1, 0], dtype="Int8"),
            "probability": [0.5, float("nan"), 1.0, 0.0, 0.25],
        }
    )
    again = atomic.from_parquet(atomic.to_parquet(table), tmp_path)
    pd.testing.assert_frame_equal(again, table)


def test_cut_off_parquet_is_an_artifact_error_naming_the_file():
    content = atomic.to_parquet(pd.DataFrame({"a": [1, 2]}))
    message = r"votes.parquet is not Parquet .*altered or cut off"
    for keep in (0, 10, -1):
        with pytest.raises(ArtifactError, match=message):
            atomic.from_parquet(content[:keep], Path("votes.parquet"))


TEXTS = ["NA", "None", "nan", "1994", "007", "=1+1", ' "q", x', "a\nb", "a\r\nb", "a\rb", "\u2028é"]


def test_text_survives_the_csv():
    for text in TEXTS:
        titles = pd.Series([text, None], dtype="str")
        table = pd.DataFrame({"show_id": ["s1", "s2"], "title": titles})
        pd.testing.assert_frame_equal(atomic.from_csv(atomic.to_csv(table)), table)


def test_a_csv_is_plain_and_typed_where_asked():
    table = pd.DataFrame(
        {"show_id": ["s1", "s2"], "label": pd.array([1, None], "Int8"), "p": [0.1, float("nan")]}
    )
    content = atomic.to_csv(table)
    assert content == b"show_id,label,p\ns1,1,0.1\ns2,,\n"
    again = atomic.from_csv(content, {"label": "Int8", "p": "float64", "absent": "Int8"})
    pd.testing.assert_frame_equal(again, table)


def test_a_json_line_is_json():
    assert json.loads(atomic.to_json_line({"reason": "\u2028"})) == {"reason": "\u2028"}

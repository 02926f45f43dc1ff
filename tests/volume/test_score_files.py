import os
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.errors import VolumeError
from tasks.volume.score_files import as_text, files_in_place, table_writer


def write(path, table):
    with table_writer(path, table.schema) as append:
        append(table.slice(0, 1))
        append(table.slice(1))
    return path


def test_csv_is_safe_for_spreadsheets_and_parquet_is_verbatim(tmp_path):
    cells = ["=1+1", "+A1", "-2+3", "@SUM(1)", "\tx", "\rx", "-5", "+1.5e3", "", None, "a=1"]
    safe = ["'=1+1", "'+A1", "'-2+3", "'@SUM(1)", "'\tx", "'\rx", "-5", "+1.5e3", "", "", "a=1"]
    table = pa.table({"=name": cells, "number": pa.array([-1.5] * len(cells))})
    content = write(tmp_path / "x.csv", table).read_bytes().decode()
    expected = [f"{cell},-1.5" for cell in safe]
    lines = content.replace('"', "").replace("'\rx", "'|x").split("\n")
    assert lines == ["'=name,number", *(line.replace("\r", "|") for line in expected), ""]
    assert pq.read_table(write(tmp_path / "x.parquet", table)).equals(table)


def test_a_column_without_a_name_gets_one_in_parquet(tmp_path):
    table = pa.table([pa.array(["a", "b"]), pa.array(["c", "d"])], names=["x", ""])
    assert pq.read_schema(write(tmp_path / "x.parquet", table)).names == ["x", "column_2"]


def test_cells_of_any_type_become_text():
    for cells, expected in (
        ([1, None], ["1", None]),
        ([["a", "b"], []], ["a, b", None]),
        ([{"a": 1}, None], ['{"a": 1}', None]),
    ):
        assert as_text(pa.chunked_array([cells])).to_pylist() == expected


def test_files_come_together_or_not_at_all_and_other_peoples_hidden_files_stay(tmp_path):
    target = tmp_path / "scores.csv"
    theirs, abandoned = tmp_path / ".my-files", tmp_path / ".scores.csv.part-host-x"
    for folder in (theirs, abandoned):
        folder.mkdir()
        os.utime(folder, (0, time.time() - 10**6))
    with pytest.raises(VolumeError, match="No such"), files_in_place(target, ["report"]) as folder:
        (folder / "scores.csv").touch()
    assert list(tmp_path.iterdir()) == [theirs]
    with files_in_place(target, ["report"]) as folder:
        for name in ("report", "scores.csv"):
            (folder / name).write_text(name)
    assert sorted(path.name for path in tmp_path.iterdir()) == [".my-files", "report", "scores.csv"]

"""Files that people filled in, as spreadsheets leave them."""

import pandas as pd
import pytest

from tasks.config import FetchConfig
from tasks.errors import LabError
from tasks.pipeline import CATALOG, FETCH
from tasks.volume.answered import read_answered, record_file
from tasks.volume.runs import Volume


def test_any_dialect_is_read_and_formulas_are_what_they_were():
    table = 'Rank;Show ID;Answer;Note\r\n\r\n1;s1;"\'=2+2; ""x""";\'-\r\n;;;\r\n2;s2\r\n'
    expected = [
        {"row": 3, "rank": "1", "show_id": "s1", "answer": '=2+2; "x"', "note": "-"},
        {"row": 5, "rank": "2", "show_id": "s2"},
    ]
    assert read_answered(b"\xef\xbb\xbf" + table.encode(), "a.csv") == expected
    assert read_answered(b"show_id\tanswer\ns1\tno", "a.csv")[0]["answer"] == "no"


def test_what_is_no_table_of_answers_is_refused_in_a_line():
    for content, why in (
        (b"", "a.csv has no column show_id, answer"),
        (b"title,answer\nx,no\n", "a.csv has no column show_id; it has title, answer"),
        (b"show_id,answer\ns1,n\xf6\n", "a.csv is not text in UTF-8"),
        (b'show_id,answer\ns1,"no\ns2,no\n', "a.csv is no CSV table"),
        (b"show_id,answer\ns1," + b"x" * 200_000, "a cell is far too long"),
        (b"PK\x03\x04\xff", "is not text in UTF-8"),
    ):
        with pytest.raises(LabError, match=why):
            read_answered(content, "a.csv")


def test_a_file_is_recorded_once_and_the_report_says_what_all_answers_come_to(tmp_path):
    volume, file = Volume(tmp_path), tmp_path / "answered.csv"
    with volume.workspace("r1").write(FETCH, FetchConfig()) as out:
        titles = [(f"s{n}", f"Title {n}", f"Story {n}.") for n in range(5)]
        out.write_table(CATALOG, pd.DataFrame(titles, columns=["show_id", "title", "description"]))
    file.write_text("show_id,answer\ns1,family\ns2,maybe\ns3,\n")
    first, again = record_file(volume, file, "anna"), record_file(volume, file, "anna")
    assert (first["recorded"], first["empty"], [r["row"] for r in first["refused"]]) == (1, 1, [3])
    assert (again["recorded"], again["known"]) == (0, 1)
    assert record_file(volume, file, "ben")["recorded"] == 1
    file.write_text("show_id,answer\ns1,no\n")
    assert record_file(volume, file, "cleo")["progress"] == {
        "disagreements": ["s1 Title 1: anna says family, ben says family, cleo says not family"],
        "answers": 3,
        "people": 3,
        "elsewhere": 0,
        "settled": 0,
        "disagreement": 1,
        "unsure": 0,
    }
    with pytest.raises(LabError, match=r"gone.csv cannot be read \(No such file"):
        record_file(volume, tmp_path / "gone.csv", "anna")

import csv
import io

import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import CatalogError
from tasks.fetch.csv_file import parse_catalog

HEADER = ",".join(CATALOG_COLUMNS)
FIRST = "s1,Movie,One,,,,,2020,PG,90 min,Dramas,A."
SECOND = "s2,Movie,Two,,,,,2020,PG,90 min,Dramas,B."


def lines(*records, end="\n"):
    return end.join([HEADER, *records, ""]).encode()


def parse(content):
    return parse_catalog(content, "titles.csv")


def malformed(raw):
    return dict(zip(raw.malformed.index, raw.malformed["reason"], strict=True))


def test_records_are_numbered_and_every_cell_is_text_whatever_it_looks_like():
    raw = parse(lines(FIRST, "", SECOND))
    assert tuple(raw.table.columns) == CATALOG_COLUMNS
    assert set(raw.table.dtypes.astype(str)) == {"str"}
    assert raw.table.index.tolist() == [1, 2]
    assert raw.table["cast"].isna().all()
    assert (raw.encoding, raw.delimiter, raw.malformed.empty) == ("UTF-8", ",", True)
    for cells in (
        ("1994", "NA", "None", "null", "nan", "2020", "N/A", "#N/A", "NULL", "<NA>"),
        ("=cmd|' /C calc'!A0", "<script>alert(1)</script>", "@SUM(1)", "+1", *["-1"] * 6),
    ):
        assert parse(lines(f"s1,Movie,{','.join(cells)}")).table.loc[1, "title":].tolist() == [
            *cells
        ]


def test_any_line_end_will_do_and_quoted_line_breaks_are_text():
    for end in ("\n", "\r\n", "\r"):
        record = f's1,Movie,One,,,,,2020,PG,90 min,Dramas,"He said ""no"",{end}then left."'
        raw = parse(lines(record, SECOND, end=end))
        assert raw.table["description"].tolist() == ['He said "no",\nthen left.', "B."], end
        assert raw.table.index.tolist() == [1, 2], end
    # The delimiter is read off the header.
    for delimiter in (",", ";", "\t"):
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(CATALOG_COLUMNS)
        writer.writerow(["s1", "Movie", "One; two,\tthree", *[""] * 8, "A."])
        raw = parse(stream.getvalue().encode())
        assert raw.delimiter == delimiter
        assert raw.table["title"].tolist() == ["One; two,\tthree"], delimiter


def test_a_byte_order_mark_and_spaces_are_no_part_of_a_cell():
    raw = parse(b"\xef\xbb\xbf" + lines(FIRST.replace("One", "Één")))
    assert raw.table[["show_id", "title"]].loc[1].tolist() == ["s1", "Één"]
    assert raw.encoding == "UTF-8 with BOM"

    raw = parse(lines('s1,Movie, One ,,,  ," May 1, 2020",2020,PG,90 min,Dramas,A.'))
    assert raw.table.loc[1, ["title", "date_added"]].tolist() == ["One", "May 1, 2020"]
    assert pd.isna(raw.table.loc[1, "country"])
    assert raw.trimmed_cells == 3


def test_names_are_cleaned_in_any_order_and_other_columns_dropped(caplog):
    caplog.set_level("INFO")
    names = ["Extra", *HEADER.replace("show_id", " Show ID ").replace("cast", "CAST").split(",")]
    cells = ["x", *FIRST.split(",")]
    content = f"{','.join(names[::-1])},,\n{','.join(cells[::-1])},,\n".encode()
    pd.testing.assert_frame_equal(parse(content).table, parse(lines(FIRST)).table)
    assert "dropped columns Extra and 2 without a name" in caplog.text


def test_columns_may_go_by_other_names_and_optional_ones_may_be_absent(caplog):
    caplog.set_level("INFO")
    raw = parse(b"Genres;Overview;NAME;runtime;ID;Rating;certificate\nDrama;A.;One;92;7;PG;15\n")
    assert raw.table.loc[1].dropna().to_dict() == {
        "show_id": "7", "title": "One", "rating": "PG", "duration": "92", "listed_in": "Drama",
        "description": "A.",
    }  # fmt: skip
    assert raw.columns["listed_in"] == "Genres"
    assert raw.columns["cast"] is None
    assert "read the columns ID as show_id, NAME as title, runtime as duration" in caplog.text
    assert "no column type, director, cast, country, date_added, release_year; taken" in caplog.text
    assert "dropped columns certificate and 0 without" in caplog.text  # its own name goes first

    raw = parse(
        b"type,title,genre,plot,runtime,seasons\nSHOW,A,Kids,B.,30,4.0\nMOVIE,C,Kids,D.,90,\n"
    )
    assert raw.table["duration"].tolist() == ["4 Seasons", "90"]


def test_a_title_without_an_id_gets_one_by_its_content(caplog):
    caplog.set_level("INFO")
    head, rows = "type,title,listed_in,description", ["Movie,A,Kids,B.", "Movie,A,Kids,C."]
    ids = parse("\n".join([head, *rows]).encode()).table["show_id"].tolist()
    assert ids[0] == "t597bb8634343ff89"
    assert parse("\n".join([head, *rows[::-1]]).encode()).table["show_id"].tolist() == ids[::-1]
    assert len(set(ids)) == 2
    assert "no column show_id; each title gets an id by its content" in caplog.text


def test_records_with_too_few_or_too_many_fields_are_malformed():
    raw = parse(lines("s0,Movie", FIRST, SECOND + ",more", "s3,Movie"))
    assert raw.table["show_id"].tolist() == ["s1"]
    assert malformed(raw) == {1: "too few fields", 3: "too many fields", 4: "too few fields"}
    assert raw.malformed["show_id"].tolist() == ["s0", "s2", "s3"]
    assert raw.malformed["description"].fillna("").tolist() == ["", "B.", ""]


def test_unmatched_quotes_cost_their_own_record_only():
    broken_off = parse(lines(FIRST, SECOND.replace("B.", '"B and then')).rstrip(b"\n"))
    assert broken_off.table["show_id"].tolist() == ["s1"]
    assert malformed(broken_off) == {2: "unmatched quotes"}
    assert broken_off.malformed.loc[2, "description"] == "B and then"

    unclosed = 's0,Movie,Zero,,,,,2020,PG,90 min,Dramas,"No end'
    raw = parse(lines(unclosed, SECOND, FIRST.replace("A.", '"A, quoted."'), SECOND))
    assert raw.table["show_id"].tolist() == ["s2", "s1", "s2"]
    assert malformed(raw) == {1: "unmatched quotes"}

    raw = parse(lines(FIRST.replace("One", '"One" two'), SECOND))
    assert malformed(raw) == {1: "unmatched quotes"}
    assert raw.table.index.tolist() == [2]


def test_a_very_long_field_is_read_and_the_limit_of_other_readers_stays():
    limit = csv.field_size_limit()
    raw = parse(lines(FIRST.replace("A.", '"' + "x\n" * 2_500_000 + '"'), SECOND))
    assert raw.table["description"].str.len().tolist() == [4_999_999, 2]
    assert csv.field_size_limit() == limit


def test_latin_1_is_refused_with_byte_line_and_what_was_tried():
    content = lines(FIRST, SECOND.replace("Two", "Ni\xf1os")).decode().encode("latin-1")
    at = content.index(b"\xf1")
    expected = (
        rf"titles.csv is not UTF-8: byte {at} \(line 3\) is 0xf1\. "
        r"Tried UTF-8 with and without a byte order mark.*iconv -f LATIN1"
    )
    with pytest.raises(CatalogError, match=expected):
        parse(content)
    with pytest.raises(CatalogError, match=r"byte 5 \(line 1\) is 0xff"):
        parse(b"\xef\xbb\xbfab\xff")


def test_what_is_no_catalog_is_refused():
    renamed = lines(FIRST).replace(b"description", b"story").replace(b"type", b"what")
    twice = lines(FIRST).replace(b"rating", b"certificate").replace(b"cast", b"Age Rating")
    untyped = lines(FIRST, SECOND.replace("90 min", "long")).replace(b"type", b"what")
    for content, message in [
        *((none, "titles.csv is empty; give") for none in (b"", b" \n\r\n", b"\xef\xbb\xbf\n")),
        *((head, "has a header and no titles") for head in (lines(), HEADER.encode())),
        (lines(FIRST).decode().encode("utf-16"), "is text in UTF-16 or UTF-32; save .* UTF-8"),
        (lines(FIRST).decode().encode("utf-32"), "is text in UTF-16 or UTF-32; save .* UTF-8"),
        (b"\xfe\xff" + lines(FIRST).decode().encode("utf-16-be"), "is text in UTF-16; save"),
        (b"PK\x03\x04...", "is a zip archive or an Excel workbook; save the catalog as CSV"),
        (b"\x1f\x8b...", "is a gzip archive; save the catalog as CSV"),
        (b"PAR1...", "is a Parquet file; save the catalog as CSV"),
        (b"<!DOCTYPE html>\n<p>Log in", "no column type, title, .*; found <!DOCTYPE html>"),
        (b'show_id,"type\n' + FIRST.encode(), "line 1, the header, has unmatched quotes"),
        (renamed, r"no column description; found show_id, what, .*story\..* be called synopsis or"),
        (twice, r"has 'certificate' and 'Age Rating', which may both be the column rating; name"),
        (untyped, r"has no column type, and 1 of 2 titles have no duration .* is record 2\); add"),
        (untyped.replace(b"duration", b"x"), "no column type; found .* needs type, title, listed"),
        (lines(FIRST).replace(b"country", b"Title"), r"titles\.csv: .*'title' and 'Title' both"),
    ]:
        with pytest.raises(CatalogError, match=message):
            parse(content)


def test_what_is_quoted_is_cut_however_long_the_header(caplog):
    caplog.set_level("INFO")
    long = "x" * 100_000
    for header, message in [
        (",".join(f"c{n}" for n in range(25_000)), r"found c0, c1, .*\.\.\. \(188,888 char"),
        (f"{long},{long.upper()},{HEADER}", r"'x+\.\.\. \(100,000 characters\)' and 'X+"),
        ("-" * 100_000 + f",{HEADER}", r"column name '-+\.\.\. \(100,000 characters\)' has no"),
    ]:
        with pytest.raises(CatalogError, match=message) as caught:
            parse(f"{header}\n{FIRST}\n".encode())
        assert len(str(caught.value)) < 1000

    parse(f"{HEADER},{long}\n{FIRST},\n".encode())
    assert "(100,000 characters) and 0 without a name" in caplog.text
    assert len(caplog.text) < 1000

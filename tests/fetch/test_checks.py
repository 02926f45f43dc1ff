import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import CatalogError
from tasks.fetch.checks import check_catalog
from tasks.fetch.csv_file import parse_catalog

GOOD = [{"show_id": f"s{n}", "title": f"Title {n}"} for n in range(2, 9)]


@pytest.fixture
def check(catalog_csv):
    def run(*titles):
        return check_catalog(parse_catalog(catalog_csv(*titles), "titles.csv"), "titles.csv")

    return run


def reasons(checked):
    rows = checked.quarantine
    return dict(zip(rows["record"], rows["reason"], strict=True))


def test_a_sound_catalog_is_typed_and_sorted(check):
    checked = check({"show_id": "s2"}, {"show_id": "s10", "title": "Ten"}, {"release_year": ""})

    assert checked.catalog["show_id"].tolist() == ["s1", "s10", "s2"]
    assert checked.catalog["release_year"].tolist() == [pd.NA, 2020, 2020]
    types = checked.catalog.dtypes.astype(str)
    assert tuple(types.index) == CATALOG_COLUMNS
    assert types.pop("release_year") == "Int64"
    assert set(types) == {"str"}
    assert (checked.reasons, checked.repairs) == ({}, [])
    assert tuple(checked.quarantine.columns) == (*CATALOG_COLUMNS, "record", "reason")


def test_an_unusable_row_is_set_apart_with_every_reason(check):
    for cells, reason in [
        ({"show_id": " "}, "show_id is empty"),
        ({"type": ""}, "type is not Movie or TV Show"),
        ({"type": "Podcast"}, "type is not Movie or TV Show"),
        ({"title": ""}, "title is empty"),
        ({"description": ""}, "description is empty"),
        ({"release_year": "two thousand"}, "release_year is not a year"),
        ({"release_year": "2101"}, "release_year is not in 1870 to 2100"),
        ({"cast": "x" * 100_001}, "text is longer than 100,000 characters"),
        ({"description": "A\0B"}, "text has a NUL character"),
        ({"title": "", "release_year": "0"}, "title is empty; release_year is not in 1870 to 2100"),
    ]:
        checked = check(*GOOD, cells)
        assert reasons(checked) == {8: reason}
        assert checked.reasons == dict.fromkeys(sorted(reason.split("; ")), 1), reason
        assert checked.catalog["show_id"].tolist() == [title["show_id"] for title in GOOD], reason


def test_an_unusual_row_is_kept_as_it_is(check):
    for cells in [
        {"release_year": "1870", "listed_in": ""},
        {"release_year": "2100", "rating": "", "duration": ""},
        {"release_year": ""},
        {"cast": "x" * 100_000},
        {"title": "=cmd|' /C calc'!A0"},
        {"description": "<script>alert(1)</script>"},
        {"title": "NA", "description": "None", "director": "null"},
    ]:
        checked = check(cells)
        kept = checked.catalog.astype("object").where(checked.catalog.notna(), "").iloc[0]
        assert checked.quarantine.empty, cells
        assert {name: str(kept[name]) for name in cells} == cells


def test_the_quarantine_shows_the_row_as_it_was_found_but_cuts_what_is_too_long(check):
    checked = check(*GOOD, {"rating": "61 min", "duration": "", "title": "A\0B"})
    found = checked.quarantine.iloc[0]
    assert found[["show_id", "rating", "record", "title"]].tolist() == ["s1", "61 min", 8, "A␀B"]
    assert pd.isna(found["duration"])

    cut = check(*GOOD, {"cast": "x" * 5_000_000}).quarantine.iloc[0]
    assert cut["cast"] == "x" * 200 + " ... (5000000 characters)"


def test_of_rows_with_one_id_the_first_stays_only_if_they_are_the_same(check):
    other, unusable = {**GOOD[0], "title": "Another"}, {**GOOD[0], "release_year": "soon"}
    for more, expected in [
        ([GOOD[0], GOOD[0]], {8: "duplicate row", 9: "duplicate row"}),
        ([other, other], {1: "duplicate show_id", 8: "duplicate show_id", 9: "duplicate row"}),
        ([unusable], {8: "release_year is not a year"}),  # it disputes nothing
    ]:
        rows = [*GOOD, *more]
        checked, reverse = check(*rows), check(*rows[::-1])
        assert reasons(checked) == expected, more
        assert checked.catalog["show_id"].nunique() == len(rows) - len(expected)
        pd.testing.assert_frame_equal(checked.catalog, reverse.catalog)


def test_a_duration_in_the_rating_is_moved_back_where_it_can_be_nothing_else(check):
    checked = check({"rating": "61 min", "duration": ""})

    assert checked.catalog["duration"].tolist() == ["61 min"]
    assert checked.catalog["rating"].isna().all()
    repair = "duration moved back from rating"
    assert checked.repairs == [{"record": 1, "show_id": "s1", "repair": repair, "found": "61 min"}]
    for cells in (
        {"rating": "61 min", "duration": "90 min"},
        {"rating": "R 61 min", "duration": ""},
        {"rating": "16", "duration": ""},  # an age
    ):
        checked = check(cells)
        assert checked.repairs == [], cells
        assert checked.catalog["rating"].tolist() == [cells["rating"]]


def test_a_year_is_written_as_a_whole_number(check):
    for year, found in [
        *((year, year) for year in ("2020.0", "2020.", "02020")),
        ("2020." + "0" * 9000, "2020." + "0" * 75 + "... (9,005 characters)"),
    ]:
        checked = check({"release_year": year})
        assert checked.catalog["release_year"].tolist() == [2020], year
        assert [(done["repair"], done["found"]) for done in checked.repairs] == [
            ("year written as a whole number", found)
        ]
    assert check(*GOOD, {"title": "", "release_year": "2020.0"}).repairs == []  # it is set apart


def test_types_and_dates_are_read_in_the_labs_words_and_counted_by_kind(check):
    types = ["movie", "Film", "MOVIE", "Film", "tv", "TV Series", "série", "SHOW", "tvMiniSeries"]
    rows = [{"show_id": f"s{n}", "title": f"T{n}", "type": kind} for n, kind in enumerate(types)]
    checked = check(*rows, {"show_id": "s9", "release_year": "1995-10-30"})
    assert checked.catalog["type"].tolist() == [*["Movie"] * 4, *["TV Show"] * 5, "Movie"]
    assert checked.catalog["release_year"].tolist() == [*[2020] * 9, 1995]
    assert checked.repairs == []
    assert list(checked.respelled.items())[:3] == [
        ("Film read as Movie", 2), ("MOVIE read as Movie", 1), ("SHOW read as TV Show", 1),
    ]  # fmt: skip
    assert checked.respelled["a date read as its year"] == 1
    told = check({"type": ""}, {"show_id": "s2", "type": "", "duration": "2 Seasons"})
    assert told.catalog["type"].tolist() == ["Movie", "TV Show"]
    assert told.respelled == {"no type read as Movie": 1, "no type read as TV Show": 1}


def test_scores_in_the_column_of_ratings_are_no_ages(check):
    def rated(*ratings):
        return check(*({"show_id": f"s{n}", "rating": r} for n, r in enumerate(ratings)))

    for scores, n in (
        (("7.5", "8", "6"), 3),
        (("55", "12", ""), 2),
        (("0.1", "7", "PG"), 2),
        (("7.5", "7", "NaN", "NaN"), 2),
    ):
        checked = rated(*scores)
        kept = [cell if cell in ("PG", "NaN") else "" for cell in scores[2:]]
        assert checked.catalog["rating"].fillna("").tolist() == ["", "", *kept], scores
        assert checked.respelled == {"a score in rating read as no rating": n}, scores
    moved = check({"rating": "95", "duration": ""}, {"show_id": "s2"})
    assert (moved.respelled, len(moved.repairs)) == ({}, 1), "minutes are no score"
    for ages in (("16", "7", "0"), ("16.0", "7.0", ""), ("PG", "7.5", "R")):
        checked = rated(*ages)
        assert checked.catalog["rating"].fillna("").tolist() == list(ages)
        assert checked.respelled == {}, ages


def test_half_of_the_rows_may_be_unusable_or_malformed_and_no_more(check, catalog_csv):
    content = catalog_csv({}, {"title": ""}, {}, {"show_id": "s2"}).replace(b"s1,Movie,One", b"", 1)
    checked = check_catalog(parse_catalog(content, "titles.csv"), "titles.csv")
    assert reasons(checked) == {1: "too few fields", 2: "title is empty"}

    bad = {"release_year": "soon"}
    expected = (
        r"titles\.csv is not a catalog: 3 of 5 records are unusable "
        r"\(2 x release_year is not a year, 2 x title is empty; the first is record 2\)"
    )
    with pytest.raises(CatalogError, match=expected):
        check(GOOD[0], bad, {"title": "", **bad}, {"title": ""}, GOOD[1])
    with pytest.raises(CatalogError, match=r"1 of 1 records are unusable \(1 x too few fields"):
        check_catalog(parse_catalog(catalog_csv() + b"s1,Movie\n", "titles.csv"), "titles.csv")

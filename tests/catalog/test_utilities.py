import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from tasks.catalog.utilities import (
    FEATURE_COLUMNS,
    FEATURE_READS,
    add_genre_flags,
    clean_colnames,
    derive_features,
    parse_duration,
    parse_year,
    read_column,
    title_text,
    top_n_counter,
)
from tasks.errors import CatalogError

NAN = float("nan")
SAME = {
    "type": "Movie", "rating": "PG", "listed_in": "Comedies, Dramas, Sports Movies",
    "cast": "Bo Lin, Cy Rae", "director": "Ada Moss", "country": "Canada",
}  # fmt: skip
TITLE = SAME | {
    "show_id": "s1", "title": "Paddle Home", "date_added": "May 1, 2020", "release_year": "2019",
    "duration": "91 min", "description": "A canoe club drifts apart.",
}  # fmt: skip
FEATURES = SAME | {
    "text": "Paddle Home. A canoe club drifts apart.", "duration_value": 91.0,
    "duration_unit": "min", "release_year": 2019.0, "cast_count": 2.0, "genre_count": 3.0,
}  # fmt: skip


def text(*cells):
    return pd.Series(cells, dtype="str")


def catalog(**changes):
    return pd.DataFrame([{**TITLE, **changes}], dtype="object")


def as_values(frame):
    """Cells as Python values, missing ones as None: NaN is not equal to itself."""
    return frame.astype("object").where(frame.notna(), None).to_dict("list")


def test_every_spelling_of_a_column_becomes_snake_case_or_is_refused():
    for found, cleaned in [
        *((name, "show_id") for name in ("show_id", " Show ID ", "show-id", "showId", "SHOW_ID")),
        ("Release.Year (A.D.)", "release_year_a_d"),
        ("A\u00f1o", "a\u00f1o"),
        ("2nd Title", "2nd_title"),
    ]:
        frame = pd.DataFrame(columns=[found])
        assert clean_colnames(frame).columns.tolist() == [cleaned]
        assert frame.columns.tolist() == [found]

    with pytest.raises(CatalogError, match="'Show ID' and 'show_id' both become 'show_id'"):
        clean_colnames(pd.DataFrame(columns=["Show ID", "title", "show_id"]))
    with pytest.raises(CatalogError, match="column name '--' has no letter and no digit"):
        clean_colnames(pd.DataFrame(columns=["title", "--"]))


def test_a_duration_is_a_number_and_a_unit():
    for duration, value, unit in [
        ("90 min", 90.0, "min"),
        ("1 Season", 1.0, "season"),
        ("2 Seasons", 2.0, "season"),
        (" 12 MIN ", 12.0, "min"),
        ("45min", 45.0, "min"),
        ("0 min", 0.0, "min"),
        *((d, 92.0, "min") for d in ("92", "92.0", "1 h 32 min", "1h 32m", "1h32", "1 hr 32 min")),
        *((d, 92.0, "min") for d in ("1 Hour 32 Minutes", "PT1H32M", "PT92M", "1:32:00", "92m")),
        *((d, 120.0, "min") for d in ("2h", "2 h", "PT2H", "PT2H0M0S")),
        *((d, None, None) for d in (None, "", "min", "-5 min", "1.5 min", "90 min long", "PT")),
        *((d, None, None) for d in ("1994", "92.5", "1:32", "h", "pt", "3 episodes")),
        *((d, None, None) for d in ("two seasons", "9" * 400 + " min", "NA")),
    ]:
        parsed = parse_duration(text(duration))
        assert as_values(parsed) == {"duration_value": [value], "duration_unit": [unit]}, duration


def test_a_year_is_a_whole_number():
    for found, year in [
        *((found, 2020) for found in ("2020", " 2020 ", "2020.0", 2020, 2020.0)),
        *((no_year, pd.NA) for no_year in (2020.5, "two thousand", "", None, "inf", "-3", "20200")),
    ]:
        years = parse_year(pd.Series([found], dtype="object"))
        assert (years.dtype, years.tolist()) == ("Int64", [year]), found


def test_top_names_are_counted_by_title_and_ties_are_alphabetical():
    series = text("Dramas, Comedies", "Dramas, Dramas", "Anime", None)

    assert top_n_counter(series, 2).to_dict() == {"Dramas": 2, "Anime": 1}
    assert top_n_counter(series[::-1], 5).to_dict() == {"Dramas": 2, "Anime": 1, "Comedies": 1}
    for empty in (text(), text(None, "")):
        counts = top_n_counter(empty, 3)
        assert (len(counts), counts.dtype) == (0, "int64")


def test_genre_flags_are_columns_of_0_and_1():
    frame = pd.DataFrame({"listed_in": text("Kids' TV, Dramas", "Dramas", None, "Dramas Abroad")})

    flagged = add_genre_flags(frame, 2)
    assert flagged.columns.tolist() == ["listed_in", "genre_dramas", "genre_dramas_abroad"]
    assert flagged["genre_dramas"].tolist() == [1, 1, 0, 0]
    assert flagged["genre_dramas_abroad"].tolist() == [0, 0, 0, 1]
    assert set(flagged.dtypes[1:].astype(str)) == {"int8"}
    assert frame.columns.tolist() == ["listed_in"]
    with pytest.raises(CatalogError, match="both become 'genre_kids_tv'"):
        add_genre_flags(pd.DataFrame({"listed_in": text("Kids TV, Kids' TV")}), 2)


def test_columns_are_read_as_text_what_is_not_there_is_missing_and_empty_when_joined():
    for missing in (None, NAN, ""):
        table = pd.DataFrame({"title": ["One", missing], "description": [missing, "Two."]})
        assert title_text(table).tolist() == ["One. ", ". Two."], missing
    table = catalog(rating=None, release_year=2020, listed_in="Kids").drop(columns="type")
    assert read_column(table, "release_year").tolist() == ["2020"]
    assert read_column(table, "rating").isna().all()
    assert read_column(table, "type").isna().all()
    assert read_column(table, "listed_in").tolist() == ["Children & Family Movies"]


def test_any_optional_column_may_be_absent_or_missing_in_one_title():
    for year in (2019, 2019.0, "2019", "2019.0"):
        table = catalog(release_year=year).rename(columns=lambda name: name.replace("_", " "))
        assert derive_features(clean_colnames(table)).to_dict("records") == [FEATURES], year
    with pytest.raises(CatalogError, match="no column title, listed_in; models need show_id"):
        derive_features(catalog().drop(columns=["title", "listed_in"]))
    without = {
        "duration": {"duration_value": None, "duration_unit": None},
        "cast": {"cast": None, "cast_count": 0.0},
        "date_added": {},
    }
    for column in OPTIONAL_COLUMNS:
        expected = {**FEATURES, **without.get(column, {column: None})}
        for table in (
            catalog().drop(columns=column),
            *(catalog(**{column: missing}) for missing in (None, NAN, "")),
        ):
            found = as_values(derive_features(table))
            assert found == {name: [value] for name, value in expected.items()}, column


def test_features_always_have_the_same_columns_and_types():
    numbers = {"duration_value", "release_year", "cast_count", "genre_count"}
    expected = {c: "float64" if c in numbers else "str" for c in FEATURE_COLUMNS}
    for name, table in {
        "object": catalog(),
        "str": catalog().astype("str"),
        "required only": catalog()[list(REQUIRED_COLUMNS)],
        "None": catalog(**dict.fromkeys(OPTIONAL_COLUMNS)),
        "NaN": catalog(**dict.fromkeys(OPTIONAL_COLUMNS, NAN)).infer_objects(),
        "no rows": catalog().head(0),
        "category": catalog().astype({"type": "category", "rating": "category"}),
    }.items():
        types = derive_features(table).dtypes.astype(str)
        assert list(types.items()) == list(expected.items()), name


def test_features_depend_on_no_other_row_and_keep_the_index_even_if_it_repeats():
    table = pd.concat([catalog(), catalog(duration="2 Seasons", cast=None), catalog(rating=None)])
    apart = pd.concat([derive_features(table.iloc[[n]]) for n in range(3)])

    together = derive_features(table.set_axis(["x"] * 3))
    assert together.index.tolist() == ["x"] * 3
    pd.testing.assert_frame_equal(together.set_axis([0] * 3), apart)


def test_the_declared_reads_are_what_features_really_read():
    titles = pd.DataFrame({column: ["A, b"] for column in CATALOG_COLUMNS})
    titles = titles.assign(duration="90 min", release_year="1999")
    plain = derive_features(titles).astype("str").iloc[0]
    other = {"duration": "2 Seasons", "release_year": "2001"}
    reads: dict[str, list[str]] = {name: [] for name in FEATURE_READS}
    for column in CATALOG_COLUMNS:
        changed = titles.assign(**{column: other.get(column, "X, y, z")})
        features = derive_features(changed).astype("str").iloc[0]
        for name in features.index[features.to_numpy() != plain.to_numpy()]:
            reads[name].append(column)
    assert {name: tuple(columns) for name, columns in reads.items()} == dict(FEATURE_READS)

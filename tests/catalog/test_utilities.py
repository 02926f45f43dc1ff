import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from tasks.catalog.utilities import (
    FEATURE_COLUMNS,
    add_genre_flags,
    clean_colnames,
    derive_features,
    gold_labels,
    load_netflix_data,
    parse_duration,
    parse_year,
    split_list,
    title_text,
    top_n_counter,
)
from tasks.errors import CatalogError

NAN = float("nan")
TITLE = {
    "show_id": "s1",
    "type": "Movie",
    "title": "Paddle Home",
    "director": "Ada Moss",
    "cast": "Bo Lin, Cy Rae",
    "country": "Canada",
    "date_added": "May 1, 2020",
    "release_year": "2019",
    "rating": "PG",
    "duration": "91 min",
    "listed_in": "Comedies, Dramas, Sports Movies",
    "description": "A canoe club drifts apart.",
}
FEATURES = {
    "text": "Paddle Home. A canoe club drifts apart.",
    "duration_value": 91.0,
    "duration_unit": "min",
    "release_year": 2019.0,
    "cast_count": 2.0,
    "genre_count": 3.0,
    "type": "Movie",
    "rating": "PG",
    "listed_in": "Comedies, Dramas, Sports Movies",
    "cast": "Bo Lin, Cy Rae",
    "director": "Ada Moss",
    "country": "Canada",
}


def text(*cells):
    return pd.Series(cells, dtype="str")


def catalog(**changes):
    return pd.DataFrame([{**TITLE, **changes}], dtype="object")


def as_values(frame):
    """Cells as Python values, missing ones as None: NaN is not equal to itself."""
    return frame.astype("object").where(frame.notna(), None).to_dict("list")


@pytest.mark.parametrize(
    ("duration", "value", "unit"),
    [
        ("90 min", 90.0, "min"),
        ("1 Season", 1.0, "season"),
        ("2 Seasons", 2.0, "season"),
        (" 12 MIN ", 12.0, "min"),
        ("45min", 45.0, "min"),
        ("0 min", 0.0, "min"),
        (None, None, None),
        ("", None, None),
        ("90", None, None),
        ("min", None, None),
        ("-5 min", None, None),
        ("1.5 min", None, None),
        ("90 min long", None, None),
        ("two seasons", None, None),
        ("9" * 400 + " min", None, None),
        ("NA", None, None),
    ],
)
def test_a_duration_is_a_number_and_a_unit(duration, value, unit):
    parsed = parse_duration(text(duration))

    assert as_values(parsed) == {"duration_value": [value], "duration_unit": [unit]}


@pytest.mark.parametrize("cells", [[], [None, None], ["90 min", None]])
def test_durations_always_have_the_same_types_and_the_series_index(cells):
    series = pd.Series(cells, dtype="object", index=[f"s{n}" for n in range(len(cells))])

    parsed = parse_duration(series)

    assert parsed.dtypes.astype(str).to_dict() == {
        "duration_value": "float64",
        "duration_unit": "str",
    }
    assert parsed.index.equals(series.index)


@pytest.mark.parametrize(
    ("found", "year"),
    [
        ("2020", 2020),
        (" 2020 ", 2020),
        ("2020.0", 2020),
        (2020, 2020),
        (2020.0, 2020),
        (2020.5, None),
        ("two thousand", None),
        ("", None),
        (None, None),
        ("inf", None),
        ("-3", None),
        ("20200", None),
    ],
)
def test_a_year_is_a_whole_number(found, year):
    years = parse_year(pd.Series([found], dtype="object"))

    assert years.dtype == "Int64"
    assert years.tolist() == [pd.NA if year is None else year]


def test_lists_are_split_and_trimmed():
    names = split_list(text("Dramas, Comedies", " A ,, B,", None, "", "Dramas"))

    assert names.tolist() == [["Dramas", "Comedies"], ["A", "B"], [], [], ["Dramas"]]


def test_lists_may_have_another_separator():
    assert split_list(text("a; b, c"), sep="; ").tolist() == [["a", "b, c"]]


def test_top_names_are_counted_by_title_and_ties_are_alphabetical():
    series = text("Dramas, Comedies", "Dramas, Dramas", "Anime", None)

    assert top_n_counter(series, 2).to_dict() == {"Dramas": 2, "Anime": 1}
    assert top_n_counter(series[::-1], 5).to_dict() == {"Dramas": 2, "Anime": 1, "Comedies": 1}


@pytest.mark.parametrize("series", [text(), text(None, "")])
def test_nothing_to_count_gives_no_names(series):
    counts = top_n_counter(series, 3)

    assert counts.empty
    assert counts.dtype == "int64"


def test_genre_flags_are_columns_of_0_and_1():
    frame = pd.DataFrame({"listed_in": text("Kids' TV, Dramas", "Dramas", None, "Dramas Abroad")})

    flagged = add_genre_flags(frame, 2)

    assert flagged.columns.tolist() == ["listed_in", "genre_dramas", "genre_dramas_abroad"]
    assert flagged["genre_dramas"].tolist() == [1, 1, 0, 0]
    assert flagged["genre_dramas_abroad"].tolist() == [0, 0, 0, 1]
    assert set(flagged.dtypes[1:].astype(str)) == {"int8"}
    assert frame.columns.tolist() == ["listed_in"]


def test_genres_that_share_a_flag_are_refused():
    frame = pd.DataFrame({"listed_in": text("Kids TV, Kids' TV")})

    with pytest.raises(CatalogError, match="both become 'genre_kids_tv'"):
        add_genre_flags(frame, 2)


def test_gold_is_read_off_the_rating():
    gold = gold_labels(text("TV-Y", "R", "NR", None, "66 min", "PG-13", "PG"))

    assert gold.tolist() == [1, 0, pd.NA, pd.NA, pd.NA, 0, 1]
    assert gold.dtype == "Int8"


@pytest.mark.parametrize("missing", [None, NAN, ""])
def test_text_joins_title_and_description(missing):
    table = pd.DataFrame({"title": ["One", missing], "description": [missing, "Two."]})

    assert title_text(table).tolist() == ["One. ", ". Two."]


def test_text_of_columns_without_any_text():
    table = pd.DataFrame({"title": [NAN], "description": [None]})

    assert title_text(table).tolist() == [". "]


def test_features_of_one_title():
    assert derive_features(catalog()).to_dict("records") == [FEATURES]


@pytest.mark.parametrize("year", [2019, 2019.0, "2019", "2019.0", np.int64(2019)])
def test_a_year_may_be_text_or_a_number(year):
    assert derive_features(catalog(release_year=year)).to_dict("records") == [FEATURES]


WITHOUT = {
    "rating": {"rating": None},
    "duration": {"duration_value": None, "duration_unit": None},
    "cast": {"cast": None, "cast_count": 0.0},
    "director": {"director": None},
    "country": {"country": None},
    "release_year": {"release_year": None},
}


@pytest.mark.parametrize("column", OPTIONAL_COLUMNS)
@pytest.mark.parametrize("absence", ["absent", None, NAN, ""])
def test_any_optional_column_may_be_absent_or_missing(column, absence):
    table = catalog().drop(columns=column) if absence == "absent" else catalog(**{column: absence})

    features = derive_features(table)

    expected = {name: [value] for name, value in {**FEATURES, **WITHOUT.get(column, {})}.items()}
    assert as_values(features) == expected


@pytest.mark.parametrize(
    "table",
    [
        catalog(),
        catalog().astype("str"),
        catalog()[list(REQUIRED_COLUMNS)],
        catalog(**dict.fromkeys(OPTIONAL_COLUMNS)),
        catalog(**dict.fromkeys(OPTIONAL_COLUMNS, NAN)).infer_objects(),
        catalog().head(0),
        catalog().astype({"type": "category", "rating": "category"}),
    ],
    ids=["object", "str", "required only", "None", "NaN", "no rows", "category"],
)
def test_features_always_have_the_same_columns_and_types(table):
    types = derive_features(table).dtypes.astype(str)

    assert tuple(types.index) == FEATURE_COLUMNS
    numbers = {"duration_value", "release_year", "cast_count", "genre_count"}
    assert types.to_dict() == {c: "float64" if c in numbers else "str" for c in FEATURE_COLUMNS}


def test_features_name_genres_as_the_lab_does():
    table = pd.concat(
        [catalog(listed_in="Kids, Comedy"), catalog(type="TV Show", listed_in="Kids")]
    )

    assert derive_features(table)["listed_in"].tolist() == [
        "Children & Family Movies, Comedies",
        "Kids' TV",
    ]


def test_features_keep_the_index_even_if_it_repeats():
    table = pd.concat([catalog(), catalog(duration="2 Seasons")]).set_axis(["x", "x"])

    features = derive_features(table)

    assert features.index.tolist() == ["x", "x"]
    assert features["duration_value"].tolist() == [91.0, 2.0]


def test_features_do_not_depend_on_other_rows():
    table = pd.concat([catalog(), catalog(duration=None, cast=None), catalog(rating=None)])
    table = table.reset_index(drop=True)

    shuffled = derive_features(table.iloc[[2, 0, 1]]).sort_index()

    pd.testing.assert_frame_equal(shuffled, derive_features(table))


def test_features_of_a_catalog_with_other_spellings_of_its_columns():
    table = catalog().rename(columns=lambda name: name.replace("_", " ").title())

    assert derive_features(clean_colnames(table)).to_dict("records") == [FEATURES]


def test_features_name_the_required_column_that_is_absent():
    with pytest.raises(CatalogError, match="no column title, listed_in; models need show_id"):
        derive_features(catalog().drop(columns=["title", "listed_in"]))


CSV = (
    "Show ID,type,title,director,cast,country,date_added,release_year,rating,duration,"
    "listed_in,description\n"
    's1,Movie,1994,NA,None,null,,2020,PG,90 min,"Dramas, NA"," A, b "\n'
    "s2,Movie,Unfinished\n"
    "s3,Movie,nan,,,,,soon,,,Dramas,C\n"
)


def test_a_catalog_is_loaded_as_text_and_years(tmp_path):
    path = tmp_path / "titles.csv"
    path.write_text(CSV)

    table = load_netflix_data(path)

    assert tuple(table.columns) == CATALOG_COLUMNS
    assert table["title"].tolist() == ["1994", "nan"]
    assert as_values(table.head(1)[["director", "cast", "country", "date_added"]]) == {
        "director": ["NA"],
        "cast": ["None"],
        "country": ["null"],
        "date_added": [None],
    }
    assert table["description"].tolist() == ["A, b", "C"]
    assert table["release_year"].tolist() == [2020, pd.NA]
    types = table.dtypes.astype(str)
    assert types.pop("release_year") == "Int64"
    assert set(types) == {"str"}


def test_what_loading_leaves_out_is_logged(tmp_path, caplog):
    path = tmp_path / "titles.csv"
    path.write_text(CSV)

    load_netflix_data(str(path))

    assert "left out 1 malformed rows, dropped 1 years that are none" in caplog.text


def test_loading_finds_the_catalog_of_the_environment_then_of_the_volume(tmp_path, monkeypatch):
    named, kept = tmp_path / "named.csv", tmp_path / "netflix_titles.csv"
    named.write_text(CSV.replace("nan", "Named"))
    kept.write_text(CSV.replace("nan", "Kept"))
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    monkeypatch.setenv("NETFLIX_TITLES_CSV", str(named))
    assert load_netflix_data()["title"].tolist() == ["1994", "Named"]

    monkeypatch.delenv("NETFLIX_TITLES_CSV")
    assert load_netflix_data()["title"].tolist() == ["1994", "Kept"]


def test_loading_says_what_to_do_when_there_is_no_catalog(tmp_path, monkeypatch):
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    monkeypatch.delenv("NETFLIX_TITLES_CSV", raising=False)

    with pytest.raises(CatalogError, match=r"No catalog found.*set NETFLIX_TITLES_CSV"):
        load_netflix_data()


def test_loading_a_file_that_does_not_exist(tmp_path):
    with pytest.raises(CatalogError, match=r"nowhere\.csv cannot be read: No such file"):
        load_netflix_data(tmp_path / "nowhere.csv")


@pytest.mark.catalog
def test_the_real_catalog_loads_whole(real_catalog):
    table = load_netflix_data(real_catalog)

    assert len(table) == 8807
    assert table.set_index("show_id").loc["s3809", "title"] == "1994"
    assert derive_features(table).notna().sum().to_dict() == {
        "text": 8807,
        "duration_value": 8804,
        "duration_unit": 8804,
        "release_year": 8807,
        "cast_count": 8807,
        "genre_count": 8807,
        "type": 8807,
        "rating": 8803,
        "listed_in": 8807,
        "cast": 7982,
        "director": 6173,
        "country": 7976,
    }

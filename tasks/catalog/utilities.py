"""Loading a catalog, and deriving columns from it: the utilities that every stage shares."""

import logging
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from tasks.catalog.column_names import check_distinct, snake_case
from tasks.catalog.column_names import clean_colnames as clean_colnames
from tasks.catalog.columns import (
    FAMILY,
    FAMILY_RATINGS,
    NOT_FAMILY,
    NOT_FAMILY_RATINGS,
    REQUIRED_COLUMNS,
)
from tasks.catalog.genres import common_genres
from tasks.errors import CatalogError
from tasks.fetch.csv_file import CATALOG_ENV, find_catalog_file, parse_catalog, read_catalog_file
from tasks.volume.runs import Volume

log = logging.getLogger(__name__)

MINUTES = "min"
SEASONS = "season"
FEATURE_COLUMNS = (
    "text",
    "duration_value",
    "duration_unit",
    "release_year",
    "cast_count",
    "genre_count",
    "type",
    "rating",
    "listed_in",
    "cast",
    "director",
    "country",
)

_DURATION = re.compile(r"\s*([0-9]{1,6})\s*(min|season)s?\s*", re.IGNORECASE)


def load_netflix_data(path: Path | str | None = None) -> pd.DataFrame:
    """Load a catalog's CSV file safely.

    Parameters
    ----------
    path : Path or str, optional
        The file; by default the one that ``NETFLIX_TITLES_CSV`` names, else
        ``netflix_titles.csv`` in the volume.

    Returns
    -------
    DataFrame, shape (n_titles, 12)
        The catalog's columns in the file's order of titles: text, trimmed, and ``release_year``
        as Int64. Only empty cells are missing; ``NA`` and ``None`` are text. Rows without a cell
        for every column are left out and years that are none are missing, with a warning; the
        stage fetch checks much more.

    Raises
    ------
    CatalogError
        If there is no file, or it is not a catalog.
    """
    found = find_catalog_file(Volume.from_environment().root) if path is None else Path(path)
    if found is None:
        raise CatalogError(
            f"No catalog found: {CATALOG_ENV} is not set and the volume has none. "
            f"Give a path, or set {CATALOG_ENV} to the catalog's CSV file."
        )
    raw = parse_catalog(read_catalog_file(found.expanduser()), str(found))
    table = raw.table.reset_index(drop=True)
    years = parse_year(table["release_year"])
    bad_years = int((years.isna() & table["release_year"].notna()).sum())
    if bad_years or len(raw.malformed):
        log.warning(
            "%s: left out %d malformed rows, dropped %d years that are none",
            *(found, len(raw.malformed), bad_years),
        )
    return table.assign(release_year=years)


def parse_duration(series: pd.Series) -> pd.DataFrame:
    """Read numbers and units off durations such as ``90 min``, ``1 Season``, ``2 Seasons``.

    Parameters
    ----------
    series : Series of str, shape (n_titles,)
        The catalog's ``duration`` column.

    Returns
    -------
    DataFrame, shape (n_titles, 2)
        ``duration_value`` (float64) and ``duration_unit`` (``min`` or ``season``); both are
        missing where the text is missing or says anything else. The index is the series' own.
    """
    codes, texts = pd.factorize(_text(series))
    matches = [_DURATION.fullmatch(text) for text in texts]
    values = pd.Series([float(m[1]) if m else None for m in matches], dtype="float64")
    units = pd.Series([m[2].lower() if m else None for m in matches], dtype="str")
    parsed = pd.DataFrame({"duration_value": values, "duration_unit": units})
    return parsed.reindex(codes).set_axis(series.index)


def parse_year(series: pd.Series) -> pd.Series:
    """Read whole years off numbers or text: ``2020``, ``"2020"``, ``"2020.0"``.

    Returns
    -------
    Series of Int64, shape (n_titles,)
        ``<NA>`` where there is no whole number of at most four digits.
    """
    numbers = pd.to_numeric(series, errors="coerce").astype("Float64")
    whole = (numbers % 1 == 0) & numbers.between(0, 9999)
    return numbers.where(whole.fillna(False)).astype("Int64")


def split_list(series: pd.Series, sep: str = ",") -> pd.Series:
    """Split cells that list things, such as genres, into trimmed names.

    Parameters
    ----------
    series : Series of str, shape (n_titles,)
        Such as ``listed_in``, ``cast`` or ``country``.
    sep : str
        What stands between two names; spaces around it do not count.

    Returns
    -------
    Series of list of str, shape (n_titles,)
        An empty list where the cell is missing.
    """
    bare = sep.strip() or sep
    cells = _text(series).fillna("").tolist()
    names = [[name for part in cell.split(bare) if (name := part.strip())] for cell in cells]
    return pd.Series(names, index=series.index, name=series.name, dtype="object")


def top_n_counter(series: pd.Series, n: int, sep: str = ", ") -> pd.Series:
    """Count the most frequent names, such as genres or countries, of cells that list them.

    Returns
    -------
    Series of int64, shape (at most n,)
        How many titles list each name, indexed by the name: the most frequent first, names with
        equal counts in alphabetical order, so that row order never matters.
    """
    counts = Counter(name for names in split_list(series, sep) for name in set(names))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: max(n, 0)]
    index = pd.Index([name for name, _ in ranked], dtype="str", name=series.name)
    return pd.Series([count for _, count in ranked], index=index, dtype="int64", name="titles")


def add_genre_flags(df: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """Flag the `n` most frequent genres, each in a column ``genre_<name>`` of 0 and 1.

    Parameters
    ----------
    df : DataFrame, shape (n_titles, n_columns)
        Has the column ``listed_in``.
    n : int
        How many genres.

    Returns
    -------
    DataFrame, shape (n_titles, n_columns + n)
        A copy of `df` with the int8 flags, the most frequent genre first.

    Raises
    ------
    CatalogError
        If two genres would share a column.
    """
    genres = [str(name) for name in top_n_counter(df["listed_in"], n).index]
    columns = [snake_case(f"genre {name}") for name in genres]
    check_distinct(columns, genres, "genre")
    listed = [set(names) for names in split_list(df["listed_in"])]
    flags = {
        column: pd.Series([genre in names for names in listed], index=df.index, dtype="int8")
        for column, genre in zip(columns, genres, strict=True)
    }
    return df.assign(**flags)


def gold_labels(ratings: pd.Series) -> pd.Series:
    """Read gold off the ratings: the reference that weak labels are judged against.

    Parameters
    ----------
    ratings : Series of str, shape (n_titles,)
        The catalog's ``rating`` column.

    Returns
    -------
    Series of Int8, shape (n_titles,)
        1 for family, 0 for not family, ``<NA>`` where the rating says neither.
    """
    gold = pd.Series(pd.NA, index=ratings.index, dtype="Int8", name="gold")
    gold[ratings.isin(FAMILY_RATINGS)] = FAMILY
    gold[ratings.isin(NOT_FAMILY_RATINGS)] = NOT_FAMILY
    return gold


def title_text(catalog: pd.DataFrame) -> pd.Series:
    """Join title and description: the text that keyword rules and text features read.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        Has the columns ``title`` and ``description``; missing cells count as empty.

    Returns
    -------
    Series of str, shape (n_titles,)
    """
    title, description = (_text(catalog[name]).fillna("") for name in ("title", "description"))
    return (title + ". " + description).rename("text")


def derive_features(catalog: pd.DataFrame) -> pd.DataFrame:
    """Derive the columns that models read from a raw catalog.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        Has the required columns; any optional one may be absent or all missing, and
        ``release_year`` may be text or numbers.

    Returns
    -------
    DataFrame, shape (n_titles, 12)
        `FEATURE_COLUMNS`, with the catalog's index: what is counted or measured is float64, the
        rest str. What is not known is missing; the counts of cast and genres are 0 where none is
        listed. ``listed_in`` has the genres' names of `tasks.catalog.genres`.

    Raises
    ------
    CatalogError
        If a required column is absent.
    """
    if absent := [name for name in REQUIRED_COLUMNS if name not in catalog.columns]:
        raise CatalogError(
            f"The catalog has no column {', '.join(absent)}; models need "
            f"{', '.join(REQUIRED_COLUMNS)}, any other column may be absent. "
            "Give the catalog's own columns, named as clean_colnames names them."
        )
    features = parse_duration(_column(catalog, "duration")).assign(
        text=title_text(catalog),
        release_year=parse_year(_column(catalog, "release_year")).astype("float64"),
        cast_count=split_list(_column(catalog, "cast")).str.len().astype("float64"),
        genre_count=split_list(catalog["listed_in"]).str.len().astype("float64"),
        type=_text(catalog["type"]),
        listed_in=common_genres(_text(catalog["listed_in"]), catalog["type"]),
        **{
            name: _text(_column(catalog, name))
            for name in ("rating", "cast", "director", "country")
        },
    )
    return features[list(FEATURE_COLUMNS)]


def _text(series: pd.Series) -> pd.Series:
    """Return the cells as str, missing where they are missing or empty."""
    text = series.astype("str")
    return text.mask(text == "")


def _column(catalog: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or an all-missing one where the catalog has none."""
    absent = pd.Series(None, index=catalog.index, dtype="str", name=name)
    return catalog[name] if name in catalog.columns else absent

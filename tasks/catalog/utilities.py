"""The utilities that every stage shares: clean names, parsed cells, counts, gold, features."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pandas as pd

from tasks.catalog.columns import (
    FAMILY,
    FAMILY_RATINGS,
    NOT_FAMILY,
    NOT_FAMILY_RATINGS,
    RATING,
    REQUIRED_COLUMNS,
)
from tasks.catalog.durations import read_duration
from tasks.catalog.formats import shorten
from tasks.catalog.genres import common_genres
from tasks.catalog.ratings import common_ratings
from tasks.catalog.text import ranked_counts, split_names
from tasks.errors import CatalogError

FEATURE_READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("title", "description"),
        "duration_value": ("duration",),
        "duration_unit": ("duration",),
        "release_year": ("release_year",),
        "cast_count": ("cast",),
        "genre_count": ("listed_in",),
        "type": ("type",),
        "rating": ("rating",),
        "listed_in": ("listed_in",),
        "cast": ("cast",),
        "director": ("director",),
        "country": ("country",),
    }
)
"""The features that `derive_features` gives, and the columns that each is derived from."""
FEATURE_COLUMNS = tuple(FEATURE_READS)

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\W_]+")


def clean_colnames(df: pd.DataFrame) -> pd.DataFrame:
    """Return a copy with column names in snake case: ``Show ID``, ``showId`` become ``show_id``.

    Raises
    ------
    CatalogError
        If two names become one, or nothing is left of a name.
    """
    return df.set_axis(clean_names([str(name) for name in df.columns]), axis="columns")


def clean_names(names: Sequence[str]) -> list[str]:
    """Return column names in snake case; `CatalogError` if one is empty then, or two are equal."""
    seen: dict[str, str] = {}
    for name in names:
        clean = snake_case(name)
        if not clean:
            raise CatalogError(
                f"The column name {shorten(name)!r} has no letter and no digit; "
                "give the column a name."
            )
        if clean in seen:
            raise CatalogError(
                f"The column names {shorten(seen[clean])!r} and {shorten(name)!r} both become "
                f"{shorten(clean)!r}; rename or remove one column."
            )
        seen[clean] = name
    return list(seen)


def snake_case(name: str) -> str:
    """Return a name as lower-case words with underscores between them."""
    return _NOT_WORD.sub("_", _WORD_START.sub("_", name)).strip("_").lower()


def parse_duration(series: pd.Series) -> pd.DataFrame:
    """Read numbers and units off durations, as `tasks.catalog.durations.read_duration` does.

    Returns
    -------
    DataFrame, shape (n_titles, 2)
        ``duration_value`` (float64) and ``duration_unit`` (``min`` or ``season``); both are
        missing where the text is missing or says anything else. The index is the series' own.
    """
    codes, texts = pd.factorize(_text(series))
    read = [read_duration(text) for text in texts]
    values = pd.Series([found.value if found else None for found in read], dtype="float64")
    units = pd.Series([found.unit if found else None for found in read], dtype="str")
    parsed = pd.DataFrame({"duration_value": values, "duration_unit": units})
    return parsed.reindex(codes).set_axis(series.index)


def parse_year(series: pd.Series) -> pd.Series:
    """Read whole years (Int64) off numbers or text; missing where there are no four digits."""
    numbers = pd.to_numeric(series, errors="coerce").astype("Float64")
    whole = (numbers % 1 == 0) & numbers.between(0, 9999)
    return numbers.where(whole.fillna(False)).astype("Int64")


def top_n_counter(series: pd.Series, n: int) -> pd.Series:
    """Count the most frequent names, such as genres or countries, of cells that list them.

    Returns
    -------
    Series of int64, shape (at most n,)
        How many titles list each name, indexed by the name: the most frequent first, names with
        equal counts in alphabetical order, so that row order never matters.
    """
    counts = Counter(name for names in _listed(series) for name in set(names))
    return ranked_counts(counts, series.name).head(max(n, 0))


def add_genre_flags(df: pd.DataFrame, n: int = 10) -> pd.DataFrame:
    """Flag the `n` most frequent genres of ``listed_in``, in columns ``genre_<name>`` of 0 and 1.

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
    columns = clean_names([f"genre {name}" for name in genres])
    listed = _listed(df["listed_in"])
    flags = {
        column: pd.Series([genre in names for names in listed], index=df.index, dtype="int8")
        for column, genre in zip(columns, genres, strict=True)
    }
    return df.assign(**flags)


def gold_labels(ratings: pd.Series) -> pd.Series:
    """Read gold off the ratings (Int8): 1 family, 0 not, missing where a rating says neither."""
    known = common_ratings(ratings)
    gold = pd.Series(pd.NA, index=ratings.index, dtype="Int8", name="gold")
    gold[known.isin(FAMILY_RATINGS)] = FAMILY
    gold[known.isin(NOT_FAMILY_RATINGS)] = NOT_FAMILY
    return gold


def known_gold(titles: pd.DataFrame, answers: pd.DataFrame | None = None) -> pd.Series:
    """Return the gold of titles (Int8): what the rating says, and where it says nothing, people.

    Where the ``strength`` of an answer is known, it votes, and the title has no gold at all.
    """
    gold = gold_labels(titles["rating"])
    if answers is None or answers.empty:
        return gold
    given = answers.set_index("show_id").reindex(titles["show_id"]).set_axis(titles.index)
    return gold.fillna(given["answer"]).mask(given["strength"].notna()).rename("gold")


def read_column(catalog: pd.DataFrame, name: str) -> pd.Series:
    """Return a column as text, all missing if it is absent; genres and ratings in the lab's words.

    They are translated by `tasks.catalog.genres` and `tasks.catalog.ratings`.
    """
    if name not in catalog.columns:
        return pd.Series(None, index=catalog.index, dtype="str", name=name)
    cells = catalog[name].astype("str")
    if name == "listed_in":
        return common_genres(cells, read_column(catalog, "type"))
    return common_ratings(cells) if name == RATING else cells


def title_text(catalog: pd.DataFrame) -> pd.Series:
    """Join title and description, the text that words are looked for in; missing is empty."""
    title, description = (_text(catalog[name]).fillna("") for name in ("title", "description"))
    return (title + ". " + description).rename("text")


def derive_features(catalog: pd.DataFrame) -> pd.DataFrame:
    """Derive `FEATURE_COLUMNS`, which models read, from a raw catalog.

    Any optional column may be absent or all missing, and ``release_year`` may be text or numbers.
    What is counted or measured is float64, the rest str; what is not known is missing, but the
    counts of cast and genres are 0 where none is listed.
    """
    if absent := [name for name in REQUIRED_COLUMNS if name not in catalog.columns]:
        raise CatalogError(
            f"The catalog has no column {', '.join(absent)}; models need "
            f"{', '.join(REQUIRED_COLUMNS)}, any other column may be absent. "
            "Give the catalog's own columns, named as clean_colnames names them."
        )
    names = ("type", "rating", "listed_in", "cast", "director", "country")
    features = pd.DataFrame({name: _text(read_column(catalog, name)) for name in names})
    years = catalog.get("release_year", read_column(catalog, "release_year"))
    features = features.assign(
        **parse_duration(read_column(catalog, "duration")),
        text=title_text(catalog),
        release_year=parse_year(years).astype("float64"),
        cast_count=[float(len(names)) for names in _listed(features["cast"])],
        genre_count=[float(len(names)) for names in _listed(features["listed_in"])],
    )
    return features[list(FEATURE_COLUMNS)]


def _text(series: pd.Series) -> pd.Series:
    """Return the cells as str, missing where they are missing or empty."""
    text = series.astype("str")
    return text.mask(text == "")


def _listed(series: pd.Series) -> list[tuple[str, ...]]:
    """Return the names that each cell lists; none where it is missing."""
    return [split_names(cell) for cell in _text(series).fillna("").tolist()]

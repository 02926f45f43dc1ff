"""Row by row: repair what is certain, set apart what is not usable, say why, type the rest.

The checks are a dozen vectorised masks of our own because pandera, which could declare them, costs
each fetch more time to import and set up than all the rest of the stage takes.
"""

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, TITLE_TYPES, TYPE_NAMES
from tasks.catalog.durations import MINUTES, SEASONS
from tasks.catalog.formats import shorten
from tasks.catalog.ratings import are_scores, common_ratings, count_numbers
from tasks.catalog.text import without_accents
from tasks.catalog.utilities import parse_duration, parse_year
from tasks.errors import CatalogError
from tasks.fetch.csv_file import RawCatalog

FIRST_YEAR = 1870
LAST_YEAR = 2100
LONGEST_TEXT = 100_000
EXCERPT = 200
NUL = "\0"
_DATE = re.compile(r"^([0-9]{4})-[0-9]{1,2}-[0-9]{1,2}\b")
_NO_LETTER = re.compile(r"[\W\d_]")


@dataclass(frozen=True)
class CheckedCatalog:
    """A catalog whose every row is usable, and what was done to get there."""

    catalog: pd.DataFrame  # text, release_year Int64; sorted by show_id, which is unique
    quarantine: pd.DataFrame  # the unusable rows as found, their record in the file, the reasons
    reasons: dict[str, int]  # how many rows each one set apart, the most frequent first
    repairs: list[dict[str, Any]]  # record, show_id, repair and found of each repaired cell
    respelled: dict[str, int]  # how many cells were written in the lab's way, by what they said


def check_catalog(raw: RawCatalog, name: str) -> CheckedCatalog:
    """Repair, set apart and type rows; `CatalogError` if more than half of them are unusable.

    Text stays what it is, HTML and spreadsheet formulas included: nothing in the lab evaluates
    it. Whoever opens one of the lab's CSV files in a spreadsheet imports the columns as text.
    """
    has_scores = are_scores(count_numbers(raw.table["rating"]))
    table, repairs = repair(raw.table, has_scores=has_scores)
    problems = find_problems(table)
    sound = table.drop(problems.index)
    problems = pd.concat([problems, find_duplicates(sound)])
    quarantine = _set_apart(raw, problems)
    counts = Counter(reason for text in quarantine["reason"] for reason in text.split("; "))
    reasons = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    n_records = len(raw.table) + len(raw.malformed)
    if 2 * len(quarantine) > n_records:
        why = ", ".join(f"{n} x {reason}" for reason, n in list(reasons.items())[:3])
        raise CatalogError(
            f"{name} is not a catalog: {len(quarantine)} of {n_records} records are unusable "
            f"({why}; the first is record {quarantine['record'].iloc[0]}). Fix the file or give "
            "another."
        )
    kept = table.drop(problems.index)
    kept = kept.assign(release_year=parse_year(kept["release_year"]))
    return CheckedCatalog(
        catalog=kept.sort_values("show_id", ignore_index=True),
        quarantine=quarantine,
        reasons=reasons,
        repairs=[done for done in repairs if done["record"] in kept.index],
        respelled=_count_respelled(raw.table.loc[kept.index], kept, has_scores),
    )


def repair(table: pd.DataFrame, *, has_scores: bool) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Repair what can only have been meant in one way, and tell what was found in which cell.

    A duration that stands in ``rating`` while ``duration`` is empty goes back where it belongs,
    and a year written ``2020.0`` becomes ``2020``. What a catalog writes otherwise throughout is
    put in the lab's way and not told cell by cell: types, dates in place of years, and scores in
    ``rating``, which say nothing of families, if the whole catalog `has_scores` there.
    """
    if has_scores:
        table = table.assign(rating=table["rating"].mask(_is_number(table["rating"])))
    dated = table["release_year"].str.extract(_DATE, expand=False)
    table = table.assign(type=read_types(table), release_year=dated.fillna(table["release_year"]))
    is_duration = parse_duration(table["rating"])["duration_unit"].notna()
    is_rating = common_ratings(table["rating"]) != table["rating"]  # 16 is an age, 66 min is none
    misplaced = table["duration"].isna() & is_duration & ~is_rating
    years = parse_year(table["release_year"]).astype("str")
    decimal = years.notna() & (years != table["release_year"])
    done = [
        *_describe(table, misplaced, "rating", "duration moved back from rating"),
        *_describe(table, decimal, "release_year", "year written as a whole number"),
    ]
    duration = table["duration"].mask(misplaced, table["rating"])
    rating = table["rating"].mask(misplaced)
    year = table["release_year"].mask(decimal, years)
    return table.assign(duration=duration, rating=rating, release_year=year), done


def read_types(table: pd.DataFrame) -> pd.Series:
    """Return the types in the lab's words; of a catalog without any, those its durations tell."""
    if table["type"].isna().all():
        film, series = TITLE_TYPES
        units = parse_duration(table["duration"])["duration_unit"]
        return units.map({MINUTES: film, SEASONS: series}).astype("str")
    found = table["type"].dropna().unique()
    plain = [_NO_LETTER.sub("", without_accents(name.casefold())) for name in found]
    names = {name: TYPE_NAMES.get(word, name) for name, word in zip(found, plain, strict=True)}
    return table["type"].map(names).astype("str")


def _count_respelled(before: pd.DataFrame, after: pd.DataFrame, has_scores: bool) -> dict[str, int]:
    """Count what `repair` put in the lab's way throughout, the most frequent first."""
    said = before["type"].fillna("no type") + " read as " + after["type"]
    counts = Counter(said[before["type"] != after["type"]].tolist())
    if dates := int(before["release_year"].str.match(_DATE, na=False).sum()):
        counts["a date read as its year"] = dates
    if scores := has_scores and int(_is_number(before["rating"]).sum()):
        counts["a score in rating read as no rating"] = scores
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _is_number(cells: pd.Series) -> pd.Series:
    return pd.to_numeric(cells, errors="coerce").notna()


def find_problems(table: pd.DataFrame) -> pd.Series:
    """Return the rows that cannot be used, and every reason why, joined by ``; ``."""
    years = parse_year(table["release_year"])
    is_long = table.apply(lambda column: column.str.len().gt(LONGEST_TEXT))
    has_nul = table.apply(lambda column: column.str.contains(NUL, regex=False, na=False))
    implausible = years.notna() & ~years.between(FIRST_YEAR, LAST_YEAR).fillna(True)
    masks = {
        "show_id is empty": table["show_id"].isna(),
        f"type is not {' or '.join(TITLE_TYPES)}": ~table["type"].isin(TITLE_TYPES),
        "title is empty": table["title"].isna(),
        "description is empty": table["description"].isna(),
        "release_year is not a year": years.isna() & table["release_year"].notna(),
        f"release_year is not in {FIRST_YEAR} to {LAST_YEAR}": implausible,
        f"text is longer than {LONGEST_TEXT:,} characters": is_long.any(axis="columns"),
        "text has a NUL character": has_nul.any(axis="columns"),
    }
    found = pd.DataFrame(masks).astype(bool)
    bad = found[found.any(axis="columns")]
    reasons = ["; ".join(found.columns[row]) for row in bad.to_numpy()]
    return pd.Series(reasons, index=bad.index, dtype="str", name="reason")


def find_duplicates(table: pd.DataFrame) -> pd.Series:
    """Return the rows that repeat a ``show_id``, and how.

    Of identical rows the first stays. Of rows that differ none does: the order must not decide.
    """
    shared = table[table["show_id"].duplicated(keep=False)]
    copies = shared.duplicated()
    distinct = shared[~copies]
    disputed = distinct.loc[distinct["show_id"].duplicated(keep=False), "show_id"]
    reasons = pd.Series(None, index=shared.index, dtype="str", name="reason")
    reasons = reasons.mask(shared["show_id"].isin(disputed), "duplicate show_id")
    return reasons.mask(copies, "duplicate row").dropna()


def _describe(table: pd.DataFrame, rows: pd.Series, column: str, what: str) -> list[dict[str, Any]]:
    found = table.loc[rows, ["show_id", column]].fillna("")
    return [
        {"record": int(record), "show_id": show_id, "repair": what, "found": shorten(cell)}
        for record, show_id, cell in found.itertuples()
    ]


def _set_apart(raw: RawCatalog, problems: pd.Series) -> pd.DataFrame:
    unusable = raw.table.loc[problems.index].assign(reason=problems)
    rows = pd.concat([raw.malformed, unusable]).sort_index()
    cells = rows[list(CATALOG_COLUMNS)].apply(make_readable)
    return cells.assign(record=rows.index, reason=rows["reason"]).reset_index(drop=True)


def make_readable(column: pd.Series) -> pd.Series:
    """Cut what would make the file of bad rows itself unreadable."""
    visible = column.str.replace(NUL, "\N{SYMBOL FOR NULL}", regex=False)
    length = visible.str.len().fillna(0).astype("int64").astype("str")
    excerpt = visible.str.slice(0, EXCERPT) + " ... (" + length + " characters)"
    return visible.mask(visible.str.len().gt(LONGEST_TEXT), excerpt)

"""Facts about a title that can describe a slice, each with the code that says the same.

`slice_finder` combines them; what it proposes is pasted into the rulebook of slices.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tasks.catalog.durations import MINUTES, SEASONS
from tasks.catalog.utilities import parse_duration, read_column, top_n_counter
from tasks.evaluate_slices.slice import Mask, lists

MOST_NAMES = 60  # genres or countries
SPANS = {
    "minutes": ((0, 29), (30, 59), (60, 89), (90, 119), (120, 149), (150, 999)),
    "seasons": ((1, 1), (2, 2), (3, 99)),
}
YEARS = ((1900, 1979), *((year, year + 9) for year in range(1980, 2030, 10)))
MAY_BE_MISSING = ("director", "cast", "country")
_DURATION = (
    'duration = parse_duration(titles["duration"])',
    'value, unit = duration["duration_value"], duration["duration_unit"]',
)
_YEAR = ('year = pd.to_numeric(titles["release_year"], errors="coerce")',)


@dataclass(frozen=True)
class Fact:
    """Something that holds for some titles."""

    name: str  # an identifier
    phrase: str  # what completes "Titles ..."
    column: str  # the catalog's column that it reads
    code: str  # an expression of `titles` that gives one boolean a title
    holds: Mask  # what the expression gives for the titles at hand
    setup: tuple[str, ...] = ()  # statements that the expression needs before it


def facts_of(titles: pd.DataFrame, least: int) -> list[list[Fact]]:
    """Return the facts that hold for at least `least` titles and not for all, by feature.

    Of one feature's facts at most one holds for a title. The rating is left alone: it decides the
    label, so that a slice by rating is a slice by class.
    """
    titles = titles.assign(listed_in=read_column(titles, "listed_in"))
    features = [
        [_is_type(titles, kind) for kind in sorted(titles["type"].dropna().unique())],
        [_released(titles, low, high) for low, high in YEARS],
        [_lasts(titles, unit, low, high) for unit, spans in SPANS.items() for low, high in spans],
        *([_lacks(titles, column)] for column in MAY_BE_MISSING),
        *([_lists(titles, "listed_in", name)] for name in _names(titles["listed_in"])),
        *([_lists(titles, "country", name)] for name in _names(titles["country"])),
    ]
    usual = range(least, len(titles))
    kept = [[fact for fact in facts if int(fact.holds.sum()) in usual] for facts in features]
    return [facts for facts in kept if facts]


def describe_slice(facts: Sequence[Fact]) -> tuple[str, str]:
    """Return a name for the titles for which all facts hold, and which they are, in words."""
    ordered = sorted(facts, key=lambda fact: fact.column != "listed_in")  # what they are, first
    genres = sum(fact.column == "listed_in" for fact in facts)
    name = ("_and_" if genres > 1 else "_").join(fact.name for fact in ordered)
    return name, "titles " + " and ".join(fact.phrase for fact in ordered)


def to_code(facts: Sequence[Fact]) -> str:
    """Write a slicing function of facts, in the style of the rulebook of slices."""
    name, predicate = describe_slice(facts)
    columns = list(dict.fromkeys(fact.column for fact in facts))
    reads = ", ".join(f'"{column}"' for column in columns) + "," * (len(columns) == 1)
    body = list(dict.fromkeys(line for fact in facts for line in fact.setup))
    if len(facts) == 1:
        body.append(f"return {facts[0].code}")
    else:
        body += [f"{fact.name} = {fact.code}" for fact in facts]
        body.append("return " + " & ".join(fact.name for fact in facts))
    lines = [
        f"@slicing_function(reads=({reads}))",
        f"def {name}(titles: pd.DataFrame) -> pd.Series:",
        f'    """{predicate[0].upper()}{predicate[1:]}."""',
        *(f"    {line}" for line in body),
    ]
    return "\n".join(lines) + "\n"


def _is_type(titles: pd.DataFrame, kind: str) -> Fact:
    holds = (titles["type"] == kind).to_numpy(np.bool_)
    name, code = _slug(f"is {kind}"), f'titles["type"] == "{kind}"'
    return Fact(name, f"of type {kind}", "type", code, holds)


def _released(titles: pd.DataFrame, low: int, high: int) -> Fact:
    years = pd.to_numeric(titles["release_year"].astype("str"), errors="coerce")
    holds = years.between(low, high).to_numpy(np.bool_)
    name, phrase = f"released_{low}_to_{high}", f"released from {low} to {high}"
    return Fact(name, phrase, "release_year", f"year.between({low}, {high})", holds, _YEAR)


def _lasts(titles: pd.DataFrame, unit: str, low: int, high: int) -> Fact:
    duration = parse_duration(titles["duration"])
    is_unit = duration["duration_unit"] == (MINUTES if unit == "minutes" else SEASONS)
    holds = is_unit & duration["duration_value"].between(low, high)
    code = f"(unit == {unit.upper()}) & value.between({low}, {high})"
    is_last = (low, high) == SPANS[unit][-1]
    span = str(low) if low == high else f"{low} or more" if is_last else f"{low} to {high}"
    phrase = f"of {span} {unit if high > 1 else unit.removesuffix('s')}"
    return Fact(_slug(phrase), phrase, "duration", code, holds.to_numpy(np.bool_), _DURATION)


def _lacks(titles: pd.DataFrame, column: str) -> Fact:
    holds = titles[column].isna().to_numpy(np.bool_)
    phrase = f"with no {column} named"
    return Fact(_slug(phrase), phrase, column, f'titles["{column}"].isna()', holds)


def _lists(titles: pd.DataFrame, column: str, name: str) -> Fact:
    is_genre = column == "listed_in"
    phrase = f"listed under {name}" if is_genre else f"from {name}"
    code = f'lists(titles["{column}"], "{name}")'
    holds = lists(titles[column], name).to_numpy()
    return Fact(_slug(name if is_genre else phrase), phrase, column, code, holds)


def _names(column: pd.Series) -> list[str]:
    """Return the most frequent names of cells that list some, but none that code cannot quote."""
    names = [str(name) for name in top_n_counter(column, MOST_NAMES).index]
    return [n for n in names if not set(n) & set('"\\\n\r') and _slug(n).isidentifier()]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower().replace("'", "")).strip("_")

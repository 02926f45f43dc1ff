"""What a catalogue looks like to rules and models, in counts that can be added up.

The stage writes that of the catalogue it labels, and a release carries it; whoever scores another
catalogue counts that, chunk by chunk, and compares the two.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, RATING, TITLE_TYPES, VOTE_COLUMNS
from tasks.catalog.durations import MINUTES, SEASONS
from tasks.catalog.genres import GENRES, count_genres
from tasks.catalog.text import split_names
from tasks.catalog.utilities import gold_labels, top_n_counter

MISSING, OTHER = "missing", "other"
TOP_COUNTRIES = 20
# Where bins begin, but for the first; none of them was chosen by looking at a catalogue.
YEARS = (1980, 2000, 2010, 2015, 2018, 2020, 2022)
DURATIONS = {MINUTES: (30, 60, 90, 120), SEASONS: (2, 4)}
CHARACTERS = (60, 100, 130, 160, 200, 300, 500)

Counts = dict[str, int]


class Profile(NamedTuple):
    """Counts of titles; of genres and countries, of which a title may have several, of names."""

    titles: int
    rated: int  # titles with a rating
    columns: dict[str, Counts]  # how many have each value or are in each bin
    rules: Counts  # how many titles each rule votes on
    rating_rules: Counts  # the same of the rules that read the rating: they see rated titles only
    genre_names: Counts  # of all names in the cells: known, mapped, unmapped

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**value)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values, in an order that no chunk decides."""
        ordered = {name: dict(sorted(counts.items())) for name, counts in self.columns.items()}
        rules = (dict(sorted(found.items())) for found in self[3:])
        return dict(zip(self._fields, (*self[:2], ordered, *rules), strict=True))

    def __add__(self, other: "Profile") -> "Profile":  # type: ignore[override]
        """Return the counts of both."""
        columns = {
            name: _add(self.columns.get(name, {}), counts) for name, counts in other.columns.items()
        }
        rules = (_add(mine, theirs) for mine, theirs in zip(self[3:], other[3:], strict=True))
        return Profile(self.titles + other.titles, self.rated + other.rated, columns, *rules)


EMPTY = Profile(0, 0, {}, {}, {}, {})


def named_countries(known: Profile | None) -> list[str]:
    """Return the countries that a profile counts by name."""
    counts = known.columns["country"] if known else {}
    return [name for name in counts if name not in (MISSING, OTHER)]


def profile(
    features: pd.DataFrame, catalog: pd.DataFrame, countries: Iterable[str] | None = None
) -> Profile:
    """Count titles, given what models read of them, `VOTE_COLUMNS` included, and their own cells.

    `countries` are counted by name; by default the most frequent.
    """
    if countries is None:
        countries = top_n_counter(features["country"], TOP_COUNTRIES).index
    # Which of two names a translated rating gets is a convention; its side is not.
    sides = gold_labels(features[RATING].dropna()).map(CLASS_NAMES).astype("str").fillna(OTHER)
    duration = features["duration_value"].to_numpy()
    units = {unit: (features["duration_unit"] == unit).fillna(False) for unit in DURATIONS}
    lengths: Counts = {}
    for unit, starts in DURATIONS.items():
        lengths = _add(lengths, _bins(duration[units[unit].to_numpy()], starts, f" {unit}"))
    measured = sum(int(mask.sum()) for mask in units.values())
    columns = {
        "type": _names(features["type"], TITLE_TYPES),
        RATING: _names(sides, None),
        "listed_in": _names(features["listed_in"], GENRES),
        "country": _names(features["country"], countries),
        "release_year": _bins(features["release_year"], YEARS),
        "duration": _add(lengths, {MISSING: len(features) - measured}),
        "description": _bins(catalog["description"].str.len(), CHARACTERS, " characters"),
    }
    rules, rating_rules = (_names(features[column].dropna(), None) for column in VOTE_COLUMNS)
    own, mapped, others = count_genres(catalog["listed_in"])
    genre_names = {"known": own, "mapped": mapped, "unmapped": int(others.sum())}
    rated = int(features[RATING].notna().sum())
    return Profile(len(features), rated, columns, rules, rating_rules, genre_names)


def _names(cells: pd.Series, known: Iterable[str] | None) -> Counts:
    """Count the names that cells list; what is not known counts as one name, if any is."""
    known = None if known is None else set(known)
    found: Counter[str] = Counter()
    for cell, n in cells.fillna("").value_counts().items():
        for name in split_names(str(cell)) or (MISSING,):
            found[name if known is None or name in {*known, MISSING} else OTHER] += int(n)
    return dict(found)


def _bins(numbers: Any, starts: Iterable[int], unit: str = "") -> Counts:
    """Count numbers by the bins that begin at `starts`."""
    edges = [*starts]
    names = [f"below {edges[0]}{unit}", *(f"from {edge}{unit}" for edge in edges), MISSING]
    values = np.asarray(numbers, dtype=np.float64)
    place = np.where(np.isnan(values), len(names) - 1, np.searchsorted(edges, values, side="right"))
    counts = np.bincount(place, minlength=len(names))
    return {name: int(n) for name, n in zip(names, counts, strict=True) if n}


def _add(counts: Mapping[str, int], others: Mapping[str, int]) -> Counts:
    return {name: counts.get(name, 0) + others.get(name, 0) for name in {**counts, **others}}

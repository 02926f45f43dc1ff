"""The sample's rows: who, where, when, how long, and the oddities a catalogue is known for."""

from typing import Any

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import ConfigError
from tasks.sample import proportions as real
from tasks.sample.dice import Dice
from tasks.sample.writing import write_description, write_person, write_title

SEED = 20211
N_TITLES = 1500
FEWEST_TITLES = 200
"""Below this, the planted oddities would no longer be odd."""

N_TWIN_DESCRIPTIONS = 6
N_TWIN_TITLES = 2
N_MINUTES_IN_RATING = 3
TITLES_LIKE_MISSING = ("NA", "None", "1994")

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

Row = dict[str, Any]


def generate_sample(n_titles: int = N_TITLES, seed: int = SEED) -> pd.DataFrame:
    """Write a fictional catalog.

    Parameters
    ----------
    n_titles : int
        Number of titles, at least `FEWEST_TITLES`.
    seed : int
        Same seed, same catalog, on every machine.

    Returns
    -------
    DataFrame, shape (n_titles, 12)
        The columns of `tasks.catalog.columns.CATALOG_COLUMNS`: ``release_year`` is an integer, the
        others are text, missing cells are null.

    Raises
    ------
    ConfigError
        If `n_titles` is too small to hold every rating and oddity.
    """
    if n_titles < FEWEST_TITLES:
        raise ConfigError(
            f"n_titles is {n_titles}; a sample needs at least {FEWEST_TITLES} to hold every rating "
            "and oddity. Ask for more titles."
        )
    dice = Dice(seed)
    taken: set[str] = set()
    rows = [_row(dice, kind, rating, taken) for kind, rating in _kinds_and_ratings(dice, n_titles)]
    _blank_cells(dice, rows)
    _plant_oddities(dice, rows)
    for number, row in enumerate(rows, start=1):
        row["show_id"] = f"s{number}"
    sample = pd.DataFrame(rows, columns=list(CATALOG_COLUMNS))
    return sample.astype({name: "str" for name in CATALOG_COLUMNS if name != "release_year"})


def _kinds_and_ratings(dice: Dice, n_titles: int) -> list[tuple[str, str]]:
    """Deal type and rating in exact proportions; the commonest rating absorbs the rounding."""
    n_movies = _share(n_titles, real.MOVIE_SHARE)
    deck = []
    for kind, n_kind in (("Movie", n_movies), ("TV Show", n_titles - n_movies)):
        counts = {r: max(1, _share(n_kind, s)) for r, s in real.RATING_SHARES[kind].items()}
        if kind == "Movie":
            counts[real.MINUTES_IN_RATING] = N_MINUTES_IN_RATING
        counts["TV-MA"] += n_kind - sum(counts.values())
        deck += [(kind, rating) for rating, count in counts.items() for _ in range(count)]
    return dice.shuffled(deck)


def _share(n_titles: int, per_ten_thousand: int) -> int:
    return (n_titles * per_ten_thousand + 5000) // 10000


def _row(dice: Dice, kind: str, rating: str, taken: set[str]) -> Row:
    audience = real.AUDIENCE_OF_RATING.get(rating) or dice.weighted(real.UNRATED_AUDIENCES)
    genres = _genres(dice, kind, audience)
    theme = _theme(dice, kind, audience, genres)
    year_added, date_added = _date_added(dice)
    row = {
        "type": kind,
        "title": write_title(dice, audience, theme, taken),
        "director": _people(dice, dice.weighted(real.DIRECTOR_COUNTS)),
        "cast": _people(dice, 1 if theme == "standup" else _cast_count(dice, kind)),
        "country": _countries(dice, genres),
        "date_added": date_added,
        "release_year": year_added - dice.from_quantiles(real.YEARS_BEFORE_ADDED[kind]),
        "rating": rating or None,
        "duration": _duration(dice, kind, audience),
        "listed_in": ", ".join(genres),
        "description": write_description(dice, kind, audience, theme, taken),
    }
    if rating == real.MINUTES_IN_RATING:
        row |= {"rating": row["duration"], "duration": None, "listed_in": "Movies"}
    return row


def _genres(dice: Dice, kind: str, audience: str) -> list[str]:
    column = real.AUDIENCES.index(audience)
    weights = {name: genre.weights[column] for name, genre in real.GENRES[kind].items()}
    chosen: list[str] = []
    for _ in range(dice.weighted(real.GENRE_COUNTS[audience])):
        name = dice.weighted(weights)
        if name in real.LONELY_GENRES:
            return [name]
        del weights[name]
        chosen.append(name)
    return sorted(chosen)


def _theme(dice: Dice, kind: str, audience: str, genres: list[str]) -> str:
    """Pick what a title is about: one of its genres decides, if any of them says."""
    column = real.AUDIENCES.index(audience)
    themes = [g.themes[column] for g in map(real.GENRES[kind].get, genres) if g and g.themes]
    return dice.pick(themes or (["family"] if column < 2 else ["drama"]))


def _date_added(dice: Dice) -> tuple[int, str]:
    year = dice.weighted(real.YEARS_ADDED)
    month = dice.below(real.LAST_MONTH.get(year, 12))
    day = 1 if dice.below(4) == 0 else dice.between(1, 28)
    return year, f"{_MONTHS[month]} {day}, {year}"


def _cast_count(dice: Dice, kind: str) -> int:
    return dice.from_quantiles(real.CAST_COUNTS[kind])


def _duration(dice: Dice, kind: str, audience: str) -> str:
    if kind == "Movie":
        return f"{dice.from_quantiles(real.MINUTES[audience])} min"
    seasons = dice.weighted(real.SEASONS)
    return f"{seasons} Season" if seasons == 1 else f"{seasons} Seasons"


def _countries(dice: Dice, genres: list[str]) -> str:
    homes = [real.HOME_COUNTRIES[genre] for genre in genres if genre in real.HOME_COUNTRIES]
    # The smallest choice is the most specific: "Korean TV Shows" before "International TV Shows".
    countries = [dice.weighted(min(homes, key=len, default=real.OTHER_COUNTRIES))]
    n_partners = dice.weighted(real.COUNTRY_COUNTS) - 1
    countries += [dice.weighted(real.OTHER_COUNTRIES) for _ in range(n_partners)]
    return ", ".join(dict.fromkeys(countries))


def _people(dice: Dice, count: int) -> str:
    return ", ".join(dict.fromkeys(write_person(dice) for _ in range(count)))


def _blank_cells(dice: Dice, rows: list[Row]) -> None:
    for column, shares in real.MISSING_SHARES.items():
        for kind, share in shares.items():
            places = dice.shuffled(row for row in rows if row["type"] == kind)
            for row in places[: _share(len(places), share)]:
                row[column] = None


def _plant_oddities(dice: Dice, rows: list[Row]) -> None:
    """Plant what the real catalogue is known for: twins, spaces, titles that look missing."""
    dated_shows = [row for row in rows if row["type"] == "TV Show" and row["date_added"]]
    n_spaced = _share(len(dated_shows), real.DATES_WITH_LEADING_SPACE)
    for row in dice.shuffled(dated_shows)[:n_spaced]:
        row["date_added"] = f" {row['date_added']}"
    others = iter(dice.shuffled(row for row in rows if row["duration"]))
    for title, row in zip(TITLES_LIKE_MISSING, others, strict=False):
        row["title"] = title
    for column, count in (("description", N_TWIN_DESCRIPTIONS), ("title", N_TWIN_TITLES)):
        for _ in range(count):
            next(others)[column] = next(others)[column]
    twin = next(others)
    next(others)["title"] = twin["title"].upper()

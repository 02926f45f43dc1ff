"""The numbers of the embedded sample: shares measured on the real catalogue, rounded by hand.

Weights are integers, so that every choice made with them is exact on every machine.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tasks.sample.dice import Quantiles

AUDIENCES = ("kids", "family", "teen", "mature")
MINUTES_IN_RATING = "minutes in rating"
"""Stands for the real catalogue's known fault: a film's duration in its ``rating`` cell."""

MOVIE_SHARE = 6960
"""Share of films among the titles, per ten thousand; the rest are shows."""

RATING_SHARES: Mapping[str, Mapping[str, int]] = {
    "Movie": {
        "TV-MA": 3363, "TV-14": 2328, "R": 1300, "TV-PG": 881, "PG-13": 799, "PG": 468,
        "TV-Y7": 227, "TV-Y": 214, "TV-G": 206, "NR": 122, "G": 67, "TV-Y7-FV": 8, "NC-17": 5,
        "UR": 5, "": 3,
    },
    "TV Show": {
        "TV-MA": 4279, "TV-14": 2739, "TV-PG": 1207, "TV-Y7": 729, "TV-Y": 658, "TV-G": 351,
        "NR": 19, "R": 7, "TV-Y7-FV": 4, "": 7,
    },
}  # fmt: skip
"""Per ten thousand titles of the type; ``""`` is a missing cell, every rating occurs."""

AUDIENCE_OF_RATING: Mapping[str, str] = {
    "TV-Y": "kids", "TV-Y7": "kids", "TV-Y7-FV": "kids", "G": "kids",
    "PG": "family", "TV-G": "family", "TV-PG": "family",
    "PG-13": "teen", "TV-14": "teen",
    "R": "mature", "TV-MA": "mature", "NC-17": "mature", MINUTES_IN_RATING: "mature",
}  # fmt: skip
UNRATED_AUDIENCES: Mapping[str, int] = {"kids": 5, "family": 15, "teen": 25, "mature": 55}

MISSING_SHARES: Mapping[str, Mapping[str, int]] = {
    "director": {"Movie": 307, "TV Show": 9141},
    "cast": {"Movie": 775, "TV Show": 1308},
    "country": {"Movie": 718, "TV Show": 1461},
    "date_added": {"Movie": 0, "TV Show": 37},
}
"""Empty cells per ten thousand titles of the type."""

DATES_WITH_LEADING_SPACE = 329
"""Per ten thousand shows; no film has one."""


class Genre(NamedTuple):
    """How often a genre occurs with each audience, and what its titles are about."""

    weights: tuple[int, ...]
    themes: tuple[str, ...]


def _genres(table: str) -> Mapping[str, Genre]:
    """Read lines of ``name | weights | themes``, one value an audience each, or no theme."""
    genres = {}
    for line in table.strip().splitlines():
        name, weights, themes = (cell.strip() for cell in line.split("|"))
        genres[name] = Genre(tuple(map(int, weights.split())), tuple(themes.split()))
    return genres


GENRES: Mapping[str, Mapping[str, Genre]] = {
    "Movie": _genres("""
        Action & Adventure       |  1  7 19 15 | kids family action action
        Anime Features           |  1  3  1  1 | kids fantasy fantasy fantasy
        Children & Family Movies | 89 35  2  0 | kids family family family
        Classic Movies           |  3  3  2  2 |
        Comedies                 | 26 35 33 21 | kids family comedy comedy
        Cult Movies              |  0  1  1  1 |
        Documentaries            |  2 25 14 12 | nature nature nature inquiry
        Dramas                   |  3 31 46 42 | family drama drama drama
        Faith & Spirituality     |  0  4  1  0 | family drama drama drama
        Horror Movies            |  0  1  4  9 | family family horror horror
        Independent Movies       |  1  5  8 19 |
        International Movies     |  1 38 58 43 |
        LGBTQ Movies             |  0  1  1  3 | romance romance romance romance
        Movies                   |  8  1  0  0 |
        Music & Musicals         |  6  9  7  5 | kids stage stage stage
        Romantic Movies          |  0 12 15  7 | romance romance romance romance
        Sci-Fi & Fantasy         |  2  3  6  3 | kids fantasy fantasy fantasy
        Sports Movies            |  2  6  3  3 | kids stage stage stage
        Stand-Up Comedy          |  0  1  2 10 | standup standup standup standup
        Thrillers                |  0  1  9 14 | family family crime crime
    """),
    "TV Show": _genres("""
        Anime Series                 |  8  4 10  5 | kids fantasy fantasy fantasy
        British TV Shows             |  7 17  6  9 |
        Classic & Cult TV            |  1  2  1  1 |
        Crime TV Shows               |  1  1 15 31 | family family crime crime
        Docuseries                   |  0 29 13 16 | nature nature nature inquiry
        International TV Shows       |  1 38 64 62 |
        Kids' TV                     | 98 20  0  0 | kids family family family
        Korean TV Shows              |  6  4  9  4 |
        Reality TV                   |  0 22 11  7 | reality reality reality reality
        Romantic TV Shows            |  0 11 26 12 | romance romance romance romance
        Science & Nature TV          |  0 13  3  1 | nature nature nature nature
        Spanish-Language TV Shows    |  1  3  4 11 |
        Stand-Up Comedy & Talk Shows |  0  2  1  3 | standup standup standup standup
        TV Action & Adventure        |  4  4  6  8 | kids family action action
        TV Comedies                  | 22 21 19 23 | kids family comedy comedy
        TV Dramas                    |  0 14 37 38 | family drama drama drama
        TV Horror                    |  0  0  2  5 | family family horror horror
        TV Mysteries                 |  0  0  4  6 | family family crime crime
        TV Sci-Fi & Fantasy          |  3  2  6  2 | kids fantasy fantasy fantasy
        TV Shows                     |  0  0  0  1 |
        TV Thrillers                 |  1  1  2  3 | family family crime crime
        Teen TV Shows                |  0  4  4  2 | family family drama drama
    """),
}
"""Weights per hundred titles of the audience, in the order of `AUDIENCES`; so are the themes."""

GENRE_COUNTS: Mapping[str, Mapping[int, int]] = {
    "kids": {1: 58, 2: 34, 3: 8},
    "family": {1: 22, 2: 40, 3: 38},
    "teen": {1: 15, 2: 34, 3: 51},
    "mature": {1: 22, 2: 34, 3: 44},
}
LONELY_GENRES = frozenset({"Movies", "TV Shows", "Stand-Up Comedy"})
"""Genres that mostly stand alone in ``listed_in``."""

HOME_COUNTRIES: Mapping[str, Mapping[str, int]] = {
    "Anime Features": {"Japan": 1},
    "Anime Series": {"Japan": 1},
    "British TV Shows": {"United Kingdom": 1},
    "Korean TV Shows": {"South Korea": 1},
    "Spanish-Language TV Shows": {"Spain": 4, "Mexico": 4, "Colombia": 2, "Argentina": 2},
    "International Movies": {
        "India": 24, "United Kingdom": 7, "France": 9, "Spain": 6, "Japan": 5, "South Korea": 4,
        "Germany": 5, "Egypt": 4, "Turkey": 4, "Nigeria": 4, "Hong Kong": 4, "Indonesia": 4,
        "Philippines": 3, "Mexico": 3, "China": 4, "Italy": 3, "Brazil": 2, "Canada": 4,
    },
    "International TV Shows": {
        "Japan": 11, "South Korea": 13, "United Kingdom": 9, "India": 7, "Taiwan": 7, "France": 6,
        "Spain": 6, "Mexico": 5, "Australia": 5, "Turkey": 4, "China": 5, "Thailand": 5,
        "Colombia": 4, "Brazil": 4, "Germany": 4, "Canada": 5,
    },
}  # fmt: skip
OTHER_COUNTRIES: Mapping[str, int] = {
    "United States": 78, "United Kingdom": 6, "Canada": 6, "India": 4, "Australia": 2, "France": 2,
    "Mexico": 1, "Germany": 1,
}  # fmt: skip
COUNTRY_COUNTS: Mapping[int, int] = {1: 84, 2: 11, 3: 5}
DIRECTOR_COUNTS: Mapping[int, int] = {1: 91, 2: 9}

YEARS_ADDED: Mapping[int, int] = {
    2021: 170, 2020: 214, 2019: 229, 2018: 187, 2017: 135, 2016: 49, 2015: 9, 2014: 3, 2013: 1,
    2011: 1, 2009: 1, 2008: 1,
}  # fmt: skip
LAST_MONTH = {2021: 9}
"""The catalogue ends in September 2021."""

YEARS_BEFORE_ADDED: Mapping[str, Quantiles] = {
    "Movie": (
        (0, 0), (260, 0), (500, 2), (600, 3), (750, 7), (800, 9), (900, 17), (950, 25), (990, 46),
        (1000, 75),
    ),
    "TV Show": (
        (0, 0), (520, 0), (600, 1), (750, 2), (800, 3), (900, 6), (950, 10), (990, 24), (1000, 60),
    ),
}  # fmt: skip
MINUTES: Mapping[str, Quantiles] = {
    "kids": (
        (0, 3), (20, 20), (100, 23), (250, 43), (500, 67), (750, 80), (900, 92), (980, 114),
        (1000, 181),
    ),
    "family": (
        (0, 10), (20, 24), (100, 53), (250, 82), (500, 93), (750, 107), (900, 127), (980, 162),
        (1000, 220),
    ),
    "teen": (
        (0, 8), (20, 48), (100, 83), (250, 93), (500, 106), (750, 126), (900, 145), (980, 173),
        (1000, 253),
    ),
    "mature": (
        (0, 12), (20, 51), (100, 70), (250, 88), (500, 98), (750, 110), (900, 126), (980, 151),
        (1000, 312),
    ),
}  # fmt: skip
SEASONS: Mapping[int, int] = {
    1: 670, 2: 159, 3: 74, 4: 36, 5: 24, 6: 12, 7: 9, 8: 6, 9: 3, 10: 3, 13: 1, 15: 1, 17: 1,
}  # fmt: skip
CAST_COUNTS: Mapping[str, Quantiles] = {
    "Movie": ((0, 1), (150, 1), (200, 5), (400, 8), (600, 9), (800, 10), (950, 13), (1000, 30)),
    "TV Show": ((0, 1), (100, 1), (200, 4), (500, 8), (800, 12), (950, 18), (1000, 35)),
}
DESCRIPTION_LENGTHS: Quantiles = (
    (0, 61), (10, 111), (50, 125), (250, 140), (500, 146), (750, 149), (950, 152), (990, 153),
    (1000, 200),
)  # fmt: skip
TITLE_LENGTHS: Quantiles = ((0, 3), (50, 5), (250, 10), (500, 15), (750, 23), (950, 39), (1000, 60))

TELLINGS: Mapping[str, int] = {"faithful": 80, "plain": 12, "misleading": 8}
"""What a description says about its audience: the truth, nothing, or the opposite."""

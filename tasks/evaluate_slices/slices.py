"""The rulebook of slices: the subsets of titles that the winner is examined on, one by one.

To add a slice, write a function of a few lines below, with a one-line docstring, and add it to
`SLICES`. It is given the columns that it declares, as text, and returns one boolean a title.
"""

import pandas as pd

from tasks.catalog.durations import MINUTES, SEASONS
from tasks.catalog.rulebook import rulebook
from tasks.catalog.utilities import parse_duration, title_text
from tasks.evaluate_slices.slice import lists as lists  # in the code of proposed slices
from tasks.evaluate_slices.slice import slicing_function

LONG_SHOW_SEASONS = 3
SHORT_MOVIE_MINUTES = 90
KIDS_GENRES = r"(?i)\b(?:kids|children|family)\b"
DARK_GENRES = r"(?i)\b(?:horror|thrillers?)\b"
KIDS_WORDS = (
    r"(?i)\b(?:kids?|child(?:ren)?|toddlers?|preschool(?:ers?)?|kindergarten|babies|"
    r"cartoons?|fairy ?tales?|nursery rhymes?)\b"
)


@slicing_function(reads=("listed_in",))
def kids_and_family_genres(titles: pd.DataFrame) -> pd.Series:
    """Titles listed under a kids', children's or family genre."""
    return titles["listed_in"].str.contains(KIDS_GENRES, regex=True, na=False)


@slicing_function(reads=("listed_in",))
def horror_and_thriller(titles: pd.DataFrame) -> pd.Series:
    """Titles listed under horror or thrillers."""
    return titles["listed_in"].str.contains(DARK_GENRES, regex=True, na=False)


@slicing_function(reads=("type", "duration"))
def long_tv_shows(titles: pd.DataFrame) -> pd.Series:
    """TV shows of 3 seasons or more."""
    duration = parse_duration(titles["duration"])
    is_long = duration["duration_value"] >= LONG_SHOW_SEASONS
    return (titles["type"] == "TV Show") & (duration["duration_unit"] == SEASONS) & is_long


@slicing_function(reads=("type", "duration"))
def short_movies(titles: pd.DataFrame) -> pd.Series:
    """Movies under 90 minutes."""
    duration = parse_duration(titles["duration"])
    is_short = duration["duration_value"] < SHORT_MOVIE_MINUTES
    return (titles["type"] == "Movie") & (duration["duration_unit"] == MINUTES) & is_short


@slicing_function(reads=("title", "description"))
def kids_keywords(titles: pd.DataFrame) -> pd.Series:
    """Titles with a word about children in title or description."""
    return title_text(titles).str.contains(KIDS_WORDS, regex=True, na=False)


SLICES = rulebook(
    kids_and_family_genres,
    horror_and_thriller,
    long_tv_shows,
    short_movies,
    kids_keywords,
)

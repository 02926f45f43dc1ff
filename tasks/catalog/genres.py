"""One vocabulary of genres: the names of other catalogs, translated into this lab's.

Catalogs of the same schema name the same things differently: what one lists as *Children & Family
Movies* is *Family* or *Kids* elsewhere. Rules and models know the names of the catalog that the lab
was made for; a name that is none of them is translated, by whether the title is a film or a
series. Names that the lab knows stay as they are, so on its own catalog nothing changes.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from tasks.catalog.columns import TITLE_TYPES
from tasks.catalog.text import split_names

FILM, SERIES = TITLE_TYPES

# What a name speaks of: the name of such films, of such series, and the words that tell.
_THEMES = (
    ("Children & Family Movies", "Kids' TV", "kids kid children family animation cartoons cartoon"),
    ("Anime Features", "Anime Series", "anime"),
    ("Action & Adventure", "TV Action & Adventure", "action adventure superhero western survival"),
    ("Action & Adventure", "TV Action & Adventure", "disaster spy espionage military war"),
    ("Comedies", "TV Comedies", "comedy comedies sitcom parody sketch buddy"),
    ("Stand-Up Comedy", "Stand-Up Comedy & Talk Shows", "talk variety"),
    ("Dramas", "TV Dramas", "drama dramas melodrama soap medical biographical historical history"),
    ("Thrillers", "TV Thrillers", "thriller thrillers suspense"),
    ("Thrillers", "Crime TV Shows", "crime police cop procedural"),
    ("Thrillers", "TV Mysteries", "mystery mysteries"),
    ("Horror Movies", "TV Horror", "horror"),
    ("Sci-Fi & Fantasy", "TV Sci-Fi & Fantasy", "fantasy sci"),
    ("Romantic Movies", "Romantic TV Shows", "romance romantic"),
    ("Documentaries", "Docuseries", "documentary documentaries docuseries news"),
    ("Documentaries", "Science & Nature TV", "nature animals science technology"),
    ("Music & Musicals", "TV Shows", "music musical musicals concert dance"),
    ("Sports Movies", "TV Shows", "sport sports"),
    ("Faith & Spirituality", "TV Shows", "faith spirituality religion"),
    ("LGBTQ Movies", "TV Shows", "lgbtq lgbtq+"),
    ("Independent Movies", "TV Shows", "arthouse independent indie"),
    ("Classic Movies", "Classic & Cult TV", "classic classics"),
    ("Movies", "Reality TV", "reality unscripted game competition lifestyle cooking food travel"),
    ("Dramas", "Teen TV Shows", "teen teens young"),
    ("International Movies", "International TV Shows", "international latino"),
)
# Names whose words would tell something else.
_WHOLE_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "adult animation": ("Comedies", "TV Comedies"),
        "science fiction": ("Sci-Fi & Fantasy", "TV Sci-Fi & Fantasy"),
        "stand up": ("Stand-Up Comedy", "Stand-Up Comedy & Talk Shows"),
        "stand-up": ("Stand-Up Comedy", "Stand-Up Comedy & Talk Shows"),
        "standup comedy": ("Stand-Up Comedy", "Stand-Up Comedy & Talk Shows"),
    }
)
_OTHER_NAMES = (
    "Cult Movies",
    "Movies",
    "TV Shows",
    "British TV Shows",
    "Korean TV Shows",
    "Spanish-Language TV Shows",
)
_BY_WORD: Mapping[str, tuple[str, str]] = MappingProxyType(
    {word: (film, series) for film, series, words in _THEMES for word in words.split()}
)
GENRES = frozenset(_OTHER_NAMES).union(*(theme[:2] for theme in _THEMES), *_WHOLE_NAMES.values())
"""Every genre that rules and models know."""


def common_genres(listed_in: pd.Series, types: pd.Series) -> pd.Series:
    """Translate cells of genres, each by the type of its title; whatever is no show is a film.

    Each name comes once and in order; names that tell nothing and missing cells stay as they are.
    """
    cells = zip(listed_in.tolist(), (types == SERIES).tolist(), strict=True)
    names = [_translate(cell, series) if isinstance(cell, str) else None for cell, series in cells]
    return pd.Series(names, index=listed_in.index, dtype="str", name=listed_in.name)


@lru_cache(maxsize=10_000)
def _translate(cell: str, is_series: bool) -> str:
    found = dict.fromkeys(known for name in split_names(cell) for known in _known(name, is_series))
    return ", ".join(found)


def _known(name: str, is_series: bool) -> list[str]:
    if name in GENRES:
        return [name]
    lowered = name.casefold()
    if lowered in _WHOLE_NAMES:
        return [_WHOLE_NAMES[lowered][is_series]]
    words = re.findall(r"[\w+]+", lowered)
    return [_BY_WORD[word][is_series] for word in words if word in _BY_WORD] or [name]

"""Small catalogs of services that do not exist, for tests: as such files look, never as the lab's.

They are made of the embedded sample by renaming. Genres, words and ratings belong together as they
do there, so there is something to learn, and figures on them mean as little.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from zlib import crc32

import pandas as pd

from tasks.catalog.columns import FAMILY_RATINGS
from tasks.catalog.text import split_names
from tasks.fetch.source import SAMPLE

# A genre of films and one of series, and what is listed for both by: ages, world, unrated, small.
_GENRES = """
Action & Adventure | TV Action & Adventure | Action, Adventure | Aventure | Action-Adventure | Action
Anime Features | Anime Series | Anime | Animé japonais (manga) | Anime | Anime
Children & Family Movies | Kids' TV | Kids | Jeunesse | Family | Children
Classic Movies | Classic & Cult TV | Classics | Classique | Classics | From the Archive
Comedies | TV Comedies | Comedy | Comédie | Comedy | Comedy
Cult Movies | TV Mysteries | Suspense | Mystère | Mystery | Mystery
Documentaries | Docuseries | Documentary | Documentaire | Documentary | Factual
Dramas | TV Dramas | Drama | Drame | Drama | Drama & Soaps
Faith & Spirituality | TV Shows | Faith and Spirituality | Religieux | Anthology | Religion
Horror Movies | TV Horror | Horror | Horreur | Horror | Horror & Supernatural
Independent Movies | British TV Shows | Arthouse | Art et essai | Independent | Films
International Movies | International TV Shows | International | Étranger | International | Audio Described
LGBTQ Movies | Teen TV Shows | LGBTQ | Adolescents | Coming of Age | Young Adult
Movies | Korean TV Shows | Special Interest | Films | Shorts | Entertainment
Music & Musicals | Science & Nature TV | Arts, Entertainment, and Culture | Musique | Nature | Music
Romantic Movies | Romantic TV Shows | Romance | Romantique | Romance | Romance
Sci-Fi & Fantasy | TV Sci-Fi & Fantasy | Science Fiction | Science-fiction | Fantasy | Sci-Fi
Sports Movies | Reality TV | Unscripted | Téléréalité | Game Show / Competition | Lifestyle
Stand-Up Comedy | Stand-Up Comedy & Talk Shows | Talk Show and Variety | Humoriste | Variety | Stand-Up
Thrillers | TV Thrillers | Suspense | Policier | Thriller | Thrillers
Spanish-Language TV Shows | Crime TV Shows | Military and War | Polar | Police/Cop | Crime
"""  # noqa: E501
# What is rated so in the sample, and elsewhere: ages, world (FSK), small (BBFC).
_RATINGS = """
TV-Y TV-G G | ALL | FSK 0 | U
TV-Y7 TV-Y7-FV PG TV-PG | 7+ | fsk 6 | PG
PG-13 TV-14 | 13+ | FSK-12 | 12A
R | 16+ | FSK 16 | 15
TV-MA NC-17 | AGES_18_ | ab 18 | 18
NR UR | NOT_RATE | - | Not Rated
"""
# What French descriptions are made of: for families, and for others.
_FRENCH = {
    True: """
Une petite fille | Un garçon curieux | Une famille nombreuse | Un ourson timide | Deux cousins
part à la recherche d'un trésor | apprend à voler | prépare la fête de l'école | sauve Noël
    | retrouve le doudou perdu | cherche un ami
dans une forêt enchantée | sur une île aux oiseaux | chez les grands-parents | au pays des jouets
    | à bord d'un petit train | dans un jardin secret
avec un chien très bavard | avec un dragon gentil | malgré la pluie | avant le goûter
    | avec toute la classe | et tout finit en chanson
""",
    False: """
Un policier corrompu | Une avocate brisée | Un tueur à gages | Une veuve amère | Deux anciens amants
enquête sur un meurtre | fuit un passé violent | prépare sa vengeance | cache un cadavre
    | trahit le cartel | découvre une liaison
dans un motel désert | en pleine guerre | dans une prison de Marseille | au fond d'un bar
    | dans un manoir abandonné | sur une route du nord
mais personne ne dit la vérité | et le sang appelle le sang | malgré l'alcool | avant le procès
    | avec une arme volée | quand la drogue arrive
""",
}


@dataclass(frozen=True)
class Kind:
    """How a catalog differs from the sample."""

    titles: int
    genres: int  # the place of its names in `_GENRES`
    ratings: int | None  # the same in `_RATINGS`; None if it has no rating
    columns: dict[str, str]  # what it calls which of the catalog's columns, in its order
    join: Callable[[list[str]], str] = ", ".join  # how a cell lists genres
    types: dict[str, str] = field(default_factory=dict)
    french: int = 0  # of a hundred descriptions
    spoken_minutes: bool = False


_OWN = ("show_id", "type", "title", "cast", "country", "release_year", "duration")
KINDS = {
    # 1,500 titles: names with commas, ages with a plus, no directors.
    "ages": Kind(1500, 2, 1, {c: c for c in (*_OWN, "rating", "listed_in", "description")}),
    # 900 titles, a third of them in French; columns, types and minutes are called otherwise.
    "world": Kind(
        *(900, 3, 2),
        columns={
            "listed_in": "Genres", "title": "Name", "description": "Synopsis",
            "type": "content_type", "show_id": "ID", "rating": "Certificate",
            "duration": "Runtime", "release_year": "Year", "director": "Directors",
            "cast": "Actors",
        },
        join=" | ".join,
        types={"Movie": "Film", "TV Show": "Series"},
        french=33,
        spoken_minutes=True,
    ),
    # 1,200 titles without any rating; genres as JSON lists.
    "unrated": Kind(1200, 4, None, {c: c for c in (*_OWN, "listed_in", "description")}, json.dumps),
    # 300 titles with British ratings and no more columns than there must be.
    "small": Kind(
        *(300, 5, 3),
        columns={
            "show_id": "id", "title": "title", "type": "type", "rating": "age_rating",
            "listed_in": "categories", "description": "overview",
        },
        types={"Movie": "MOVIE", "TV Show": "SHOW"},
    ),
}  # fmt: skip


def other_catalog(kind: str) -> pd.DataFrame:
    """Return one of `KINDS` as its CSV file would be read: text, with its own names of columns."""
    of = KINDS[kind]
    titles = pd.read_csv(SAMPLE, dtype="str", keep_default_na=False)
    order = titles["show_id"].map(lambda show_id: crc32(f"{kind} {show_id}".encode()))
    titles = titles.iloc[order.argsort(kind="stable")[: of.titles]].reset_index(drop=True)
    genres = {name: row[of.genres] for row in _table(_GENRES) for name in row[:2]}
    listed = [[genres[name] for name in split_names(cell)] for cell in titles["listed_in"]]
    told = titles.assign(
        listed_in=[of.join(list(dict.fromkeys(names))) for names in listed],
        type=titles["type"].replace(of.types),
    )
    is_french = pd.Series(range(len(titles))) % 100 < of.french
    told["description"] = titles["description"].mask(is_french, _in_french(titles))
    if of.ratings:
        ratings = {r: row[of.ratings] for row in _table(_RATINGS) for r in row[0].split()}
        told["rating"] = [ratings.get(rating, rating) for rating in titles["rating"]]
    if of.spoken_minutes:
        told["duration"] = titles["duration"].map(_speak_minutes)
    return told[list(of.columns)].rename(columns=of.columns)


def _table(text: str) -> list[list[str]]:
    return [line.split(" | ") for line in text.strip().splitlines()]


def _in_french(titles: pd.DataFrame) -> pd.Series:
    """Describe each title in words that fit its rating; without one, by those for others."""
    family = titles["rating"].isin(FAMILY_RATINGS)
    parts = {
        side: [line.split(" | ") for line in text.replace("\n    |", " |").strip().splitlines()]
        for side, text in _FRENCH.items()
    }
    drawn = [
        " ".join(part[crc32(f"{show_id} {part[0]}".encode()) % len(part)] for part in parts[side])
        for show_id, side in zip(titles["show_id"], family, strict=True)
    ]
    return pd.Series(drawn, index=titles.index, dtype="str") + "."


def _speak_minutes(duration: str) -> str:
    """Write 92 min as 1 h 32 min, and 48 min as 48."""
    minutes = int(duration.split()[0]) if duration.endswith(" min") else 0
    if not minutes:
        return duration
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else str(minutes)

"""How far a catalog is from home: what it shares with the one that the rules were written for."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from zlib import crc32

import pandas as pd

from tasks.catalog.genres import count_genres
from tasks.catalog.ratings import unknown_ratings
from tasks.catalog.text import normalise_text
from tasks.catalog.utilities import gold_labels, read_column

FOREIGN_BELOW = 0.9  # of the genres' cells are the lab's own names
MANY_UNMAPPED = 0.1  # of them have no name that the lab could translate: rules and models miss them
MOST_LISTED = 50
SAMPLE = 1_000  # descriptions
OTHER = "another language"

# What a language is called, and words that nearly every text in it has.
_LANGUAGES = """
English: the of and to is his her with an their who from for as by when she they
French: le la les l des du de d un une et est dans qui pour avec sur sa son au en
Spanish: el la los las de del una un y es en que para con su sus por al como más
German: der die das und ist ein eine einen mit von dem den im zu auf für sich nach
Portuguese: o os as do da dos das um uma e é em que para com seu sua por na ao não
Italian: il lo la gli le di del della un una e è che per con suo sua nel alla dei i
Dutch: de het een en van op met zijn haar voor te dat aan door naar wordt hij
Polish: i w z na się do jest po nie to od przez jego jej ze dla oraz ich który
Turkish: ve bir bu için ile çok olan kadar sonra onun ama gibi her ne daha genç
Indonesian: dan yang di dengan untuk dari ini itu pada dalam seorang ke mereka
Swedish: och att en ett som är på för av den det till sin sig när han hon med
Danish or Norwegian: og at en et som er på for af av den det til sin når han hun med
"""
_STOP_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        name: frozenset(words.split())
        for name, words in (line.split(": ") for line in _LANGUAGES.strip().splitlines())
    }
)


def describe_distance(catalog: pd.DataFrame) -> dict[str, Any]:
    """Count what of a catalog the rules and models can read, as plain JSON values.

    Of the names of genres in all cells, ``known`` are the lab's own, ``mapped`` are translated,
    ``unmapped`` are neither. The ``languages`` are those of at most `SAMPLE` descriptions.
    """
    known, mapped, unmapped = count_genres(catalog["listed_in"])
    rating = catalog["rating"] if "rating" in catalog else read_column(catalog, "rating")
    unknown = unknown_ratings(rating)
    others = int(unmapped.sum())
    return {
        "genre_names": {
            "n": known + mapped + others,
            "known": known,
            "mapped": mapped,
            "unmapped": others,
        },
        "unmapped_genres": _most_frequent(unmapped),
        "ratings": {
            "n": len(catalog),
            "with_gold": int(gold_labels(rating).notna().sum()),
            "missing": int(rating.isna().sum()),
            "unknown": int(unknown.sum()),
        },
        "unknown_ratings": _most_frequent(unknown),
        "languages": count_languages(catalog["description"]),
    }


def is_foreign(distance: Mapping[str, Any]) -> bool:
    """Say whether the vocabulary is another's: less than `FOREIGN_BELOW` of its genres are own."""
    names = distance["genre_names"]
    return bool(names["known"] < FOREIGN_BELOW * names["n"])


def has_many_unmapped(distance: Mapping[str, Any]) -> bool:
    """Say whether more than `MANY_UNMAPPED` of the genres mean nothing to rules and models."""
    names = distance["genre_names"]
    return bool(names["unmapped"] > MANY_UNMAPPED * names["n"])


def count_languages(descriptions: pd.Series) -> dict[str, int]:
    """Count the languages of a sample of the descriptions, drawn by their text, as stop words tell.

    What has none of them, such as any other script, is in another language.
    """
    texts = sorted(descriptions.dropna().unique(), key=lambda text: (crc32(text.encode()), text))
    counts = Counter(map(_language, texts[:SAMPLE]))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _language(text: str) -> str:
    words = Counter(normalise_text(text).split())
    hits = {name: sum(words[word] for word in stop) for name, stop in _STOP_WORDS.items()}
    best = max(hits, key=hits.__getitem__)
    return best if hits[best] else OTHER


def _most_frequent(counts: pd.Series) -> dict[str, int]:
    return {str(name): int(n) for name, n in counts.head(MOST_LISTED).items()}

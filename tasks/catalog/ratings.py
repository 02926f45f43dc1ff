"""One vocabulary of ratings: the world's systems, translated into the American one of this lab.

A rating is translated when it is read, whatever its case, hyphens and spaces. Names are looked up;
any other system states an age, and that decides: until 10 it is for families (a board that says 6,
7 or 9 means school children with their parents), from 11 on it is not (12 is the age at which
boards begin to speak of violence and sex). What it says of a family is all that counts; whether a
16 is nearer to R or to TV-MA is a convention. What is in no table stays as it is, has no gold and
is counted.

Sources, each board's own words: MPA (filmratings.com), TV Parental Guidelines (tvguidelines.org),
BBFC (bbfc.co.uk), FSK (fsk.de), CNC and Arcom (France), Kijkwijzer (Netherlands), Australian
Classification, OFLC (New Zealand), CBFC (India, with the ages of its rules of 2024), IFCO
(Ireland), Canada's provincial boards and its TV classification, ClassInd (Brazil), IMDA
(Singapore), OFNAA (Hong Kong), EIRIN (Japan), INCAA (Argentina), ICAA (Spain), MIBACT (Italy), and
the ages that Prime Video, Netflix and Disney+ show where they rate themselves. Left out is a letter
that means opposite things: C is for children in Canada and for adults in Mexico, T is for everyone
in Italy and for teenagers elsewhere. A, for adults in India and for all in Mexico, is read as
India's, whose catalogs are many: a mistake then hides a title from families and does not show them
one.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import pandas as pd

from tasks.catalog.columns import FAMILY_RATINGS, NOT_FAMILY_RATINGS, UNRATED
from tasks.catalog.text import ranked_counts, without_accents

OLDEST_FAMILY, OLDEST_TEEN, OLDEST = 10, 15, 21
MOST_NO_AGE = 0.1  # of a column's numbers

# The lab's rating, and what else is called so, without case, accents, hyphens, plus and spaces.
_NAMES = (
    ("G", "general, general audience, general audiences"),
    ("TV-G", """
        all, all ages, everyone, everybody, u, uc, universal, suitable for all, tous publics,
        tous public, tp, tout public, al, alle leeftijden, oa, ohne altersbeschrankung, livre, l,
        atp, apta, apta para todos los publicos, todos los publicos, todo publico, per tutti,
        btl"""),
    ("PG", "parental guidance, parental guidance suggested, gp, g/pg"),
    ("TV-Y", "kids, little kids, preschool"),
    ("TV-Y7", "older kids, c8"),
    ("TV-PG", "family"),
    ("PG-13", "12a, ua, pg12, pg15, iia, teens, teen"),
    ("TV-14", "m, young adults, young adult, spg, iib"),
    ("R", "restricted, a, ma15, ma15 restricted"),
    ("NC-17", "x, r18 x, x18, iii, xxx"),
    ("TV-MA", "adult, adults, adults only, ma, mature, mature audience, mature audiences"),
    ("NR", """
        not rated, not rate, no rating, none, nan, null, n/a, tv nr, nr, exempt, e, pending,
        rating pending, unknown, to be announced, tbc, tba, approved, passed"""),
    ("UR", "unrated"),
)  # fmt: skip
# An age, and what may stand around it: FSK 12, ab 12 Jahren, 16.0, AGES_16_, U/A 13+, -12, 15A.
_AGE = re.compile(
    r"(?:RATED|AGES?|FSK|AB|FSKAB|BBFC|TV|UA|RP|R|A|K|P|PG|M|NC|VM|SAM|D|AL|TE|CNC)?"
    r"([0-9]{1,2})(?:\.0|A|ANS|ANOS|ANNI|JAHREN?|YEARS?|ANDOVER|ANDUP|PLUS)?"
)
_LEFT_OUT = re.compile(r"[\s_+\-/():\"]")


def _key(text: str) -> str:
    return _LEFT_OUT.sub("", without_accents(text)).upper()


_BY_KEY: Mapping[str, str] = MappingProxyType(
    {_key(rating): rating for rating in sorted(FAMILY_RATINGS | NOT_FAMILY_RATINGS | UNRATED)}
    | {_key(name): rating for rating, names in _NAMES for name in names.split(",")}
)


def common_ratings(rating: pd.Series) -> pd.Series:
    """Translate ratings into the lab's; unknown ones and missing ones stay as they are."""
    cells = [_translate(cell) if isinstance(cell, str) else None for cell in rating.tolist()]
    return pd.Series(cells, index=rating.index, dtype="str", name=rating.name)


def unknown_ratings(rating: pd.Series) -> pd.Series:
    """Count the titles of each rating that no table has, as `ranked_counts` does."""
    known = common_ratings(rating).isin(FAMILY_RATINGS | NOT_FAMILY_RATINGS | UNRATED)
    return ranked_counts(Counter(rating[~known].dropna().tolist()))


def count_numbers(rating: pd.Series) -> Counter[str]:
    """Count the cells that rate a title, the numbers among them, and those that are no ages."""
    rated = rating[~common_ratings(rating).isin(UNRATED)].dropna()
    numbers = pd.to_numeric(rated, errors="coerce").dropna()
    no_ages = (numbers % 1 != 0) | (numbers > OLDEST)
    return Counter(cells=len(rated), numbers=len(numbers), no_ages=int(no_ages.sum()))


def are_scores(counted: Mapping[str, int]) -> bool:
    """Say whether a column rates how good titles are: its cells are numbers, too many no ages.

    `counted` is `count_numbers` of all of it: a part, such as all titles of 7.0, cannot tell.
    """
    numbers = counted["numbers"]
    return 2 * numbers > counted["cells"] and counted["no_ages"] >= MOST_NO_AGE * numbers


@lru_cache(maxsize=10_000)
def _translate(cell: str) -> str:
    key = _key(cell)
    if key in _BY_KEY:
        return _BY_KEY[key]
    found = _AGE.fullmatch(key)
    age = int(found[1]) if found else OLDEST + 1
    if age > OLDEST:
        return cell
    if age <= OLDEST_FAMILY:
        return "TV-G" if age < 6 else "TV-PG"
    return "TV-14" if age <= OLDEST_TEEN else "TV-MA"

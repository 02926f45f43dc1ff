import pandas as pd

from tasks.catalog.columns import FAMILY_RATINGS, NOT_FAMILY_RATINGS, UNRATED
from tasks.catalog.ratings import common_ratings, unknown_ratings
from tasks.catalog.utilities import gold_labels

FAMILY = """
    tv-pg | TVPG | tv y7 fv | pg | U | Uc | 0+ | 6+ | 7+ | 10 | ALL | All | ALL_AGES | all ages
    | FSK 0 | FSK6 | ab 6 Jahren | fsk-6 | Tous publics | -10 | U/A 7+ | UA7+ | AGES_7_ | Livre
    | AL | ATP | Kids | TV-Y
"""
NOT = """
    tvma | TV 14 | pg 13 | PG13 | nc17 | r | 12 | 12.0 | 12A | 15 | 18 | FSK 12 | FSK16 | 12+ |
    13+ | 16+ | 18+ | AGES_16_ | AGES_18_ | M | MA15+ | MA 15+ | R18+ | UA | U/A 13+ | A | -12 |
    R18 | 16 ans | +18 | 14A | VM14 | M18 | NC16 | R21 | R-13 | PG12 | Teens | Adults | TV-MA
"""
NEITHER = "NR | not rated | NOT_RATE | Unrated | UNRATED | n/a | Approved | TV-NR"
UNKNOWN = "74 min | 2 Seasons | 7.5 | 1.5 | 1994 | 99 | C | T | Q | Foo 12"


def cells(text):
    return [cell.strip() for cell in " ".join(text.split()).split(" | ") if cell.strip()]


def series(text):
    return pd.Series(cells(text), dtype="str")


def test_ratings_of_the_world_are_family_or_not_by_one_table():
    for text, gold in [(FAMILY, 1), (NOT, 0), (NEITHER, pd.NA), (UNKNOWN, pd.NA)]:
        found = dict(zip(cells(text), gold_labels(series(text)).tolist(), strict=True))
        assert found == dict.fromkeys(cells(text), gold)
    missing = gold_labels(pd.Series([None], dtype="str"))
    assert (missing.dtype, missing.tolist()) == ("Int8", [pd.NA])
    assert set(common_ratings(series(NEITHER))) == {"NR", "UR"}
    assert unknown_ratings(pd.concat([series(FAMILY), series(NOT), series(NEITHER)])).empty
    assert unknown_ratings(pd.Series(["Q", "PG", "Foo", None, "Q", "?"])).to_dict() == {
        "Q": 2, "?": 1, "Foo": 1,
    }  # fmt: skip


def test_the_labs_own_stay_and_what_is_unknown_or_missing_too():
    own = sorted(FAMILY_RATINGS | NOT_FAMILY_RATINGS | UNRATED)
    once = common_ratings(pd.Series([*own, *cells(UNKNOWN), *cells(NOT), None, ""], dtype="str"))
    assert once.head(len(own)).tolist() == own
    assert once[len(own) : len(own + cells(UNKNOWN))].tolist() == cells(UNKNOWN)
    assert (once.isna().sum(), once.iloc[-1]) == (1, "")
    assert common_ratings(once).equals(once)

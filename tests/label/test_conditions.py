"""Rules told by data: what each kind votes on, and the tests of cells they are made of."""

import pandas as pd
import pytest

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.errors import RuleError
from tasks.label.conditions import (
    any_of,
    but_not,
    having,
    listing,
    mentioning,
    minutes,
    none_of,
    only,
    rated,
    years,
)  # fmt: skip
from tasks.label.matching import keywords

CATALOG = pd.DataFrame(
    {
        "show_id": ["s1", "s2", "s3"],
        "type": ["Movie", "TV Show", "Movie"],
        "title": ["A Kid", "B", "C"],
        "rating": ["G", None, "R"],
        "release_year": pd.array([1994, None, 2020], dtype="Int64"),
        "duration": ["30 min", "2 Seasons", None],
        "listed_in": ["Dramas, Comedies", "Kids' TV", "Dramas"],
        "description": ["a", "No kids.", "kidney"],
    }
)


@pytest.mark.parametrize(
    ("rule", "reads", "group", "votes"),
    [
        (rated("r", FAMILY, 0.9, "G", "PG", doc="R."), ("rating",), "rating", [1, -1, -1]),
        (listing("l", NOT_FAMILY, 0.9, "Dramas", doc="L."), ("listed_in",), "genre", [0, -1, 0]),
        (
            mentioning("m", FAMILY, 0.9, keywords("kid, kids"), doc="M."),
            ("title", "description"), "keyword", [1, 1, -1],
        ),
        (
            having("h", FAMILY, 0.9, type=any_of("Movie"), duration=minutes(0, 50), doc="H."),
            ("type", "duration"), "metadata", [1, -1, -1],
        ),
        (
            having("y", FAMILY, 0.9, release_year=years(1990, 1994), doc="Y."),
            ("release_year",), "metadata", [1, -1, -1],
        ),
    ],
)  # fmt: skip
def test_each_kind(rule, reads, group, votes):
    assert rule(CATALOG).tolist() == votes
    assert (rule.reads, rule.group, rule.strength) == (reads, group, 0.9)
    assert (rule.keywords is None) == (rule.cells is not None)


def test_a_rule_tells_its_tests_of_cells():
    rule = having("h", FAMILY, 0.9, type=any_of("Movie"), doc="H.")
    assert rule.cells["type"]("Movie")
    assert not rule.cells["type"]("TV Show")
    with pytest.raises(TypeError, match="does not support item assignment"):
        rule.cells["type"] = None


def test_a_missing_column_or_cell_never_passes():
    everything = having("h", FAMILY, 0.9, country=none_of("Spain"), doc="H.")
    assert everything(CATALOG).tolist() == [-1, -1, -1]
    assert everything(CATALOG.assign(country=["Chad", None, "Spain"])).tolist() == [1, -1, -1]


@pytest.mark.parametrize(
    ("test", "passes", "fails"),
    [
        (any_of("A", "B"), ["A", "C, B", " A ,D"], ["", "AB", "C"]),
        (none_of("A", "B"), ["C", "AB"], ["A", "C, B"]),
        (only("A", "B"), ["A", "B, A"], ["A, C", "C"]),
        (but_not(any_of("A"), any_of("B")), ["A", "A, C"], ["A, B", "B", "C"]),
        (minutes(50, 85), ["50 min", "84 Min"], ["49 min", "85 min", "60 Seasons", "min", ""]),
        (years(1968, 1983), ["1968", "1983"], ["1967", "1984", "", "<NA>", "1970.5"]),
    ],
)
def test_tests_of_cells(test, passes, fails):
    assert [cell for cell in passes if not test(cell)] == []
    assert [cell for cell in fails if test(cell)] == []


def test_an_impossible_declaration_is_an_error():
    with pytest.raises(RuleError, match=r"odd has strength 0\.4; expected more than 0\.5"):
        rated("odd", FAMILY, 0.4, "G", doc="Odd.")
    with pytest.raises(RuleError, match="odd reads stars, which a catalog does not have"):
        having("odd", FAMILY, 0.9, stars=any_of("5"), doc="Odd.")
    with pytest.raises(RuleError, match="odd needs a docstring of one line"):
        listing("odd", FAMILY, 0.9, "Dramas", doc="")

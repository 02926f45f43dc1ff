"""A labeling function sees what it declares, votes one class, and is refused anything else."""

import copy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.errors import RuleError
from tasks.label.conditions import Minutes, Names, Years, keywords
from tasks.label.rule import (
    TEXT_COLUMNS,
    having,
    labeling_function,
    listing,
    mentioning,
    rated,
    readable,
    rules_from_json,
    rules_to_json,
)

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


def reads_item(catalog):
    """Rated G."""
    return catalog["rating"] == "G"


def rule_of(fires, reads=("title",), votes=FAMILY, **declared):
    return labeling_function(reads=reads, votes=votes, **declared)(fires)


rated_g = rule_of(reads_item, ("rating",))


def test_a_rule_votes_its_class_where_it_fires_and_abstains_elsewhere():
    votes = rated_g(CATALOG)
    assert (votes.dtype, votes.tolist()) == (np.int8, [1, -1, -1])
    assert rated_g(CATALOG.drop(columns="rating")).tolist() == [-1, -1, -1]
    assert replace(rated_g, votes=NOT_FAMILY)(CATALOG).tolist() == [0, -1, -1]


def test_a_decorated_function_is_described_by_its_name_docstring_and_what_it_reads():
    assert (rated_g.name, rated_g.doc, rated_g.reads) == ("reads_item", "Rated G.", ("rating",))
    assert (rated_g.votes, rated_g.keywords, rated_g.strength) == (FAMILY, None, None)
    assert (rated_g.trust, replace(rated_g, strength=0.9).trust) == (0.7, 0.9)
    for group, reads in (
        ("rating", ("rating",)),
        ("genre", ("listed_in",)),
        ("keyword", TEXT_COLUMNS),
        ("metadata", ("rating", "type")),
    ):
        assert rule_of(reads_item, reads).group == group, reads
    assert rule_of(reads_item, ("listed_in",), group="metadata").group == "metadata"


def test_each_kind_that_is_told_by_data():
    film, old = Names(any_of=("Movie",)), Years(1990, 1994)
    kid, no = keywords("kid, kids"), keywords("no")
    cases = (
        (rated("r", FAMILY, 0.9, "G", "PG", doc="R."), "rating", ("rating",), [1, -1, -1]),
        (listing("l", NOT_FAMILY, 0.9, "Dramas", doc="L."), "genre", ("listed_in",), [0, -1, 0]),
        (mentioning("m", FAMILY, 0.9, kid, doc="M."), "keyword", TEXT_COLUMNS, [1, 1, -1]),
        (having("h", FAMILY, 0.9, type=film, duration=Minutes(0, 50), doc="H."), "metadata",
         ("type", "duration"), [1, -1, -1]),
        (having("y", FAMILY, 0.9, release_year=old, doc="Y."), "metadata", ("release_year",),
         [1, -1, -1]),
        (having("c", FAMILY, 0.9, country=Names(none_of=("Spain",)), doc="C."), "metadata",
         ("country",), [-1, -1, -1]),
        (having("w", FAMILY, 0.9, without=kid, doc="W."), "metadata", TEXT_COLUMNS, [-1, -1, 1]),
        (having("b", FAMILY, 0.9, words=kid, without=no, doc="B."), "metadata", TEXT_COLUMNS,
         [1, -1, -1]),
        (having("g", NOT_FAMILY, 0.9, group="genre", listed_in=Names(any_of=("Dramas",)),
                words=kid, without=no, doc="G."), "genre", ("listed_in", *TEXT_COLUMNS),
         [0, -1, -1]),
    )  # fmt: skip
    for rule, group, reads, votes in cases:
        assert rule(CATALOG).tolist() == votes, rule.name
        assert (rule.reads, rule.group, rule.strength) == (reads, group, 0.9), rule.name
        (again,) = rules_from_json(rules_to_json([rule]))
        assert rule == again == copy.deepcopy(rule), rule.name
        assert again(CATALOG).tolist() == votes, rule.name
        assert rule.travels, rule.name


def test_code_does_not_travel():
    code = replace(listing("l", FAMILY, 0.9, "Dramas", doc="L."), cells={"listed_in": str.istitle})
    told = replace(code, cells={"listed_in": Names(any_of=("B",))})
    assert [rule.travels for rule in (rated_g, code, told)] == [False, False, True]
    assert rules_from_json(rules_to_json([rated_g, code, told])) == (told,)
    assert rules_from_json(rules_to_json([])) == ()


def test_a_rule_sees_only_what_it_declares():
    def reads_attribute(catalog):
        """Reads a column."""
        return catalog.rating == "G"

    for fires in (reads_item, reads_attribute):
        message = rf"{fires.__name__} reads rating, which it does not declare; declared are title\."
        with pytest.raises(RuleError, match=message):
            rule_of(fires)(CATALOG)

    def mistaken(catalog):
        """Has a bug of its own, which is no undeclared read."""
        return {}["nothing"]

    with pytest.raises(KeyError, match="nothing"):
        rule_of(mistaken)(CATALOG)
    with pytest.raises(RuleError, match="The catalog has no column title, which rules read"):
        rule_of(mistaken)(CATALOG.drop(columns="title"))


def test_anything_but_a_mask_is_an_error():
    for answer, found in (
        (True, r"shape \(\) of bool"),
        (np.array([True, False]), r"shape \(2,\) of bool"),
        (np.array([1, 0, 1]), r"shape \(3,\) of int64"),
        (pd.array([True, None, False], dtype="boolean"), r"shape \(3,\) of object"),
        (None, r"shape \(\) of object"),
    ):
        odd = replace(rated_g, name="odd", fires=lambda catalog, answer=answer: answer)
        with pytest.raises(RuleError, match=rf"odd answered with {found}; expected one True or"):
            odd(CATALOG)


def test_a_rule_cannot_change_the_catalog():
    before = CATALOG.copy()

    def meddles(catalog):
        """Meddles."""
        catalog["title"] = "changed"
        return catalog["title"] == "changed"

    assert rule_of(meddles)(CATALOG).tolist() == [1, 1, 1]
    pd.testing.assert_frame_equal(CATALOG, before)


def test_a_declaration_that_cannot_be_is_an_error():
    for message, declare in {
        r"reads_item declares reads=\(\); expected a tuple of columns": {"reads": ()},
        "reads_item declares reads='rating'; expected a tuple of columns": {"reads": "rating"},
        "reads_item reads ratings, which a catalog does not have": {"reads": ("ratings",)},
        r"reads_item votes -1; expected FAMILY \(1\) or NOT_FAMILY": {"votes": -1},
        "reads_item has group 'words'; expected one of rating, genre": {"group": "words"},
        r"reads_item has strength 0\.5; expected more than 0\.5, below 1": {"strength": 0.5},
        "reads_item has strength 1; expected more than 0.5, below 1": {"strength": 1},
        "reads_item needs a docstring of one line": {"doc": ""},
        "reads_item needs a docstring of one line that": {"doc": "Says it.\n\nTwice."},
    }.items():
        with pytest.raises(RuleError, match=message):
            replace(rated_g, **declare)
    with pytest.raises(RuleError, match="<lambda> needs a docstring of one line"):
        rule_of(lambda catalog: catalog["title"] == "A")


def test_readable_gives_text_as_str_and_numbers_as_they_are():
    catalog = pd.DataFrame({"rating": [None], "release_year": pd.array([1994], dtype="Int64")})
    columns = readable(catalog.astype({"rating": object}), ["rating", "release_year", "cast"])
    assert columns.dtypes.astype(str).tolist() == ["str", "Int64", "str"]
    assert columns.isna().iloc[0].tolist() == [True, False, True]
    assert columns["release_year"].tolist() == [1994]

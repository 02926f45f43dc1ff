"""A labeling function sees what it declares, votes one class, and is refused anything else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.errors import RuleError
from tasks.label.matching import keywords
from tasks.label.rule import labeling_function, readable

CATALOG = pd.DataFrame(
    {
        "show_id": ["s1", "s2", "s3"],
        "type": ["Movie", "Movie", "TV Show"],
        "title": ["A", "B", "C"],
        "rating": ["G", None, "R"],
        "listed_in": ["Dramas", "Dramas", "TV Dramas"],
        "description": ["a", "b", "c"],
    }
)


@labeling_function(reads=("rating",), votes=FAMILY)
def rated_g(catalog):
    """Rated G."""
    return catalog["rating"] == "G"


def test_a_rule_votes_its_class_where_it_fires_and_abstains_elsewhere():
    votes = rated_g(CATALOG)
    assert votes.dtype == np.int8
    assert votes.tolist() == [1, -1, -1]


def test_a_rule_describes_itself():
    assert (rated_g.name, rated_g.doc, rated_g.reads, rated_g.votes, rated_g.keywords) == (
        "rated_g",
        "Rated G.",
        ("rating",),
        FAMILY,
        None,
    )


def test_a_rule_carries_its_keywords():
    words = keywords("murder*, kill")

    @labeling_function(reads=("title",), votes=NOT_FAMILY, keywords=words)
    def deadly(catalog):
        """Deadly."""
        return catalog["title"] == "A"

    assert deadly.keywords is words
    assert deadly(CATALOG).tolist() == [0, -1, -1]


def test_a_rules_group_is_told_by_what_it_reads_unless_declared():
    def fires(catalog):
        """Fires."""

    def group(reads, **more):
        return labeling_function(reads=reads, votes=FAMILY, **more)(fires).group

    assert group(("rating",)) == "rating"
    assert group(("listed_in",)) == "genre"
    assert group(("title",), keywords=keywords("kill")) == "keyword"
    assert group(("rating", "type")) == "metadata"
    assert group(("listed_in",), group="metadata") == "metadata"


def test_a_rule_is_trusted_as_declared_or_a_little():
    assert (rated_g.strength, rated_g.trust) == (None, 0.7)
    assert replace(rated_g, strength=0.9).trust == 0.9


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"group": "words"}, "reads_item has group 'words'; expected one of rating, genre"),
        ({"strength": 0.5}, "reads_item has strength 0.5; expected more than 0.5, below 1"),
        ({"strength": 1}, "reads_item has strength 1; expected more than 0.5, below 1"),
    ],
)
def test_an_impossible_group_or_strength_is_an_error(declared, message):
    with pytest.raises(RuleError, match=message):
        labeling_function(reads=("rating",), votes=FAMILY, **declared)(reads_item)


def test_a_missing_optional_column_counts_as_all_missing():
    assert rated_g(CATALOG.drop(columns="rating")).tolist() == [-1, -1, -1]


def test_a_missing_required_column_is_an_error():
    @labeling_function(reads=("listed_in",), votes=FAMILY)
    def any_genre(catalog):
        """Has a genre."""
        return catalog["listed_in"].notna()

    with pytest.raises(RuleError, match="The catalog has no column listed_in, which rules read"):
        any_genre(CATALOG.drop(columns="listed_in"))


def test_a_rule_sees_only_what_it_declares():
    @labeling_function(reads=("title", "rating"), votes=FAMILY)
    def looks_around(catalog):
        """Looks around."""
        assert list(catalog.columns) == ["title", "rating"]
        return catalog["rating"] == "G"

    assert looks_around(CATALOG).tolist() == [1, -1, -1]


def reads_item(catalog):
    """Reads an undeclared column."""
    return catalog["rating"] == "G"


def reads_attribute(catalog):
    """Reads an undeclared column."""
    return catalog.rating == "G"


@pytest.mark.parametrize("fires", [reads_item, reads_attribute])
def test_an_undeclared_read_is_an_error_that_names_rule_and_column(fires):
    rule = labeling_function(reads=("title",), votes=FAMILY)(fires)
    with pytest.raises(RuleError, match=rf"{rule.name} reads rating, which it does not declare"):
        rule(CATALOG)


def test_a_rules_own_mistake_is_not_taken_for_an_undeclared_read():
    @labeling_function(reads=("title",), votes=FAMILY)
    def mistaken(catalog):
        """Has a bug."""
        return {}["nothing"]

    with pytest.raises(KeyError, match="nothing"):
        mistaken(CATALOG)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (True, r"shape \(\) of bool"),
        (np.array([True, False]), r"shape \(2,\) of bool"),
        (np.ones((3, 1), dtype=bool), r"shape \(3, 1\) of bool"),
        (np.array([1, 0, 1]), r"shape \(3,\) of int64"),
        (pd.array([True, None, False], dtype="boolean"), r"shape \(3,\) of object"),
        (None, r"shape \(\) of object"),
    ],
)
def test_anything_but_a_mask_is_an_error(answer, message):
    @labeling_function(reads=("title",), votes=FAMILY)
    def odd(catalog):
        """Answers oddly."""
        return answer

    with pytest.raises(RuleError, match=rf"odd answered with {message}; expected one True or"):
        odd(CATALOG)


def test_a_rule_cannot_change_the_catalog():
    before = CATALOG.copy()

    @labeling_function(reads=("title",), votes=FAMILY)
    def meddles(catalog):
        """Meddles."""
        catalog["title"] = "changed"
        return catalog["title"] == "changed"

    assert meddles(CATALOG).tolist() == [1, 1, 1]
    pd.testing.assert_frame_equal(CATALOG, before)


def undocumented(catalog):
    return catalog["title"] == "A"


def long_winded(catalog):
    """Says it.

    In two paragraphs.
    """
    return catalog["title"] == "A"


@pytest.mark.parametrize(
    ("fires", "reads", "votes", "message"),
    [
        (reads_item, (), FAMILY, r"reads_item declares reads=\(\); expected a tuple of columns"),
        (reads_item, "rating", FAMILY, "declares reads='rating'; expected a tuple of columns"),
        (reads_item, ("ratings",), FAMILY, "reads_item reads ratings, which a catalog does not"),
        (reads_item, ("rating",), -1, r"reads_item votes -1; expected FAMILY \(1\) or NOT_FAMILY"),
        (undocumented, ("title",), FAMILY, "undocumented needs a docstring of one line"),
        (long_winded, ("title",), FAMILY, "long_winded needs a docstring of one line"),
    ],
)
def test_a_malformed_declaration_is_an_error(fires, reads, votes, message):
    with pytest.raises(RuleError, match=message):
        labeling_function(reads=reads, votes=votes)(fires)


def test_readable_gives_text_as_str_and_numbers_as_they_are():
    catalog = pd.DataFrame({"rating": [None, None], "release_year": [1994, 2020]}, dtype=object)
    catalog["release_year"] = catalog["release_year"].astype("Int64")
    columns = readable(catalog, ["rating", "release_year", "cast"])
    assert columns.dtypes.astype(str).to_dict() == {
        "rating": "str",
        "release_year": "Int64",
        "cast": "str",
    }
    assert columns[["rating", "cast"]].isna().all(axis=None)
    assert columns["release_year"].tolist() == [1994, 2020]

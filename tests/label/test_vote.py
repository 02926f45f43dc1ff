"""Votes add up to labels: majority, ties by policy, and no votes as a case of its own."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tasks.catalog import gold_labels
from tasks.errors import RuleError
from tasks.label.core import labeling_function
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.schema import FAMILY, NOT_FAMILY


@labeling_function(reads=("rating",), votes=FAMILY)
def rated_g(catalog):
    """Rated G."""
    return catalog["rating"] == "G"


@labeling_function(reads=("title", "rating"), votes=NOT_FAMILY)
def dark(catalog):
    """Dark by title or rating."""
    return (catalog["title"] == "Dark") | (catalog["rating"] == "R")


CATALOG = pd.DataFrame(
    {"title": ["Dark", "Light", "Dark"], "rating": ["G", "G", None]}, index=[7, 3, 5], dtype="str"
)


def test_every_rule_votes_on_every_title():
    votes = apply_rules(CATALOG, [rated_g, dark])
    expected = pd.DataFrame(
        {"rated_g": [1, 1, -1], "dark": [0, -1, 0]}, index=[7, 3, 5], dtype=np.int8
    )
    pd.testing.assert_frame_equal(votes, expected)


def test_no_rules_and_no_titles():
    assert apply_rules(CATALOG, []).shape == (3, 0)
    assert apply_rules(CATALOG.iloc[:0], [rated_g, dark]).shape == (0, 2)
    assert aggregate(apply_rules(CATALOG, []))["reason"].tolist() == ["no votes"] * 3
    assert len(aggregate(apply_rules(CATALOG.iloc[:0], [rated_g]))) == 0


def test_rules_applied_together_vote_as_they_do_alone():
    catalog = pd.DataFrame(
        {
            "title": ["Kids", "Murder", None],
            "listed_in": ["Kids' TV", None, "Thrillers"],
            "description": ["A puppy.", "Cocaine and sex.", "A haunted kindergarten."],
            "rating": ["TV-Y", "R", None],
        }
    )
    together = apply_rules(catalog, LABELING_FUNCTIONS)
    for rule in LABELING_FUNCTIONS:
        assert together[rule.name].tolist() == rule(catalog).tolist()


def test_rules_without_withheld_columns():
    rules = (rated_g, dark)
    assert rules_without(rules, ()) == rules
    assert rules_without(rules, ("title",)) == (rated_g,)
    assert rules_without(rules, ("rating",)) == ()
    left = rules_without(LABELING_FUNCTIONS, ("rating",))
    assert {rule.name.split("_")[0] for rule in left} == {"genre", "kw"}


VOTES = pd.DataFrame(
    {
        "a": [1, 0, 1, -1, 1],
        "b": [1, 0, 0, -1, -1],
        "c": [-1, 1, -1, -1, 0],
        "d": [-1, 0, -1, -1, 1],
    },
    index=list("vwxyz"),
    dtype=np.int8,
)


@pytest.mark.parametrize(
    ("tie_policy", "tie"), [("abstain", pd.NA), ("family", 1), ("not_family", 0)]
)
def test_majority(tie_policy, tie):
    expected = pd.DataFrame(
        {
            "label": pd.array([1, 0, tie, pd.NA, 1], dtype="Int8"),
            "probability": [1.0, 0.25, 0.5, np.nan, 2 / 3],
            "reason": pd.array(["voted", "voted", "tie", "no votes", "voted"], dtype="str"),
        },
        index=list("vwxyz"),
    )
    pd.testing.assert_frame_equal(aggregate(VOTES, tie_policy), expected)


def test_ties_abstain_by_default():
    pd.testing.assert_frame_equal(aggregate(VOTES), aggregate(VOTES, "abstain"))


@pytest.mark.parametrize("wrong", [2, -2])
def test_a_value_that_is_no_vote_is_an_error_that_names_the_rule(wrong):
    votes = VOTES.copy()
    votes.loc["x", "c"] = wrong
    with pytest.raises(RuleError, match=rf"c votes .*{wrong}.*; expected 1 \(family\), 0"):
        aggregate(votes)


def test_a_missing_vote_is_an_error():
    with pytest.raises(RuleError, match=r"b votes nan; expected 1 \(family\)"):
        aggregate(pd.DataFrame({"a": [1.0, 0.0], "b": [1.0, None]}))


def test_an_unknown_tie_policy_is_an_error():
    with pytest.raises(RuleError, match="tie_policy is 'coin'; expected one of abstain, family"):
        aggregate(VOTES, "coin")


MATRICES = hnp.arrays(
    np.int8, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.sampled_from([-1, 0, 1])
)


@settings(max_examples=50, deadline=None)
@given(MATRICES, st.randoms(use_true_random=False))
def test_neither_the_order_of_rules_nor_of_titles_matters(matrix, random):
    votes = pd.DataFrame(matrix, columns=[f"r{i}" for i in range(matrix.shape[1])])
    rows, columns = list(votes.index), list(votes.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = aggregate(votes.loc[rows, columns]).loc[votes.index]
    pd.testing.assert_frame_equal(shuffled, aggregate(votes))


@pytest.mark.catalog
def test_on_the_real_catalogue_ratings_decide(real_catalog):
    catalog = pd.read_csv(real_catalog, dtype="str", keep_default_na=False, na_values=[""])
    weak = aggregate(apply_rules(catalog, LABELING_FUNCTIONS))
    gold = gold_labels(catalog["rating"])
    both = weak["label"].notna() & gold.notna()
    assert weak["reason"].value_counts()["voted"] > 0.98 * len(catalog)
    assert (weak["label"] == gold)[both].mean() > 0.99

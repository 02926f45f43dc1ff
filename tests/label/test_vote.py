"""Votes add up to labels; ties go by policy, and no votes are a case of their own."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.catalog.utilities import gold_labels
from tasks.config import AGGREGATORS
from tasks.errors import RuleError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import labeling_function
from tasks.label.vote import aggregate, apply_rules, rules_without


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
    for aggregator in AGGREGATORS:
        unruled = aggregate(apply_rules(CATALOG, []), [], aggregator)
        assert unruled["reason"].tolist() == ["no votes"] * 3
        assert len(aggregate(apply_rules(CATALOG.iloc[:0], [rated_g]), [rated_g], aggregator)) == 0


def test_rules_applied_together_vote_as_they_do_alone():
    catalog = pd.DataFrame(
        {
            "type": ["TV Show", "Movie", None],
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
    assert {rule.name.split("_")[0] for rule in left} == {
        "genre", "film", "year", "country", "kw",
    }  # fmt: skip


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
RULES = [replace(rated_g, name=name) for name in VOTES.columns]


def test_the_likelier_class_is_the_label_and_ties_go_by_policy():
    reasons = ["voted", "voted", "tie", "no votes", "voted"]
    for tie_policy, tie in (("abstain", pd.NA), ("family", 1), ("not_family", 0)):
        expected = pd.DataFrame(
            {
                "label": pd.array([1, 0, tie, pd.NA, 1], dtype="Int8"),
                "probability": [1.0, 0.25, 0.5, np.nan, 2 / 3],
                "reason": pd.array(reasons, dtype="str"),
            },
            index=list("vwxyz"),
        )
        found = aggregate(VOTES, RULES, "majority", tie_policy)
        pd.testing.assert_frame_equal(found, expected)
    by_default = aggregate(VOTES, RULES)
    pd.testing.assert_frame_equal(by_default, aggregate(VOTES, RULES, "majority", "abstain"))


def test_a_value_that_is_no_vote_is_an_error_that_names_the_rule():
    for wrong in (2, -2):
        votes = VOTES.copy()
        votes.loc["x", "c"] = wrong
        with pytest.raises(RuleError, match=rf"c votes .*{wrong}.*; expected 1 \(family\), 0"):
            aggregate(votes, RULES)
    with pytest.raises(RuleError, match=r"b votes nan; expected 1 \(family\)"):
        aggregate(pd.DataFrame({"a": [1.0, 0.0], "b": [1.0, None]}), RULES[:2])


def test_an_unknown_way_of_adding_up_is_an_error():
    with pytest.raises(RuleError, match="tie_policy is 'coin'; expected one of abstain, family"):
        aggregate(VOTES, RULES, tie_policy="coin")
    with pytest.raises(RuleError, match="aggregator is 'mean'; expected one of weighted, label"):
        aggregate(VOTES, RULES, "mean")


def test_votes_of_other_rules_are_an_error():
    with pytest.raises(RuleError, match=r"votes are of a, b, c, d; expected .* b, a, c, d"):
        aggregate(VOTES, [RULES[i] for i in (1, 0, 2, 3)])


@pytest.mark.catalog
def test_on_the_real_catalogue_ratings_decide_and_other_rules_vote_on_nearly_all(real_catalog):
    catalog = pd.read_csv(real_catalog, dtype="str", keep_default_na=False, na_values=[""])
    votes = apply_rules(catalog, LABELING_FUNCTIONS)
    gold = gold_labels(catalog["rating"])
    for aggregator in AGGREGATORS:
        weak = aggregate(votes, LABELING_FUNCTIONS, aggregator)
        both = weak["label"].notna() & gold.notna()
        assert weak["reason"].value_counts()["voted"] > 0.98 * len(catalog), aggregator
        assert (weak["label"] == gold)[both].mean() > 0.995, aggregator
    blind = [rule.name for rule in rules_without(LABELING_FUNCTIONS, ("rating",))]
    assert (votes[blind] != ABSTAIN).any(axis=1).mean() > 0.9

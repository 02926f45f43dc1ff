"""Votes add up to labels: guarantees that every aggregator gives, and each one's own arithmetic."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit, logit

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.catalog.utilities import gold_labels
from tasks.config import AGGREGATORS, TIE_POLICIES
from tasks.errors import RuleError
from tasks.label.conditions import Names
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import GROUPS, having, labeling_function
from tasks.label.vote import (
    AGGREGATES,
    TIE_LABELS,
    aggregate,
    apply_rules,
    label_model,
    majority,
    name_votes,
    rules_without,
    weighted,
)


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


def test_the_rules_that_travel_are_named_apart_by_whether_they_read_the_rating():
    rules = (
        having("night", NOT_FAMILY, 0.9, title=Names(any_of=("Dark",)), doc="N."),
        having("named", FAMILY, 0.9, title=Names(none_of=("?",)), doc="D."),
        dark,
        having("for_all", FAMILY, 0.9, rating=Names(any_of=("G",)), doc="F."),
        having("dark_g", FAMILY, 0.9, title=Names(("Dark",)), rating=Names(("G",)), doc="B."),
    )
    expected = pd.DataFrame(
        {
            "votes": ["night, named", "named", "night, named"],
            "rating_votes": ["for_all, dark_g", "for_all", None],
        },
        index=[7, 3, 5],
        dtype="str",
    )
    pd.testing.assert_frame_equal(name_votes(apply_rules(CATALOG, rules), rules), expected)
    for catalog, some in (
        (CATALOG, ()),
        (CATALOG[:0], rules),
        (CATALOG[:0], ()),
        (CATALOG, [dark]),
    ):
        named = name_votes(apply_rules(catalog, some), some)
        assert named.isna().all(axis=None), some
        assert (named.shape, set(named.dtypes.astype(str))) == ((len(catalog), 2), {"str"}), some


def test_no_rules_and_no_titles():
    for aggregator in AGGREGATORS:
        unruled = aggregate(apply_rules(CATALOG, []), [], aggregator)
        assert unruled["reason"].tolist() == ["no votes"] * 3, aggregator
        untitled = apply_rules(CATALOG.iloc[:0], [rated_g])
        assert len(aggregate(untitled, [rated_g], aggregator)) == 0, aggregator


def test_rules_without_withheld_columns():
    rules = (rated_g, dark)
    for withheld, left in (((), rules), (("title",), (rated_g,)), (("rating",), ())):
        assert rules_without(rules, withheld) == left, withheld


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


def test_votes_of_other_rules_are_an_error_and_the_config_names_every_way_to_add_up():
    with pytest.raises(RuleError, match=r"votes are of a, b, c, d; expected .* b, a, c, d"):
        aggregate(VOTES, [RULES[i] for i in (1, 0, 2, 3)])
    assert set(AGGREGATES) == set(AGGREGATORS)
    assert set(TIE_LABELS) == set(TIE_POLICIES)


def rule(strength=None, group="genre", votes=FAMILY):
    return replace(rated_g, strength=strength, group=group, votes=votes)


def matrix(*rows):
    return np.array(rows, dtype=np.int8)


STRENGTHS = st.sampled_from([None, 0.51, 0.65, 0.8, 0.95, 0.99])
SOME_RULES = st.lists(
    st.builds(rule, STRENGTHS, st.sampled_from(GROUPS), st.sampled_from([FAMILY, NOT_FAMILY])),
    min_size=1,
    max_size=8,
)


@st.composite
def ballots(draw):
    """Draw rules, of one class each, and where they fire."""
    rules = draw(SOME_RULES)
    fires = draw(hnp.arrays(np.bool_, (draw(st.integers(1, 12)), len(rules))))
    return np.where(fires, [r.votes for r in rules], ABSTAIN).astype(np.int8), rules


@settings(max_examples=60, deadline=None)
@given(drawn=ballots())
def test_every_title_with_votes_has_a_chance_and_a_unanimous_one_is_never_overruled(drawn):
    votes, rules = drawn
    unvoted = (votes == ABSTAIN).all(axis=1)
    for name, add_up in AGGREGATES.items():
        probability = add_up(votes, rules)
        known = probability[~np.isnan(probability)]
        assert np.isnan(probability[unvoted]).all(), name
        assert ((known >= 0) & (known <= 1)).all(), name
        assert name == "majority" or len(known) == (~unvoted).sum(), name
        chance = np.nan_to_num(probability, nan=0.5)
        assert (chance[~(votes == NOT_FAMILY).any(axis=1)] >= 0.5).all(), name
        assert (chance[~(votes == FAMILY).any(axis=1)] <= 0.5).all(), name


@settings(max_examples=60, deadline=None)
@given(drawn=ballots(), random=st.randoms(use_true_random=False))
def test_neither_the_order_of_rules_nor_of_titles_matters(drawn, random):
    votes, rules = drawn
    rows, columns = list(range(len(votes))), list(range(len(rules)))
    random.shuffle(rows)
    random.shuffle(columns)
    for name, add_up in AGGREGATES.items():
        shuffled = add_up(votes[rows][:, columns], [rules[c] for c in columns])
        expected = pytest.approx(add_up(votes, rules)[rows], abs=1e-7, nan_ok=True)
        assert shuffled == expected, name


@settings(max_examples=60, deadline=None)
@given(drawn=ballots())
def test_more_votes_of_equal_strength_for_a_class_never_speak_against_it(drawn):
    votes, rules = drawn
    equal = [replace(r, strength=0.8) for r in rules]
    for add_up in (majority, weighted):
        before = np.nan_to_num(add_up(votes, equal), nan=0)
        after = add_up(np.where(votes == ABSTAIN, FAMILY, votes).astype(np.int8), equal)
        assert (after >= before).all(), add_up.__name__


def test_majority_is_the_share_of_the_votes_without_hints():
    votes = matrix([1, 1, 0, 0], [1, -1, 0, 0], [-1, -1, 0, 1], [-1, -1, -1, 0])
    found = majority(votes, [rule(), rule(0.75), rule(), rule(0.74)])
    assert found == pytest.approx([2 / 3, 0.5, 0, np.nan], nan_ok=True)


PRIOR, EVIDENCE = logit(0.27), 0.75


def test_a_vote_multiplies_the_odds_by_its_strength():
    rules = [rule(0.95, "genre"), rule(0.65, "keyword")]
    found = weighted(matrix([1, -1], [-1, 0], [1, 0]), rules)
    strong, hint = EVIDENCE * logit(0.95), EVIDENCE * logit(0.65)
    assert found == pytest.approx(expit(np.array([strong, -hint, strong - hint]) + PRIOR))
    assert weighted(matrix([1]), [rule()]) == weighted(matrix([1]), [rule(0.7)])


def test_votes_of_one_group_for_one_class_share_their_weight():
    votes = matrix([1, 1, 1, 1, -1], [1, 1, 1, 0, 0])
    genres = [rule(0.65, "genre") for _ in range(4)]
    found = weighted(votes, [*genres, rule(0.65, "keyword")])
    one = EVIDENCE * logit(0.65)
    alone = 4 * one / 2 / 2  # for family only: the floor
    assert found == pytest.approx(expit([alone, 3 * one / np.sqrt(3) - one - one + PRIOR]))


def test_of_votes_for_family_alone_the_prior_takes_away_at_most_half():
    rules = [rule(0.65), rule(0.65, "keyword"), rule(0.99, "rating")]
    hint, verdict = EVIDENCE * logit(0.65), EVIDENCE * logit(0.99)
    found = weighted(matrix([1, -1, -1], [1, 1, -1], [-1, -1, 1], [1, 0, -1], [0, -1, -1]), rules)
    expected = [hint / 2, 2 * hint / 2, verdict + PRIOR, PRIOR, PRIOR - hint]
    assert found == pytest.approx(expit(expected))


def test_the_label_model_starts_from_strengths():
    rng = np.random.default_rng(0)
    votes = np.where(rng.random((300, 4)) < 0.3, matrix([1, 1, 0, 0]), -1).astype(np.int8)
    votes[0] = [1, -1, 0, -1]
    chances = []
    for strong, other in ((0.95, 0.65), (0.65, 0.95)):
        family = [rule(strong, "genre"), rule(0.65, "genre")]
        against = [rule(other, "keyword", NOT_FAMILY), rule(0.65, "keyword", NOT_FAMILY)]
        chances.append(label_model(votes, family + against)[0])
    assert chances[0] > 0.5 > chances[1]


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

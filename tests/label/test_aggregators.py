"""What votes add up to: guarantees that every aggregator gives, and each one's own arithmetic."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.special import expit, logit

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.config import AGGREGATORS
from tasks.label.aggregators import AGGREGATES, label_model, majority, weighted
from tasks.label.rule import GROUPS, labeling_function


@labeling_function(reads=("title",), votes=FAMILY)
def plain(catalog):
    """Plain."""


def rule(strength=None, group="genre", votes=FAMILY):
    return replace(plain, strength=strength, group=group, votes=votes)


def matrix(*rows):
    return np.array(rows, dtype=np.int8)


STRENGTHS = st.sampled_from([None, 0.51, 0.65, 0.8, 0.95, 0.99])
RULES = st.lists(
    st.builds(rule, STRENGTHS, st.sampled_from(GROUPS), st.sampled_from([FAMILY, NOT_FAMILY])),
    min_size=1,
    max_size=8,
)


@st.composite
def ballots(draw):
    """Draw rules, of one class each, and where they fire."""
    rules = draw(RULES)
    fires = draw(hnp.arrays(np.bool_, (draw(st.integers(1, 12)), len(rules))))
    return np.where(fires, [r.votes for r in rules], ABSTAIN).astype(np.int8), rules


def test_the_config_names_them_all():
    assert set(AGGREGATES) == set(AGGREGATORS)


@settings(max_examples=60, deadline=None)
@given(drawn=ballots())
def test_every_title_with_votes_has_a_chance_and_a_unanimous_one_is_never_overruled(drawn):
    votes, rules = drawn
    unvoted = (votes == ABSTAIN).all(axis=1)
    for name, aggregate in AGGREGATES.items():
        probability = aggregate(votes, rules)
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
    for name, aggregate in AGGREGATES.items():
        shuffled = aggregate(votes[rows][:, columns], [rules[c] for c in columns])
        expected = pytest.approx(aggregate(votes, rules)[rows], abs=1e-7, nan_ok=True)
        assert shuffled == expected, name


@settings(max_examples=60, deadline=None)
@given(drawn=ballots())
def test_more_votes_of_equal_strength_for_a_class_never_speak_against_it(drawn):
    votes, rules = drawn
    equal = [replace(r, strength=0.8) for r in rules]
    for aggregate in (majority, weighted):
        before = np.nan_to_num(aggregate(votes, equal), nan=0)
        after = aggregate(np.where(votes == ABSTAIN, FAMILY, votes).astype(np.int8), equal)
        assert (after >= before).all(), aggregate.__name__


def test_majority_is_the_share_of_the_votes():
    votes = matrix([1, 1, 0], [1, -1, 0], [-1, -1, 0], [-1, -1, -1])
    found = majority(votes, [rule(), rule(), rule()])
    assert found == pytest.approx([2 / 3, 0.5, 0, np.nan], nan_ok=True)


def test_hints_do_not_count_in_a_majority():
    votes = matrix([1, 0, 0], [-1, 0, 0], [-1, -1, -1])
    found = majority(votes, [rule(0.8), rule(0.74), rule(0.65)])
    assert found == pytest.approx([1, np.nan, np.nan], nan_ok=True)


PRIOR = -logit(0.65) / 2  # that is less than half as many odds as the prior alone would be


def test_a_vote_multiplies_the_odds_by_its_strength():
    rules = [rule(0.95, "genre"), rule(0.65, "keyword")]
    found = weighted(matrix([1, -1], [-1, 0], [1, 0]), rules)
    strong, hint = logit(0.95), logit(0.65)
    expected = expit(np.array([strong, -hint, strong - hint]) + PRIOR)
    assert found == pytest.approx(expected)


def test_votes_of_one_group_for_one_class_share_their_weight():
    votes = matrix([1, 1, 1, 1, -1], [1, 1, 1, 0, 0])
    genres = [rule(0.65, "genre") for _ in range(4)]
    found = weighted(votes, [*genres, rule(0.65, "keyword")])
    one = logit(0.65)
    expected = expit(np.array([4 * one / 2, 3 * one / np.sqrt(3) - one - one]) + PRIOR)
    assert found == pytest.approx(expected)


def test_the_prior_settles_what_the_votes_leave_open():
    found = weighted(matrix([1, 0]), [rule(0.8), rule(0.8, "keyword")])
    assert found[0] == pytest.approx(expit(-logit(0.8) / 2))
    far = weighted(matrix([1, 0]), [rule(0.99), rule(0.99, "keyword")])
    assert far[0] == pytest.approx(0.3)  # where votes are strong, the whole prior


def test_an_undeclared_strength_counts_a_little():
    assert weighted(matrix([1]), [rule()]) == weighted(matrix([1]), [rule(0.7)])


def test_the_label_model_starts_from_strengths():
    rng = np.random.default_rng(0)
    votes = np.where(rng.random((300, 4)) < 0.3, matrix([1, 1, 0, 0]), -1).astype(np.int8)
    votes[0] = [1, -1, 0, -1]

    def first_title(strong, other):
        """Return the chance of the title on which the first and the third rule vote."""
        family = [rule(strong, "genre"), rule(0.65, "genre")]
        against = [rule(other, "keyword", NOT_FAMILY), rule(0.65, "keyword", NOT_FAMILY)]
        return label_model(votes, family + against)[0]

    assert first_title(0.95, 0.65) > 0.5 > first_title(0.65, 0.95)

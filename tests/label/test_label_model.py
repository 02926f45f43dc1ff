"""The label model keeps its guarantees on any votes and beats majority vote on simulated ones."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import roc_auc_score

from tasks.errors import RuleError
from tasks.label.label_model import LabelModel

votes_of_any_kind = arrays(
    np.int8,
    st.tuples(st.integers(1, 12), st.integers(1, 6)),
    elements=st.sampled_from([1, 0, -1, -1]),
)
priors = st.none() | st.floats(0.02, 0.98)
quick = settings(deadline=None, max_examples=80, derandomize=True)


def family(model, votes):
    return model.fit(votes).predict_proba(votes)[:, 1]


def simulated(
    seed, *, n=2000, rules=12, share=0.3, fires=(0.05, 0.3), ratio=(2, 12), two_class=False
):
    """Votes that are independent given the truth, and the truth."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(int)
    votes = np.full((n, rules), -1, dtype=np.int8)
    for rule in range(rules):
        classes = (0, 1) if two_class else (rule % 2,)
        for label in classes:
            right = rng.uniform(*fires)
            chance = np.where(truth == label, right, right / rng.uniform(*ratio))
            votes[(rng.random(n) < chance) & (votes[:, rule] == -1), rule] = label
    return votes, truth


def majorities(votes):
    """The three scores that people call majority vote: hard, share and difference."""
    yes, no = (votes == 1).sum(axis=1), (votes == 0).sum(axis=1)
    share = np.divide(yes, yes + no, out=np.full(len(votes), 0.5), where=yes + no > 0)
    return {"hard": np.sign(yes - no), "share": share, "difference": yes - no}


@quick
@given(votes_of_any_kind, votes_of_any_kind, priors, st.data())
def test_a_unanimous_title_seen_or_not_never_gets_the_other_class(seen, new, prior, data):
    columns = data.draw(st.lists(st.integers(0, new.shape[1] - 1), min_size=1, max_size=6))
    new = np.resize(new[:, columns], (len(new), seen.shape[1]))
    new[0] = -1
    one_each = {"min_size": new.shape[1], "max_size": new.shape[1]}
    groups = data.draw(st.none() | st.lists(st.sampled_from("ab"), **one_each))
    model = LabelModel(prior, groups=groups).fit(seen)
    assert prior in (None, model.prior_)
    for votes in (seen, new):
        both = model.predict_proba(votes)
        assert both.shape == (len(votes), 2)
        assert (both >= 0).all()
        assert np.allclose(both.sum(axis=1), 1)
        yes, no = (votes == 1).any(axis=1), (votes == 0).any(axis=1)
        assert (both[yes & ~no, 1] >= 0.5).all()
        assert (both[no & ~yes, 1] <= 0.5).all()
        assert np.allclose(both[~yes & ~no, 1], model.prior_)


@quick
@given(votes_of_any_kind, priors, st.randoms(use_true_random=False))
def test_another_order_gives_the_same_and_exchanged_classes_the_exchanged_answer(
    votes, prior, random
):
    found = family(LabelModel(prior), votes)
    rows = random.sample(range(len(votes)), len(votes))
    columns = random.sample(range(votes.shape[1]), votes.shape[1])
    shuffled = family(LabelModel(prior), votes[np.ix_(rows, columns)])
    assert np.allclose(shuffled, found[rows], rtol=0, atol=1e-12)
    exchanged = np.where(votes == -1, -1, 1 - votes)
    other = None if prior is None else 1 - prior
    assert np.allclose(family(LabelModel(other), exchanged), 1 - found, rtol=0, atol=1e-9)


def test_another_order_of_many_titles_gives_the_same_answer():
    votes, _ = simulated(0)
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(len(votes)), rng.permutation(votes.shape[1])
    groups = list("aaabbbcccdde")
    moved = [groups[column] for column in columns]
    there = family(LabelModel(groups=moved), votes[np.ix_(rows, columns)])
    here = family(LabelModel(groups=groups), votes)
    assert np.allclose(there, here[rows], rtol=0, atol=1e-12)


@settings(deadline=None, max_examples=25, derandomize=True)
@given(
    seed=st.integers(0, 10_000),
    share=st.floats(0.1, 0.5),
    rules=st.sampled_from([5, 10, 30]),
    most=st.floats(0.06, 0.4),
    two_class=st.booleans(),
)
def test_one_class_and_sparse_rules_never_make_it_worse_than_majority(
    seed, share, rules, most, two_class
):
    votes, truth = simulated(
        seed, share=share, rules=rules, fires=(0.02, most), two_class=two_class
    )
    reached = roc_auc_score(truth, family(LabelModel(), votes))
    for name, score in majorities(votes).items():
        assert reached > roc_auc_score(truth, score) - 0.01, name


def test_it_beats_majority_vote_on_simulated_sets():
    for kind, settings_of_votes in {
        "many sparse keywords": {"rules": 70, "share": 0.13, "fires": (0.002, 0.04)},
        "ten balanced rules": {"rules": 10, "share": 0.5},
        "few broad rules": {"rules": 6, "fires": (0.2, 0.6), "two_class": True},
        "rules of very different worth": {"rules": 40, "ratio": (1.2, 20)},
    }.items():
        gains = []
        for seed in range(4):
            votes, truth = simulated(seed, **settings_of_votes)
            best = max(roc_auc_score(truth, score) for score in majorities(votes).values())
            gains.append(roc_auc_score(truth, family(LabelModel(), votes)) - best)
        assert np.mean(gains) > 0, kind


def test_a_useful_rule_weighs_more_than_a_useless_one():
    votes, truth = simulated(3, rules=10, n=4000)
    coin = np.where(np.random.default_rng(0).random(len(truth)) < 0.2, 1, -1).astype(np.int8)
    weights = LabelModel().fit(np.column_stack([votes, coin])).weights_[:, 1]
    assert weights[10] < weights[[1, 3, 5, 7, 9]].min()


def test_copies_of_a_rule_vote_as_one():
    votes, truth = simulated(4, rules=8, n=4000)
    alone, known = LabelModel().fit(votes), roc_auc_score(truth, family(LabelModel(), votes))
    for rule in range(2):
        crowd = np.column_stack([votes, votes[:, [rule] * 4]])
        crowded = LabelModel().fit(crowd)
        assert crowded.weights_[rule] == pytest.approx(alone.weights_[rule], rel=0.25), rule
        copies = crowded.weights_[[rule, 8, 9, 10, 11]]
        assert np.ptp(copies, axis=0) == pytest.approx(0, abs=1e-9), rule
        reached = roc_auc_score(truth, crowded.predict_proba(crowd)[:, 1])
        assert reached == pytest.approx(known, abs=0.01), rule


def test_votes_of_one_group_are_damped_by_the_root_of_their_number():
    votes, _ = simulated(5, rules=4)
    titles = np.array([[1, -1, 1, 0], [1, 1, -1, -1]], dtype=np.int8)
    for groups, expected in ((None, [0.5, 1.0]), (list("abac"), [0.5 * (2**0.5 - 1), 1.0])):
        model = LabelModel(prior=0.5, groups=groups).fit(votes)
        model.weights_ = np.ones((4, 2))
        against, in_favour = model.predict_proba(titles).T
        assert np.log(in_favour / against) == pytest.approx(expected), groups


def test_a_declared_strength_moves_the_weight():
    votes, _ = simulated(6, rules=4, n=300)
    strengths = [np.nan, 0.95, np.nan, 0.6]
    declared = LabelModel(prior=0.5, strengths=strengths).fit(votes).weights_[:, 1]
    plain = LabelModel(prior=0.5).fit(votes).weights_[:, 1]
    assert declared[3] < plain[3]


def test_the_prior_is_read_off_the_votes():
    votes = np.array([[1, -1], [1, 0], [1, -1], [-1, -1]], dtype=np.int8)
    assert LabelModel().fit(votes).prior_ > 0.6
    assert LabelModel().fit(np.where(votes == -1, -1, 1 - votes)).prior_ < 0.4
    assert LabelModel().fit(np.full((3, 2), -1)).prior_ == pytest.approx(0.5)


def test_more_votes_for_a_class_never_lower_it():
    votes, _ = simulated(7)
    model = LabelModel().fit(votes)
    more = votes.copy()
    more[:, 1] = 1  # abstained or voted family before
    assert (model.predict_proba(more)[:, 1] >= model.predict_proba(votes)[:, 1]).all()


def test_what_it_cannot_learn_from_is_refused():
    model = LabelModel().fit([[1, 0], [-1, 1]])
    for votes, message in (
        (np.array([1, 0, -1]), r"shape \(3,\); expected \(n_titles, n_rules\)"),
        (np.empty((0, 3), dtype=np.int8), r"shape \(0, 3\)"),
        (np.array([[1, 0], [-1, 2]]), r"Rule 1 votes 2 on title 1; expected 1 \(family\)"),
        (np.array([[np.nan, 1.0]]), r"Rule 0 votes nan on title 0"),
    ):
        for use in (LabelModel().fit, model.predict_proba):
            with pytest.raises(RuleError, match=message):
                use(votes)
    with pytest.raises(RuleError, match=r"votes are of 3 rules; the label model was fitted on 2"):
        model.predict_proba([[1, 0, 1]])
    with pytest.raises(RuleError, match=r"not fitted; call fit\(votes\) first"):
        LabelModel().predict_proba([[1, 0]])
    for message, parameters in {
        r"prior is 0\.0; expected a share between 0 and 1": {"prior": 0.0},
        r"1 groups for 2 rules; expected one a rule": {"groups": ["genre"]},
        r"strengths are \[0\.7\] for 2 rules; expected one a rule": {"strengths": [0.7]},
        r"between 0 and 1, NaN where unknown": {"strengths": [0.7, 1.0]},
    }.items():
        with pytest.raises(RuleError, match=message):
            LabelModel(**parameters).fit([[1, 0], [-1, 1]])

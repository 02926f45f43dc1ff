import time

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
models = st.builds(
    LabelModel, prior=st.none() | st.floats(0.02, 0.98), rounds=st.integers(1, 6)
)
quick = settings(deadline=None, max_examples=150, derandomize=True)


def family(model, votes):
    return model.fit(votes).predict_proba(votes)[:, 1]


def simulated(seed, *, n=2000, rules=12, share=0.3, fires=(0.05, 0.3), ratio=(2, 12), two_class=False):
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


# --- the guarantees


@quick
@given(votes_of_any_kind, models)
def test_probabilities_are_two_columns_that_add_up(votes, model):
    probability = model.fit(votes).predict_proba(votes)
    assert probability.shape == (len(votes), 2)
    assert np.isfinite(probability).all()
    assert (probability >= 0).all()
    assert np.allclose(probability.sum(axis=1), 1)


@quick
@given(votes_of_any_kind, models)
def test_a_unanimous_title_never_gets_the_other_class(votes, model):
    probability = family(model, votes)
    yes, no = (votes == 1).any(axis=1), (votes == 0).any(axis=1)
    assert (probability[yes & ~no] >= 0.5).all()
    assert (probability[no & ~yes] <= 0.5).all()


@quick
@given(votes_of_any_kind, votes_of_any_kind, st.data())
def test_unanimity_holds_on_titles_the_model_has_not_seen(seen, new, data):
    columns = data.draw(st.lists(st.integers(0, new.shape[1] - 1), min_size=1, max_size=6))
    new = np.resize(new[:, columns], (len(new), seen.shape[1]))
    groups = data.draw(st.lists(st.sampled_from("ab"), min_size=new.shape[1], max_size=new.shape[1]))
    probability = LabelModel(groups=groups).fit(seen).predict_proba(new)[:, 1]
    yes, no = (new == 1).any(axis=1), (new == 0).any(axis=1)
    assert (probability[yes & ~no] >= 0.5).all()
    assert (probability[no & ~yes] <= 0.5).all()


@quick
@given(votes_of_any_kind, models)
def test_a_title_without_votes_gets_the_prior_and_is_marked(votes, model):
    votes[0] = -1
    probability = family(model, votes)
    unvoted = model.unvoted(votes)
    assert unvoted.tolist() == [set(row) == {-1} for row in votes.tolist()]
    assert np.allclose(probability[unvoted], model.prior_)
    if model.prior is not None:
        assert model.prior_ == model.prior


@quick
@given(votes_of_any_kind, models, st.randoms(use_true_random=False))
def test_another_order_of_titles_or_rules_gives_the_same_answer(votes, model, random):
    rows = random.sample(range(len(votes)), len(votes))
    columns = random.sample(range(votes.shape[1]), votes.shape[1])
    shuffled = votes[np.ix_(rows, columns)]
    assert np.allclose(family(model, shuffled), family(model, votes)[rows], rtol=0, atol=1e-12)


@pytest.mark.parametrize("groups", [None, list("aaabbbcccdde")])
def test_another_order_of_many_titles_gives_the_same_answer(groups):
    votes, _ = simulated(0)
    rng = np.random.default_rng(1)
    rows, columns = rng.permutation(len(votes)), rng.permutation(votes.shape[1])
    moved = None if groups is None else [groups[column] for column in columns]
    there = family(LabelModel(groups=moved), votes[np.ix_(rows, columns)])
    here = family(LabelModel(groups=groups), votes)
    assert np.allclose(there, here[rows], rtol=0, atol=1e-12)


@quick
@given(votes_of_any_kind, st.none() | st.floats(0.02, 0.98))
def test_exchanging_the_classes_exchanges_the_probabilities(votes, prior):
    exchanged = np.where(votes == -1, -1, 1 - votes)
    other = None if prior is None else 1 - prior
    expected = 1 - family(LabelModel(prior), votes)
    assert np.allclose(family(LabelModel(other), exchanged), expected, rtol=0, atol=1e-9)


@settings(deadline=None, max_examples=60, derandomize=True)
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

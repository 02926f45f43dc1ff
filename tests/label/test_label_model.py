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
quick = settings(deadline=None, max_examples=12, derandomize=True)


def family(model, votes):
    return model.fit(votes).predict_proba(votes)[:, 1]


def simulated(seed, rules, *, share=0.3, n=2000):
    """Votes, independent given the truth, of rules (class, chance on it, chance on the other)."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < share).astype(int)
    votes = np.full((n, len(rules)), -1, dtype=np.int8)
    for column, (label, right, wrong) in enumerate(rules):
        fires = rng.random(n) < np.where(truth == label, right, wrong)
        votes[fires, column] = label
    return votes, truth


def rules_of(seed, number, fires=(0.05, 0.3), ratio=(2, 12)):
    """Rules of the classes in turn, from useless to good, from rare to broad."""
    rng = np.random.default_rng(seed)
    right = rng.uniform(*fires, number)
    return [(j % 2, chance, chance / rng.uniform(*ratio)) for j, chance in enumerate(right)]


KINDS = {  # rules, share of FAMILY
    "many sparse keywords": (rules_of(0, 70, (0.002, 0.04)), 0.13),
    "ten balanced rules": (rules_of(1, 10), 0.5),
    "few broad rules": (rules_of(2, 6, (0.2, 0.6)), 0.3),
    "rules of very different worth": (rules_of(3, 40, ratio=(1.2, 20)), 0.3),
    "one class against nine": ([(1, 0.3, 0.02)] * 3 + [(0, 0.04, 0.008)] * 27, 0.1),
    "broad weak rules beside rare good ones": (
        [(1, 0.6, 0.45), (0, 0.6, 0.45)] * 3 + [(1, 0.12, 0.005), (0, 0.12, 0.005)] * 5,
        0.4,
    ),
}


def majorities(votes):
    """Hard majority, the share of votes, and equal strengths as one group of `weighted`."""
    yes, no = (votes == 1).sum(axis=1), (votes == 0).sum(axis=1)
    share = np.divide(yes, yes + no, out=np.full(len(votes), 0.5), where=yes + no > 0)
    return np.sign(yes - no), share, np.sqrt(yes) - np.sqrt(no)


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
        assert np.allclose(both.sum(axis=1), np.ones(len(votes)))
        yes, no = (votes == 1).any(axis=1), (votes == 0).any(axis=1)
        assert (both[yes & ~no, 1] >= 0.5).all()
        assert (both[no & ~yes, 1] <= 0.5).all()
        assert np.allclose(both[~yes & ~no, 1], model.prior_)


@quick
@given(votes_of_any_kind, priors)
def test_exchanged_classes_give_the_exchanged_answer(votes, prior):
    found = family(LabelModel(prior), votes)
    exchanged = np.where(votes == -1, -1, 1 - votes)
    other = None if prior is None else 1 - prior
    assert np.allclose(family(LabelModel(other), exchanged), 1 - found, rtol=0, atol=1e-9)


def test_it_beats_majority_vote_and_a_true_prior_only_calibrates_it():
    for kind, (rules, share) in KINDS.items():
        reached = []
        for seed in range(2):
            votes, truth = simulated(seed, rules, share=share)
            plain, told = family(LabelModel(), votes), family(LabelModel(truth.mean()), votes)
            reached.append([roc_auc_score(truth, s) for s in (plain, told, *majorities(votes))])
            errors = [np.mean((belief - truth) ** 2) for belief in (told, plain)]
            assert errors[0] < errors[1] + 0.003, kind
        plain, told, hard, votes_share, damped = np.mean(reached, axis=0)
        assert told == plain > max(hard, votes_share, damped - 0.004), kind


def test_the_mean_belief_is_the_prior():
    votes, _ = simulated(0, KINDS["few broad rules"][0])
    for prior in (0.3, 0.4, 0.5):
        assert family(LabelModel(prior), votes).mean() == pytest.approx(prior, abs=0.001)


def test_broad_weak_rules_do_not_take_the_weight_of_rare_good_ones():
    rules, share = KINDS["broad weak rules beside rare good ones"]
    weights = LabelModel().fit(simulated(1, rules, share=share)[0]).weights_
    voting = weights[np.arange(16), [label for label, _, _ in rules]]
    assert voting[:6].max() < 0.5 * voting[6:].min()


def test_copies_of_a_rule_vote_as_one():
    votes, _ = simulated(4, rules_of(4, 8), n=4000)
    alone = LabelModel().fit(votes).weights_
    for rule in range(2):
        crowded = LabelModel().fit(np.column_stack([votes, votes[:, [rule] * 4]])).weights_
        assert crowded[:8] == pytest.approx(alone, rel=0.01), rule
        assert crowded[8:] == pytest.approx(crowded[[rule] * 4]), rule


def test_n_votes_of_one_group_count_as_the_root_of_n():
    votes, _ = simulated(5, rules_of(0, 4))
    titles = np.array([[1, -1, 1, 0], [1, 1, -1, -1]], dtype=np.int8)
    for groups, expected in ((None, [2**0.5 - 1, 2**0.5]), (list("abac"), [2**0.5 - 1, 2])):
        model = LabelModel(prior=0.5, groups=groups).fit(votes)
        model.weights_, model._tilt = np.ones((4, 2)), 0.0
        against, in_favour = model.predict_proba(titles).T
        assert np.log(in_favour / against) == pytest.approx(expected, abs=1e-3), groups


def test_the_prior_is_read_off_the_votes():
    votes = np.array([[1, -1], [1, 0], [1, -1], [-1, -1]], dtype=np.int8)
    assert LabelModel().fit(votes).prior_ > 0.6
    assert LabelModel().fit(np.where(votes == -1, -1, 1 - votes)).prior_ < 0.4
    assert LabelModel().fit(np.full((3, 2), -1)).prior_ == pytest.approx(0.5)


def test_more_votes_for_a_class_never_lower_it():
    votes, _ = simulated(7, rules_of(7, 12))
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
    with pytest.raises(RuleError, match=r"of 3 rules; the model was fitted on 2\. Fit it again"):
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

"""What the analysis says of a rule, counted by hand, and each fault where it is and not else."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.errors import LeakageError
from tasks.label.analysis import analyse_rules, find_faults, refuse_gold_readers
from tasks.label.conditions import keywords
from tasks.label.rule import having, listing, mentioning

rated = having("rated", FAMILY, 0.9, rating=bool, doc="Rated.")
deadly = mentioning("deadly", NOT_FAMILY, 0.9, keywords("murder*, kill"), doc="Deadly.")
silent = having("silent", NOT_FAMILY, 0.9, listed_in=bool, doc="Silent.")

RULES = (rated, deadly, silent)
VOTES = pd.DataFrame(
    {"rated": [1, 1, -1, -1, -1], "deadly": [0, -1, 0, 0, -1], "silent": [-1, -1, -1, 0, -1]},
    dtype=np.int8,
)
GOLD = pd.Series([1, 1, 0, 0, None], dtype="Int8")
LABELS = pd.Series([None, 1, 0, 0, None], dtype="Int8")


def analyse(votes=VOTES, gold=GOLD, labels=LABELS):
    return {rule["name"]: rule for rule in analyse_rules(votes, RULES, gold, labels)}


def test_rules_in_full_and_in_their_order():
    described = analyse()
    assert list(described) == ["rated", "deadly", "silent"]
    assert json.loads(json.dumps(described, allow_nan=False)) == described
    assert described["deadly"] == {
        "name": "deadly", "doc": "Deadly.", "reads": ["title", "description"],
        "keywords": ["murder*", "kill"], "group": "keyword", "strength": 0.9,
        "votes": 0, "polarity": "not family", "votes_cast": 3,
        "coverage": 3 / 5, "overlaps": 2 / 5, "conflicts": 1 / 5,
        "label_agreement": 1.0, "label_agreement_n": 2, "accuracy": 2 / 3, "accuracy_n": 3,
        "status": "ok", "findings": [],
        "intervals": {
            "coverage": pytest.approx([0.2307, 0.8824], abs=1e-4),
            "overlaps": pytest.approx([0.1176, 0.7693], abs=1e-4),
            "conflicts": pytest.approx([0.0362, 0.6245], abs=1e-4),
            "label_agreement": pytest.approx([0.3424, 1.0], abs=1e-4),
            "accuracy": pytest.approx([0.2077, 0.9385], abs=1e-4),
        },
    }  # fmt: skip
    agreeing = described["silent"]
    assert (agreeing["votes_cast"], agreeing["overlaps"], agreeing["conflicts"]) == (1, 0.2, 0.0)


def test_a_rule_that_reads_the_gold_or_never_votes_is_not_judged_by_it():
    rule = analyse()["rated"]
    assert (rule["coverage"], rule["conflicts"], rule["label_agreement"]) == (0.4, 0.2, 1.0)
    assert (rule["accuracy"], rule["accuracy_n"], rule["intervals"]["accuracy"]) == (None, 0, None)
    assert rule["status"] == "reads rating, which is the gold"
    rule = analyse(VOTES.assign(silent=np.int8(-1)))["silent"]
    assert (rule["votes_cast"], rule["coverage"], rule["label_agreement"]) == (0, 0.0, None)
    assert (rule["accuracy"], rule["status"]) == (None, "votes on no title that has gold")
    assert rule["findings"] == ["dead: votes on no title"]
    none = analyse(VOTES.iloc[:0], GOLD.iloc[:0], LABELS.iloc[:0])["deadly"]
    assert (none["votes_cast"], none["coverage"], none["findings"]) == (0, None, [])


MANY_LABELS = pd.Series([1] * 60 + [0] * 120 + [None] * 20, dtype="Int8")


def faults(labels=MANY_LABELS, **fired):
    """Find the faults of rules, each told by class and titles: name=(votes, range, ...)."""
    rules = [replace(silent, name=name, votes=votes) for name, (votes, *_) in fired.items()]
    votes = np.full((len(labels), len(rules)), ABSTAIN, dtype=np.int8)
    for column, (value, *ranges) in enumerate(fired.values()):
        for titles in ranges:
            votes[titles, column] = value
    return dict(zip(fired, find_faults(votes, rules, labels), strict=True))


def test_a_good_rule_has_no_faults():
    good = (FAMILY, slice(0, 50), slice(60, 65))
    assert faults(good=good, many=(NOT_FAMILY, slice(58, 180))) == {"good": [], "many": []}
    for value in (1, None):  # labels of one class, or none
        labels = pd.Series([value] * 200, dtype="Int8")
        assert faults(labels, good=(FAMILY, slice(0, 50))) == {"good": []}


def test_too_broad_or_worse_than_chance():
    found = faults(broad=(FAMILY, slice(0, 60), slice(60, 90)), wide=(NOT_FAMILY, slice(45, 180)))
    assert found == {
        "broad": ["too broad: votes on 25% of the 120 titles labelled not family"],
        "wide": ["too broad: votes on 25% of the 60 titles labelled family"],
    }
    found = faults(odd=(FAMILY, slice(55, 85)), even=(FAMILY, slice(50, 80)))
    assert found["odd"][-1] == (
        "worse than chance: 17% of the 30 titles that it votes on are labelled family, "
        "elsewhere 37%"
    )
    assert found["even"] == []  # 33 % here and elsewhere


def test_rules_of_one_class_with_the_same_titles_are_redundant():
    one, two, three = (slice(first, 40) for first in (0, 4, 5))
    assert faults(one=(FAMILY, one), two=(FAMILY, two), three=(FAMILY, three)) == {
        "one": ["redundant: votes on the same titles as two"],
        "two": ["redundant: votes on the same titles as one, three"],
        "three": ["redundant: votes on the same titles as two"],
    }
    few, many = slice(0, 19), slice(50, 71)
    found = faults(a=(FAMILY, few), b=(FAMILY, few), c=(FAMILY, many), d=(NOT_FAMILY, many))
    assert list(found.values()) == [[], [], [], []]


# Gold of which every fourth title is family.
RATED = pd.Series([1, 0, 0, 0] * 200, dtype="Int8")


def check(side=FAMILY, keep=100, gold=RATED, rule=silent):
    """Ask about a rule that votes as gold does on the first `keep` of each hundred titles."""
    known = (gold == side) & (np.arange(len(gold)) % 100 < keep)
    votes = pd.DataFrame({rule.name: np.where(known, side, ABSTAIN)})
    refuse_gold_readers(votes, [replace(rule, votes=side)], gold)


def test_a_rule_that_reads_gold_is_named():
    expected = r"Rule silent reads gold: \d+ of the \d+ titles .* declares to read listed_in only"
    for side, keep in ((FAMILY, 100), (NOT_FAMILY, 100), (NOT_FAMILY, 60)):
        with pytest.raises(LeakageError, match=expected):
            check(side, keep)


def test_an_honest_rule_is_let_be():
    check(keep=30)  # right on few titles: may be prior knowledge
    check(rule=rated)  # it declares to read the rating
    check(rule=listing("silent", FAMILY, 0.9, "Kids", doc="Kids."))  # data sees what it declares
    check(gold=RATED[:400])  # too little gold proves nothing
    check(gold=RATED.where(RATED == FAMILY, FAMILY))  # nor does gold of one class
    nearly_all = pd.Series([1] * 796 + [0] * 4, dtype="Int8")  # easily found by voting on all
    votes = pd.DataFrame({"silent": np.ones(800, dtype=np.int8)})
    refuse_gold_readers(votes, [replace(silent, votes=FAMILY)], nearly_all)

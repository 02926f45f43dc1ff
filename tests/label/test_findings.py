"""Each fault of a rule is found where it is, said in a sentence, and not found where it is not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.label.findings import find_faults
from tasks.label.rule import labeling_function

N = 200
LABELS = pd.Series([1] * 60 + [0] * 120 + [None] * 20, dtype="Int8")


@labeling_function(reads=("title",), votes=FAMILY)
def plain(catalog):
    """Plain."""


def faults(labels=LABELS, **fired):
    """Find the faults of rules, each told by class and titles: name=(votes, range, ...)."""
    rules = [replace(plain, name=name, votes=votes) for name, (votes, *_) in fired.items()]
    votes = np.full((len(labels), len(rules)), ABSTAIN, dtype=np.int8)
    for column, (value, *ranges) in enumerate(fired.values()):
        for titles in ranges:
            votes[titles, column] = value
    return dict(zip(fired, find_faults(votes, rules, labels), strict=True))


def test_a_good_rule_has_none():
    assert faults(good=(FAMILY, slice(0, 50), slice(60, 65))) == {"good": []}


def test_dead():
    assert faults(dead=(FAMILY,)) == {"dead": ["dead: votes on no title"]}


def test_too_broad():
    found = faults(broad=(FAMILY, slice(0, 60), slice(60, 90)), wide=(NOT_FAMILY, slice(45, 180)))
    assert found == {
        "broad": ["too broad: votes on 25% of the 120 titles labelled not family"],
        "wide": ["too broad: votes on 25% of the 60 titles labelled family"],
    }


def test_a_rule_may_vote_on_most_titles_if_they_are_of_its_class():
    assert faults(many=(NOT_FAMILY, slice(58, 180))) == {"many": []}


def test_redundant():
    found = faults(
        one=(FAMILY, slice(0, 40)), two=(FAMILY, slice(4, 40)), three=(FAMILY, slice(5, 40))
    )
    assert found == {
        "one": ["redundant: votes on the same titles as two"],
        "two": ["redundant: votes on the same titles as one, three"],
        "three": ["redundant: votes on the same titles as two"],
    }


def test_rules_of_two_classes_or_few_votes_are_not_redundant():
    few, many = slice(0, 19), slice(50, 71)
    found = faults(
        one=(FAMILY, few), two=(FAMILY, few), three=(FAMILY, many), four=(NOT_FAMILY, many)
    )
    assert list(found.values()) == [[], [], [], []]


def test_worse_than_chance():
    found = faults(odd=(FAMILY, slice(55, 85)), even=(FAMILY, slice(50, 80)))
    assert found["odd"][-1] == (
        "worse than chance: 17% of the 30 titles that it votes on are labelled family, "
        "elsewhere 37%"
    )
    assert found["even"] == []  # 33 % here and elsewhere


def test_no_titles_no_faults():
    assert faults(LABELS.iloc[:0], good=(FAMILY,)) == {"good": []}


@pytest.mark.parametrize("value", [1, None])
def test_labels_of_one_class_or_none_are_enough(value):
    labels = pd.Series([value] * N, dtype="Int8")
    assert faults(labels, good=(FAMILY, slice(0, 50))) == {"good": []}

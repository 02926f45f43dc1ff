"""What the analysis says of a rule, on a handful of titles counted by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.label.analysis import analyse_rules
from tasks.label.matching import keywords
from tasks.label.rule import labeling_function


@labeling_function(reads=("rating",), votes=FAMILY)
def rated(catalog):
    """Rated."""
    return catalog["rating"].notna()


@labeling_function(
    reads=("title",), votes=NOT_FAMILY, keywords=keywords("murder*, kill"), strength=0.9
)
def deadly(catalog):
    """Deadly."""
    return catalog["title"].notna()


@labeling_function(reads=("listed_in",), votes=NOT_FAMILY)
def silent(catalog):
    """Silent."""
    return catalog["listed_in"].isna()


RULES = (rated, deadly, silent)
VOTES = pd.DataFrame(
    {"rated": [1, 1, -1, -1, -1], "deadly": [0, -1, 0, 0, -1], "silent": [-1, -1, -1, 0, -1]},
    dtype=np.int8,
)
GOLD = pd.Series([1, 1, 0, 0, None], dtype="Int8")
LABELS = pd.Series([None, 1, 0, 0, None], dtype="Int8")


def analyse(votes=VOTES, gold=GOLD, labels=LABELS):
    return {rule["name"]: rule for rule in analyse_rules(votes, RULES, gold, labels)}


def test_a_rule_in_full():
    assert analyse()["deadly"] == {
        "name": "deadly",
        "doc": "Deadly.",
        "reads": ["title"],
        "keywords": ["murder*", "kill"],
        "group": "keyword",
        "strength": 0.9,
        "votes": 0,
        "polarity": "not family",
        "votes_cast": 3,
        "coverage": 3 / 5,
        "overlaps": 2 / 5,
        "conflicts": 1 / 5,
        "label_agreement": 1.0,
        "label_agreement_n": 2,
        "accuracy": 2 / 3,
        "accuracy_n": 3,
        "intervals": {
            "coverage": pytest.approx([0.2307, 0.8824], abs=1e-4),
            "overlaps": pytest.approx([0.1176, 0.7693], abs=1e-4),
            "conflicts": pytest.approx([0.0362, 0.6245], abs=1e-4),
            "label_agreement": pytest.approx([0.3424, 1.0], abs=1e-4),
            "accuracy": pytest.approx([0.2077, 0.9385], abs=1e-4),
        },
        "status": "ok",
        "findings": [],
    }


def test_a_rule_that_reads_the_gold_is_not_judged_by_it():
    rule = analyse()["rated"]
    assert (rule["coverage"], rule["conflicts"], rule["label_agreement"]) == (0.4, 0.2, 1.0)
    assert (rule["accuracy"], rule["accuracy_n"]) == (None, 0)
    assert rule["intervals"]["accuracy"] is None
    assert rule["intervals"]["coverage"] is not None
    assert rule["status"] == "reads rating, which is the gold"


def test_rules_come_in_their_order():
    assert list(analyse()) == ["rated", "deadly", "silent"]


def test_agreeing_rules_overlap_without_conflict():
    rule = analyse()["silent"]
    assert (rule["votes_cast"], rule["overlaps"], rule["conflicts"]) == (1, 0.2, 0.0)


def test_a_rule_that_never_votes_has_no_accuracy():
    rule = analyse(VOTES.assign(silent=np.int8(-1)))["silent"]
    assert (rule["votes_cast"], rule["coverage"], rule["label_agreement"]) == (0, 0.0, None)
    assert (rule["accuracy"], rule["status"]) == (None, "votes on no title that has gold")
    assert rule["findings"] == ["dead: votes on no title"]


def test_no_titles():
    rule = analyse(VOTES.iloc[:0], GOLD.iloc[:0], LABELS.iloc[:0])["deadly"]
    assert (rule["votes_cast"], rule["coverage"], rule["accuracy"]) == (0, None, None)


def test_it_is_plain_json():
    described = analyse_rules(VOTES, RULES, GOLD, LABELS)
    assert json.loads(json.dumps(described, allow_nan=False)) == described

"""Which copies are made, in which order, from which seed, and which are not kept."""

from collections import Counter

import pandas as pd
import pytest

from tasks.augment import copies
from tasks.augment.copies import changes_a_vote, copies_needed, make_copies, plan
from tasks.augment.transform import transform
from tasks.augment.transforms import random_deletion, random_swap
from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.config import AugmentConfig
from tasks.errors import LabelingError
from tasks.label.rule import labeling_function

OPERATIONS = (random_swap, random_deletion)


@transform()
def reverse(words, rng, context):
    """Turn the words round."""
    return list(reversed(words))


@transform()
def drop_last(words, rng, context):
    """Leave out the last word."""
    return [*words[:-1], ""]


@labeling_function(reads=("title", "description"), votes=NOT_FAMILY)
def says_murder(catalog):
    """Says murder."""
    return catalog["description"].str.contains("murder", na=False).to_numpy(dtype=bool)


@labeling_function(reads=("title", "rating"), votes=FAMILY)
def rated_zoo(catalog):
    """Has a title that starts with Zoo, and a rating."""
    zoo = catalog["title"].str.startswith("Zoo", na=False).to_numpy(dtype=bool)
    return zoo & catalog["rating"].notna().to_numpy()


def planned(show_ids, **config):
    attempts = plan(show_ids, OPERATIONS, AugmentConfig(**config))
    return [(a.show_id, a.operation.name, a.number, a.seed) for a in attempts]


def test_every_title_comes_once_before_any_comes_twice_and_operations_come_evenly():
    attempts = planned([f"s{i}" for i in range(10)], max_copies=3)
    assert len({attempt[:3] for attempt in attempts}) == len(attempts) == 10 * 2 * 3
    turns = [attempts[i : i + 10] for i in range(0, 60, 10)]
    assert all(len({show_id for show_id, *_ in turn}) == 10 for turn in turns)
    assert [turn[0][2] for turn in turns] == [1, 1, 2, 2, 3, 3]
    attempts = planned([f"s{i}" for i in range(1000)], max_copies=1)
    assert min(Counter(operation for _, operation, *_ in attempts[:1000]).values()) > 450


def test_the_plan_depends_on_the_seed_and_not_on_the_order():
    show_ids = [f"s{i}" for i in range(20)]
    attempts = planned(show_ids, seed=1)
    assert planned(show_ids[::-1], seed=1) == attempts
    assert planned(show_ids, seed=2) != attempts
    assert len({seed for *_, seed in attempts}) == len(attempts)
    # Nor does it change between versions.
    first = next(plan(["s1"], (random_swap,), AugmentConfig(seed=1)))
    assert (first.rank.hex(), first.seed) == ("cb29f383f7f7631a", 12761281026117849109)


def test_copies_needed_counts_both_ways_and_not_one_class_only():
    cases = [
        # family, not family, balance, the minority, copies
        (3, 8, 1.0, 1, 5),
        (8, 3, 1.0, 0, 5),
        (3, 8, 0.5, 1, 1),
        (3, 8, 0.3, 1, 0),
        (5, 5, 1.0, 1, 0),
        (3, 10, 0.75, 1, 5),
    ]
    for n_family, n_other, balance, *expected in cases:
        labels = pd.Series([1] * n_family + [0] * n_other, dtype="int8")
        assert list(copies_needed(labels, balance)) == expected, (n_family, n_other, balance)
    with pytest.raises(LabelingError, match=r"None of the 8 labelled .* is family; expected both"):
        copies_needed(pd.Series([0] * 8, dtype="int8"), 1.0)


def made(texts, needed=10, operations=(reverse,), rules=(), taken=(), max_copies=2):
    """Make copies of titles of the minority class; some of the majority have the `taken` texts."""
    n, ids = len(texts), [*texts, *taken]
    frame = pd.DataFrame({"show_id": ids, "title": [*texts.values(), *taken], "description": ""})
    majority = [f"other{i}" for i in range(n + needed)]
    originals = pd.DataFrame({"show_id": [*texts, *majority]}).assign(label=0)
    originals.loc[: n - 1, "label"] = 1
    labeled = frame.assign(rating="PG").astype("str")
    config = AugmentConfig(max_copies=max_copies)
    return make_copies(originals, labeled, operations, {}, rules, config)


def test_a_text_that_is_taken_or_made_already_is_dropped_and_counted():
    found = made({"s1": "a b", "s2": "A  b"})
    assert (len(found.made), found.duplicates) == (1, 3)
    found = made({"s1": "a b"}, taken={"b a"})
    assert (found.made, found.duplicates) == ([], 2)
    # So is a transform that does not apply.
    found = made({"s1": "a a"}, operations=(reverse, drop_last), max_copies=1)
    assert found.not_applicable == {"reverse": 1}
    assert found.made == [("s1", "drop_last", 1, "a.")]


def test_a_copy_on_which_a_rule_votes_otherwise_is_counted_and_not_kept():
    rules = (says_murder, rated_zoo)
    found = made({"s1": "Zoo walk", "s2": "a b"}, rules=rules, max_copies=1)
    assert [(copy.parent_id, copy.text) for copy in found.made] == [("s2", "b a. ")]
    assert (found.votes_changed, found.duplicates) == (1, 0)


def test_rules_are_asked_about_the_text_beside_the_rest_of_the_parents_row():
    parents = pd.DataFrame(
        {
            "show_id": ["s0", "s1", "s2", "s3"],
            "title": ["Zoo", "Zoo", "Farm", "Zoo"],
            "description": ["a calm day", "a calm day", None, "one day"],
            "rating": ["G", None, "G", "G"],
        }
    ).astype("str")
    texts = ["Farm. a murder day", "Farm. a calm day", "Farm. the murder", None]
    changed = changes_a_vote(parents, texts, (says_murder, rated_zoo))
    assert changed.tolist() == [True, False, True, False]
    assert changes_a_vote(parents, texts, ()).tolist() == [False] * 4


def test_the_size_of_the_batches_changes_nothing(monkeypatch):
    titles = {f"s{i}": f"word{i} and more words" for i in range(30)} | {"s30": "a murder there"}
    found = []
    for size in (1, 7, 1000):
        monkeypatch.setattr(copies, "LEAST_BATCH", size)
        found.append(made(titles, 45, OPERATIONS, (says_murder,), max_copies=3))
    assert found[0] == found[1] == found[2]
    assert len(found[0].made) == 45

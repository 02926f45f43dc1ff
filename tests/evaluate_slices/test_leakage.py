"""Leakage planted by hand is found, and a clean run has none."""

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.utilities import FEATURE_COLUMNS
from tasks.evaluate_slices.leakage import find_leakage, list_readers

RULES = [
    {"name": "rated_for_adults", "reads": ["rating"]},
    {"name": "kw_fun", "reads": ["title", "description"]},
    {"name": "genre_children", "reads": ["listed_in"]},
]
FINDINGS = (
    "near_duplicates_in_training",
    "twins_across_split",
    "augmented_in_test",
    "test_titles_in_training",
    "test_texts_in_training",
    "duplicate_texts_in_train",
    "duplicate_texts_in_test",
)


def make_titles(*rows):
    columns = ["show_id", "title", "description", "split"]
    return pd.DataFrame(rows, columns=columns).astype("str")


def make_training(*rows):
    columns = ["show_id", "text", "parent_id", "operation"]
    return pd.DataFrame(rows, columns=columns).astype("str").assign(label=1, rating="G")


CLEAN = make_titles(
    ("s1", "Alpha", "One dog.", "train"),
    ("s2", "Beta", "Two dogs.", "train"),
    ("s3", "Gamma", "Three dogs.", "test"),
    ("s4", "Delta", "Four dogs.", "test"),
)
TRAINING = make_training(
    ("s1", "Alpha. One dog.", None, None),
    ("s2", "Beta. Two dogs.", None, None),
    ("s1~swap~0", "Alpha. dog One.", "s1", "swap"),
)


NONE = pd.DataFrame({"show_id": []}, dtype="str")


def find(titles=CLEAN, training=TRAINING, near_duplicates=NONE):
    return find_leakage(titles, training, near_duplicates, RULES)


def test_a_clean_run_has_none_and_missing_texts_are_nobodys_twin():
    titles = make_titles(("s1", None, None, "train"), ("s2", None, None, "test"))
    missing = find(titles, TRAINING.iloc[:0])
    assert [missing[name] for name in FINDINGS] == [0] * len(FINDINGS)
    found = find()
    assert (found["n"], found["n_training_rows"], found["near_duplicates"]) == (4, 3, 0)
    assert {name: found[name] for name in FINDINGS} == dict.fromkeys(FINDINGS, 0)
    assert found["examples"] == {name: [] for name in FINDINGS}


def test_each_kind_of_leak_is_found_named_and_mistaken_for_no_other():
    twin = make_titles(("s5", "Alpha", "Five dogs.", "test"))
    doubles = make_titles(
        ("s5", "E", "one dog", "train"),
        ("s6", "F", "THREE dogs", "test"),
        ("s7", "G", "Three Dogs", "test"),
    )
    copy = make_training(("s3~swap~0", "Gamma. dogs Three.", "s3", "swap"))
    by_id = make_training(("s3", "Something else.", None, None))
    by_text = make_training(("s99", "delta: FOUR dogs", None, None))
    near = pd.DataFrame({"show_id": ["s1", "s4"]}, dtype="str")
    copies = {
        "twins_across_split": [["s5", "s1"]],
        "augmented_in_test": [["s1~swap~0", "s1"], ["s3~swap~0", "s3"]],
    }
    same = {
        "duplicate_texts_in_train": ["s1", "s5"],
        "duplicate_texts_in_test": ["s3", "s6", "s7"],
    }
    for titles, training, near_duplicates, examples in (
        (twin, copy, NONE, copies),
        (doubles, None, NONE, same),
        (None, by_id, NONE, {"test_titles_in_training": ["s3"]}),
        (None, by_text, NONE, {"test_texts_in_training": ["s99"]}),
        (None, None, near, {"near_duplicates_in_training": ["s1", "s1~swap~0"]}),
    ):
        found = find(pd.concat([CLEAN, titles]), pd.concat([TRAINING, training]), near_duplicates)
        counts = {name: len(examples.get(name, ())) for name in FINDINGS}
        assert {name: found[name] for name in FINDINGS} == counts, examples
        assert found["examples"] == {name: examples.get(name, []) for name in FINDINGS}
        assert found["near_duplicates"] == len(near_duplicates), examples


def test_twins_are_found_however_they_are_written():
    for title, description in (
        ("Epsilon", "ONE  dog!"),
        ("alpha", "Five dogs."),
        ("\uff21lpha", "Five dogs."),
        ("Alpha!", None),
    ):
        found = find(pd.concat([CLEAN, make_titles(("s5", title, description, "test"))]))
        assert found["examples"]["twins_across_split"] == [["s5", "s1"]], title


def test_at_most_five_examples_and_row_order_does_not_matter():
    rows = [(f"s{i}", f"Title {i}", "The same.", "test") for i in range(10, 30)]
    found = find(make_titles(*rows), TRAINING)
    assert found["duplicate_texts_in_test"] == 20
    assert len(found["examples"]["duplicate_texts_in_test"]) == 5
    assert find(make_titles(*rows[::-1]), TRAINING.iloc[::-1]) == found


def test_every_column_says_who_reads_it_and_undeclared_features_are_named():
    table = {row["column"]: row for row in list_readers(RULES, FEATURE_COLUMNS)}
    assert tuple(table) == CATALOG_COLUMNS
    rating = {"rules": ["rated_for_adults"], "features": ["rating"], "both": True}
    assert table["rating"] == {"column": "rating", **rating}
    assert table["duration"]["features"] == ["duration_value", "duration_unit"]
    read_by_both = [name for name, row in table.items() if row["both"]]
    assert read_by_both == ["title", "rating", "listed_in", "description"]
    found = find(CLEAN, TRAINING.assign(budget=1.0))
    readers = {row["column"]: row["features"] for row in found["columns"]}
    assert (readers["rating"], readers["duration"]) == (["rating"], [])
    assert found["undeclared_features"] == ["budget"]

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


def test_twins_across_the_split_are_found_however_they_are_written():
    for title, description in [
        ("Epsilon", "ONE  dog!"),
        ("alpha", "Five dogs."),
        ("\uff21lpha", "Five dogs."),
        ("Alpha!", None),
    ]:
        found = find(pd.concat([CLEAN, make_titles(("s5", title, description, "test"))]))
        assert found["twins_across_split"] == 1, title
        assert found["examples"]["twins_across_split"] == [["s5", "s1"]], title


def test_near_duplicates_and_their_copies_are_found_in_training():
    near = pd.DataFrame({"show_id": ["s1", "s4"]}, dtype="str")
    found = find(near_duplicates=near)
    assert (found["near_duplicates"], found["near_duplicates_in_training"]) == (2, 2)
    assert found["examples"]["near_duplicates_in_training"] == ["s1", "s1~swap~0"]


def test_copies_of_a_test_title_or_of_its_twin_are_found():
    titles = pd.concat([CLEAN, make_titles(("s5", "Alpha", "Five dogs.", "test"))])
    copy = make_training(("s3~swap~0", "Gamma. dogs Three.", "s3", "swap"))
    found = find(titles, pd.concat([TRAINING, copy]))
    assert found["augmented_in_test"] == 2
    assert found["examples"]["augmented_in_test"] == [["s1~swap~0", "s1"], ["s3~swap~0", "s3"]]


def test_test_titles_in_training_are_found_by_id_and_by_text():
    by_id = make_training(("s3", "Something else.", None, None))
    by_text = make_training(("s99", "delta: FOUR dogs", None, None))
    found = find(CLEAN, pd.concat([TRAINING, by_id, by_text]))
    assert found["examples"]["test_titles_in_training"] == ["s3"]
    assert found["examples"]["test_texts_in_training"] == ["s99"]
    assert found["test_titles_in_training"] == found["test_texts_in_training"] == 1


def test_duplicate_texts_are_counted_on_each_side():
    more = make_titles(
        ("s5", "E", "one dog", "train"),
        ("s6", "F", "THREE dogs", "test"),
        ("s7", "G", "Three Dogs", "test"),
    )
    found = find(pd.concat([CLEAN, more]), TRAINING)
    assert found["examples"]["duplicate_texts_in_train"] == ["s1", "s5"]
    assert found["examples"]["duplicate_texts_in_test"] == ["s3", "s6", "s7"]
    assert found["twins_across_split"] == 0


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

"""The training table: which rows it has, and what they inherit."""

import pandas as pd
import pytest

from tasks.augment.copies import Copy
from tasks.augment.table import add_copies, copies_needed, training_titles
from tasks.errors import LabelingError

COLUMNS = [
    *("show_id", "text", "label", "parent_id", "operation", "probability"),
    *("duration_value", "duration_unit", "release_year", "cast_count", "genre_count", "type"),
    *("listed_in", "rating", "cast", "director", "country", "content_group"),
]


def test_copies_needed_counts_both_ways():
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


def test_one_class_only_is_an_error(titles):
    for n_other in (8, 0):
        message = f"None of the {n_other} labelled train titles is family; expected both classes"
        with pytest.raises(LabelingError, match=message):
            copies_needed(training_titles(titles(0, n_other))["label"], 1.0)


def test_the_rows_are_the_labelled_train_titles_that_are_not_left_out(titles):
    rows = training_titles(titles(2, 3), left_out={"s1", "s9"})
    assert rows["show_id"].tolist() == ["s0", "s2", "s3", "s4"]
    assert rows[["parent_id", "operation"]].isna().all(axis=None)
    assert rows["text"].iloc[0] == (
        "Title 0. a brave child and the friend of number 0 walk to some far away place"
    )
    assert rows.loc[0, ["label", "duration_value", "genre_count"]].tolist() == [1, 90.0, 1.0]


def test_the_tables_columns_and_types(titles):
    rows = training_titles(titles(2, 3))
    assert sorted(rows.columns) == sorted(COLUMNS)
    assert [*rows.columns[:6], rows.columns[-1]] == [*COLUMNS[:6], COLUMNS[-1]]
    assert rows["label"].dtype == "int8"
    assert set(rows.dtypes[["show_id", "text", "parent_id", "operation"]].astype(str)) == {"str"}


def test_copies_follow_in_order_and_have_all_but_text_id_and_operation_from_their_parent(titles):
    frame = titles(2, 2).assign(cast="A, B", country="X", director="D")
    frame["probability"] = [0.9, 0.8, 0.1, 0.2, 1, 0, float("nan"), float("nan")]
    frame["rating"] = ["G", None, "PG", "PG", "G", "G", "G", "G"]
    originals = training_titles(frame)
    copies = [Copy("s1", "swap", 2, "c"), Copy("s1", "swap", 10, "b"), Copy("s0", "swap", 1, "a")]
    table = add_copies(originals, copies)
    made = table.iloc[4:].set_index("show_id")
    pd.testing.assert_frame_equal(table.iloc[:4], originals)
    assert list(made.index) == ["s0~swap~1", "s1~swap~2", "s1~swap~10"]
    assert list(made["text"]) == ["a", "c", "b"]
    assert list(made["parent_id"]) == ["s0", "s1", "s1"]
    assert set(made["operation"]) == {"swap"}
    inherited = originals.columns.drop(["show_id", "text", "parent_id", "operation"])
    parents = originals.set_index("show_id").loc[made["parent_id"], inherited]
    pd.testing.assert_frame_equal(
        made[inherited].reset_index(drop=True), parents.reset_index(drop=True)
    )

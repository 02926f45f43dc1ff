import pandas as pd

from tasks.augment.copies import repeat
from tasks.augment.table import copies_needed, merge, training_titles


def test_copies_needed_counts_both_ways():
    assert copies_needed(pd.Series([1, 0, 0, 0], dtype="int8"), 1.0) == (1, 2)
    assert copies_needed(pd.Series([0, 1, 1, 1], dtype="int8"), 0.5) == (0, 1)


def test_titles_that_are_left_out_are_not_trained_on(titles):
    rows = training_titles(titles(2, 2), left_out={"s1", "s9"})
    assert rows["show_id"].tolist() == ["s0", "s2", "s3"]


def test_copies_have_their_parents_probability_and_raw_columns(titles):
    frame = titles(2, 2).assign(cast="A, B", country="X", director="D")
    frame["probability"] = [0.9, 0.8, 0.1, 0.2, 1, 0, float("nan"), float("nan")]
    originals = training_titles(frame)
    made = merge(originals, repeat({"s1": "text"}, 2, "repeated"))
    assert made["show_id"].tolist()[4:] == ["s1~repeated~1", "s1~repeated~2"]
    assert made["probability"].tolist() == [0.9, 0.8, 0.1, 0.2, 0.8, 0.8]
    assert set(made["cast"]) == {"A, B"}
    assert made["parent_id"].tolist()[4:] == ["s1", "s1"]


def test_without_probabilities_there_is_no_such_column(titles):
    assert "probability" not in training_titles(titles(2, 2).drop(columns="probability"))

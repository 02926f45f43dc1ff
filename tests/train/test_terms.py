import copy

import numpy as np
import pandas as pd
import pytest

from tasks.errors import TrainingError
from tasks.train.terms import TermCounts


def test_distinct_texts_are_counted_once():
    counts = TermCounts.of(pd.Series(["red dog", "blue dog dog", "red dog"]))
    assert list(counts.texts) == ["red dog", "blue dog dog"]
    assert list(counts.terms) == ["blue", "blue dog", "dog", "dog dog", "red", "red dog"]
    assert counts.matrix.toarray().tolist() == [[0, 0, 1, 0, 1, 1], [1, 1, 2, 1, 0, 0]]


def test_rows_are_found_by_text_and_unknown_texts_are_told():
    counts = TermCounts.of(pd.Series(["red dog", "blue dog"]))
    assert counts.rows(pd.Series(["blue dog", "red dog", "blue dog"])).tolist() == [1, 0, 1]
    assert counts.rows(pd.Series(["blue dog", "green dog"])) is None


def test_ties_of_the_limit_go_to_the_first_in_the_alphabet():
    counts = TermCounts.of(pd.Series(["zebra ant", "zebra bee", "zebra"]))
    kept = counts.most_frequent(np.array([0, 1, 2]), 3)
    assert list(counts.terms[kept]) == ["ant", "bee", "zebra"]


def test_a_repeated_row_counts_twice_and_unused_terms_are_left_out():
    counts = TermCounts.of(pd.Series(["ant", "bee", "cow"]))
    assert list(counts.terms[counts.most_frequent(np.array([1, 1, 0]), 1)]) == ["bee"]
    assert list(counts.terms[counts.most_frequent(np.array([1, 1, 0]), 9)]) == ["ant", "bee"]


def test_copying_does_not_copy_the_counts():
    counts = TermCounts.of(pd.Series(["ant"]))
    assert copy.deepcopy(counts) is counts


def test_texts_without_words_are_refused():
    with pytest.raises(TrainingError, match="None of the 2 texts to train on has a word in it"):
        TermCounts.of(pd.Series([".", "!"]))

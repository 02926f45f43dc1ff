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
    assert copy.deepcopy(counts) is counts
    assert counts.rows(pd.Series(["blue dog dog", "red dog"])).tolist() == [1, 0]
    assert counts.rows(pd.Series(["red dog", "green dog"])) is None


def test_the_most_frequent_terms_with_ties_by_the_alphabet_and_without_unused_ones():
    counts = TermCounts.of(pd.Series(["zebra ant", "zebra bee", "zebra", "cow"]))
    for rows, n, expected in (
        ([0, 1, 2], 3, ["ant", "bee", "zebra"]),
        ([0, 1, 2], 1, ["zebra"]),
        ([3, 3, 2], 1, ["cow"]),
        ([3, 3, 2], 9, ["cow", "zebra"]),
    ):
        assert list(counts.terms[counts.most_frequent(np.array(rows), n)]) == expected, (rows, n)


def test_texts_without_words_are_refused():
    with pytest.raises(TrainingError, match="None of the 2 texts to train on has a word in it"):
        TermCounts.of(pd.Series([".", "!"]))

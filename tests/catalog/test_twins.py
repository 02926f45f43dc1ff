import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.catalog.twins import shared_words, similar_pairs

WORDS = st.lists(st.sampled_from("abcdef"), max_size=12).map(" ".join)


def pairs(texts, others, threshold, words=5):
    return [tuple(row) for row in similar_pairs(texts, others, threshold, words).to_numpy()]


def test_pairs_share_most_of_their_runs_of_words():
    text = "a b c d e f g h i j k l"
    other = "a b c d e f g h i j k x"  # 7 of 9 runs of five
    assert pairs([text], [other], 0.7) == [(0, 0, pytest.approx(7 / 9))]
    assert pairs([text], [other], 0.8) == []


def test_order_counts_in_runs_and_not_in_single_words():
    assert pairs(["a b c d e f"], ["f e d c b a"], 0.1) == []
    assert pairs(["a b c d e f"], ["f e d c b a"], 1.0, words=1) == [(0, 0, 1.0)]


def test_short_texts_are_one_run_and_empty_ones_have_none():
    assert pairs(["a b", "", "a"], ["", "a b", "b a"], 0.5) == [(0, 1, 1.0)]
    assert pairs([], ["a"], 0.5) == pairs(["a"], [], 0.5) == pairs([], [], 0.5) == []


@given(
    st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6), st.sampled_from([0.3, 0.5, 0.8, 1])
)
@settings(max_examples=60, deadline=None)
def test_it_finds_exactly_the_pairs_that_comparing_all_finds(texts, others, threshold):
    def runs(text):
        words = text.split()
        return {tuple(words[i : i + 2]) for i in range(max(len(words) - 1, 1))} if words else set()

    expected = [
        (i, k, len(runs(a) & runs(b)) / len(runs(a) | runs(b)))
        for i, a in enumerate(texts)
        for k, b in enumerate(others)
        if runs(a) and len(runs(a) & runs(b)) / len(runs(a) | runs(b)) >= threshold - 1e-9
    ]
    assert pairs(texts, others, threshold, words=2) == [
        (i, k, pytest.approx(similarity)) for i, k, similarity in expected
    ]


def test_boilerplate_costs_nothing():
    rng = np.random.default_rng(0)
    tails = rng.integers(0, 5000, size=(4000, 20))
    texts = ["watch it now in full hd " + " ".join(map(str, tail)) for tail in tails]
    started = time.process_time()
    assert similar_pairs(texts[:2000], texts[2000:], 0.8).empty
    assert time.process_time() - started < 5


def test_shared_words_are_those_of_all():
    assert shared_words("a b c", "b c d") == 0.5
    assert shared_words("", "a") == shared_words("a", "") == 0.0


def test_the_answer_is_a_sorted_table():
    table = similar_pairs(["b c", "a"], ["a", "b c", "a"], 1.0)
    assert table.columns.tolist() == ["text", "other", "similarity"]
    pd.testing.assert_frame_equal(
        table[["text", "other"]], pd.DataFrame({"text": [0, 1, 1], "other": [1, 0, 2]})
    )

import random
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.catalog.twins import NEAR, near_duplicates, shared_words, similar_pairs
from tasks.fetch.source import SAMPLE, load_netflix_data
from tasks.label.split import split_by_content

WORDS = st.lists(st.sampled_from("abcdefghijkl"), max_size=16).map(" ".join)


def pairs(texts, others, threshold):
    return [tuple(row) for row in similar_pairs(texts, others, threshold).to_numpy()]


def test_pairs_have_words_in_common_in_any_order_and_empty_texts_are_similar_to_none():
    assert pairs(["a b c d"], ["d c b x"], 0.6) == [(0, 0, 0.6)]
    assert pairs(["a b c d"], ["d c b x"], 0.61) == []
    table = similar_pairs(["b c", "a"], ["a", "b c", "a"], 1.0)
    assert table.columns.tolist() == ["text", "other", "similarity"]
    assert table.to_numpy().tolist() == [[0, 1, 1], [1, 0, 1], [1, 2, 1]]
    shared = [shared_words(*texts) for texts in (("a b c", "b c d"), ("", "a"), ("a", ""))]
    assert shared == [0.5, 0, 0]
    assert pairs(["a b", "", "a"], ["", "b a"], 0.9) == [(0, 1, 1.0)]
    for texts, others in (([], ["a"]), (["a"], []), ([], []), ([""], ["a"])):
        assert pairs(texts, others, 0.5) == [], (texts, others)


@given(
    st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6), st.sampled_from([0.3, 0.5, 0.8, 1])
)
@settings(max_examples=60, deadline=None)
def test_it_finds_exactly_the_pairs_that_comparing_all_finds(texts, others, threshold):
    expected = [
        (i, k, similarity)
        for i, text in enumerate(texts)
        for k, other in enumerate(others)
        if (similarity := shared_words(text, other)) >= threshold
    ]
    assert pairs(texts, others, threshold) == expected


def test_a_catalog_takes_seconds_boilerplate_included():
    rng = np.random.default_rng(0)
    tails = rng.integers(0, 5000, size=(8000, 20))
    texts = ["watch it now in full hd " + " ".join(map(str, tail)) for tail in tails]
    started = time.process_time()
    assert similar_pairs(texts[:6000], texts[6000:], NEAR).empty
    assert time.process_time() - started < 10


STORY = "a taxi driver finds a suitcase of letters and delivers each of them in a single night"


def titles(*rows):
    columns = ["show_id", "title", "description", "split"]
    return pd.DataFrame(rows, columns=columns).astype("str")


def test_a_train_title_that_is_nearly_a_test_title_says_why_one_on_the_same_side_is_none():
    test = ("t", "Driver 7", STORY, "test")
    for title, description, why in (
        ("DRIVER 7!", "Another story.", "the same title"),
        ("Letters", STORY.upper() + "...", "the same description"),
        ("Letters by Night", STORY.replace("a", "the", 1) + " again", "78% of the words"),
        ("Letters", "A night of delivering letters that a driver found", None),
    ):
        found = near_duplicates(titles(test, ("s", title, description, "train")))
        assert found.to_numpy().tolist() == ([["s", "t", why]] if why else []), title
    rows = [(f"s{i}", f"Story {i}", STORY, split) for i, split in enumerate(["train"] * 2 + [None])]
    assert near_duplicates(titles(*rows)).empty
    assert near_duplicates(titles(("s", "", None, "train"), ("t", "", None, "test"))).empty


def paraphrase(text, rng):
    """Put other words for a tenth of the words, leave out a tenth, and shuffle the rest."""
    words = text.split()
    tenth = max(1, len(words) // 10)
    for place in rng.sample(range(len(words)), tenth):
        words[place] = f"synonym{place}"
    return " ".join(rng.sample(words, len(words) - tenth))


def find_paraphrases(catalog, n):
    """Return how many paraphrases of test titles are in train, and how many of these are found."""
    rng = random.Random(1)
    test = catalog[split_by_content(catalog)["split"] == "test"].head(n)
    described = test["description"].map(lambda text: paraphrase(text, rng))
    edited = test.assign(
        show_id="p" + test["show_id"], title=test["title"] + " Again", description=described
    )
    whole = pd.concat([catalog, edited], ignore_index=True)
    labeled = whole.assign(split=split_by_content(whole)["split"])
    in_train = set(labeled.loc[labeled["split"] == "train", "show_id"]) & set(edited["show_id"])
    return len(in_train), len(in_train & set(near_duplicates(labeled)["show_id"]))


def test_paraphrased_test_titles_are_found():
    planted, found = find_paraphrases(load_netflix_data(SAMPLE), 60)
    assert found == planted > 30


@pytest.mark.catalog
def test_paraphrased_test_titles_are_found_in_the_real_catalogue(real_catalog):
    planted, found = find_paraphrases(load_netflix_data(real_catalog), 200)
    assert planted > 100
    assert found >= 0.98 * planted

"""Words, what is critical among them, and what a transform must be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.augment.transform import Context, Passage, transform
from tasks.errors import RuleError


@given(st.text())
def test_a_text_survives_being_taken_apart(text):
    passage = Passage.of(text)
    assert passage.with_words(passage.words) == text


def test_words_are_what_is_between_punctuation():
    cases = {
        "": (),
        "  ": (),
        "NA": ("NA",),
        "A dog’s life: rock-and-roll!": ("A", "dog’s", "life", "rock-and-roll"),
        "(1994) – über alles...": ("1994", "über", "alles"),
        "<b>HTML</b>": ("b", "HTML", "b"),
        "夜 が来る": ("夜", "が来る"),
    }
    for text, words in cases.items():
        assert Passage.of(text).words == words, text


def test_a_word_that_goes_leaves_no_gap_but_there_must_be_one_for_each():
    passage = Passage.of("A, dog cat.")
    assert passage.with_words(["A", "", "cat"]) == "A, cat."
    assert passage.with_words(["", "dog", "cat"]) == ", dog cat."
    assert passage.with_words(["A", "dog", ""]) == "A, dog."
    assert passage.with_words(["", "", "cat"]) == ", cat."
    with pytest.raises(RuleError, match="returned 1 words for 2"):
        Passage.of("a dog").with_words(["a"])


def test_critical_words():
    context = Context(["kid", "murder*", "One-Night stand*"])
    critical = ("kid", "kid's", "kid-friendly", "murderous", "self-murder", "one-night", "stands")
    for word in (*critical, "3rd", "Dog", "iPad"):
        assert context.is_critical(word), word
    for word in ("kids", "mur", "dog", "über", "夜"):
        assert not context.is_critical(word), word
    assert not Context().is_critical("kid")


def test_synonyms_leave_out_critical_and_stop_words():
    table = {"child": ("kid", "youngster"), "kid": ("child",), "the": ("definite",), "Ox": ("ox",)}
    context = Context(["kid"], table)
    found = {word: context.synonyms_of(word) for word in ("child", "kid", "the", "Ox", "unknown")}
    assert found == {"child": ("youngster",), "kid": (), "the": (), "Ox": (), "unknown": ()}


def test_a_transform_is_named_after_its_function_and_has_a_docstring():
    @transform(needs_synonyms=True)
    def shout(words, rng, context):
        """Say it louder.

        More about it.
        """
        return [word.upper() for word in words]

    assert (shout.name, shout.description) == ("shout", "Say it louder.")
    assert shout.needs_synonyms
    assert shout(Passage.of("a dog"), None, Context()) == "A DOG"
    assert shout(Passage.of("A DOG"), None, Context()) is None
    with pytest.raises(RuleError, match="<lambda> has no docstring"):
        transform()(lambda words, rng, context: None)

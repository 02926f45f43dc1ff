"""The contract that every transform keeps, and what each one does."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tasks.augment.transform import Context, Passage
from tasks.augment.transforms import TRANSFORMS, random_deletion, random_swap, synonym_replacement

KEYWORDS = ["kid", "murder*", "stand-up special*"]
VOCABULARY = [
    *("kid", "kids", "murder", "murderous", "stand-up", "specials", "dog", "the", "and", "of"),
    *("brave", "friend", "child", "movie", "Maya", "7", "über", "kid-friendly", "don't"),
]
TABLE = {
    "brave": ("courageous", "murderous"),
    "friend": ("ally",),
    "child": ("kid", "youngster"),
    "movie": ("film",),
    "the": ("definite",),
    "kid": ("child",),
    "Maya": ("nobody",),
}


def context():
    return Context(KEYWORDS, TABLE)


def critical(words):
    known = context()
    return Counter(word for word in words if known.is_critical(word))


@given(words=st.lists(st.sampled_from(VOCABULARY), max_size=40), seed=st.integers(0, 2**32))
def test_the_contract_of_every_transform(words, seed):
    """Named, documented, pure; one word for each; critical words stay what and where they are."""
    known, text = context(), ", ".join(words)
    for transform in TRANSFORMS:
        name = transform.name
        assert transform.function.__name__ == name
        assert transform.description.endswith("."), name
        given_words = list(words)
        changed = transform.function(given_words, Random(seed), known)
        assert given_words == words, f"{name} changes its input"
        assert changed == transform.function(tuple(words), Random(seed), context()), name
        if changed is not None:
            places = [place for place, word in enumerate(words) if known.is_critical(word)]
            assert len(changed) == len(words), name
            assert [changed[i] for i in places] == [words[i] for i in places], name
            assert critical(changed) == critical(words), name
        copy = transform(Passage.of(text), Random(seed), known)
        assert copy != text, name
        if copy is not None:
            assert critical(Passage.of(copy).words) == critical(words), name


def test_nothing_comes_of_a_text_without_free_words():
    for transform in TRANSFORMS:
        for text in ("", ". ", "Maya", "kid", "Kids: 101 Murders!", "kid-friendly 7"):
            copy = transform(Passage.of(text), Random(0), context())
            assert copy is None, (transform.name, text)


def test_synonyms_replace_a_tenth_of_the_words_or_the_only_one_that_has_one():
    words = ["brave", "friend", "dog", "dog", "movie"] * 6
    changed = synonym_replacement.function(words, Random(3), context())
    assert changed is not None
    replaced = Counter((a, b) for a, b in zip(words, changed, strict=True) if a != b)
    assert sum(replaced.values()) == 3
    assert set(replaced) <= {("brave", "courageous"), ("friend", "ally"), ("movie", "film")}
    passage = Passage.of("Maya's dog, the friend (of all kids) – a dog.")
    copy = synonym_replacement(passage, Random(0), context())
    assert copy == "Maya's dog, the ally (of all kids) – a dog."


def test_swap_lets_two_free_words_change_places_keeps_every_word_and_never_swaps_equal_ones():
    copy = random_swap(Passage.of("Maya, a kid, meets 7 dogs!"), Random(0), context())
    assert copy in {
        "Maya, meets kid, a 7 dogs!",
        "Maya, dogs kid, meets 7 a!",
        "Maya, a kid, dogs 7 meets!",
    }
    text = "one brave dog and another dog walk home with their old friend"
    copy = random_swap(Passage.of(text), Random(1), context())
    assert copy != text
    assert sorted(copy.split()) == sorted(text.split())
    assert random_swap(Passage.of("dog dog"), Random(0), context()) is None


def test_deletion_leaves_out_a_tenth_of_the_words_and_their_space_and_never_all():
    copy = random_deletion(Passage.of("Maya and Ben, kid brave, 7."), Random(0), context())
    assert copy in {"Maya Ben, kid brave, 7.", "Maya and Ben, kid, 7."}
    changed = random_deletion.function(["dog"] * 30, Random(0), context())
    assert Counter(changed) == {"dog": 27, "": 3}
    assert random_deletion(Passage.of("dog"), Random(0), context()) is None
    assert random_deletion(Passage.of("dog dog"), Random(0), context()) == "dog"

"""Which copies are made, in which order, from which seed."""

from collections import Counter

from tasks.augment.copies import candidates, make_copies, normalise, repeat
from tasks.augment.transform import Context, transform
from tasks.augment.transforms import random_deletion, random_swap
from tasks.config import AugmentConfig

OPERATIONS = (random_swap, random_deletion)


@transform()
def reverse(words, rng, context):
    """Turn the words round."""
    return list(reversed(words))


@transform()
def drop_last(words, rng, context):
    """Leave out the last word."""
    return [*words[:-1], ""]


def plan(show_ids, config=None):
    return [(c.show_id, c.operation.name, c.copy) for c in candidates(show_ids, OPERATIONS, config)]


def test_every_copy_is_offered_once():
    planned = plan(["s1", "s2", "s3"], AugmentConfig(max_copies=2))
    assert len(planned) == len(set(planned)) == 3 * 2 * 2


def test_every_title_comes_once_before_any_comes_twice():
    planned = plan([f"s{i}" for i in range(10)], AugmentConfig(max_copies=3))
    turns = [planned[i : i + 10] for i in range(0, 60, 10)]
    assert all(len({show_id for show_id, _, _ in turn}) == 10 for turn in turns)
    assert [turn[0][2] for turn in turns] == [1, 1, 2, 2, 3, 3]


def test_operations_are_used_evenly():
    planned = plan([f"s{i}" for i in range(1000)], AugmentConfig(max_copies=1))
    first = Counter(operation for _, operation, _ in planned[:1000])
    assert min(first.values()) > 450


def test_the_plan_depends_on_the_seed_and_not_on_the_order():
    show_ids = [f"s{i}" for i in range(20)]
    planned = plan(show_ids, AugmentConfig(seed=1))
    assert plan(show_ids[::-1], AugmentConfig(seed=1)) == planned
    assert plan(show_ids, AugmentConfig(seed=2)) != planned


def test_each_copy_has_a_seed_of_its_own():
    planned = list(candidates(["s1", "s2"], OPERATIONS, AugmentConfig(max_copies=4)))
    assert len({c.seed for c in planned}) == len(planned) == 16


def test_seeds_do_not_change_between_versions():
    first = next(candidates(["s1"], (random_swap,), AugmentConfig(seed=1)))
    assert (first.rank.hex(), first.seed) == ("cb29f383f7f7631a", 12761281026117849109)


def copies_of(texts, taken=(), needed=10, operations=(reverse,), max_copies=2, referee=None):
    config = AugmentConfig(max_copies=max_copies)
    return make_copies(texts, set(taken), needed, operations, Context(), config, referee)


def test_copies_until_there_are_enough():
    made = copies_of({"s1": "a b", "s2": "c d", "s3": "e f"}, needed=2)
    assert len(made.text) == 2
    assert set(made.text) < {"b a", "d c", "f e"}


def test_a_second_equal_copy_is_dropped_and_counted():
    made = copies_of({"s1": "a b", "s2": "A  b"})
    assert len(made.text) == 1
    assert made.duplicates == 3


def test_a_copy_that_equals_another_title_is_dropped():
    made = copies_of({"s1": "a b"}, taken={"b a"})
    assert (made.text, made.duplicates) == ([], 2)


def test_a_transform_that_does_not_apply_is_counted():
    made = copies_of({"s1": "a a"}, operations=(reverse, drop_last), max_copies=1)
    assert made.not_applicable == {"reverse": 1}
    assert made.text == ["a"]
    assert (made.parent_id, made.operation, made.copy) == (["s1"], ["drop_last"], [1])


def test_normalised_texts_differ_in_more_than_case_and_space():
    assert normalise(" The  DOG\n") == normalise("the dog")
    assert normalise("the dog.") != normalise("the dog")


def test_a_copy_that_the_referee_refuses_is_counted_and_not_kept():
    def referee(parents, words):
        assert all(list(new) == ["b", "a"] for new in words)
        return [("kw_one", "kw_two") if parent == "s1" else () for parent in parents]

    made = copies_of({"s1": "a b", "s2": "a  b"}, referee=referee, max_copies=1)
    assert (made.parent_id, made.text) == (["s2"], ["b  a"])
    assert made.refused == {"reverse": 1}
    assert made.refused_by == {"kw_one": 1, "kw_two": 1}


def test_a_refused_text_is_not_taken():
    made = copies_of({"s1": "a b"}, referee=lambda parents, words: [("kw",)] * len(parents))
    assert made.refused == {"reverse": 2}
    assert made.duplicates == 0


def test_the_size_of_the_referees_batches_changes_nothing(monkeypatch):
    texts = {f"s{i}": f"word{i} and more words" for i in range(30)}

    def referee(parents, words):
        return [("kw",) if parent.endswith("3") else () for parent in parents]

    made = []
    for size in (1, 7, 1000):
        monkeypatch.setattr("tasks.augment.copies.LEAST_BATCH", size)
        made.append(
            copies_of(texts, needed=45, operations=OPERATIONS, max_copies=3, referee=referee)
        )
    assert made[0] == made[1] == made[2]
    assert len(made[0].text) == 45


def test_repeated_copies_are_the_parents_word_by_word():
    made = repeat({"s2": "b", "s1": "a"}, 3, "repeated")
    assert made.parent_id == ["s1", "s2", "s1"]
    assert made.copy == [1, 1, 2]
    assert made.text == ["a", "b", "a"]
    assert made.operation == ["repeated"] * 3

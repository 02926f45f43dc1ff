from types import SimpleNamespace

import pytest

from tasks.catalog.rulebook import choose, rulebook
from tasks.errors import ConfigError, RuleError

A, B, C = (SimpleNamespace(name=name) for name in "abc")


def test_entries_keep_their_order():
    assert rulebook(B, A, C) == (B, A, C)


def test_an_empty_rulebook_is_a_rulebook():
    assert rulebook() == ()


def test_two_entries_of_one_name_are_refused():
    with pytest.raises(RuleError, match="a: two rules have this name; names must be unique"):
        rulebook(A, B, SimpleNamespace(name="a"))


@pytest.mark.parametrize(
    ("names", "chosen"),
    [(None, (A, B, C)), (("c", "a"), (A, C)), (("b", "b"), (B,)), ((), ())],
)
def test_choose_answers_in_the_rulebooks_order(names, chosen):
    assert choose((A, B, C), names, "models") == chosen


def test_choose_names_the_parameter_and_what_it_could_be():
    with pytest.raises(ConfigError, match=r"models names x, z, which .* expected some of a, b, c"):
        choose((A, B, C), ("z", "a", "x"), "models")

from types import SimpleNamespace

import pytest

from tasks.catalog.rulebook import choose, rulebook
from tasks.errors import ConfigError, RuleError

A, B, C = (SimpleNamespace(name=name) for name in "abc")


def test_entries_keep_their_order_and_have_names_of_their_own():
    assert rulebook(B, A, C) == (B, A, C)
    assert rulebook() == ()
    with pytest.raises(RuleError, match="a: two rules have this name; names must be unique"):
        rulebook(A, B, SimpleNamespace(name="a"))


def test_choose_answers_in_the_rulebooks_order_or_names_the_parameter():
    for names, chosen in [(None, (A, B, C)), (("c", "a"), (A, C)), (("b", "b"), (B,)), ((), ())]:
        assert choose((A, B, C), names, "models") == chosen, names
    with pytest.raises(ConfigError, match=r"models names x, z, which .* expected some of a, b, c"):
        choose((A, B, C), ("z", "a", "x"), "models")

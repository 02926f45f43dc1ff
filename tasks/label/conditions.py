"""Kinds of rules that are told by data alone: `rated`, `listing`, `mentioning`, `having`.

A rule of these kinds is one entry of the rulebook: a name, the class that it votes, how strong its
vote is, what it looks for and a line that says so. Whatever they cannot say is a function of its
own, decorated with `tasks.label.rule.labeling_function`.
"""

import re
from collections.abc import Callable
from types import MappingProxyType

import numpy as np
import pandas as pd

from tasks.label.matching import Keywords, Mask, listed, mentions, on_distinct
from tasks.label.rule import LabelingFunction, check_declaration

Test = Callable[[str], bool]

TEXT = ("title", "description")
_DURATION = re.compile(r"(\d+)\s+(min|season)", re.IGNORECASE)


def rated(name: str, votes: int, strength: float, *ratings: str, doc: str) -> LabelingFunction:
    """Make a rule that votes where the rating is one of these."""
    return _on_cells(name, votes, strength, "rating", doc, rating=frozenset(ratings).__contains__)


def listing(name: str, votes: int, strength: float, *genres: str, doc: str) -> LabelingFunction:
    """Make a rule that votes on titles listed in one of these genres."""
    return _on_cells(name, votes, strength, "genre", doc, listed_in=any_of(*genres))


def mentioning(
    name: str, votes: int, strength: float, words: Keywords, *, doc: str
) -> LabelingFunction:
    """Make a rule that votes where title or description have one of these words."""

    def fires(catalog: pd.DataFrame) -> Mask:
        return mentions(catalog, words)

    return _checked(LabelingFunction(name, doc, TEXT, votes, words, fires, "keyword", strength))


def having(
    name: str, votes: int, strength: float, *, doc: str, group: str = "metadata", **cells: Test
) -> LabelingFunction:
    """Make a rule that votes where each of these columns has a cell that passes its test.

    Parameters
    ----------
    name, doc, group : str
    votes : int
    strength : float
    **cells : callable
        By column, a test of a cell, run once per distinct value; missing cells never pass.

    Returns
    -------
    LabelingFunction
    """
    return _on_cells(name, votes, strength, group, doc, **cells)


def any_of(*names: str) -> Test:
    """Return a test of a cell that lists things, such as genres: one of these is among them."""
    return lambda cell: not listed(cell).isdisjoint(names)


def none_of(*names: str) -> Test:
    """Return a test of a cell that lists things, such as genres: none of these is among them."""
    return lambda cell: listed(cell).isdisjoint(names)


def only(*names: str) -> Test:
    """Return a test of a cell that lists things: nothing but these is among them."""
    return lambda cell: listed(cell).issubset(names)


def but_not(test: Test, unwanted: Test) -> Test:
    """Return a test that passes where the first does and the second does not."""
    return lambda cell: test(cell) and not unwanted(cell)


def minutes(low: int, high: int) -> Test:
    """Return a test of a duration: at least `low` and less than `high` minutes."""

    def test(cell: str) -> bool:
        found = _DURATION.match(cell)
        return found is not None and found[2].lower() == "min" and low <= int(found[1]) < high

    return test


def years(low: int, high: int) -> Test:
    """Return a test of a release year: from `low` to `high`, both included."""
    return lambda cell: cell.isdecimal() and low <= int(cell) <= high


def _on_cells(
    name: str, votes: int, strength: float, group: str, doc: str, **cells: Test
) -> LabelingFunction:
    def fires(catalog: pd.DataFrame) -> Mask:
        masks = [on_distinct(catalog[column], test) for column, test in cells.items()]
        return np.asarray(np.logical_and.reduce(masks))

    rule = LabelingFunction(
        name, doc, tuple(cells), votes, None, fires, group, strength, MappingProxyType(cells)
    )
    return _checked(rule)


def _checked(rule: LabelingFunction) -> LabelingFunction:
    check_declaration(rule)
    return rule

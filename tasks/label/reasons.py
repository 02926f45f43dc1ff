"""Why a title has its label, in words: what made each rule vote, and what the votes came to."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NO_VOTES, NOT_FAMILY, TIE
from tasks.catalog.formats import percent
from tasks.catalog.text import split_names
from tasks.label.conditions import TEXT_COLUMNS, CellTest, Keywords
from tasks.label.rule import LabelingFunction, readable

MOST_REASONS = 4

Cells = Mapping[str, str]


def cells_for(titles: pd.DataFrame, rules: Sequence[LabelingFunction]) -> list[Cells]:
    """Return of each title the cells that rules read, as they read them, but for missing ones."""
    columns = dict.fromkeys(name for rule in rules for name in rule.reads)
    table = readable(titles, columns).astype("str")
    rows = (zip(table.columns, row, strict=True) for row in table.itertuples(index=False))
    return [{str(name): cell for name, cell in row if isinstance(cell, str)} for row in rows]


def why_it_voted(cells: Cells, rule: LabelingFunction) -> tuple[str, ...]:
    """Return the words, genres or cells of a title that made a rule vote on it."""
    read = {column: cells[column] for column in rule.reads if column in cells}
    if rule.keywords:
        return find_words(". ".join(read.values()), rule.keywords)
    tests = rule.cells or {}
    found = [
        name
        for column, cell in read.items()
        if column not in TEXT_COLUMNS  # too long to quote
        for name in _passing_part(cell, tests.get(column))
    ]
    return tuple(dict.fromkeys(found))[:MOST_REASONS]


def find_words(text: str, keywords: Keywords) -> tuple[str, ...]:
    """Return which keywords a text has, as it spells them, in lower case and each once."""
    hits = re.findall(keywords.pattern, text, flags=re.IGNORECASE | re.ASCII)
    return tuple(dict.fromkeys(hit.lower() for hit in hits))[:MOST_REASONS]


def _passing_part(cell: str, test: CellTest | None) -> list[str]:
    """Return the names in a cell that pass a test, else all of it; none if anything would pass."""
    if test is None:
        return [cell]
    if test(""):
        return []
    alone = [name for name in split_names(cell) if test(name)]
    return alone or [cell]


def explain_reason(
    reason: str, label: str | None, probability: float | None, family: int, against: int
) -> str:
    """Say in a sentence how so many votes for either class came to a label, or why to none."""
    if not family + against:
        voted = reason != NO_VOTES
        return "No rule shown made the label." if voted else "No rule votes on this title."
    if reason == NO_VOTES:
        return "It has hints only, which majority voting does not count."
    counts = f"{family} for family, {against} for not family"
    if reason == TIE:
        decided = f"the tie policy made it {label}" if label else "a tie gets no label"
        return f"The votes balance ({counts}); {decided}."
    if family and against:
        likely = percent(probability, 1)
        return f"The rules disagree ({counts}); weighed up, family is {likely} likely."
    return (
        f"Every vote ({family + against}) is for {CLASS_NAMES[FAMILY if family else NOT_FAMILY]}."
    )

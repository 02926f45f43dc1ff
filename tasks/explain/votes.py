"""Why a title has its label: what each rule says of it, and which words or cells made it vote."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NO_VOTES, NOT_FAMILY, TIE
from tasks.catalog.formats import percent, shorten
from tasks.catalog.text import split_names
from tasks.label.conditions import CellTest, Keywords
from tasks.label.rule import TEXT_COLUMNS, LabelingFunction, readable
from tasks.label.vote import apply_rules

ABSTAINS = "abstain"
MOST_REASONS = 4


@dataclass(frozen=True)
class Vote:
    """What one rule says of the title."""

    rule: str
    doc: str
    group: str
    strength: float | None
    vote: str  # family, not family or abstain
    why: tuple[str, ...]  # the words, genres or cells that made it vote


def explain_votes(row: pd.DataFrame, rules: Sequence[LabelingFunction]) -> tuple[Vote, ...]:
    """Return every rule's vote on one title, a raw catalog row, and what made it vote."""
    cast = apply_rules(row, rules).iloc[0]
    votes = []
    for rule in rules:
        vote = CLASS_NAMES.get(int(cast[rule.name]), ABSTAINS)
        why = () if vote == ABSTAINS else why_it_voted(row, rule)
        votes.append(Vote(rule.name, rule.doc, rule.group, rule.strength, vote, why))
    return tuple(votes)


def why_it_voted(row: pd.DataFrame, rule: LabelingFunction) -> tuple[str, ...]:
    """Return the words, genres or cells of a title that made a rule vote on it."""
    cells = readable(row, rule.reads).astype("str").iloc[0].dropna()
    if rule.keywords:
        return find_words(". ".join(map(str, cells)), rule.keywords)
    tests = rule.cells or {}
    found = [
        name
        for column, cell in cells.items()
        if column not in TEXT_COLUMNS  # too long to quote
        for name in _passing_part(str(cell), tests.get(str(column)))
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
    reason: str, label: str | None, probability: float | None, votes: Sequence[Vote]
) -> str:
    """Say in a sentence how the votes came to a label, in words, or why to none."""
    sides = [CLASS_NAMES[side] for side in (FAMILY, NOT_FAMILY)]
    family, against = (sum(vote.vote == side for vote in votes) for side in sides)
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
    return f"Every vote ({family + against}) is for {sides[0] if family else sides[1]}."


def left_behind(
    analysed: Sequence[Mapping[str, Any]], carried: Sequence[LabelingFunction]
) -> list[str]:
    """Say in at most one sentence which rules made a label and are not in the release."""
    names = {rule["name"] for rule in analysed} - {rule.name for rule in carried}
    if not names:
        return []
    listed = shorten(", ".join(sorted(names)), 200)
    return [f"The run also asked {listed}: code, which a release does not carry."]


def changed_rules(
    analysed: Sequence[Mapping[str, Any]], rules: Sequence[LabelingFunction]
) -> list[str]:
    """Say in at most one sentence how the rules that made a label, as analysed, differ from now."""
    before = {rule["name"]: (rule.get("strength"), rule.get("keywords")) for rule in analysed}
    now = {r.name: (r.strength, list(r.keywords.words) if r.keywords else []) for r in rules}
    both = now.keys() & before.keys()
    differences = {
        "new:": now.keys() - before.keys(),
        "gone:": before.keys() - now.keys(),
        "changed:": {name for name in both if now[name] != before[name]},
    }
    parts = [
        f"{what} {', '.join(sorted(names)[:MOST_REASONS])}{', ...' * (len(names) > MOST_REASONS)}"
        for what, names in differences.items()
        if names
    ]
    if not parts:
        return []
    changes = "; ".join(parts)
    return [f"The votes are today's, the label is older: the rules have changed ({changes})."]

"""Why a title has its label: what each rule says of it, and which words or cells made it vote."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NO_VOTES, NOT_FAMILY, TIE
from tasks.label.rule import LabelingFunction, readable
from tasks.label.vote import apply_rules

ABSTAINS = "abstain"
MOST_REASONS = 4
_LONG = ("title", "description")  # too much to quote as a reason


@dataclass(frozen=True)
class Vote:
    """What one rule says of the title.

    Parameters
    ----------
    rule, doc, group : str
    strength : float or None
        The declared one.
    vote : str
        ``family``, ``not family`` or ``abstain``.
    why : tuple of str
        The words, genres or cells that made it vote.
    """

    rule: str
    doc: str
    group: str
    strength: float | None
    vote: str
    why: tuple[str, ...]


def explain_votes(row: pd.DataFrame, rules: Sequence[LabelingFunction]) -> tuple[Vote, ...]:
    """Return every rule's vote on one title, and what made it vote.

    Parameters
    ----------
    row : DataFrame, shape (1, n_columns)
        The title, as a raw catalog row.
    rules : sequence of LabelingFunction
    """
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
        return find_words(". ".join(map(str, cells)), rule.keywords.words)
    tests = rule.cells or {}
    found = [
        name
        for column, cell in cells.items()
        if column not in _LONG
        for name in _telling(str(cell), tests.get(str(column)))
    ]
    return tuple(dict.fromkeys(found))[:MOST_REASONS]


def find_words(text: str, words: Sequence[str]) -> tuple[str, ...]:
    """Return which keywords a text has, as it spells them, in lower case and each once."""
    spelled = (re.escape(word).replace(r"\*", r"\w*").replace(r"\ ", r"\s") for word in words)
    pattern = rf"(?<![A-Za-z0-9_])(?:{'|'.join(spelled)})\b"
    hits = re.findall(pattern, text, flags=re.IGNORECASE | re.ASCII)
    return tuple(dict.fromkeys(hit.lower() for hit in hits))[:MOST_REASONS]


def explain_reason(
    reason: str, label: str | None, probability: float | None, votes: Sequence[Vote]
) -> str:
    """Say in a sentence how the votes came to a label, or why to none.

    Parameters
    ----------
    reason : str
        ``voted``, ``tie`` or ``no votes``.
    label : str or None
        The class in words.
    probability : float or None
        Of family.
    votes : sequence of Vote
    """
    sides = [CLASS_NAMES[side] for side in (FAMILY, NOT_FAMILY)]
    family, against = (sum(vote.vote == side for vote in votes) for side in sides)
    if reason == NO_VOTES and not family + against:
        return "No rule votes on this title."
    if reason == NO_VOTES:
        return "It has hints only, which majority voting does not count."
    counts = f"{family} for family, {against} for not family"
    if reason == TIE:
        decided = f"the tie policy made it {label}" if label else "a tie gets no label"
        return f"The votes balance ({counts}); {decided}."
    if family and against:
        return f"The rules disagree ({counts}); weighed up, family is {_share(probability)} likely."
    return f"Every vote ({family + against}) is for {label}."


def changed_rules(
    released: Sequence[Mapping[str, Any]], rules: Sequence[LabelingFunction]
) -> list[str]:
    """Say in at most one sentence how the rules that made a label differ from today's.

    Parameters
    ----------
    released : sequence of mapping
        The analysis of those rules: ``name``, ``strength`` and ``keywords``.
    rules : sequence of LabelingFunction
        Today's.
    """
    before = {rule["name"]: (rule.get("strength"), rule.get("keywords")) for rule in released}
    now = {r.name: (r.strength, list(r.keywords.words) if r.keywords else []) for r in rules}
    new, gone = sorted(now.keys() - before.keys()), sorted(before.keys() - now.keys())
    changed = sorted(name for name in now.keys() & before.keys() if now[name] != before[name])
    parts = [
        f"{what} {', '.join(names[:MOST_REASONS])}{', ...' if len(names) > MOST_REASONS else ''}"
        for what, names in (("new:", new), ("gone:", gone), ("changed:", changed))
        if names
    ]
    if not parts:
        return []
    changes = "; ".join(parts)
    return [f"The votes are today's, the label is older: the rules have changed ({changes})."]


def _telling(cell: str, test: Callable[[str], bool] | None) -> list[str]:
    """Return the part of a cell that passes a test; nothing if anything would pass it."""
    if test is None:
        return [cell]
    if test(""):
        return []
    alone = [name for part in cell.split(",") if (name := part.strip()) and test(name)]
    return alone or [cell]


def _share(probability: float | None) -> str:
    """Write a probability in per cent; one that is nearly certain is not certain."""
    value = probability or 0.0
    if value < 0.001:
        return "less than 0.1 %"
    return "more than 99.9 %" if value > 0.999 else f"{value:.1%}".replace("%", " %")

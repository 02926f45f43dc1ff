"""Why a title has its label: what each rule says of it, and which words or cells made it vote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.catalog.columns import CLASS_NAMES
from tasks.catalog.formats import shorten
from tasks.label.answers import GROUP as ANSWERED
from tasks.label.reasons import cells_for, why_it_voted
from tasks.label.rule import LabelingFunction
from tasks.label.vote import apply_rules

ABSTAINS = "abstain"
MOST_NAMED = 4


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
    (cells,) = cells_for(row, rules)
    votes = []
    for rule in rules:
        vote = CLASS_NAMES.get(int(cast[rule.name]), ABSTAINS)
        why = () if vote == ABSTAINS else why_it_voted(cells, rule)
        votes.append(Vote(rule.name, rule.doc, rule.group, rule.strength, vote, why))
    return tuple(votes)


def left_behind(
    analysed: Sequence[Mapping[str, Any]], carried: Sequence[LabelingFunction]
) -> list[str]:
    """Say in at most one sentence which rules made a label and are not in the release."""
    names = {rule["name"] for rule in analysed} - {rule.name for rule in carried}
    if not names:
        return []
    listed = shorten(", ".join(sorted(names)), 200)
    return [
        f"The run also asked {listed}: code or people's answers, which a release does not carry."
    ]


def changed_rules(
    analysed: Sequence[Mapping[str, Any]], rules: Sequence[LabelingFunction]
) -> list[str]:
    """Say in at most one sentence how the rules that made a label, as analysed, differ from now."""
    asked = [rule for rule in analysed if rule.get("group") != ANSWERED]
    before = {rule["name"]: (rule.get("strength"), rule.get("keywords")) for rule in asked}
    now = {r.name: (r.strength, list(r.keywords.words) if r.keywords else []) for r in rules}
    both = now.keys() & before.keys()
    differences = {
        "new:": now.keys() - before.keys(),
        "gone:": before.keys() - now.keys(),
        "changed:": {name for name in both if now[name] != before[name]},
    }
    parts = [
        f"{what} {', '.join(sorted(names)[:MOST_NAMED])}{', ...' * (len(names) > MOST_NAMED)}"
        for what, names in differences.items()
        if names
    ]
    if not parts:
        return []
    changes = "; ".join(parts)
    return [f"The votes are today's, the label is older: the rules have changed ({changes})."]

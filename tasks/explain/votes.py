"""Why a title has its label: what each rule says of it, and which words or cells made it vote."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from tasks.catalog.columns import CLASS_NAMES
from tasks.catalog.formats import shorten
from tasks.label.reasons import cells_for, why_it_voted
from tasks.label.rule import LabelingFunction
from tasks.label.vote import apply_rules

ABSTAINS = "abstain"


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


def left_behind(asked: Iterable[str], carried: Sequence[LabelingFunction]) -> list[str]:
    """Say in at most one sentence which rules made a label and are not carried."""
    names = set(asked) - {rule.name for rule in carried}
    listed = shorten(", ".join(sorted(names)), 200)
    said = f"The run also asked {listed}: code or people's answers, which a release does not carry."
    return [said] if names else []

"""What people's answers do: they are gold, or votes on train titles; never both for one title.

An answer to a test title is gold for ever. By the param ``answers``, those to train titles vote: as
rules of a group of their own, which no release carries and no model reads. How strong their votes
are is told by how often people agree: two who are each right with probability p, and err apart,
agree with probability p^2 + (1 - p)^2 (two raters of Dawid and Skene, Applied Statistics 28, 1979).
The share of pairs that agree is smoothed by a Beta prior: `PRIOR_PAIRS` pairs of people who are
right with probability `STRENGTH`.
"""

from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY, TEST, TRAIN
from tasks.label.rule import LabelingFunction

GROUP = "answer"
STRENGTH, PRIOR_PAIRS = 0.97, 20
WEAKEST, STRONGEST = 0.6, 0.99
COUNTS = ("family", "not_family", "unsure")
COLUMNS = ("show_id", "split", "answer", "status", *COUNTS, "strength")
TYPES = {"show_id": "str", "answer": "Int8", "status": "str", **dict.fromkeys(COUNTS, "int64")}
NAMES = {FAMILY: "answered_family", NOT_FAMILY: "answered_not_family"}


def weigh_answers(
    settled: pd.DataFrame | None, show_ids: pd.Series, split: pd.Series, voting: bool
) -> pd.DataFrame:
    """Say of each answered title which side it is on and how strongly its answer votes.

    `settled` is what `tasks.volume.answers.Answers.settled` gives for the catalog, and `voting`
    says whether settled answers to train titles vote; else all are gold. ``strength`` is missing
    where an answer does not vote.
    """
    if settled is None:
        settled = pd.DataFrame(columns=list(COLUMNS)).astype(TYPES)
    sides = settled["show_id"].map(split.set_axis(show_ids)).astype("str")
    votes = (sides == TRAIN) & settled["answer"].notna() & voting
    strength = pd.Series(strength_of_answers(settled), index=settled.index, dtype="float64")
    return settled.assign(split=sides, strength=strength.where(votes))[list(COLUMNS)]


def strength_of_answers(settled: pd.DataFrame) -> float:
    """Return how often an answer is right, by how often people agree about a title."""
    family, against = settled["family"].to_numpy(), settled["not_family"].to_numpy()
    pairs, *of_one_mind = ((n * (n - 1) / 2).sum() for n in (family + against, family, against))
    agreeing = sum(of_one_mind)
    expected = STRENGTH**2 + (1 - STRENGTH) ** 2
    agreement = (agreeing + PRIOR_PAIRS * expected) / (pairs + PRIOR_PAIRS)
    strength = (1 + np.sqrt(max(2 * agreement - 1, 0))) / 2
    return float(np.clip(strength, WEAKEST, STRONGEST))


def answer_rules(answers: pd.DataFrame) -> tuple[LabelingFunction, ...]:
    """Return the rules by which answers vote, given what `weigh_answers` says; none if none do."""
    rules = []
    for value, name in NAMES.items():
        given = answers[answers["strength"].notna() & (answers["answer"] == value)]
        if len(given):
            rule = LabelingFunction(
                name=name,
                doc=f"People said {CLASS_NAMES[value]}.",
                reads=("show_id",),
                votes=value,
                fires=_answered(frozenset(given["show_id"])),
                group=GROUP,
                strength=float(given["strength"].iloc[0]),
            )
            rules.append(rule)
    return tuple(rules)


def _answered(ids: frozenset[str]) -> Any:
    return lambda catalog: catalog["show_id"].isin(ids).to_numpy(dtype=bool)


def describe_answers(
    answers: pd.DataFrame, labels: pd.Series, by_rules: pd.Series
) -> dict[str, Any]:
    """Count answers, and the labels that they changed: now, and by the rules alone."""
    known = answers[answers["answer"].notna()]
    strengths = answers["strength"].dropna()
    before, now = (found.astype("Int64").fillna(-1) for found in (by_rules, labels))
    return {
        **{side: int((known["split"] == side).sum()) for side in (TRAIN, TEST)},
        "disagreement": int(((answers["family"] > 0) & (answers["not_family"] > 0)).sum()),
        "voting": len(strengths),
        "strength": float(strengths.iloc[0]) if len(strengths) else None,
        "labels_changed": int(((before != now) & (before >= 0)).sum()),
        "labels_gained": int(((before < 0) & (now >= 0)).sum()),
    }

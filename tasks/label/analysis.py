"""What each labeling function does, how right it is, and what is wrong with it.

Findings are told from votes and weak labels; gold itself is not asked. Where rules that read the
rating vote, though, the labels are mostly theirs: a finding asks for a second thought about a rule,
not for one that is tuned until the finding is gone. There are four:

- dead: it votes on nothing;
- too broad: it votes on a quarter or more of the titles that got the other class;
- redundant: another rule votes the same on (nearly) the same titles;
- worse than chance: where it votes, fewer titles got its class than elsewhere. The label counts its
  own vote too, so this errs on its side.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.catalog.columns import ABSTAIN, CLASS_NAMES
from tasks.catalog.intervals import ERRORS, wilson_interval
from tasks.errors import LeakageError
from tasks.label.rule import LabelingFunction

GOLD_COLUMN = "rating"
BROAD_FROM = 0.25
SAME_FROM = 0.9  # Jaccard: the titles of both, as a share of the titles of either
LEAST_VOTES = 20  # fewer may coincide by chance

# When is a rule so right that it reads gold?
MIN_GOLD = 500
MIN_RECALL = 0.5
MAX_ERROR = 0.005  # the share of votes that gold contradicts, at most
MAX_ERROR_OF_CHANCE = 0.02  # the same, as a share of what voting on all titles would err

Matrix = npt.NDArray[np.int8]
Masks = npt.NDArray[np.bool_]


def analyse_rules(
    votes: pd.DataFrame, rules: Sequence[LabelingFunction], gold: pd.Series, labels: pd.Series
) -> list[dict[str, Any]]:
    """Describe every rule by its votes, given gold and weak labels (Int8; ``<NA>``: none).

    Returns
    -------
    list of dict
        One a rule, of plain JSON values: ``name``, ``doc``, ``reads``, ``keywords``, ``group``,
        ``strength``; ``votes``, the class it votes, and ``polarity``, the same in words;
        ``votes_cast``; as shares of all titles ``coverage`` (it votes), ``overlaps`` (another rule
        votes too) and ``conflicts`` (another rule votes the other class); ``label_agreement``, the
        share of its ``label_agreement_n`` labelled titles that got its class; ``accuracy`` against
        gold with ``accuracy_n``; ``intervals`` of these five; ``status``: ``ok``, or why the rule
        has no accuracy; ``findings``: what is wrong with it.
    """
    matrix = votes.to_numpy()
    voters = (matrix != ABSTAIN).sum(axis=1)
    described = []
    for rule, cast, faults in zip(rules, matrix.T, find_faults(matrix, rules, labels), strict=True):
        fired = cast == rule.votes
        against = ((matrix != ABSTAIN) & (matrix != rule.votes)).any(axis=1)
        agreement = _is_right(rule, fired, labels)
        reads_gold = GOLD_COLUMN in rule.reads
        right = np.empty(0, dtype=bool) if reads_gold else _is_right(rule, fired, gold)
        masks = {
            "coverage": fired,
            "overlaps": fired & (voters > 1),
            "conflicts": fired & against,
            "label_agreement": agreement,
            "accuracy": right,
        }
        status = "ok" if len(right) else "votes on no title that has gold"
        described.append(
            {
                "name": rule.name,
                "doc": rule.doc,
                "reads": list(rule.reads),
                "keywords": list(rule.keywords.words) if rule.keywords else [],
                "group": rule.group,
                "strength": rule.strength,
                "votes": rule.votes,
                "polarity": CLASS_NAMES[rule.votes],
                "votes_cast": int(fired.sum()),
                **{name: float(mask.mean()) if len(mask) else None for name, mask in masks.items()},
                "label_agreement_n": len(agreement),
                "accuracy_n": len(right),
                "intervals": {n: wilson_interval(int(m.sum()), len(m)) for n, m in masks.items()},
                "status": f"reads {GOLD_COLUMN}, which is the gold" if reads_gold else status,
                "findings": faults,
            }
        )
    return described


def _is_right(rule: LabelingFunction, fired: Masks, truth: pd.Series) -> Masks:
    """Return, for each title that the rule votes on and that has a truth, whether they agree."""
    known = truth[fired].dropna()
    return (known == rule.votes).to_numpy(dtype=np.bool_)


def find_faults(
    votes: Matrix, rules: Sequence[LabelingFunction], labels: pd.Series
) -> list[list[str]]:
    """Return what is wrong with each rule, a sentence a fault; see the module's own docstring."""
    if not len(votes):
        return [[] for _ in rules]
    fires = votes == np.array([rule.votes for rule in rules], dtype=np.int8)
    got = labels.fillna(ABSTAIN).to_numpy(dtype=np.int8)
    faults = []
    for rule, fired, twins in zip(rules, fires.T, _redundant(fires, rules), strict=True):
        found = (
            None if fired.any() else "dead: votes on no title",
            _broad(rule, fired, got),
            f"redundant: votes on the same titles as {', '.join(twins)}" if twins else None,
            _worse_than_chance(rule, fired, got),
        )
        faults.append([fault for fault in found if fault])
    return faults


def _broad(rule: LabelingFunction, fired: Masks, got: Matrix) -> str | None:
    others = fired[got == 1 - rule.votes]
    if len(others) < LEAST_VOTES or others.mean() < BROAD_FROM:
        return None
    share, other = others.mean(), CLASS_NAMES[1 - rule.votes]
    return f"too broad: votes on {share:.0%} of the {len(others):,} titles labelled {other}"


def _redundant(fires: Masks, rules: Sequence[LabelingFunction]) -> list[list[str]]:
    """Return for every rule the others of its class that fire on the same titles."""
    counts = fires.sum(axis=0)
    both = fires.T.astype(np.float32) @ fires.astype(np.float32)
    jaccard = both / np.maximum(counts[:, None] + counts - both, 1)
    sides = np.array([rule.votes for rule in rules])
    enough = counts >= LEAST_VOTES
    same = (jaccard >= SAME_FROM) & (sides[:, None] == sides) & np.outer(enough, enough)
    np.fill_diagonal(same, val=False)
    return [[rules[j].name for j in np.flatnonzero(row).tolist()] for row in same]


def _worse_than_chance(rule: LabelingFunction, fired: Masks, got: Matrix) -> str | None:
    inside, outside = got[fired & (got != ABSTAIN)], got[~fired & (got != ABSTAIN)]
    if min(len(inside), len(outside)) < LEAST_VOTES:
        return None
    share, elsewhere = (inside == rule.votes).mean(), (outside == rule.votes).mean()
    variance = share * (1 - share) / len(inside) + elsewhere * (1 - elsewhere) / len(outside)
    if share >= elsewhere - ERRORS * np.sqrt(variance):
        return None
    return (
        f"worse than chance: {share:.0%} of the {len(inside):,} titles that it votes on are "
        f"labelled {CLASS_NAMES[rule.votes]}, elsewhere {elsewhere:.0%}"
    )


def refuse_gold_readers(
    votes: pd.DataFrame, rules: Sequence[LabelingFunction], gold: pd.Series
) -> None:
    """Fail if a rule knows the gold without saying so: asked of its votes, not its declaration.

    A rule that does not declare ``rating`` guesses. One that is right nearly always, and on half
    of its class or more, does not guess: it reads gold by some other way. A rule from prior
    knowledge may be as right, but then on few titles. A rule told by data is let be: it sees the
    columns that it declares and no more, and a service may well file its children's titles as
    cleanly as it rates them. `LeakageError` names the rule. Gold of fewer than `MIN_GOLD` titles,
    or of one class, proves nothing.
    """
    has_gold = gold.notna().to_numpy()
    for rule in rules:
        is_class = (gold[has_gold] == rule.votes).to_numpy(dtype=np.bool_)
        n_gold, n_class = len(is_class), int(is_class.sum())
        if rule.travels or GOLD_COLUMN in rule.reads:
            continue
        if n_gold < MIN_GOLD or n_class in (0, n_gold):
            continue
        fired = (votes.loc[has_gold, rule.name] == rule.votes).to_numpy()
        n_fired, right = int(fired.sum()), int((fired & is_class).sum())
        recall, error = right / n_class, 1 - right / max(n_fired, 1)
        by_chance = 1 - n_class / n_gold
        if recall >= MIN_RECALL and error <= min(MAX_ERROR, MAX_ERROR_OF_CHANCE * by_chance):
            raise LeakageError(
                f"Rule {rule.name} reads gold: {right} of the {n_fired} titles that it votes "
                f"{CLASS_NAMES[rule.votes]} on are so by their rating, and they are {recall:.0%} "
                f"of that class, though it declares to read {', '.join(rule.reads)} only. No rule "
                f"from prior knowledge does that: take it out, or declare {GOLD_COLUMN} in its "
                "reads."
            )

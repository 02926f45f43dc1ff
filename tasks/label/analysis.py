"""What each labeling function does: how often it votes, with whom it disagrees, how right it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import ABSTAIN, CLASS_NAMES
from tasks.catalog.intervals import wilson_interval
from tasks.label.findings import find_faults
from tasks.label.rule import LabelingFunction

GOLD_COLUMN = "rating"
OK = "ok"


def analyse_rules(
    votes: pd.DataFrame, rules: Sequence[LabelingFunction], gold: pd.Series, labels: pd.Series
) -> list[dict[str, Any]]:
    """Describe every rule by its votes.

    Parameters
    ----------
    votes : DataFrame of int8, shape (n_titles, n_rules)
        As `tasks.label.vote.apply_rules` gives them.
    rules : sequence of LabelingFunction
        The rules, in the order of the columns.
    gold : Series of Int8, shape (n_titles,)
        The reference read off the ratings; ``<NA>`` where there is none, or it is not to be used.
    labels : Series of Int8, shape (n_titles,)
        The weak labels; ``<NA>`` likewise.

    Returns
    -------
    list of dict
        One a rule, of plain JSON values: ``name``, ``doc``, ``reads``, ``keywords``, ``group``,
        ``strength``; ``votes``, the class it votes, and ``polarity``, the same in words;
        ``votes_cast``; as shares of all titles ``coverage`` (it votes), ``overlaps`` (another rule
        votes too) and ``conflicts`` (another rule votes the other class); ``label_agreement``, the
        share of its ``label_agreement_n`` labelled titles that got its class; ``accuracy`` against
        gold with ``accuracy_n``; ``intervals`` of these five (Wilson's, 95 %; E. B. Wilson, 1927);
        ``status``: ``ok``, or why the rule has no accuracy; ``findings``: what is wrong with it,
        see `tasks.label.findings`.
    """
    matrix = votes.to_numpy()
    voters = (matrix != ABSTAIN).sum(axis=1)
    faults = find_faults(matrix, rules, labels)
    described = []
    for rule, cast, findings in zip(rules, matrix.T, faults, strict=True):
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
        described.append(
            _declared(rule)
            | {"votes_cast": int(fired.sum())}
            | {name: _share(mask) for name, mask in masks.items()}
            | {"label_agreement_n": len(agreement), "accuracy_n": len(right)}
            | {"intervals": {n: wilson_interval(int(m.sum()), len(m)) for n, m in masks.items()}}
            | {"status": _status(reads_gold, len(right)), "findings": findings}
        )
    return described


def _declared(rule: LabelingFunction) -> dict[str, Any]:
    return {
        "name": rule.name,
        "doc": rule.doc,
        "reads": list(rule.reads),
        "keywords": list(rule.keywords.words) if rule.keywords else [],
        "group": rule.group,
        "strength": rule.strength,
        "votes": rule.votes,
        "polarity": CLASS_NAMES[rule.votes],
    }


def _status(reads_gold: bool, n_judged: int) -> str:
    if reads_gold:
        return f"reads {GOLD_COLUMN}, which is the gold"
    return OK if n_judged else "votes on no title that has gold"


def _is_right(rule: LabelingFunction, fired: np.ndarray, truth: pd.Series) -> np.ndarray:
    """Return, for each title that the rule votes on and that has a truth, whether they agree."""
    known = truth[fired].dropna()
    return (known == rule.votes).to_numpy(dtype=np.bool_)


def _share(mask: np.ndarray) -> float | None:
    return float(mask.mean()) if len(mask) else None

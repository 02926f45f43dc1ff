"""What each labeling function does: how often it votes, with whom it disagrees, how right it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from tasks.label.core import LabelingFunction
from tasks.schema import ABSTAIN, CLASS_NAMES

GOLD_COLUMN = "rating"
LEVEL = 0.95
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
        The reference read off the ratings; ``<NA>`` where there is none.
    labels : Series of Int8, shape (n_titles,)
        The weak labels; ``<NA>`` where there is none.

    Returns
    -------
    list of dict
        One a rule, of plain JSON values: ``name``, ``doc``, ``reads``, ``keywords``; ``votes``, the
        class it votes, and ``polarity``, the same in words; ``votes_cast``; as shares of all titles
        ``coverage`` (it votes), ``overlaps`` (another rule votes too) and ``conflicts`` (another
        rule votes the other class); ``label_agreement``, the share of its labelled titles that got
        its class; ``accuracy`` against gold with ``accuracy_n``, ``intervals`` (Wilson's, 95 %; E.
        B. Wilson, 1927) and ``status``: ``ok``, or why the rule has no accuracy.
    """
    matrix = votes.to_numpy()
    voters = (matrix != ABSTAIN).sum(axis=1)
    described = []
    for rule, cast in zip(rules, matrix.T, strict=True):
        fired = cast == rule.votes
        against = ((matrix != ABSTAIN) & (matrix != rule.votes)).any(axis=1)
        described.append(
            _declared(rule)
            | {
                "votes_cast": int(fired.sum()),
                "coverage": _share(fired),
                "overlaps": _share(fired & (voters > 1)),
                "conflicts": _share(fired & against),
                "label_agreement": _share(_is_right(rule, fired, labels)),
            }
            | _judge(rule, fired, gold)
        )
    return described


def _declared(rule: LabelingFunction) -> dict[str, Any]:
    return {
        "name": rule.name,
        "doc": rule.doc,
        "reads": list(rule.reads),
        "keywords": list(rule.keywords.words) if rule.keywords else [],
        "votes": rule.votes,
        "polarity": CLASS_NAMES[rule.votes],
    }


def _judge(rule: LabelingFunction, fired: np.ndarray, gold: pd.Series) -> dict[str, Any]:
    """Compare a rule with gold, unless it reads what gold is made of."""
    if GOLD_COLUMN in rule.reads:
        status = f"reads {GOLD_COLUMN}, which is the gold"
        return {
            "accuracy": None,
            "accuracy_n": 0,
            "intervals": {"accuracy": None},
            "status": status,
        }
    right = _is_right(rule, fired, gold)
    interval = None
    if len(right):
        low, high = binomtest(int(right.sum()), len(right)).proportion_ci(LEVEL, method="wilson")
        interval = [float(low), float(high)]
    return {
        "accuracy": _share(right),
        "accuracy_n": len(right),
        "intervals": {"accuracy": interval},
        "status": OK if len(right) else "votes on no title that has gold",
    }


def _is_right(rule: LabelingFunction, fired: np.ndarray, truth: pd.Series) -> np.ndarray:
    """Return, for each title that the rule votes on and that has a truth, whether they agree."""
    known = truth[fired].dropna()
    return (known == rule.votes).to_numpy(dtype=np.bool_)


def _share(mask: np.ndarray) -> float | None:
    return float(mask.mean()) if len(mask) else None

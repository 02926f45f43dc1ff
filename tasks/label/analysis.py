"""What each labeling function does: how often it votes, with whom it disagrees, how right it is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from tasks.label.core import LabelingFunction
from tasks.schema import ABSTAIN, CLASS_NAMES

GOLD_COLUMN = "rating"
CONFIDENCE = 0.95


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
        One a rule, of plain JSON values: ``name``, ``doc``, ``reads``, ``keywords``, ``votes`` (its
        class, 1 or 0) and ``polarity`` (its class in words), ``votes_cast``, ``coverage`` (share of
        the titles on which it votes), ``overlaps`` (share on which another rule votes too),
        ``conflicts`` (share on which another rule votes the other class), and ``label_agreement``
        and ``accuracy``, each a dict of ``value``, ``n``, ``interval`` (Wilson, 95 %) and
        ``status``: None, or why there is no value.
    """
    matrix = votes.to_numpy()
    voters = (matrix != ABSTAIN).sum(axis=1)
    return [_describe(rule, matrix, voters, gold, labels) for rule in rules]


def _describe(
    rule: LabelingFunction,
    matrix: np.ndarray,
    voters: np.ndarray,
    gold: pd.Series,
    labels: pd.Series,
) -> dict[str, Any]:
    raise NotImplementedError

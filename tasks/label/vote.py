"""From rules to weak labels: the vote matrix, and the majority of each title."""

import logging
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.config import TIE_POLICIES
from tasks.errors import RuleError
from tasks.label.core import LabelingFunction, readable
from tasks.label.matching import shared_work
from tasks.schema import ABSTAIN, FAMILY, NO_VOTES, NOT_FAMILY, TIE, VOTED

log = logging.getLogger(__name__)


def apply_rules(catalog: pd.DataFrame, rules: Sequence[LabelingFunction]) -> pd.DataFrame:
    """Let every rule vote on every title.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        Missing optional columns count as all missing.
    rules : sequence of LabelingFunction
        The rules, in the order of the answer's columns.

    Returns
    -------
    DataFrame of int8, shape (n_titles, n_rules)
        `FAMILY`, `NOT_FAMILY` or `ABSTAIN`; the catalog's index, the rules' names as columns.

    Raises
    ------
    RuleError
        Naming the rule, if one reads what it does not declare or answers with anything but a
        bool mask.
    """
    started = time.perf_counter()
    wanted = dict.fromkeys(column for rule in rules for column in rule.reads)
    columns = readable(catalog, wanted)
    frames = {reads: columns[list(reads)] for reads in {rule.reads for rule in rules}}
    votes = np.empty((len(rules), len(catalog)), dtype=np.int8)
    with shared_work({rule.keywords for rule in rules if rule.keywords}):
        for row, rule in zip(votes, rules, strict=True):
            row[:] = rule.vote(frames[rule.reads])
    seconds = time.perf_counter() - started
    log.info("%d rules voted on %d titles in %.3f s", len(rules), len(catalog), seconds)
    names = [rule.name for rule in rules]
    return pd.DataFrame(votes.T, index=catalog.index, columns=names, copy=False)


def rules_without(
    rules: Sequence[LabelingFunction], withhold: Sequence[str]
) -> tuple[LabelingFunction, ...]:
    """Return the rules that read none of the withheld columns."""
    return tuple(rule for rule in rules if not set(rule.reads) & set(withhold))


def aggregate(votes: pd.DataFrame, tie_policy: str = "abstain") -> pd.DataFrame:
    """Add the votes of each title up to a weak label by majority.

    Parameters
    ----------
    votes : DataFrame of int8, shape (n_titles, n_rules)
        As `apply_rules` gives them.
    tie_policy : str
        The label of a title with as many votes for one class as for the other: none
        (``abstain``), ``family`` or ``not_family``.

    Returns
    -------
    DataFrame, shape (n_titles, 3)
        ``label`` (Int8; ``<NA>`` without a majority), ``probability`` of family (the share of
        FAMILY among the votes cast; NaN without votes) and ``reason`` (voted, tie, no votes; a tie
        stays one when the policy gave it a label).

    Raises
    ------
    RuleError
        If a vote is none of `FAMILY`, `NOT_FAMILY` and `ABSTAIN`, or the tie policy is unknown.
    """
    if tie_policy not in TIE_POLICIES:
        raise RuleError(f"tie_policy is {tie_policy!r}; expected one of {', '.join(TIE_POLICIES)}.")
    cast = _checked(votes)
    family, not_family = (cast == FAMILY).sum(axis=1), (cast == NOT_FAMILY).sum(axis=1)
    total = family + not_family
    tied = (family == not_family) & (total > 0)

    label = pd.array(np.where(family > not_family, FAMILY, NOT_FAMILY), dtype="Int8")
    label[(total == 0) | (tied & (tie_policy == "abstain"))] = pd.NA
    label[tied & (tie_policy == "family")] = FAMILY
    probability = np.divide(family, total, out=np.full(len(total), np.nan), where=total > 0)
    reason = np.select([total == 0, tied], [NO_VOTES, TIE], VOTED)
    result = {"label": label, "probability": probability, "reason": pd.array(reason, dtype="str")}
    return pd.DataFrame(result, index=votes.index)


def _checked(votes: pd.DataFrame) -> np.ndarray:
    known = votes.isin([FAMILY, NOT_FAMILY, ABSTAIN])
    if not known.to_numpy().all():
        rule = known.columns[~known.all(axis=0)][0]
        wrong = votes.loc[~known[rule], rule].iloc[0]
        raise RuleError(
            f"{rule} votes {wrong}; expected {FAMILY} (family), {NOT_FAMILY} (not family) "
            f"or {ABSTAIN} (abstain)."
        )
    return votes.to_numpy()

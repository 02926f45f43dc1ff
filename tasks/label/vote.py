"""From rules to weak labels: the vote matrix, and what the votes of each title add up to."""

import logging
import time
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.catalog.columns import ABSTAIN, FAMILY, NO_VOTES, NOT_FAMILY, TIE, VOTED
from tasks.config import AGGREGATORS, TIE_POLICIES
from tasks.errors import RuleError
from tasks.label.aggregators import AGGREGATES
from tasks.label.rule import LabelingFunction, readable

log = logging.getLogger(__name__)


def apply_rules(catalog: pd.DataFrame, rules: Sequence[LabelingFunction]) -> pd.DataFrame:
    """Let every rule vote on every title.

    Returns
    -------
    DataFrame of int8, shape (n_titles, n_rules)
        `FAMILY`, `NOT_FAMILY` or `ABSTAIN`; the catalog's index, the rules' names as columns.
    """
    started = time.perf_counter()
    columns = readable(catalog, dict.fromkeys(name for rule in rules for name in rule.reads))
    votes = np.empty((len(rules), len(catalog)), dtype=np.int8)
    for row, rule in zip(votes, rules, strict=True):
        row[:] = rule.vote(columns[list(rule.reads)])
    seconds = time.perf_counter() - started
    log.debug("%d rules voted on %d titles in %.3f s", len(rules), len(catalog), seconds)
    names = [rule.name for rule in rules]
    return pd.DataFrame(votes.T, index=catalog.index, columns=names, copy=False)


def rules_without(
    rules: Sequence[LabelingFunction], withhold: Sequence[str]
) -> tuple[LabelingFunction, ...]:
    """Return the rules that read none of the withheld columns."""
    return tuple(rule for rule in rules if not set(rule.reads) & set(withhold))


def aggregate(
    votes: pd.DataFrame,
    rules: Sequence[LabelingFunction],
    aggregator: str = "majority",
    tie_policy: str = "abstain",
) -> pd.DataFrame:
    """Add the votes of each title up to a weak label.

    Parameters
    ----------
    votes : DataFrame of int8, shape (n_titles, n_rules)
        As `apply_rules` gives them.
    rules : sequence of LabelingFunction
        The rules, in the order of the columns.
    aggregator : str
        ``majority``, ``weighted`` or ``label_model``; see `tasks.label.aggregators`.
    tie_policy : str
        The label of a title that is as likely of one class as of the other: none (``abstain``),
        ``family`` or ``not_family``.

    Returns
    -------
    DataFrame, shape (n_titles, 3)
        ``probability`` of family (NaN where no vote counts), ``label`` (Int8: the likelier class;
        ``<NA>`` if there is none) and ``reason`` (voted, tie, no votes; a tie stays one when the
        policy gave it a label).

    Raises
    ------
    RuleError
        If a vote is none of `FAMILY`, `NOT_FAMILY` and `ABSTAIN`, the columns are not the rules',
        or the aggregator or tie policy is unknown.
    """
    for name, value, known in (
        ("aggregator", aggregator, AGGREGATORS),
        ("tie_policy", tie_policy, TIE_POLICIES),
    ):
        if value not in known:
            raise RuleError(f"{name} is {value!r}; expected one of {', '.join(known)}.")
    probability = AGGREGATES[aggregator](_checked(votes, rules), rules)
    unvoted, tied = np.isnan(probability), probability == 0.5
    label = pd.array(np.where(probability > 0.5, FAMILY, NOT_FAMILY), dtype="Int8")
    label[unvoted | (tied & (tie_policy == "abstain"))] = pd.NA
    label[tied & (tie_policy == "family")] = FAMILY
    reason = np.select([unvoted, tied], [NO_VOTES, TIE], VOTED)
    result = {"label": label, "probability": probability, "reason": pd.array(reason, dtype="str")}
    return pd.DataFrame(result, index=votes.index)


def _checked(votes: pd.DataFrame, rules: Sequence[LabelingFunction]) -> np.ndarray:
    if (found := list(votes.columns)) != (names := [rule.name for rule in rules]):
        raise RuleError(
            f"The votes are of {', '.join(map(str, found)) or 'no rule'}; expected those of the "
            f"rules {', '.join(names) or '(none)'}, in this order."
        )
    known = votes.isin([FAMILY, NOT_FAMILY, ABSTAIN])
    if not known.to_numpy().all():
        rule = known.columns[~known.all(axis=0)][0]
        wrong = votes.loc[~known[rule], rule].iloc[0]
        raise RuleError(
            f"{rule} votes {wrong}; expected {FAMILY} (family), {NOT_FAMILY} (not family) "
            f"or {ABSTAIN} (abstain)."
        )
    return votes.to_numpy(dtype=np.int8)

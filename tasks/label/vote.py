"""From rules to weak labels: the vote matrix, and what the votes of each title add up to.

Each way to add up takes the vote matrix, of shape (n_titles, n_rules), and the rules of its
columns, and gives one probability of FAMILY a title, NaN where no vote counts. A title whose votes
are all for one class never gets the other.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, logit

from tasks.catalog.columns import (
    ABSTAIN,
    FAMILY,
    NO_VOTES,
    NOT_FAMILY,
    RATING,
    TIE,
    VOTE_COLUMNS,
    VOTED,
)
from tasks.errors import RuleError
from tasks.label.conditions import View
from tasks.label.label_model import LabelModel
from tasks.label.rule import LabelingFunction, readable

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.int8]

FAMILY_SHARE = 0.27  # expected of a general catalogue, which is mostly made for adults
EVIDENCE = 0.75  # of what independent groups of rules would say; groups are never independent
HINT_BELOW = 0.75  # a rule of less strength is a hint
TIE_LABELS = MappingProxyType({"abstain": pd.NA, "family": FAMILY, "not_family": NOT_FAMILY})
_DECIMALS = 9  # of the log-odds: adding up in another order differs by less


def apply_rules(catalog: pd.DataFrame, rules: Sequence[LabelingFunction]) -> pd.DataFrame:
    """Let every rule vote on every title: the vote matrix as int8, a column a rule."""
    view = View(readable(catalog, dict.fromkeys(name for rule in rules for name in rule.reads)))
    votes = np.empty((len(rules), len(catalog)), dtype=np.int8)
    for row, rule in zip(votes, rules, strict=True):
        row[:] = rule.vote(view)
    names = [rule.name for rule in rules]
    return pd.DataFrame(votes.T, index=catalog.index, columns=names, copy=False)


def name_votes(votes: pd.DataFrame, rules: Sequence[LabelingFunction]) -> pd.DataFrame:
    """Name the rules that vote on each title, for models to read, as a catalog names genres.

    Those that do not read the rating and those that do apart: `VOTE_COLUMNS`, missing where none
    votes. Only rules that travel are named: a published model carries them.
    """
    reads_rating = np.array([RATING in rule.reads for rule in rules], dtype=bool)
    travels = np.array([rule.travels for rule in rules], dtype=bool)
    fired = votes.to_numpy() != ABSTAIN
    sides = (travels & ~reads_rating, travels & reads_rating)
    columns = {
        column: _listed(fired[:, chosen], votes.columns[chosen])
        for column, chosen in zip(VOTE_COLUMNS, sides, strict=True)
    }
    return pd.DataFrame(columns, index=votes.index, dtype="str")


def _listed(fired: npt.NDArray[np.bool_], names: pd.Index) -> npt.NDArray[np.object_]:
    """Join the names where they fired; most titles share what fired with others."""
    packed = np.packbits(fired, axis=1)
    codes, patterns = pd.factorize(pd.Index([row.tobytes() for row in packed]))
    first = np.full(len(patterns), -1)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    every = names.to_numpy(dtype=object)
    cells = [", ".join(every[row]) or None for row in fired[first]]
    return np.array(cells, dtype=object)[codes]


def rules_without(
    rules: Sequence[LabelingFunction], withhold: Sequence[str]
) -> tuple[LabelingFunction, ...]:
    """Return the rules that read none of the withheld columns."""
    return tuple(rule for rule in rules if not set(rule.reads) & set(withhold))


def majority(votes: Matrix, rules: Sequence[LabelingFunction]) -> Floats:
    """Return the share of FAMILY among the votes, in which all count the same but hints do not.

    Equal votes are the seed's way. Among them, a wide hint would weigh as much as a rating, and a
    handful would outvote it; so a rule whose declared strength is below `HINT_BELOW` sits out.
    """
    counted = np.array([r.strength is None or r.strength >= HINT_BELOW for r in rules], dtype=bool)
    cast = votes[:, counted]
    family, total = (cast == FAMILY).sum(axis=1), (cast != ABSTAIN).sum(axis=1)
    return np.divide(family, total, out=np.full(len(votes), np.nan), where=total > 0)


def weighted(votes: Matrix, rules: Sequence[LabelingFunction]) -> Floats:
    """Return the probability of FAMILY by Bayes' rule from the prior strengths of the votes.

    A vote of strength s multiplies the odds of its class by s / (1 - s). Rules of one group see the
    same thing, so the log-odds of a group's n votes for one class are divided by the square root of
    n; groups overlap too, so of their sum the share `EVIDENCE` is believed. The prior is
    `FAMILY_SHARE`, but where all votes are for one class it takes away at most half of what they
    say: it settles what the votes leave open and overrules none.
    """
    weights = logit([rule.trust for rule in rules])
    groups = np.array([rule.group for rule in rules])
    said = np.zeros((2, len(votes)))  # log-odds for either class
    for value, group in product((NOT_FAMILY, FAMILY), sorted(set(groups))):
        columns = groups == group
        fired = votes[:, columns] == value
        damping = np.sqrt(np.maximum(fired.sum(axis=1), 1))
        said[value] += EVIDENCE * (fired @ weights[columns]) / damping
    log_odds = said[FAMILY] - said[NOT_FAMILY] + logit(FAMILY_SHARE)
    only_family = said[NOT_FAMILY] == 0
    log_odds = np.where(only_family, np.maximum(log_odds, said[FAMILY] / 2), log_odds)
    return _where_voted(votes, expit(log_odds.round(_DECIMALS)))


def label_model(votes: Matrix, rules: Sequence[LabelingFunction]) -> Floats:
    """Return the probability of FAMILY by a `LabelModel` fitted on these very votes."""
    if not votes.size:
        return np.full(len(votes), np.nan)
    strengths, groups = [rule.trust for rule in rules], [rule.group for rule in rules]
    model = LabelModel(prior=FAMILY_SHARE, strengths=strengths, groups=groups)
    return _where_voted(votes, model.fit(votes).predict_proba(votes)[:, 1].round(_DECIMALS))


def _where_voted(votes: Matrix, probability: Floats) -> Floats:
    return np.where((votes != ABSTAIN).any(axis=1), probability, np.nan)


AGGREGATES: Mapping[str, Callable[[Matrix, Sequence[LabelingFunction]], Floats]] = MappingProxyType(
    {function.__name__: function for function in (majority, weighted, label_model)}
)


def aggregate(
    votes: pd.DataFrame,
    rules: Sequence[LabelingFunction],
    aggregator: str = "majority",
    tie_policy: str = "abstain",
) -> pd.DataFrame:
    """Add the votes of each title up to a weak label; `RuleError` if they are not of these rules.

    Returns ``probability`` of family (NaN where no vote counts), ``label`` (Int8: the likelier
    class; ``<NA>`` if there is none) and ``reason`` (voted, tie, no votes; a tie stays one when
    the policy, one of `TIE_LABELS`, gave it a label).
    """
    if (found := list(votes.columns)) != (names := [rule.name for rule in rules]):
        raise RuleError(
            f"The votes are of {', '.join(map(str, found)) or 'no rule'}; expected those of the "
            f"rules {', '.join(names) or '(none)'}, in this order."
        )
    probability = AGGREGATES[aggregator](votes.to_numpy(dtype=np.int8), rules)
    unvoted, tied = np.isnan(probability), probability == 0.5
    label = pd.array(np.where(probability > 0.5, FAMILY, NOT_FAMILY), dtype="Int8")
    label[tied] = TIE_LABELS[tie_policy]
    label[unvoted] = pd.NA
    reason = np.select([unvoted, tied], [NO_VOTES, TIE], VOTED)
    result = {"label": label, "probability": probability, "reason": pd.array(reason, dtype="str")}
    return pd.DataFrame(result, index=votes.index)

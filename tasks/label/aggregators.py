"""What a title's votes add up to: three ways to a probability of FAMILY.

Each takes the vote matrix, of shape (n_titles, n_rules) and of `FAMILY`, `NOT_FAMILY` and
`ABSTAIN`, and the rules of its columns, and gives one probability a title, NaN where no vote
counts. A title whose votes are all for one class never gets the other.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.label.label_model import LabelModel
from tasks.label.rule import LabelingFunction

Floats = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.int8]

FAMILY_SHARE = 0.3  # expected of a general catalogue, which is mostly made for adults
HINT_BELOW = 0.75  # a rule of less strength is a hint
_DECIMALS = 9  # of the log-odds: adding up in another order differs by less


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
    n. The prior is `FAMILY_SHARE`, but counts at most half as much as the weakest vote against
    it: it settles what the votes leave open and overrules none.
    """
    if not rules:
        return np.full(len(votes), np.nan)
    weights = logit([rule.trust for rule in rules])
    groups = np.array([rule.group for rule in rules])
    prior = logit(FAMILY_SHARE)
    log_odds = np.full(len(votes), np.sign(prior) * min(abs(prior), weights.min() / 2))
    for group in sorted(set(groups)):
        columns = groups == group
        for value, sign in ((FAMILY, 1), (NOT_FAMILY, -1)):
            fired = votes[:, columns] == value
            damping = np.sqrt(np.maximum(fired.sum(axis=1), 1))
            log_odds += sign * (fired @ weights[columns]) / damping
    return _where_voted(votes, expit(log_odds.round(_DECIMALS)))


def label_model(votes: Matrix, rules: Sequence[LabelingFunction]) -> Floats:
    """Return the probability of FAMILY by a `LabelModel` fitted on these very votes.

    The model takes a strength for the share of votes that are right in the catalogue as it is, so
    the declared ones, which are for equally frequent classes, are translated.
    """
    if not votes.size:
        return np.full(len(votes), np.nan)
    sides = np.array([1 if rule.votes == FAMILY else -1 for rule in rules])
    strengths = expit(logit([rule.trust for rule in rules]) + sides * logit(FAMILY_SHARE))
    groups = [rule.group for rule in rules]
    model = LabelModel(prior=FAMILY_SHARE, strengths=strengths, groups=groups)
    return _where_voted(votes, model.fit(votes).predict_proba(votes)[:, 1].round(_DECIMALS))


def _where_voted(votes: Matrix, probability: Floats) -> Floats:
    return np.where((votes != ABSTAIN).any(axis=1), probability, np.nan)


Aggregate = Callable[[Matrix, Sequence[LabelingFunction]], Floats]
AGGREGATES: Mapping[str, Aggregate] = MappingProxyType(
    {function.__name__: function for function in (majority, weighted, label_model)}
)

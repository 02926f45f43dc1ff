"""The label model: from votes alone, what each rule's vote is worth and what a title's votes say.

A rule that votes one class only always agrees with itself, so models of *agreement* (Dawid and
Skene, 1979) learn nothing from it. This one describes *firing*. With b the share of titles on which
a rule votes class c, a the share of those that are c, and p the share of c among all titles,

    P(fires | c) = a b / p,    P(fires | not c) = (1 - a) b / (1 - p),

and a vote adds to the log-odds of c

    log(P(fires | c) / P(fires | not c)) - log(P(silent | c) / P(silent | not c)):

naive Bayes, with what silence says moved into the intercept, which is pinned so that a title
without votes gets the prior. `a` is estimated by expectation maximisation with four restraints:
it starts from prior strengths and is shrunk towards them; half of a rule's evidence is the opinion
of the *other* rules where it fires, so that neither it nor a copy of it confirms it (as in the
moments of Ratner et al., 2017, and the triplets of Fu et al., 2020, but defined where rules hardly
overlap too); it stops after a few rounds, before another structure in the votes passes for the
class; and copies vote as one, rules that are correlated given the class share their weight. No
weight changes sign.

References: A. P. Dawid and A. M. Skene, Maximum likelihood estimation of observer error-rates using
the EM algorithm, Applied Statistics 28, 1979; A. Ratner et al., Snorkel: rapid training data
creation with weak supervision, VLDB 2017; D. Fu et al., Fast and three-rious: speeding up weak
supervision with triplet methods, ICML 2020.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.special import expit, logit

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.errors import RuleError

Floats = npt.NDArray[np.float64]

ROUNDS = 4  # of estimating the weights
PRIOR_WEIGHT = 3.0  # of a vote whose strength nobody declared: it multiplies the odds by 20
DECLARED_WEIGHTS = (1.0, 8.0)  # the range that a declared strength is read as
PRIOR_VOTES = 30.0  # the prior strength counts as many votes of the rule ...
PRIOR_SHARE = 0.5  # ... and as this share of all that it cast
OTHERS_SHARE = 0.5  # of a rule's evidence that is the others' opinion alone
WEIGHTS = (0.05, 8.0)  # the least and the most that a vote is worth
PRIORS = (0.1, 0.9)  # the range of a prior that is read off the votes
COPIES = (0.85, 0.95)  # the correlation of votes from which, and at which, rules are copies
CORRELATION = 0.3  # the share of the correlation within a class that is believed
REDUNDANCY = (0.3, 1.5)  # the range of the factor for rules that repeat each other
EVIDENCE = 0.5  # the share of a title's evidence that is believed: rules are never independent
_FLOOR = 0.02  # the least probability of silence, and of a class
_GENTLE = 0.25  # slope where the votes point one way and the prior, more strongly, the other


class _Ballots(NamedTuple):
    """The votes cast, an entry each; rule j's for FAMILY are column j, its others n_rules + j."""

    n_titles: int
    n_rules: int
    title: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    copies: Floats
    damping: Floats

    @property
    def side(self) -> Floats:  # of a column
        return np.repeat([1.0, -1.0], self.n_rules)

    def per_column(self, values: Floats | None = None) -> Floats:
        """Sum values of votes, or count the votes, over each column."""
        return np.bincount(self.column, values, 2 * self.n_rules).astype(np.float64)

    def per_title(self, values: Floats | None = None) -> Floats:
        """Sum values of votes, or count the votes, over each title."""
        return np.bincount(self.title, values, self.n_titles).astype(np.float64)

    def with_copies(self, values: Floats) -> Floats:
        """Sum values of votes, for each vote, over it and its copies on the same title."""
        if np.count_nonzero(self.copies) == len(self.copies):
            return values
        shape = (self.n_titles, 2 * self.n_rules)
        table = csr_array((values, (self.title, self.column)), shape=shape)
        summed = (table @ csr_array(self.copies)).toarray()
        return np.asarray(summed[self.title, self.column])


@dataclass(repr=False, eq=False)
class LabelModel:
    """An unsupervised model of how far each rule's votes can be trusted. Nothing is random.

    Parameters
    ----------
    prior : float, optional
        The share of FAMILY among all titles; read off the votes if not given.
    strengths : array of float, shape (n_rules,), optional
        The share of each rule's votes that prior knowledge expects to be right; NaN if unknown.
    groups : sequence, length n_rules, optional
        What each rule looks at. The votes of one group on one title are divided by the square root
        of their number, so that five rules on one thing do not outshout the rest. Copies of a rule
        need none: they are found, and vote as one.

    Attributes
    ----------
    prior_ : float
        The share of FAMILY, given or estimated: the answer for a title without votes.
    weights_ : array of float, shape (n_rules, 2)
        What a rule's vote adds to the log-odds of the class that it votes, [not family, family].

    Examples
    --------
    >>> votes = np.array([[1, -1, -1], [1, 1, -1], [-1, -1, 0], [-1, -1, -1]], dtype=np.int8)
    >>> LabelModel(prior=0.5).fit(votes).predict_proba(votes)[:, 1].round(1)
    array([0.9, 1. , 0.1, 0.5])
    """

    prior: float | None = None
    strengths: Sequence[float] | Floats | None = None
    groups: Sequence[Hashable] | None = None
    prior_: float = field(init=False)
    weights_: Floats = field(init=False)

    def fit(self, votes: npt.ArrayLike) -> Self:
        """Estimate what the votes of each rule, of shape (n_titles, n_rules), are worth.

        `RuleError` if one is none of `FAMILY` (1), `NOT_FAMILY` (0) and `ABSTAIN` (-1).
        """
        checked = _checked(votes)
        self._check_parameters(checked.shape[1])
        covariance = _firing_covariance(checked)
        self._copies = _copies(covariance)
        ballots = _ballots(checked, self._copies, self.groups)
        start = _vote_share(ballots) if self.prior is None else float(self.prior)
        self.prior_, weights = self._estimate(ballots, start, covariance)
        self.weights_ = weights.reshape(2, -1)[::-1].T
        return self

    def predict_proba(self, votes: npt.ArrayLike) -> Floats:
        """Return P(not family) and P(family) for each title, given votes of the same rules.

        A class for which all votes cast on a title are gets at least 0.5. A title without votes
        gets the prior.
        """
        if not hasattr(self, "weights_"):
            raise RuleError("The label model is not fitted; call fit(votes) first.")
        checked, n_rules = _checked(votes), len(self.weights_)
        if checked.shape[1] != n_rules:
            raise RuleError(
                f"The votes are of {checked.shape[1]} rules; the label model was fitted on "
                f"{n_rules}. Fit it again, or give it the votes of the same rules."
            )
        ballots = _ballots(checked, self._copies, self.groups)
        signed = self.weights_.T[::-1].ravel() * ballots.side
        score = ballots.per_title(signed[ballots.column] * ballots.damping)
        least_no, least_yes = self.weights_.min(axis=0)
        log_odds = _log_odds(score, self.prior_, least_no if self.prior_ > 0.5 else least_yes)
        return np.column_stack([expit(-log_odds), expit(log_odds)])

    def _estimate(
        self, ballots: _Ballots, start: float, covariance: Floats
    ) -> tuple[float, Floats]:
        prior, silence = start, 0.0
        weights = self._prior_weights(ballots, prior)
        for _ in range(ROUNDS):
            belief, family = _expect(ballots, weights, prior, silence)
            precision = _shrink(ballots, family, self._prior_weights(ballots, prior), prior)
            share = float(np.clip(belief.mean(), _FLOOR, 1 - _FLOOR))
            weights, silence, fires = _firing_weights(ballots, precision, share)
            weights = weights * _redundancy(ballots, fires, share, covariance)
            prior = (share + start) / 2 if self.prior is None else prior
        return prior, weights

    def _prior_weights(self, ballots: _Ballots, prior: float) -> Floats:
        known = np.nan if self.strengths is None else self.strengths
        strengths = np.tile(np.broadcast_to(np.asarray(known, np.float64), ballots.n_rules), 2)
        lift = np.clip(logit(strengths) - ballots.side * logit(prior), *DECLARED_WEIGHTS)
        return np.where(np.isnan(strengths), PRIOR_WEIGHT, lift)

    def _check_parameters(self, n_rules: int) -> None:
        if self.prior is not None and not 0 < self.prior < 1:
            raise RuleError(f"prior is {self.prior!r}; expected a share between 0 and 1.")
        if self.groups is not None and len(self.groups) != n_rules:
            raise RuleError(f"{len(self.groups)} groups for {n_rules} rules; expected one a rule.")
        given = [0.5] * n_rules if self.strengths is None else list(self.strengths)
        if len(given) != n_rules or any(s <= 0 or s >= 1 for s in given):
            raise RuleError(
                f"strengths are {given} for {n_rules} rules; expected one a rule, "
                "between 0 and 1, NaN where unknown."
            )


def _checked(votes: npt.ArrayLike) -> npt.NDArray[np.int8]:
    array = np.asarray(votes)
    if array.ndim != 2 or 0 in array.shape:
        raise RuleError(
            f"The votes have shape {array.shape}; expected (n_titles, n_rules), at least one each."
        )
    known = (array == FAMILY) | (array == NOT_FAMILY) | (array == ABSTAIN)
    if not known.all():
        title, rule = np.argwhere(~known)[0]
        raise RuleError(
            f"Rule {rule} votes {array[title, rule]!s} on title {title}; expected {FAMILY} "
            f"(family), {NOT_FAMILY} (not family) or {ABSTAIN} (abstain)."
        )
    return array.astype(np.int8)


def _ballots(
    votes: npt.NDArray[np.int8], copies: Floats, groups: Sequence[Hashable] | None
) -> _Ballots:
    n_titles, n_rules = votes.shape
    title, rule = np.nonzero(votes != ABSTAIN)
    column = np.where(votes[title, rule] == FAMILY, rule, rule + n_rules)
    ballots = _Ballots(n_titles, n_rules, title, column, copies, np.ones(len(title)))
    damping = 1 / ballots.with_copies(ballots.damping)
    if groups is not None:
        numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
        place = title * len(numbers) + np.array([numbers[group] for group in groups])[rule]
        damping /= np.sqrt(np.bincount(place, damping)[place])
    return ballots._replace(damping=damping)


def _copies(covariance: Floats) -> Floats:
    """Return how far, from 0 to 1, each column of votes is a copy of each other."""
    deviation = np.sqrt(np.maximum(covariance.diagonal(), 1e-12))
    least, most = COPIES
    alike = (covariance / np.outer(deviation, deviation) - least) / (most - least)
    alike = np.clip(alike, 0, 1)
    half = len(alike) // 2
    alike[:half, half:] = alike[half:, :half] = 0  # for one class and for the other: no copies
    np.fill_diagonal(alike, 1)
    return np.asarray(alike)


def _vote_share(ballots: _Ballots) -> float:
    """Return the share of FAMILY among the votes on a title, in the mean over voted titles."""
    cast = ballots.per_title(ballots.damping)
    family = ballots.per_title(ballots.damping * (ballots.column < ballots.n_rules))
    share = family[cast > 0] / cast[cast > 0]
    return float(np.clip(share.mean() if len(share) else 0.5, *PRIORS))


def _firing_covariance(votes: npt.NDArray[np.int8]) -> Floats:
    fires = np.hstack([votes == FAMILY, votes == NOT_FAMILY]).astype(np.float32)
    together = (fires.T @ fires).astype(np.float64) / len(votes)  # whole numbers below 2**24: exact
    coverage = together.diagonal()
    return np.asarray(together - np.outer(coverage, coverage))


def _expect(
    ballots: _Ballots, weights: Floats, prior: float, silence: float
) -> tuple[Floats, Floats]:
    """Return the probability that each title is FAMILY, and its sum over each column's votes."""
    own = (weights * ballots.side)[ballots.column] * ballots.damping
    score = ballots.per_title(own)
    belief = expit(logit(prior) + silence + score)
    others = expit(logit(prior) + score[ballots.title] - ballots.with_copies(own))
    mixed = OTHERS_SHARE * others + (1 - OTHERS_SHARE) * belief[ballots.title]
    return belief, ballots.per_column(mixed)


def _shrink(ballots: _Ballots, family: Floats, prior_weights: Floats, prior: float) -> Floats:
    """Return P(FAMILY | a column's vote), drawn towards what its prior weight says."""
    cast = ballots.per_column()
    pseudo = PRIOR_VOTES + PRIOR_SHARE * cast
    expected = expit(logit(prior) + ballots.side * prior_weights)
    return np.asarray((family + pseudo * expected) / (cast + pseudo))


def _firing_weights(
    ballots: _Ballots, precision: Floats, share: float
) -> tuple[Floats, float, Floats]:
    """Return the weights of votes, what all silence says, and P(fires | FAMILY; NOT_FAMILY)."""
    coverage = ballots.per_column() / ballots.n_titles
    fires = np.stack([precision * coverage / share, (1 - precision) * coverage / (1 - share)])
    silent = np.maximum(1 - fires.reshape(2, 2, -1).sum(axis=1), _FLOOR)
    said = np.log(silent[0] / silent[1])
    lift = logit(precision) - logit(share) - np.tile(said, 2)
    alike = ballots.copies.sum(axis=0).reshape(2, -1).max(axis=0)
    return np.clip(ballots.side * lift, *WEIGHTS), float((said / alike).sum()), fires


def _redundancy(ballots: _Ballots, fires: Floats, share: float, covariance: Floats) -> Floats:
    """Return the factor on each weight for what a rule repeats of others, given the class.

    With S the standard deviations and R the correlation of firing within a class, and d the
    difference between the classes, the linear discriminant is S^-1 R^-1 S^-1 d, and S^-2 d if
    nothing is correlated. The factor is their ratio, with R shrunk towards the identity.
    """
    variance = np.minimum(fires, 0.99) * (1 - np.minimum(fires, 0.99))
    deviation = np.sqrt(share * variance[0] + (1 - share) * variance[1]) + 1e-6
    apart = (fires[0] - fires[1]) / deviation
    between = share * (1 - share) * np.outer(apart, apart)
    within = covariance / np.outer(deviation, deviation) - between
    beyond_noise = np.clip(np.abs(within), 0, 1) - 2 / np.sqrt(ballots.n_titles)
    correlation = CORRELATION * np.sign(within) * np.maximum(beyond_noise, 0)
    rule = np.tile(np.arange(ballots.n_rules), 2)
    correlation[rule[:, None] == rule] = 0  # a rule and its votes for the other class
    alike = ballots.copies.sum(axis=0)
    correlation *= (1 - ballots.copies) / np.sqrt(np.outer(alike, alike))  # copies vote as one
    excess = max(-0.9 - np.linalg.eigvalsh(correlation)[0], 0)  # keeps it positive definite
    effect = ballots.side * np.maximum(ballots.side * apart, 1e-4)
    adjusted = np.linalg.solve(np.eye(len(rule)) + correlation / (1 + excess), effect)
    return np.clip(adjusted / effect, *REDUNDANCY)


def _log_odds(score: Floats, prior: float, least: float) -> Floats:
    """Return the log-odds of FAMILY: the prior's plus the evidence, but never against all votes.

    Where the score points against the prior, which is the stronger, the log-odds follow the score
    with a gentle slope; below `least`, the least score of a title whose votes all point that way,
    they lead over to the prior's. The map rises strictly and has no jump: it keeps the order.
    """
    base = float(logit(prior))
    against = -1.0 if prior > 0.5 else 1.0
    evidence, reach, height = EVIDENCE * against * score, EVIDENCE * least, abs(base)
    leading = -height + (max(reach - height, _GENTLE * reach) + height) * evidence / reach
    beyond = np.maximum(evidence - height, _GENTLE * evidence)
    bent = np.where(evidence < reach, leading, beyond)
    return against * np.where(evidence > 0, bent, evidence - height)

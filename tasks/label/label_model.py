"""The label model: from votes alone, what each rule's vote is worth and what a title's votes say.

Rules of the trade vote one class only and stay silent on most titles. A model of how often rules
*agree* (Dawid and Skene, 1979; the one-coin model) learns nothing from them: given that such a rule
votes, it always votes the same. What carries the information is *when it fires*, so firing is what
this model describes. For each rule j and each class c that it votes, with b the share of titles on
which it does so, a the share of those that are truly c, and p the share of c among all titles,

    P(fires | c) = a b / p,    P(fires | not c) = (1 - a) b / (1 - p),

and silence is the outcome that is left. A vote for c then adds to the log-odds of c

    w = log(P(fires | c) / P(fires | not c)) - log(P(silent | c) / P(silent | not c)),

which is naive Bayes with what silence says moved into the intercept. That intercept is pinned so
that a title without votes gets the prior; the order of the titles does not depend on it.

Without labels, `a` is estimated in a few rounds of expectation maximisation that differ from the
textbook's in four ways, each against a way in which such models collapse:

- it starts from the prior strengths of the rules and is shrunk towards them at every step;
- half of a rule's evidence is the opinion of the *other* rules on the titles where it fires
  (leave one out), so that a rule cannot confirm itself, as in the method of moments (Ratner et al.,
  2017; the triplets of Fu et al., 2020), but defined where rules hardly overlap too;
- it stops after `rounds`, long before a second structure in the votes can pass for the class;
- rules that repeat each other, given the class, share their weight: w is scaled by what a linear
  discriminant with a shrunk within-class correlation gives, compared with one that ignores it.

A weight never changes sign: a rule may be found weak, not to mean the opposite of what it says.

References
----------
A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates using the EM
algorithm. Applied Statistics 28, 1979.
A. Ratner et al. Snorkel: rapid training data creation with weak supervision. VLDB 2017.
D. Fu et al. Fast and three-rious: speeding up weak supervision with triplet methods. ICML 2020.
"""

import logging
import time
from collections.abc import Hashable, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from tasks.errors import RuleError
from tasks.schema import ABSTAIN, FAMILY, NOT_FAMILY

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

PRIOR_WEIGHT = 3.0  # of a vote whose strength nobody declared: it multiplies the odds by 20
PRIOR_VOTES = 30.0  # the prior strength counts as many votes of the rule ...
PRIOR_SHARE = 0.5  # ... and as this share of all that it cast
OTHERS_SHARE = 0.5  # of a rule's evidence that is the others' opinion alone
WEIGHTS = (0.05, 8.0)  # the least and the most that a vote is worth
PRIORS = (0.1, 0.9)  # the range of a prior that is read off the votes
CORRELATION = 0.3  # the share of the within-class correlation that is believed
REDUNDANCY = (0.3, 1.5)  # the range of the factor for rules that repeat each other
_FLOOR = 0.02  # the least probability of silence, and of a class
_GENTLE = 0.25  # slope where the votes point one way and the prior, more strongly, the other
_TEMPERATURE = 0.5


class _Ballots(NamedTuple):
    """The votes cast, one entry each; rule j's for FAMILY are column j, its others n_rules + j."""

    n_titles: int
    n_rules: int
    title: Ints
    column: Ints
    damping: Floats

    @property
    def side(self) -> Floats:
        """+1 for a column of votes for FAMILY, -1 for one against."""
        return np.repeat([1.0, -1.0], self.n_rules)

    def per_column(self, values: Floats | None = None) -> Floats:
        """Sum values of votes over each column; without values, count the votes."""
        return np.bincount(self.column, values, 2 * self.n_rules).astype(np.float64)

    def per_title(self, values: Floats | None = None) -> Floats:
        """Sum values of votes over each title; without values, count the votes."""
        return np.bincount(self.title, values, self.n_titles).astype(np.float64)


class LabelModel:
    """An unsupervised model of how far each rule's votes can be trusted.

    Parameters
    ----------
    prior : float, optional
        The share of FAMILY among all titles; read off the votes if not given.
    strengths : array of float, shape (n_rules,), optional
        For each rule, the share of its votes that prior knowledge expects to be right, between 0
        and 1; NaN where nobody knows.
    groups : sequence, length n_rules, optional
        What each rule looks at. The votes of one group on one title are divided by the square root
        of their number, so that five rules on one thing do not outshout the rest.
    rounds : int
        How often the weights are estimated anew.

    Attributes
    ----------
    prior_ : float
        The share of FAMILY, given or estimated: the answer for a title without votes.
    weights_ : array of float, shape (n_rules, 2)
        What a rule's vote adds to the log-odds of the class that it votes, [not family, family].

    Notes
    -----
    Nothing is random. Rows or columns in another order, or the classes exchanged, give the same
    answer.

    Examples
    --------
    >>> votes = np.array([[1, -1, -1], [1, 1, -1], [-1, -1, 0], [-1, -1, -1]], dtype=np.int8)
    >>> LabelModel(prior=0.5).fit(votes).predict_proba(votes)[:, 1].round(1)
    array([1. , 1. , 0. , 0.5])
    """

    prior_: float
    weights_: Floats

    def __init__(
        self,
        prior: float | None = None,
        strengths: npt.ArrayLike | None = None,
        groups: Sequence[Hashable] | None = None,
        *,
        rounds: int = 4,
    ) -> None:
        self.prior = prior
        self.strengths = strengths
        self.groups = groups
        self.rounds = rounds

    def fit(self, votes: npt.ArrayLike) -> Self:
        """Estimate the weights of the rules from their votes.

        Parameters
        ----------
        votes : array of int8, shape (n_titles, n_rules)
            `FAMILY` (1), `NOT_FAMILY` (0) or `ABSTAIN` (-1).

        Returns
        -------
        LabelModel
            The model itself.

        Raises
        ------
        RuleError
            If the votes, or a parameter of the model, have another shape or other values.
        """
        started = time.perf_counter()
        checked = _checked(votes)
        self._check_parameters(checked.shape[1])
        ballots = _ballots(checked, self.groups)
        start = _vote_share(ballots) if self.prior is None else float(self.prior)
        prior, weights = self._estimate(ballots, start, _firing_covariance(checked))
        self.prior_, self.weights_ = prior, weights.reshape(2, -1)[::-1].T
        seconds = time.perf_counter() - started
        log.info("label model of %d rules and %d titles in %.3f s", *checked.shape[::-1], seconds)
        return self

    def predict_proba(self, votes: npt.ArrayLike) -> Floats:
        """Return the probability of each class for each title.

        Parameters
        ----------
        votes : array of int8, shape (n_titles, n_rules)
            Votes of the rules that the model was fitted on, in the same order.

        Returns
        -------
        array of float, shape (n_titles, 2)
            P(not family) and P(family), scikit-learn's order of columns. If all votes cast on a
            title are for one class, that class gets at least 0.5. A title without votes gets the
            prior; `unvoted` tells which these are.

        Raises
        ------
        RuleError
            If the model is not fitted, or the votes are not of the rules that it was fitted on.
        """
        if not hasattr(self, "weights_"):
            raise RuleError("The label model is not fitted; call fit(votes) first.")
        checked, n_rules = _checked(votes), len(self.weights_)
        if checked.shape[1] != n_rules:
            raise RuleError(
                f"The votes are of {checked.shape[1]} rules; the label model was fitted on "
                f"{n_rules}. Fit it again, or give it the same rules."
            )
        ballots = _ballots(checked, self.groups)
        score = _score(ballots, self.weights_.T[::-1].ravel() * ballots.side)
        log_odds = _log_odds(score, self.prior_, self.weights_.min(axis=0))
        return np.column_stack([expit(-log_odds), expit(log_odds)])

    @staticmethod
    def unvoted(votes: npt.ArrayLike) -> Bools:
        """Return which titles have no votes, so that the prior is all that is known of them."""
        return np.asarray((_checked(votes) == ABSTAIN).all(axis=1))

    def _estimate(
        self, ballots: _Ballots, start: float, covariance: Floats
    ) -> tuple[float, Floats]:
        prior, silence = start, 0.0
        weights = self._prior_weights(ballots, prior)
        for _ in range(self.rounds):
            signed = weights * ballots.side
            belief, precision = _expect(ballots, signed, prior, silence)
            precision = _shrink(ballots, precision, self._prior_weights(ballots, prior), prior)
            share = float(np.clip(belief.mean(), _FLOOR, 1 - _FLOOR))
            weights, silence, fires = _firing_weights(ballots, precision, share)
            weights = weights * _redundancy(ballots, fires, share, covariance)
            if self.prior is None:
                prior = (float(belief.mean()) + start) / 2
        return prior, weights

    def _prior_weights(self, ballots: _Ballots, prior: float) -> Floats:
        unknown = np.full(2 * ballots.n_rules, PRIOR_WEIGHT)
        if self.strengths is None:
            return unknown
        strengths = np.tile(np.asarray(self.strengths, dtype=np.float64), 2)
        lift = np.clip(logit(strengths) - ballots.side * logit(prior), *WEIGHTS)
        return np.where(np.isnan(strengths), unknown, lift)

    def _check_parameters(self, n_rules: int) -> None:
        if self.prior is not None and not 0 < self.prior < 1:
            raise RuleError(f"prior is {self.prior!r}; expected a share between 0 and 1.")
        if self.rounds < 1:
            raise RuleError(f"rounds is {self.rounds!r}; expected 1 or more.")
        if self.groups is not None and len(self.groups) != n_rules:
            raise RuleError(f"{len(self.groups)} groups for {n_rules} rules; expected one a rule.")
        if self.strengths is None:
            return
        strengths = np.asarray(self.strengths, dtype=np.float64)
        if strengths.shape != (n_rules,) or ((strengths <= 0) | (strengths >= 1)).any():
            raise RuleError(
                f"strengths have shape {strengths.shape} and values {strengths.tolist()}; expected "
                f"one a rule, shape ({n_rules},), between 0 and 1, NaN where unknown."
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
            f"Rule {rule} votes {array[title, rule]!r} on title {title}; expected {FAMILY} "
            f"(family), {NOT_FAMILY} (not family) or {ABSTAIN} (abstain)."
        )
    return array.astype(np.int8)


def _ballots(votes: npt.NDArray[np.int8], groups: Sequence[Hashable] | None) -> _Ballots:
    n_titles, n_rules = votes.shape
    title, rule = np.nonzero(votes != ABSTAIN)
    column = np.where(votes[title, rule] == FAMILY, rule, rule + n_rules)
    damping = np.ones(len(title))
    if groups is not None:
        numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
        place = title * len(numbers) + np.array([numbers[group] for group in groups])[rule]
        damping /= np.sqrt(np.bincount(place)[place])
    return _Ballots(n_titles, n_rules, title, column, damping)


def _score(ballots: _Ballots, signed: Floats) -> Floats:
    return ballots.per_title(signed[ballots.column] * ballots.damping)


def _vote_share(ballots: _Ballots) -> float:
    """Return the share of FAMILY among the votes on a title, in the mean over voted titles."""
    cast = ballots.per_title()
    share = ballots.per_title((ballots.column < ballots.n_rules) / 1.0)[cast > 0] / cast[cast > 0]
    return float(np.clip(share.mean() if len(share) else 0.5, *PRIORS))


def _firing_covariance(votes: npt.NDArray[np.int8]) -> Floats:
    fires = np.hstack([votes == FAMILY, votes == NOT_FAMILY]).astype(np.float32)
    together = (fires.T @ fires).astype(np.float64) / len(votes)  # whole numbers below 2**24: exact
    coverage = together.diagonal()
    return np.asarray(together - np.outer(coverage, coverage))


def _expect(
    ballots: _Ballots, signed: Floats, prior: float, silence: float
) -> tuple[Floats, Floats]:
    """Return what is believed of each title, and summed over the votes of each column."""
    own = signed[ballots.column] * ballots.damping
    score = ballots.per_title(own)
    belief = expit(logit(prior) + silence + score)
    others = expit(logit(prior) + score[ballots.title] - own)
    mixed = OTHERS_SHARE * others + (1 - OTHERS_SHARE) * belief[ballots.title]
    return belief, ballots.per_column(mixed)


def _shrink(ballots: _Ballots, family: Floats, prior_weights: Floats, prior: float) -> Floats:
    """Return P(family | a rule fires), drawn towards what its prior strength says."""
    cast, side = ballots.per_column(), ballots.side
    pseudo = PRIOR_VOTES + PRIOR_SHARE * cast
    expected = expit(logit(prior) + side * prior_weights)
    return np.asarray((family + pseudo * expected) / (cast + pseudo))


def _firing_weights(
    ballots: _Ballots, precision: Floats, share: float
) -> tuple[Floats, float, Floats]:
    """Return the weights of votes, what all silence says, and P(fires | family, not family)."""
    coverage = ballots.per_column() / ballots.n_titles
    fires = np.stack([precision * coverage / share, (1 - precision) * coverage / (1 - share)])
    silent = 1 - fires.reshape(2, 2, -1).sum(axis=1)
    said = np.log(np.divide(*np.maximum(silent, _FLOOR)))
    lift = logit(precision) - logit(share) - np.tile(said, 2)
    return np.clip(ballots.side * lift, *WEIGHTS), float(said.sum()), fires


def _redundancy(ballots: _Ballots, fires: Floats, share: float, covariance: Floats) -> Floats:
    """Return the factor on each weight for what a rule repeats of others, given the class.

    With D the within-class standard deviations, R the within-class correlation and d the
    difference between the classes, the linear discriminant is D^-1 R^-1 D^-1 d; without correlation
    it is D^-2 d. The factor is their ratio, with R shrunk towards the identity.
    """
    family, other = np.minimum(fires, 1 - _FLOOR / 2)
    deviation = np.sqrt(share * family * (1 - family) + (1 - share) * other * (1 - other)) + 1e-6
    apart = fires[0] - fires[1]
    between = share * (1 - share) * np.outer(apart, apart)
    within = (covariance - between) / np.outer(deviation, deviation)
    rule = np.arange(len(apart)) % ballots.n_rules
    within[rule[:, None] == rule] = 0  # a rule and itself, or its votes for the other class
    noise = 2 / np.sqrt(ballots.n_titles)
    within = np.sign(within) * np.maximum(np.minimum(np.abs(within), 1) - noise, 0)
    correlation = np.eye(len(rule)) + CORRELATION * within
    least = np.linalg.eigvalsh(correlation)[0]
    correlation += max(0.1 - least, 0) * np.eye(len(rule))
    side = ballots.side
    effect = side * np.maximum(side * apart / deviation, 1e-4)
    adjusted = np.linalg.solve(correlation / correlation[0, 0], effect)
    return np.clip(adjusted / effect, *REDUNDANCY)


def _log_odds(score: Floats, prior: float, least: Floats) -> Floats:
    """Return the log-odds of FAMILY: the prior's plus the score, but never against all votes.

    Where the score points one way and the prior, more strongly, the other, the log-odds follow the
    score with a gentle slope; below the `least` score of a title whose votes are all for one class
    they lead over to the prior's. The map is continuous and rises strictly, so it keeps the order.
    """
    base = float(logit(prior))
    towards = -1.0 if base > 0 else 1.0  # the class that the prior is against
    size, height = np.abs(score) * _TEMPERATURE, abs(base)
    reach = max(least[1 if towards > 0 else 0] * _TEMPERATURE, 1e-9)
    against = np.maximum(size - height, _GENTLE * size)
    at_reach = max(reach - height, _GENTLE * reach)
    leading = -height + (at_reach + height) * size / reach
    log_odds = towards * np.where(size < reach, leading, against)
    return np.where(score * towards > 0, log_odds, base + score * _TEMPERATURE)

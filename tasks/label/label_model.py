"""The label model: from votes alone, what each rule's vote is worth and what a title's votes say.

A vote is worth what it adds to the log-odds of its class: logit(share of the rule's votes that are
right) - logit(share of the class). The evidence for a class is, in each group of rules, the root of
the sum of the squares of its votes' worth: n equal votes count as sqrt(n), and weak ones never
dilute a strong one. All rules start equal, or at their declared strengths; each title is believed
what its votes then say, at even odds without any; and a rule is worth what is believed of the
titles on which it votes, shrunk towards its start. That is one step of expectation maximisation
(Dawid and Skene, Maximum likelihood estimation of observer error-rates using the EM algorithm,
Applied Statistics 28, 1979). More steps drift towards whatever else makes rules vote together, and
beliefs that start from a prior let the more frequent class swallow the other. So a given prior
touches neither the weights nor the order of the titles, and a true one cannot hurt it.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.special import expit, logit

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.errors import RuleError

Floats = npt.NDArray[np.float64]

STRENGTH = 0.98  # where none is declared
PRIOR_VOTES = 30  # the strength counts as so many votes of the rule
LEAST_WEIGHT = 0.05  # of a vote: no rule is turned round
COPY_POWER = 8  # of their correlation is how far two rules are one: 0.06 at 0.7, 0.92 at 0.99
PRIORS = (0.02, 0.98)  # the range of a prior that is read off the votes
TILT = 3.0  # the evidence for one class is divided by at most exp(3)


@dataclass(repr=False, eq=False)
class LabelModel:
    """An unsupervised model of how far each rule's votes can be trusted. Nothing is random.

    Parameters
    ----------
    prior : float, optional
        The share of FAMILY among all titles; read off the votes if not given.
    strengths : array of float, shape (n_rules,), optional
        How often a rule's votes would be right, were both classes as frequent; NaN if unknown.
    groups : sequence, length n_rules, optional
        What each rule looks at; all the same if not given. Copies are found, and vote as one.

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
    array([0.7, 0.8, 0. , 0.5])
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
        fires = _fires(votes)
        cast, voted = fires.sum(axis=0), fires.sum(axis=1) > 0
        start, side = self._start(len(cast) // 2), np.repeat([1, -1], len(cast) // 2)
        self._uniqueness = _uniqueness(fires)
        counts = fires[voted] @ (self._uniqueness * [side > 0, side < 0]).T
        shares = counts[:, 0] / counts.sum(axis=1)
        share = float(np.clip(shares.mean(), *PRIORS)) if voted.any() else 0.5
        belief = expit(self._evidence(fires, start))
        expected = PRIOR_VOTES * expit(logit(share) + side * start)
        family = (fires.T @ belief + expected) / (cast + PRIOR_VOTES)
        weights = np.maximum(side * (logit(family) - logit(share)), LEAST_WEIGHT)
        self.weights_ = weights.reshape(2, -1)[::-1].T
        self.prior_ = share if self.prior is None else float(self.prior)
        evidence = self._evidence(fires, weights)
        self._tilt = _solve(lambda tilt: self._log_odds(evidence, tilt), self.prior_)
        return self

    def predict_proba(self, votes: npt.ArrayLike) -> Floats:
        """Return P(not family) and P(family) for each title, given votes of the same rules.

        A class for which all votes cast on a title are gets at least 0.5; a title without votes
        gets the prior. As far as that permits, the mean over the fitted titles is the prior.
        """
        if not hasattr(self, "weights_"):
            raise RuleError("The label model is not fitted; call fit(votes) first.")
        fires = _fires(votes)
        if (found := fires.shape[1] // 2) != (n_rules := len(self.weights_)):
            raise RuleError(
                f"The votes are of {found} rules; the model was fitted on {n_rules}. Fit it again."
            )
        log_odds = self._log_odds(self._evidence(fires, self.weights_.T[::-1].ravel()), self._tilt)
        return np.column_stack([expit(-log_odds), expit(log_odds)])

    def _start(self, n_rules: int) -> Floats:
        strengths = np.full(n_rules, np.nan) if self.strengths is None else self.strengths
        if self.prior is not None and not 0 < self.prior < 1:
            raise RuleError(f"prior is {self.prior!r}; expected a share between 0 and 1.")
        if self.groups is not None and len(self.groups) != n_rules:
            raise RuleError(f"{len(self.groups)} groups for {n_rules} rules; expected one a rule.")
        if len(strengths) != n_rules or any(s <= 0 or s >= 1 for s in strengths):
            raise RuleError(
                f"strengths are {list(strengths)} for {n_rules} rules; expected one a rule, "
                "between 0 and 1, NaN where unknown."
            )
        start = logit(np.where(np.isnan(strengths), STRENGTH, strengths))
        return np.tile(np.maximum(start, LEAST_WEIGHT), 2)

    def _evidence(self, fires: csr_array, weights: Floats) -> Floats:
        names = np.zeros(len(weights) // 2) if self.groups is None else self.groups
        member = [[name == group for group in dict.fromkeys(names)] for name in names]
        squares = (self._uniqueness * weights**2)[:, None] * np.kron(np.eye(2), member)
        family, against = np.split(np.sqrt(fires @ squares), 2, axis=1)
        return np.asarray(family.sum(axis=1) - against.sum(axis=1))

    def _log_odds(self, evidence: Floats, tilt: float) -> Floats:
        """Add the prior, of which evidence as strong as the weakest vote against it leaves none."""
        base = logit(self.prior_)
        least = (self.weights_.T[::-1] * np.sqrt(self._uniqueness).reshape(2, -1)).min(axis=1)
        stays = np.clip(1 + np.sign(base) * evidence / least[int(base > 0)], 0, 1)
        believed = np.exp(np.minimum(np.where(evidence > 0, tilt, -tilt), 0))
        return np.asarray(believed * evidence + stays * base)


def _fires(votes: npt.ArrayLike) -> csr_array:
    """Return which rules vote FAMILY on each title, and beside them which vote NOT_FAMILY."""
    array = np.asarray(votes)
    if array.ndim != 2 or 0 in array.shape:
        raise RuleError(f"Votes have shape {array.shape}; expected (n_titles, n_rules), not empty.")
    family, against = array == FAMILY, array == NOT_FAMILY
    if not (known := family | against | (array == ABSTAIN)).all():
        title, rule = np.argwhere(~known)[0]
        raise RuleError(
            f"Rule {rule} votes {array[title, rule]!s} on title {title}; expected {FAMILY} "
            f"(family), {NOT_FAMILY} (not family) or {ABSTAIN} (abstain)."
        )
    return csr_array(np.hstack([family, against]), dtype=np.float64)


def _uniqueness(fires: csr_array) -> Floats:
    """Return 1 / k for each column of k copies."""
    coverage = fires.mean(axis=0)
    covariance = (fires.T @ fires).toarray() / fires.shape[0] - np.outer(coverage, coverage)
    deviation = np.sqrt(np.maximum(covariance.diagonal(), 1e-12))
    alike = np.clip(covariance / np.outer(deviation, deviation), 0, 1) ** COPY_POWER
    np.fill_diagonal(alike, 1)
    return np.asarray(1 / alike.sum(axis=0))


def _solve(log_odds: Callable[[float], Floats], share: float) -> float:
    """Return the tilt that brings the mean probability as near to the share as it can."""
    low, high = -TILT, TILT
    for _ in range(50):
        mid = (low + high) / 2
        low, high = (mid, high) if np.sum(expit(log_odds(mid)) - share) < 0 else (low, mid)
    return (low + high) / 2

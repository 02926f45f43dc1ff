"""Titles with what they are and what a model says of them: what every metric is computed from."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.errors import EvaluationError
from tasks.evaluate_slices.bootstrap import Floats, Ints, resample_counts

MIN_CLASS_TITLES = 5
OK = "ok"


class Outcomes(NamedTuple):
    """How many titles are rightly and wrongly called not family (n) and family (p)."""

    tn: int
    fp: int
    fn: int
    tp: int


@dataclass(frozen=True)
class Scored:
    """Titles, what they are and what the model says, in an order that the bootstrap depends on."""

    truth: Ints  # 1 family, 0 not family
    score: Floats  # P(family)
    seed: int  # of the bootstrap
    resamples: int
    threshold: float = 0.5  # from which on a title is called family

    @cached_property
    def called(self) -> Ints:
        """1 for the titles that are called family."""
        return (self.score >= self.threshold).astype(np.int64)

    @cached_property
    def outcomes(self) -> Outcomes:
        """The confusion matrix."""
        return Outcomes(*map(int, np.bincount(2 * self.truth + self.called, minlength=4)))

    @property
    def has_both(self) -> bool:
        """Whether there are titles of both classes."""
        return 0 < self.truth.sum() < len(self.truth)

    @cached_property
    def status(self) -> str:
        """``ok``, or what is lacking."""
        family = int(self.truth.sum())
        return describe_classes(len(self.truth) - family, family)

    @cached_property
    def draws(self) -> list[Floats]:
        """How often each resample draws each title, block by block."""
        return list(resample_counts(len(self.truth), resamples=self.resamples, seed=self.seed))


def describe_classes(n_not_family: int, n_family: int) -> str:
    """Say whether the classes are there in numbers that every figure needs: ``ok`` if so."""
    counts = {NOT_FAMILY: n_not_family, FAMILY: n_family}
    if not any(counts.values()):
        return "no titles"
    if absent := [label for label, n in counts.items() if n == 0]:
        return f"only {CLASS_NAMES[1 - absent[0]]} titles"
    label = min(counts, key=lambda key: counts[key])
    if counts[label] < MIN_CLASS_TITLES:
        return f"fewer than {MIN_CLASS_TITLES} {CLASS_NAMES[label]} titles"
    return OK


def checked(y: ArrayLike, probability: ArrayLike) -> tuple[Ints, Floats]:
    """Return truth and probabilities as arrays, or raise `EvaluationError`."""
    truth = np.asarray(y, dtype=np.float64)
    score = np.asarray(probability, dtype=np.float64)
    if truth.ndim != 1 or truth.shape != score.shape:
        raise EvaluationError(
            f"{truth.shape} labels and {score.shape} probabilities; expected one of each a title."
        )
    if not np.isin(truth, (NOT_FAMILY, FAMILY)).all():
        raise EvaluationError("A label is neither 1 nor 0; leave unlabelled titles out.")
    if bad := int((~((score >= 0) & (score <= 1))).sum()):
        raise EvaluationError(
            f"{bad} of {len(score)} probabilities are missing or outside [0, 1]; "
            "run select again, the model does not give probabilities."
        )
    return truth.astype(np.int64), score

"""Random choices that stay the same from machine to machine."""

import random
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Quantiles = Sequence[tuple[int, int]]
"""Points of a distribution: (share of values at or below, in per mille; value)."""


class Dice:
    """Random choices that are the same on every machine and Python.

    Only `random.Random.random` is documented to keep its sequence for a seed; the choices are made
    of it with integer arithmetic.
    """

    def __init__(self, seed: int) -> None:
        self._uniform = random.Random(seed).random  # noqa: S311 - not a secret

    def below(self, stop: int) -> int:
        """Return an integer from 0 to `stop` - 1."""
        return int(self._uniform() * stop)

    def between(self, first: int, last: int) -> int:
        """Return an integer from `first` to `last`, both included."""
        return first + self.below(last - first + 1)

    def pick(self, values: Sequence[Any]) -> Any:
        """Return one of the values, all equally likely."""
        return values[self.below(len(values))]

    def weighted(self, weights: Mapping[Any, int]) -> Any:
        """Return one of the keys, as often as its weight says."""
        ticket = self.below(sum(weights.values()))
        for value, weight in weights.items():
            ticket -= weight
            if ticket < 0:
                return value
        raise AssertionError("the weights are not positive integers")

    def from_quantiles(self, points: Quantiles) -> int:
        """Return a number from a distribution, straight lines between its quantiles."""
        share = self.below(1000)
        for (low, low_value), (high, high_value) in pairwise(points):
            if share < high:
                return low_value + (high_value - low_value) * (share - low) // (high - low)
        raise AssertionError("the quantiles do not reach 1000")

    def shuffled(self, values: Iterable[Any]) -> list[Any]:
        """Return the values in random order."""
        pool = list(values)
        return [pool.pop(self.below(len(pool))) for _ in range(len(pool))]

"""How far a share may be off: Wilson's score interval."""

from scipy.stats import binomtest

LEVEL = 0.95


def wilson_interval(successes: int, n: int) -> list[float] | None:
    """Return the 95 % score interval of a share (E. B. Wilson, 1927); None for n = 0."""
    if n == 0:
        return None
    low, high = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return [float(low), float(high)]

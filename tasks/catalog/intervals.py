"""How far a share may be off, Wilson's score interval, and what difference is one."""

LEVEL = 0.95
MATTERS = 0.001  # a smaller difference of ROC-AUC is none that anybody would notice


def wilson_interval(successes: int, n: int) -> list[float] | None:
    """Return the 95 % score interval of a share (E. B. Wilson, 1927); None for n = 0."""
    from scipy.stats import binomtest  # half a second that who only reads a table need not wait

    if n == 0:
        return None
    low, high = binomtest(successes, n).proportion_ci(LEVEL, method="wilson")
    return [float(low), float(high)]

"""How far a share may be off, Wilson's score interval, and what difference is one."""

import math
from statistics import NormalDist

LEVEL = 0.95
MATTERS = 0.001  # a smaller difference of ROC-AUC is none that anybody would notice
ERRORS = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard errors on either side


def wilson_interval(successes: int, n: int) -> list[float] | None:
    """Return the 95 % score interval of a share (E. B. Wilson, 1927); None for n = 0.

    By hand, since SciPy's takes a second to import and a millisecond each.
    """
    if n == 0:
        return None
    share, weight = successes / n, ERRORS**2 / n
    centre = share + weight / 2
    reach = ERRORS * math.sqrt(share * (1 - share) / n + (weight / n) / 4)
    low, high = ((centre + side * reach) / (1 + weight) for side in (-1, 1))
    return [low if successes else 0.0, high if successes < n else 1.0]

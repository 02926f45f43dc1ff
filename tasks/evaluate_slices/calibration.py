"""Whether a probability of 0.7 means seven in ten."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import brier_score_loss

BINS = 10


def describe_calibration(y: ArrayLike, probability: ArrayLike) -> dict[str, Any]:
    """Compare probabilities with what happened, in bins of equally many titles.

    Parameters
    ----------
    y : array-like, shape (n_titles,)
        The truth: 1 for family, 0 for not.
    probability : array-like, shape (n_titles,)
        P(family).

    Returns
    -------
    dict
        ``n``; ``brier`` (Brier, 1950): the mean squared difference; ``expected_error`` (Naeini,
        Cooper and Hauskrecht, AAAI 2015): the mean absolute difference of the bins; ``bins``, the
        lowest first: ``n``, mean ``probability`` and ``family_share``. Null without titles.
    """
    truth, p = np.asarray(y, dtype=np.int64), np.asarray(probability, dtype=np.float64)
    if not len(truth):
        return {"n": 0, "brier": None, "expected_error": None, "bins": []}
    order = np.lexsort((truth, p))
    truth, p = truth[order], p[order]
    parts = [part for part in np.array_split(np.arange(len(p)), BINS) if len(part)]
    bins = [
        {
            "n": len(part),
            "probability": float(p[part].mean()),
            "family_share": float(truth[part].mean()),
        }
        for part in parts
    ]
    gaps = [abs(b["probability"] - b["family_share"]) * b["n"] for b in bins]
    return {
        "n": len(truth),
        "brier": float(brier_score_loss(truth, p, pos_label=1)),
        "expected_error": float(sum(gaps) / len(truth)),
        "bins": bins,
    }

"""What augmentation did, in numbers: made, dropped, refused by the rules."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy.stats import binomtest

from tasks.augment.copies import Copies
from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY

LEVEL = 0.95


def summarise(
    training: pd.DataFrame, copies: Copies, minority: int, needed: int, wordnet: str | None
) -> dict[str, Any]:
    """Count what was there, what was made, what was dropped and what the rules refused."""
    is_copy = training["parent_id"].notna()
    return {
        "minority": CLASS_NAMES[minority],
        "before": _class_counts(training.loc[~is_copy, "label"]),
        "after": _class_counts(training["label"]),
        "copies_wanted": needed,
        "copies": dict(sorted(Counter(copies.operation).items())),
        "titles_copied": len(set(copies.parent_id)),
        "duplicates_dropped": copies.duplicates,
        "not_applicable": dict(sorted(copies.not_applicable.items())),
        "kept_rates": kept_rates(copies),
        "refused_by": dict(sorted(copies.refused_by.items())),
        "target_reached": len(copies.text) == needed,
        "wordnet": wordnet,
    }


def kept_rates(copies: Copies) -> dict[str, dict[str, Any]]:
    """Return, for each operation, how many of its copies the rules let pass.

    Returns
    -------
    dict
        By operation: ``n`` copies judged, ``kept``, ``refused``, ``kept_rate`` and ``intervals``
        (Wilson's, 95 %). Copies that were dropped as duplicates are not among them.
    """
    kept = Counter(copies.operation)
    return {
        name: _kept_rate(kept[name], copies.refused[name]) for name in sorted(kept | copies.refused)
    }


def _kept_rate(kept: int, refused: int) -> dict[str, Any]:
    n = kept + refused
    low, high = binomtest(kept, n).proportion_ci(LEVEL, method="wilson")
    return {
        "n": n,
        "kept": kept,
        "refused": refused,
        "kept_rate": kept / n,
        "intervals": {"kept_rate": [float(low), float(high)]},
    }


def describe_kept(rates: Mapping[str, Mapping[str, Any]]) -> str:
    """Say in one line how much of each operation's copies was kept."""
    parts = (f"{name} {r['kept_rate']:.2%} of {r['n']}" for name, r in rates.items())
    return ", ".join(parts) or "none was made"


def _class_counts(labels: pd.Series) -> dict[str, int]:
    return {
        "family": int((labels == FAMILY).sum()),
        "not_family": int((labels == NOT_FAMILY).sum()),
    }

"""How far a number may be off: the interval that a gate judges, by where the number comes from."""

from collections.abc import Mapping
from typing import Any

Interval = tuple[float, float] | None


def reported(block: Mapping[str, Any], key: str) -> Interval:
    """Return the 95 % interval that ``metrics.json`` gives beside the number."""
    return _pair((block.get("intervals") or {}).get(key))


def exact(block: Mapping[str, Any], key: str) -> Interval:
    """Return the number itself: it counts all there is, nothing was sampled."""
    value = number(block.get(key))
    return None if value is None else (value, value)


def folds(block: Mapping[str, Any], key: str) -> Interval:
    """Return the reported interval, else the range of the folds.

    The range of k independent values holds their median with probability 1 - 2 ** (1 - k): 94 %
    for five folds, whatever their distribution.
    """
    values = [number(value) for value in block.get("folds") or ()]
    known = [value for value in values if value is not None]
    return reported(block, key) or ((min(known), max(known)) if len(known) > 1 else None)


def mean_of_slices(block: Mapping[str, Any], key: str) -> Interval:
    """Return the reported interval, else the means of the slices' low and high ends.

    That is as wide as if the slices erred together; they overlap, so they partly do.
    """
    slices = [b for b in (block.get("slices") or {}).values() if b.get("n")]
    pairs = [reported(inner, "accuracy") for inner in slices]
    known = [pair for pair in pairs if pair is not None]
    if not known or len(known) < len(pairs):
        return reported(block, key)
    lows, highs = zip(*known, strict=True)
    return reported(block, key) or (sum(lows) / len(lows), sum(highs) / len(highs))


def number(value: Any) -> float | None:
    """Return a JSON number; None for anything else, NaN included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return value


def _pair(value: Any) -> Interval:
    if not isinstance(value, list | tuple) or len(value) != 2:
        return None
    low, high = number(value[0]), number(value[1])
    return None if low is None or high is None else (low, high)

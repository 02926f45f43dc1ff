"""How numbers and quoted texts read: the same in messages, on the terminal, card and figures."""

from collections.abc import Mapping, Sequence
from typing import Any

NO_FIGURE = "-"
MOST_DIGITS = 17
_SPELLED = {"svc": "SVC", "tv": "TV"}


def count(n: float | None, noun: str = "") -> str:
    """Write a whole number, ``8,807``, or things, ``1 title``, ``8,807 titles``; None as a dash."""
    number = NO_FIGURE if n is None else f"{n:,.0f}"
    return f"{number} {noun}{'' if n == 1 else 's'}" if noun else number


def counts_in_words(counts: Mapping[str, int]) -> str:
    """Write counts by name, as in ``2,070 family, 6,737 not family``."""
    return ", ".join(f"{n:,} {name.replace('_', ' ')}" for name, n in counts.items())


def names_in_words(counts: Mapping[str, int], most: int = 5) -> str:
    """Write the first names of counts, as they are spelled, as in ``Podcast (12), Q (3)``."""
    named = [f"{name} ({n:,})" for name, n in list(counts.items())[:most]]
    return ", ".join([*named, *(["..."] if len(counts) > most else [])])


def figure(
    value: float | None,
    interval: Sequence[float] | None = None,
    digits: int = 3,
    beside: float | None = None,
) -> str:
    """Write a figure and its interval, as in ``0.912 [0.898, 0.925]``; None and NaN as a dash.

    A whole number is written as a count. A figure that differs from 1, or from the number that it
    is compared with, `beside`, gets as many digits as it takes to look different.
    """
    if value is None or isinstance(value, bool) or value != value:
        return NO_FIGURE
    if interval is not None:
        ends = ", ".join(figure(end, None, digits, beside) for end in interval)
        return f"{figure(value, None, digits, beside)} [{ends}]"
    if isinstance(value, int):
        return count(value)
    others = [other for other in (1.0, beside) if other not in (None, value)]
    while digits < MOST_DIGITS and any(f"{value:.{digits}f}" == f"{o:.{digits}f}" for o in others):
        digits += 1
    return f"{value:z,.{digits}f}"


def figure_in(block: Mapping[str, Any], name: str) -> str:
    """Write a figure of a block of ``metrics.json`` with the interval that the block gives."""
    return figure(block.get(name), (block.get("intervals") or {}).get(name))


def percent(share: float | None, digits: int = 0) -> str:
    """Write a share, as in ``23 %``, with as many digits as tell it from 0 and 1: ``99.96 %``."""
    if share is None or share != share:
        return NO_FIGURE
    while 0 < share < 1 and digits < MOST_DIGITS and round(100 * share, digits) in (0, 100):
        digits += 1
    return f"{100 * share:.{digits}f}\u00a0%"


def in_words(name: str) -> str:
    """Turn a name from the code into words."""
    return " ".join(_SPELLED.get(word, word) for word in name.split("_"))


def shorten(text: str, width: int = 80) -> str:
    """Cut a text that is too long to be quoted, and say how long it is."""
    return text if len(text) <= width else f"{text[:width]}... ({len(text):,} characters)"

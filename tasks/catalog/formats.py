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


def figure(
    value: float | None,
    interval: Sequence[float] | None = None,
    digits: int = 3,
    beside: float | None = None,
) -> str:
    """Write a figure and its interval, as in ``0.912 [0.898, 0.925]``; None and NaN as a dash.

    A whole number is a count, and what is almost 1 is ``>0.999``. A figure that differs from the
    one that it is compared with, `beside`, gets as many digits as it takes to look different.
    """
    if value is None or isinstance(value, bool) or value != value:
        return NO_FIGURE
    if interval is not None:
        ends = ", ".join(figure(end, None, digits, beside) for end in interval)
        return f"{figure(value, None, digits, beside)} [{ends}]"
    if isinstance(value, int):
        return count(value)
    if beside is not None and value != beside:
        while digits < MOST_DIGITS and f"{value:.{digits}f}" == f"{beside:.{digits}f}":
            digits += 1
    almost = 1 - 10**-digits
    return f">{almost:.{digits}f}" if almost < value < 1 else f"{value:z,.{digits}f}"


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

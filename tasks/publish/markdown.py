"""Markdown for a person: text escaped, numbers short, tables aligned by the reader's program."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~$&])")
_FENCE = "```"


def escape(value: object) -> str:
    """Return text on one line in which nothing acts as Markdown or HTML."""
    text = " ".join(str(value).split())
    return _SPECIAL.sub(r"\\\1", text).replace("\\&", "&amp;").replace("\\<", "&lt;")


def number(value: Any, digits: int = 3) -> str:
    """Format a count with thousands separators, a figure with `digits`, None as a dash.

    A figure just below 1 does not become 1.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    almost = 1 - 10**-digits
    return f">{almost:.{digits}f}" if almost < value < 1 else f"{value:.{digits}f}"


def figure(block: Mapping[str, Any], name: str) -> str:
    """Format a figure of a block with its interval: ``0.841 (0.801 to 0.878)``."""
    value = block.get(name)
    interval = (block.get("intervals") or {}).get(name)
    if value is None or not interval:
        return number(value)
    return f"{number(value)} ({number(interval[0])} to {number(interval[1])})"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; cells are Markdown already."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def code(text: str, language: str = "") -> str:
    """Return a fenced block."""
    return f"{_FENCE}{language}\n{text.strip()}\n{_FENCE}"


def section(title: str, *paragraphs: str) -> str:
    """Return a section; empty paragraphs are left out."""
    return "\n\n".join([f"## {title}", *(text for text in paragraphs if text)])


def bullets(items: Iterable[str]) -> str:
    """Return a list; items are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def percent(share: Any) -> str:
    """Format a share, None as a dash."""
    return f"{share:.1%}" if isinstance(share, int | float) else "-"

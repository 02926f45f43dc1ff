"""How a template puts out what it is given: one Jinja environment for the card and the pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, Undefined

from tasks.catalog.formats import figure, figure_in, in_words, percent
from tasks.evaluate_slices.metrics import METRICS


def given(value: Any) -> Any:
    """Return a value, or None for one that is missing."""
    return None if isinstance(value, Undefined) else value


def show(value: Any) -> Any:
    """Show a number for reading, and a dash for what is missing; the rest as it is."""
    value = given(value)
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return figure(value)
    return value


def make_environment(folder: Path, finalize: Callable[[Any], Any] = show) -> Environment:
    """Return an environment that escapes everything, and in which anything may be missing."""
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        finalize=finalize,
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["metrics_table"] = METRICS
    environment.filters |= {
        "digits": lambda value, digits=3: figure(given(value), digits=digits),
        "figure": lambda block, name: figure_in(block or {}, name),
        "in_words": in_words,
        "percent": lambda share, digits=0: percent(given(share), digits),
    }
    return environment

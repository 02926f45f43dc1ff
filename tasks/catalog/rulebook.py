"""What the five rulebooks share: entries with unique names, chosen by name."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from tasks.errors import ConfigError, RuleError


class Entry(Protocol):
    """An entry of a rulebook."""

    @property
    def name(self) -> str:
        """The name it goes by in params, files and figures."""


AnyEntry = TypeVar("AnyEntry", bound=Entry)


def rulebook(*entries: AnyEntry) -> tuple[AnyEntry, ...]:
    """Register entries, in this order; `RuleError` if two have the same name."""
    names = [entry.name for entry in entries]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RuleError(f"{', '.join(twice)}: two rules have this name; names must be unique.")
    return entries


def choose(
    book: Sequence[AnyEntry], names: Sequence[str] | None, parameter: str
) -> tuple[AnyEntry, ...]:
    """Return the entries called `names`, or all for None, in the rulebook's order."""
    known = [entry.name for entry in book]
    if unknown := sorted(set(names or ()) - set(known)):
        raise ConfigError(
            f"{parameter} names {', '.join(unknown)}, which the rulebook does not have; "
            f"expected some of {', '.join(known)}."
        )
    return tuple(entry for entry in book if names is None or entry.name in names)

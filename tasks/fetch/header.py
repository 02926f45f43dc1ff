"""What a catalog file calls the catalog's columns: their own names, or the declared aliases."""

import csv
import logging
from collections.abc import Mapping, Sequence

from tasks.catalog.columns import CATALOG_COLUMNS, COLUMN_ALIASES, REQUIRED_COLUMNS
from tasks.catalog.formats import shorten
from tasks.catalog.utilities import clean_names, snake_case
from tasks.errors import CatalogError

log = logging.getLogger(__name__)

DELIMITERS = (",", ";", "\t")
UNMATCHED_QUOTES = "unmatched quotes"
LONGEST_LISTING = 400
SHOW_ID, TYPE = REQUIRED_COLUMNS[:2]
_NAMES_OF = {column: (column, *names) for column, names in COLUMN_ALIASES.items()}
COLUMN_OF = {name: column for column, names in _NAMES_OF.items() for name in names}
"""The column that a name in snake case stands for."""


def read_header(lines: list[str], name: str) -> tuple[str, list[str], int]:
    """Return the delimiter that finds most columns, the header's cells and the next line."""
    first = next(n for n, line in enumerate(lines) if line.strip())
    found, best, unmatched = -1, (",", [""], first + 1), False
    for delimiter in DELIMITERS:
        reader = csv.reader(lines[first:], delimiter=delimiter, strict=True)
        try:
            header = next(reader)
        except csv.Error:
            unmatched = True
            continue
        known = len({COLUMN_OF.get(snake_case(cell)) for cell in header} - {None})
        if known > found:
            found, best = known, (delimiter, header, first + reader.line_num)
    if unmatched and found < 1:
        raise CatalogError(f"{name}: line {first + 1}, the header, has {UNMATCHED_QUOTES}; fix it.")
    return best


def find_columns(header: Sequence[str], name: str) -> dict[str, int]:
    """Return the position in the header of each of the catalog's columns that it has.

    A column may be called by one of its aliases; its own name goes before them. `CatalogError` if
    one is missing that a catalog cannot do without, or two aliases stand for one.
    """
    named = {n: cell.strip() for n, cell in enumerate(header) if cell.strip()}
    try:
        names = clean_names(list(named.values()))
    except CatalogError as error:
        raise CatalogError(f"{name}: {error}") from error
    positions = dict(zip(names, named, strict=True))
    found = {column: _find_column(column, positions, header, name) for column in _NAMES_OF}
    needed = [c for c in REQUIRED_COLUMNS if c not in (SHOW_ID, TYPE)]
    if found["duration"] is None and found["seasons"] is None:
        needed.insert(0, TYPE)
    if missing := [column for column in needed if found[column] is None]:
        listing = shorten(", ".join(named.values()), LONGEST_LISTING) or "no name"
        raise CatalogError(
            f"{name} has no column {', '.join(missing)}; found {listing}. "
            f"A catalog has {', '.join(CATALOG_COLUMNS)}, of which it needs {', '.join(needed)}: "
            f"rename or add what is missing; {missing[0]} may also be called "
            f"{' or '.join(COLUMN_ALIASES[missing[0]])}."
        )
    return {column: n for column, n in found.items() if n is not None}


def _find_column(
    column: str, positions: Mapping[str, int], header: Sequence[str], name: str
) -> int | None:
    own, *aliases = _NAMES_OF[column]
    if own in positions:
        return positions[own]
    places = [positions[alias] for alias in aliases if alias in positions]
    if len(places) > 1:
        raise CatalogError(
            f"{name} has {' and '.join(repr(header[n].strip()) for n in places)}, which may both "
            f"be the column {column}; name the right one {column}."
        )
    return places[0] if places else None


def log_columns(header: Sequence[str], positions: Mapping[str, int], name: str) -> None:
    """Say which columns are called otherwise, are not there, or are dropped."""
    found = {column: header[n].strip() for column, n in positions.items()}
    aliases = [f"{alias} as {c}" for c, alias in found.items() if snake_case(alias) != c]
    missing = [column for column in CATALOG_COLUMNS[1:] if column not in found]
    dropped = [c.strip() for n, c in enumerate(header) if n not in positions.values()]
    unknown = [cell for cell in dropped if cell]
    if aliases:
        log.info("%s: read the columns %s", name, ", ".join(aliases))
    if missing:
        log.warning("%s: no column %s; taken as empty", name, ", ".join(missing))
    if SHOW_ID not in found:
        log.info("%s: no column %s; each title gets an id by its content", name, SHOW_ID)
    if dropped:
        listing = shorten(", ".join(unknown), LONGEST_LISTING) or "none"
        blank = len(dropped) - len(unknown)
        log.info("%s: dropped columns %s and %d without a name", name, listing, blank)

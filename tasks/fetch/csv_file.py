"""Catalog files: from their bytes to a table of text."""

import csv
import io
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.formats import shorten
from tasks.catalog.utilities import clean_names, snake_case
from tasks.errors import CatalogError

log = logging.getLogger(__name__)

DELIMITERS = (",", ";", "\t")
UNMATCHED_QUOTES = "unmatched quotes"
TOO_FEW_FIELDS = "too few fields"
TOO_MANY_FIELDS = "too many fields"
LONGEST_LISTING = 400

_BOM = b"\xef\xbb\xbf"
_FOREIGN = (
    (b"\xff\xfe", "text in UTF-16 or UTF-32"),
    (b"\xfe\xff", "text in UTF-16"),
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PAR1", "a Parquet file"),
)


@dataclass(frozen=True)
class RawCatalog:
    """A catalog file as text; the index is a record's number in it, blank lines not counted."""

    table: pd.DataFrame  # the catalog's columns, trimmed, empty cells missing
    malformed: pd.DataFrame  # records without a cell for every column, and the reason
    encoding: str
    delimiter: str
    trimmed_cells: int  # how many had spaces around their text


def parse_catalog(content: bytes, name: str) -> RawCatalog:
    """Read a catalog's CSV text, or raise `CatalogError`; `name` is what messages call the file.

    Takes UTF-8 with or without a byte order mark, any line ends, quoted line breaks, and comma,
    semicolon or tab between the cells. Every cell is text: ``NA``, ``None`` and ``1994`` mean
    themselves, and so do HTML and spreadsheet formulas.
    """
    text, encoding = _decode(content, name)
    lines = list(io.StringIO(text, newline=None))
    with _any_field_size():
        delimiter, header, start = _read_header(lines, name)
        positions = _find_columns(header, name)
        rows, malformed = _read_rows(lines, start, delimiter, len(header))
    if not rows and not malformed:
        raise CatalogError(f"{name} has a header and no titles; give a catalog with titles.")
    table, trimmed = _to_table(rows, positions)
    broken, _ = _to_table({n: fields for n, (fields, _) in malformed.items()}, positions)
    reasons = [reason for _, reason in malformed.values()]
    broken = broken.assign(reason=pd.Series(reasons, index=broken.index, dtype="str"))
    return RawCatalog(table, broken, encoding, delimiter, trimmed)


def _decode(content: bytes, name: str) -> tuple[str, str]:
    bom = len(_BOM) if content.startswith(_BOM) else 0
    if not content[bom:].strip():
        raise CatalogError(f"{name} is empty; give a catalog with a header and titles.")
    for start, kind in _FOREIGN:
        if content.startswith(start):
            raise CatalogError(f"{name} is {kind}; save the catalog as CSV text in UTF-8.")
    try:
        return content[bom:].decode("utf-8"), "UTF-8 with BOM" if bom else "UTF-8"
    except UnicodeDecodeError as error:
        at = error.start + bom
        line = content.count(b"\n", 0, at) + 1
    raise CatalogError(
        f"{name} is not UTF-8: byte {at} (line {line}) is 0x{content[at]:02x}. Tried UTF-8 "
        "with and without a byte order mark; no other encoding is guessed. If the file is "
        f"Latin-1, convert it: iconv -f LATIN1 -t UTF-8 {name} > titles_utf8.csv"
    )


@contextmanager
def _any_field_size() -> Iterator[None]:
    """Let a field be of any length: the checks of the rows say which are too long."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_header(lines: list[str], name: str) -> tuple[str, list[str], int]:
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
        known = len({snake_case(cell) for cell in header} & set(CATALOG_COLUMNS))
        if known > found:
            found, best = known, (delimiter, header, first + reader.line_num)
    if unmatched and found < 1:
        raise CatalogError(f"{name}: line {first + 1}, the header, has {UNMATCHED_QUOTES}; fix it.")
    return best


def _find_columns(header: list[str], name: str) -> dict[str, int]:
    """Return each catalog column's position; other columns are dropped, and the log says so."""
    named = {n: cell.strip() for n, cell in enumerate(header) if cell.strip()}
    try:
        names = clean_names(list(named.values()))
    except CatalogError as error:
        raise CatalogError(f"{name}: {error}") from error
    positions = dict(zip(names, named, strict=True))
    if missing := [column for column in CATALOG_COLUMNS if column not in positions]:
        listing = shorten(", ".join(named.values()), LONGEST_LISTING) or "no name"
        raise CatalogError(
            f"{name} has no column {', '.join(missing)}; found {listing}. "
            f"A catalog has {', '.join(CATALOG_COLUMNS)}: rename or add what is missing; the "
            "cells of an added column may be empty where a title may lack them."
        )
    unknown = [named[n] for column, n in positions.items() if column not in CATALOG_COLUMNS]
    blank = len(header) - len(named)
    if unknown or blank:
        listing = shorten(", ".join(unknown), LONGEST_LISTING) or "none"
        log.info("%s: dropped columns %s and %d without a name", name, listing, blank)
    return {column: positions[column] for column in CATALOG_COLUMNS}


def _read_rows(
    lines: list[str], start: int, delimiter: str, width: int
) -> tuple[dict[int, list[str]], dict[int, tuple[list[str], str]]]:
    """Return the rows and, with a reason, the malformed ones, each by its record number.

    A quote that is never closed costs its own line only: reading goes on with the next line.
    """
    rows: dict[int, list[str]] = {}
    malformed: dict[int, tuple[list[str], str]] = {}
    number = 0
    while start < len(lines):
        rest = (lines[n] for n in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        consumed = 0
        try:
            for fields in reader:
                consumed = reader.line_num
                if not fields:
                    continue
                number += 1
                if len(fields) == width:
                    rows[number] = fields
                else:
                    reason = TOO_FEW_FIELDS if len(fields) < width else TOO_MANY_FIELDS
                    malformed[number] = fields, reason
        except csv.Error:
            number += 1
            broken = next(csv.reader([lines[start + consumed]], delimiter=delimiter))
            malformed[number] = broken, UNMATCHED_QUOTES
            consumed += 1
        start += consumed
    return rows, malformed


def _to_table(
    rows: Mapping[int, list[str]], positions: Mapping[str, int]
) -> tuple[pd.DataFrame, int]:
    """Return the catalog columns as trimmed text, and how many cells were trimmed."""
    index = pd.Index(rows, dtype="int64", name="record")
    trimmed, columns = 0, {}
    for column, n in positions.items():
        found = [fields[n] if n < len(fields) else "" for fields in rows.values()]
        cells = [cell.strip() for cell in found]
        trimmed += sum(a != b for a, b in zip(cells, found, strict=True))
        columns[column] = pd.Series([cell or None for cell in cells], index=index, dtype="str")
    return pd.DataFrame(columns, index=index), trimmed

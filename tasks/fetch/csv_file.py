"""Catalog files: from their bytes to a table of text."""

import csv
import hashlib
import io
import logging
import operator
import sys
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, NamedTuple

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, TITLE_TYPES
from tasks.catalog.utilities import parse_duration, parse_year
from tasks.errors import CatalogError
from tasks.fetch.header import (
    SHOW_ID,
    TYPE,
    UNMATCHED_QUOTES,
    find_columns,
    log_columns,
    read_header,
)

log = logging.getLogger(__name__)

TOO_FEW_FIELDS = "too few fields"
TOO_MANY_FIELDS = "too many fields"
LONGEST_HEADER = 1000  # lines
LONGEST_RECORD = 10_000_000  # characters

_IDENTITY = ("type", "title", "release_year", "description")
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
    columns: Mapping[str, str | None]  # what the file calls each column; None: it does not have it


class Record(NamedTuple):
    """A record as found; `fault` says why it is malformed, if it is."""

    number: int  # in the file, blank lines not counted
    fields: list[str]
    fault: str | None


@dataclass(frozen=True)
class CatalogText:
    """A catalog's CSV text: what its header says, and its records, to be read once and in order."""

    header: list[str]
    positions: Mapping[str, int]  # of the catalog's columns that it has
    encoding: str
    delimiter: str
    records: Iterator[Record]


def parse_catalog(content: bytes, name: str) -> RawCatalog:
    """Read a catalog's CSV text, or raise `CatalogError`; `name` is what messages call the file.

    Takes UTF-8 with or without a byte order mark, any line ends, quoted line breaks, and comma,
    semicolon or tab between the cells. Every cell is text, also ``NA`` and ``1994``.
    """
    text = open_catalog(io.BytesIO(content), name)
    log_columns(text.header, text.positions, name)
    raw = to_raw_catalog(text.records, text)
    if raw.columns[TYPE] is None and not raw.table.empty:
        untold = parse_duration(raw.table["duration"])["duration_unit"].isna()
        if untold.any():
            raise CatalogError(
                f"{name} has no column {TYPE}, and {untold.sum()} of {len(untold)} titles have no "
                "duration in minutes or seasons that would tell it (the first is record "
                f"{raw.table.index[untold][0]}); add the column, with {' or '.join(TITLE_TYPES)}."
            )
    if raw.table.empty and raw.malformed.empty:
        raise CatalogError(f"{name} has a header and no titles; give a catalog with titles.")
    return raw


def open_catalog(stream: BinaryIO, name: str) -> CatalogText:
    """Read a catalog's header, as `parse_catalog` does, and leave its records to be read."""
    start = stream.read(len(_BOM))
    start += b"" if start == _BOM else stream.read(1)
    for foreign, kind in _FOREIGN:
        if start.startswith(foreign):
            raise CatalogError(f"{name} is {kind}; save the catalog as CSV text in UTF-8.")
    has_bom = start == _BOM
    stream.seek(len(_BOM) if has_bom else 0)
    lines = _decode(stream, name)
    head = []
    for line in lines:
        head.append(line)
        if line.strip():
            break
    head += islice(lines, LONGEST_HEADER)
    if not any(map(str.strip, head)):
        raise CatalogError(f"{name} is empty; give a catalog with a header and titles.")
    with _any_field_size():
        delimiter, header, first = read_header(head, name)
    encoding = "UTF-8 with BOM" if has_bom else "UTF-8"
    records = _read_records(chain(head[first:], lines), delimiter, len(header))
    return CatalogText(header, find_columns(header, name), encoding, delimiter, records)


def to_raw_catalog(records: Iterable[Record], text: CatalogText) -> RawCatalog:
    """Return records as a table of the catalog's columns, and the malformed ones apart."""
    found = list(records)
    malformed = [record for record in found if record.fault]
    table, trimmed = _to_table([r for r in found if not r.fault], text.positions)
    broken, _ = _to_table(malformed, text.positions)
    reasons = pd.Series([r.fault for r in malformed], index=broken.index, dtype="str")
    return RawCatalog(
        table=table,
        malformed=broken.assign(reason=reasons),
        encoding=text.encoding,
        delimiter=text.delimiter,
        trimmed_cells=trimmed,
        columns=dict.fromkeys(CATALOG_COLUMNS)
        | {c: text.header[n].strip() for c, n in text.positions.items() if c in CATALOG_COLUMNS},
    )


def _decode(stream: BinaryIO, name: str) -> Iterator[str]:
    """Yield the lines of UTF-8 text, or raise `CatalogError` at the place where it is none."""
    with io.TextIOWrapper(stream, encoding="utf-8", newline=None) as text:
        try:
            yield from text
        except UnicodeDecodeError:
            at, line, byte = _first_foreign_byte(stream, name)
            raise CatalogError(
                f"{name} is not UTF-8: byte {at} (line {line}) is 0x{byte:02x}. Tried UTF-8 "
                "with and without a byte order mark; no other encoding is guessed. If the file is "
                f"Latin-1, convert it: iconv -f LATIN1 -t UTF-8 {name} > titles_utf8.csv"
            ) from None


def _first_foreign_byte(stream: BinaryIO, name: str) -> tuple[int, int, int]:
    """Return the place, the line and the value of the first byte that is no UTF-8."""
    at = stream.seek(0)
    for number, line in enumerate(stream, start=1):
        try:
            line.decode("utf-8")
        except UnicodeDecodeError as error:
            return at + error.start, number, line[error.start]
        at += len(line)
    raise CatalogError(f"{name} changed while it was read; try again when it is whole.")


@contextmanager
def _any_field_size() -> Iterator[None]:
    """Let a field be of any length: the checks of the rows say which are too long."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_records(lines: Iterator[str], delimiter: str, width: int) -> Iterator[Record]:
    """Yield the records, in order.

    A quote that is not closed within `LONGEST_RECORD` characters, so that it does not cost all
    memory, costs its own line only: reading goes on with the next line.
    """
    ahead: deque[str] = deque()  # lines to be read again
    held: list[str] = []  # lines of the record that is being read

    def feed() -> Iterator[str]:
        size = 0
        while (line := ahead.popleft() if ahead else next(lines, None)) is not None:
            size = size + len(line) if held else len(line)
            held.append(line)
            yield line
            if held and size > LONGEST_RECORD:
                return

    number, reader = 0, csv.reader(feed(), delimiter=delimiter, strict=True)
    while True:
        with _any_field_size():
            try:
                fields, fault = next(reader, None), None
            except csv.Error:
                fields, fault = next(csv.reader(held[:1], delimiter=delimiter)), UNMATCHED_QUOTES
                ahead.extendleft(reversed(held[1:]))
                reader = csv.reader(feed(), delimiter=delimiter, strict=True)
        if fields is None:
            return
        held.clear()
        if fields:
            number += 1
            if fault is None and len(fields) != width:
                fault = TOO_FEW_FIELDS if len(fields) < width else TOO_MANY_FIELDS
            yield Record(number, fields, fault)


def _to_table(records: Sequence[Record], positions: Mapping[str, int]) -> tuple[pd.DataFrame, int]:
    """Return the catalog columns as trimmed text, and how many cells were trimmed.

    A title without an id gets one by its content; seasons in a column of their own are durations.
    """
    index = pd.Index([r.number for r in records], dtype="int64", name="record")
    trimmed, columns = 0, {}
    for column, n in positions.items():
        found = [r.fields[n] if n < len(r.fields) else "" for r in records]
        cells = list(map(str.strip, found))
        trimmed += sum(map(operator.ne, cells, found))
        columns[column] = pd.Series([cell or None for cell in cells], index=index, dtype="str")
    table = pd.DataFrame(columns, index=index).reindex(columns=[*CATALOG_COLUMNS, "seasons"])
    table = table.astype("str")
    seasons = parse_year(table.pop("seasons"))
    if seasons.gt(0).any():
        written = seasons.astype("str") + " Season" + seasons.gt(1).map({True: "s", False: ""})
        table["duration"] = table["duration"].mask(seasons.gt(0).fillna(False), written)
    if SHOW_ID not in positions:
        contents = zip(*(table[column].fillna("") for column in _IDENTITY), strict=True)
        digests = (hashlib.sha256("\0".join(cells).encode()) for cells in contents)
        ids = [f"t{digest.hexdigest()[:16]}" for digest in digests]
        table[SHOW_ID] = pd.Series(ids, index=index, dtype="str")
    return table, trimmed

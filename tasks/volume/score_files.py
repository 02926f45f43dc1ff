"""Tables that are written chunk by chunk, and put in place together when all are whole."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.catalog.text import guard_formula
from tasks.volume import atomic
from tasks.volume.hidden import hidden_folder

CSV, PARQUET = ".csv", ".parquet"

Write = Callable[[pa.Table], Any]


@contextmanager
def files_in_place(target: Path, companions: Sequence[str]) -> Iterator[Path]:
    """Give a hidden folder; if the block ends well, its files go where `target` is, that one last.

    They are renamed over earlier ones while nobody else does so: of two writers of one target the
    last to end wins, with all its files. A writer that fails or is killed changes nothing.
    """
    folder = target.parent
    with hidden_folder(folder, f"{target.name}.part", f".{escape(target.name)}.part-*") as hidden:
        with atomic.disk_errors(target, known_only=True):
            yield hidden
        with atomic.disk_errors(target), atomic.exclusive(folder):
            for name in (*companions, target.name):
                (hidden / name).replace(folder / name)
            atomic.sync_folder(folder)


@contextmanager
def table_writer(path: Path, schema: pa.Schema) -> Iterator[Write]:
    """Write tables of one schema to a file, one after the other: CSV or Parquet by the name's end.

    In CSV a text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    with path.open("wb") as stream:
        if path.suffix == CSV:
            stream.write(_csv_lines([[guard_formula(name) for name in schema.names]]))
            yield lambda table: stream.write(_csv_lines(_rows(table)))
        else:
            names = [name or f"column_{n}" for n, name in enumerate(schema.names, start=1)]
            fields = [field.with_name(name) for field, name in zip(schema, names, strict=True)]
            with pq.ParquetWriter(stream, pa.schema(fields), compression="zstd") as parquet:
                yield lambda table: parquet.write_table(table.rename_columns(names))
        stream.flush()
        os.fsync(stream.fileno())


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return cells of any type as text: lists of names with commas between, as catalogs have it."""
    if pa.types.is_nested(column.type):
        return pa.chunked_array([[_nested_text(cell) for cell in column.to_pylist()]], pa.string())
    return column.cast(pa.string())


def _nested_text(cell: Any) -> str | None:
    is_names = isinstance(cell, list) and all(isinstance(name, str) for name in cell)
    if is_names or cell is None:
        return ", ".join(cell) if cell else None
    return json.dumps(cell, ensure_ascii=False, default=str)


def _rows(table: pa.Table) -> Iterable[Sequence[str | None]]:
    columns = []
    for column in table.columns:
        cells = as_text(column).to_pylist()
        if not pa.types.is_primitive(column.type):
            cells = [cell and guard_formula(cell) for cell in cells]
        columns.append(cells)
    return list(zip(*columns, strict=True))


def _csv_lines(rows: Iterable[Sequence[str | None]]) -> bytes:
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        buffer = io.StringIO(newline="")
        csv.writer(buffer, lineterminator="\n", quoting=quoting).writerows(rows)
        if "\r" not in buffer.getvalue():  # which Python 3.11 leaves unquoted, and readers split at
            break
    return buffer.getvalue().encode()

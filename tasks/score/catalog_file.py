"""A catalogue to be scored: a CSV or Parquet file, read in chunks with all its own columns."""

import hashlib
import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from tasks.catalog.formats import shorten
from tasks.errors import CatalogError
from tasks.fetch.csv_file import CatalogText, RawCatalog, Record, open_catalog, to_raw_catalog
from tasks.fetch.header import find_columns
from tasks.volume.score_files import as_text

PARQUET = b"PAR1"
LONGEST_NAME = 400


@dataclass
class Chunk:
    """Some records in the file's order; what is not asked for is not made."""

    records: list[Record]
    text: CatalogText
    typed: pa.Table | None = None  # the cells as a Parquet file has them

    @cached_property
    def raw(self) -> RawCatalog:
        """The lab's columns, of the records that are not malformed, as text."""
        return to_raw_catalog(self.records, self.text)

    @cached_property
    def cells(self) -> pa.Table:
        """All columns of the records that are not malformed, as they are in the file."""
        if self.typed is not None:
            return self.typed
        whole = [record.fields for record in self.records if record.fault is None]
        columns = zip(*whole, strict=True) if whole else ([] for _ in self.text.header)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return pa.table(arrays, names=self.text.header)

    def read(self, column: str) -> pd.Series:
        """Return the cells of one of the lab's columns; none if the file does not have it."""
        n = self.text.positions.get(column)
        whole = [] if n is None else [r.fields[n] for r in self.records if r.fault is None]
        return pd.Series(whole, dtype="str")


@dataclass(frozen=True)
class CatalogFile:
    """An open catalogue."""

    schema: pa.Schema
    n_titles: int | None  # None where only reading it all tells
    chunks: Iterator[Chunk]


def fingerprint(path: Path) -> tuple[str, int, int, int]:
    """Return what tells any change of a catalogue: digest, size, time and inode."""
    with _readable(path):
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise CatalogError(
                f"The catalog {_named(path)} is no file; give a CSV or Parquet file."
            )
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return digest, found.st_size, found.st_mtime_ns, found.st_ino


@contextmanager
def open_catalog_file(path: Path, size: int) -> Iterator[CatalogFile]:
    """Open a catalogue to be read in chunks of `size` records; its content tells of what kind."""
    with _readable(path), path.open("rb") as stream:
        if stream.read(len(PARQUET)) == PARQUET:
            yield _open_parquet(stream, str(path), size)
        else:
            stream.seek(0)
            text = open_catalog(stream, str(path))
            parts = iter(lambda: list(islice(text.records, size)), [])
            chunks = (Chunk(records, text) for records in parts)
            schema = pa.schema([(name, pa.string()) for name in text.header])
            yield CatalogFile(schema, None, chunks)


def _open_parquet(stream: io.BufferedReader, name: str, size: int) -> CatalogFile:
    try:
        file = pq.ParquetFile(stream)
    except (pa.ArrowInvalid, OSError) as error:
        raise CatalogError(
            f"{name} is a Parquet file that cannot be read ({shorten(str(error), 200)}); "
            "write it again, or give the catalog as CSV."
        ) from error
    header = file.schema_arrow.names
    text = CatalogText(header, find_columns(header, name), "Parquet", "", iter(()))
    return CatalogFile(
        file.schema_arrow.remove_metadata(),
        file.metadata.num_rows,
        _parquet_chunks(file, text, size),
    )


def _parquet_chunks(file: pq.ParquetFile, text: CatalogText, size: int) -> Iterator[Chunk]:
    first = 1
    for batch in file.iter_batches(batch_size=size):
        cells = pa.Table.from_batches([batch]).replace_schema_metadata()
        texts = (as_text(column).fill_null("").to_pylist() for column in cells.columns)
        rows = zip(*texts, strict=True)
        records = [Record(first + n, list(row), None) for n, row in enumerate(rows)]
        first += len(records)
        yield Chunk(records, text, cells)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise CatalogError(
            f"There is no catalog {_named(path)}; give the path of a CSV or Parquet file."
        ) from error
    except PermissionError as error:
        raise CatalogError(
            f"The catalog {_named(path)} cannot be read: {error.strerror}. "
            "Give a file that this user may read."
        ) from error


def _named(path: Path) -> str:
    return shorten(str(path), LONGEST_NAME)

"""Bytes on disk, whole or not at all; tables and JSON in the lab's formats; digests."""

import csv
import errno
import fcntl
import hashlib
import io
import json
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.errors import ArtifactError, VolumeError

log = logging.getLogger(__name__)

JSON_WIDTH = 100

_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space, then run the task again",
    errno.EDQUOT: "the disk quota is used up: free some space, then run the task again",
    errno.EFBIG: "the file is larger than this user may write: raise the limit (ulimit -f)",
    errno.EROFS: "the file system is read-only: set LABELING_LAB_DATA to a writable folder",
    errno.EACCES: "permission denied: give this user write access or set LABELING_LAB_DATA",
}


@contextmanager
def disk_errors(path: Path, known_only: bool = False) -> Iterator[None]:
    """Turn the system's errors into a `VolumeError`; `known_only` those that the lab advises on."""
    try:
        yield
    except OSError as error:
        if known_only and error.errno not in _ADVICE:
            raise
        advice = _ADVICE.get(error.errno or 0, "check the path and the disk")
        raise VolumeError(f"{path}: {error.strerror or error}; {advice}.") from error


def sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file as hexadecimal text."""
    with disk_errors(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_bytes(path: Path) -> bytes:
    """Return a file's content, or raise `ArtifactError` if there is no such file."""
    with disk_errors(path):
        if not path.is_file():
            raise ArtifactError(f"{path} does not exist; run the stage that writes it first.")
        return path.read_bytes()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: to a temporary name, synced, then renamed."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
            sync_folder(path.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def sync_folder(folder: Path) -> None:
    """Make renames inside a folder survive a power cut, in the order in which they were done."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Lock a file or folder: others wait for the block to end; the system frees a killed holder's.

    What does not exist becomes a file.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDONLY if path.is_dir() else os.O_WRONLY | os.O_CREAT
        descriptor = os.open(path, flags, 0o644)
    try:
        with disk_errors(path):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Append lines, all or none, and after a torn line new ones; writers never mix.

    A kill in the middle leaves the first of them, and one torn.
    """
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+", buffering=0) as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            size = stream.seek(0, os.SEEK_END)
            content = "".join(f"{line}\n" for line in lines).encode()
            if size and os.pread(stream.fileno(), 1, size - 1) != b"\n":
                content = b"\n" + content
            try:
                while content:
                    content = content[stream.write(content) :]
                os.fsync(stream.fileno())
            except BaseException:
                stream.truncate(size)
                raise


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Return the JSON objects of a file of lines; a line that a kill tore is left aside."""
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(read_bytes(path).split(b"\n"), start=1):
        try:
            value = from_json(line, path) if line else None
        except ArtifactError:
            log.warning("%s: line %d is cut off; it is left aside", path, number)
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def to_json(value: Mapping[str, Any] | list[Any]) -> bytes:
    """Serialise to JSON that a person can read: short entries share a line; NaN is refused."""
    return (_lay_out(value) + "\n").encode()


def _lay_out(value: Any, indent: str = "") -> str:
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if len(indent) + len(line) <= JSON_WIDTH or not isinstance(value, dict | list | tuple):
        return line
    inner = indent + "  "
    if isinstance(value, dict):
        opening, closing = "{}"
        parts = [f"{json.dumps(str(key))}: {_lay_out(part, inner)}" for key, part in value.items()]
    else:
        opening, closing = "[]"
        parts = [_lay_out(part, inner) for part in value]
    rows = parts[:1]
    for part in parts[1:]:
        shared = f"{rows[-1]}, {part}"
        if "\n" not in shared and len(inner) + len(shared) < JSON_WIDTH:
            rows[-1] = shared
        else:
            rows.append(part)
    return f"{opening}\n{inner}" + f",\n{inner}".join(rows) + f"\n{indent}{closing}"


def from_json(content: bytes, path: Path) -> Any:
    """Parse JSON; `path` names the file in the error."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is not JSON ({error}); it was altered or cut off.") from error


def to_parquet(table: pd.DataFrame) -> bytes:
    """Serialise a table to Parquet, without its index."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, index=False, compression="zstd")
    return buffer.getvalue()


def from_parquet(content: bytes, path: Path) -> pd.DataFrame:
    """Parse Parquet; `path` names the file in the error."""
    try:
        return pd.read_parquet(io.BytesIO(content))
    except (OSError, ValueError) as error:
        why = f"{path} is not Parquet ({error}); it was altered or cut off."
        raise ArtifactError(why) from error


def to_csv(table: pd.DataFrame) -> bytes:
    """Serialise a table to CSV: UTF-8, LF line ends, missing cells empty, quoted where needed."""
    content = table.to_csv(index=False, lineterminator="\n").encode("utf-8")
    if b"\r" in content:  # Python 3.11's writer leaves a lone CR unquoted: readers split the row
        quoted = table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_ALL)
        content = quoted.encode("utf-8")
    return content


def from_csv(content: bytes, dtype: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Parse a CSV file of the lab: text unless `dtype` says otherwise; only "" is missing."""
    table = pd.read_csv(
        io.BytesIO(content), dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8"
    )
    return table.astype({k: v for k, v in (dtype or {}).items() if k in table.columns})

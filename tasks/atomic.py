"""Bytes on disk, whole or not at all; tables and JSON in the lab's formats; digests."""

import errno
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.errors import ArtifactError, VolumeError

_ADVICE = {
    errno.ENOSPC: "the disk is full: free some space, then run the task again",
    errno.EDQUOT: "the disk quota is used up: free some space, then run the task again",
    errno.EROFS: "the file system is read-only: set LABELING_LAB_DATA to a writable folder",
    errno.EACCES: "permission denied: give this user write access or set LABELING_LAB_DATA",
}


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's errors on `path` into a `VolumeError` that says what to do."""
    try:
        yield
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "check the path and the disk")
        raise VolumeError(f"{path}: {error.strerror or error}; {advice}.") from error


def sha256(path: Path) -> str:
    """Return the SHA-256 digest of a file as hexadecimal text."""
    with disk_errors(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def read_bytes(path: Path) -> bytes:
    """Return a file's content.

    Raises
    ------
    ArtifactError
        If there is no such file.
    VolumeError
        If it cannot be read.
    """
    if not path.is_file():
        raise ArtifactError(f"{path} does not exist; run the stage that writes it first.")
    with disk_errors(path):
        return path.read_bytes()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: to a temporary name, synced, then renamed."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(0o644)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def append_line(path: Path, line: str) -> None:
    """Append one line in a single write, so that lines of two writers never mix."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            os.write(descriptor, (line.rstrip("\n") + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def to_json(value: Mapping[str, Any] | list[Any]) -> bytes:
    """Serialise to JSON that a person can read; NaN is refused, it is not JSON."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def to_json_line(value: Mapping[str, Any]) -> str:
    """Serialise to JSON on one line, for a JSON Lines file."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def from_json(content: bytes, path: Path) -> Any:
    """Parse JSON; `path` names the file in the error."""
    try:
        return json.loads(content)
    except ValueError as error:
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
        raise ArtifactError(
            f"{path} is not Parquet ({error}); it was altered or cut off."
        ) from error


def to_csv(table: pd.DataFrame) -> bytes:
    """Serialise a table to CSV: UTF-8, LF line ends, missing cells empty, quoted where needed."""
    return table.to_csv(index=False, lineterminator="\n").encode("utf-8")


def from_csv(content: bytes, dtype: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Parse one of the lab's own CSV files.

    Only empty cells are missing: ``NA`` and ``None`` are text. Columns are text unless `dtype`
    says otherwise.
    """
    table = pd.read_csv(
        io.BytesIO(content), dtype="str", keep_default_na=False, na_values=[""], encoding="utf-8"
    )
    return table.astype({k: v for k, v in (dtype or {}).items() if k in table.columns})

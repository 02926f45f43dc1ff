"""One stage's files: written all at once with a manifest, read with a digest check."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.catalog.formats import shorten
from tasks.errors import ArtifactError
from tasks.volume import atomic

MANIFEST = "manifest.json"


@dataclass
class Artifacts:
    """What one stage of one run left behind; every read is checked against the manifest."""

    run_id: str
    stage: str
    path: Path
    used: dict[str, str] = field(default_factory=dict)

    @property
    def manifest(self) -> dict[str, Any]:
        """The stage's manifest: inputs, config, seed, versions, rows, seconds, files."""
        return read_manifest(self.path, f"clear the task {self.stage} to write it again")

    def file(self, name: str) -> Path:
        """Return the path of a file after its digest was found right."""
        self.read_bytes(name)
        return self.path / name

    def read_bytes(self, name: str) -> bytes:
        """Return the content of a file whose digest is the manifest's; it counts as used."""
        files, path = self.manifest["files"], self.path / name
        if name not in files:
            raise ArtifactError(
                f"{self.path} has no {name}; it has {shorten(', '.join(sorted(files)), 400)}."
            )
        content = atomic.read_bytes(path) if path.is_file() else None
        digest = files[name]["sha256"]
        if content is None or hashlib.sha256(content).hexdigest() != digest:
            raise ArtifactError(
                f"{path} is missing or was altered after stage {self.stage} wrote it "
                "(its digest is not the manifest's); "
                f"clear the task {self.stage} to write it again."
            )
        self.used[name] = digest
        return content

    def read_table(self, name: str) -> pd.DataFrame:
        """Return the checked Parquet table `name`."""
        return atomic.from_parquet(self.read_bytes(name), self.path / name)

    def read_json(self, name: str) -> Any:
        """Return the checked JSON value `name`."""
        return atomic.from_json(self.read_bytes(name), self.path / name)


@dataclass
class StageWriter:
    """Collects one stage's files in a hidden folder until the stage is whole."""

    folder: Path
    rows: dict[str, int] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """Return where a library may write the file `name` itself."""
        path = self.folder / name
        with atomic.disk_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write the file `name`."""
        atomic.write_bytes(self.folder / name, content)

    def write_json(self, name: str, value: Any) -> None:
        """Write `value` as JSON."""
        self.write_bytes(name, atomic.to_json(value))

    def write_table(self, name: str, table: pd.DataFrame) -> None:
        """Write a table as Parquet, or as CSV where `name` ends in ``.csv``."""
        serialise = atomic.to_csv if name.endswith(".csv") else atomic.to_parquet
        self.write_bytes(name, serialise(table))
        self.rows[name] = len(table)

    def describe_files(self) -> dict[str, dict[str, Any]]:
        """Return digest, bytes and, for tables, rows of every file written."""
        described = describe_files(self.folder)
        for name, rows in self.rows.items():
            described[name]["rows"] = rows
        return described


def files_in(folder: Path) -> list[str]:
    """Return the names of all files in a folder and the folders in it."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def describe_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Return digest and bytes of every file in a folder, by name."""
    paths = {name: folder / name for name in files_in(folder)}
    return {n: {"sha256": atomic.sha256(p), "bytes": p.stat().st_size} for n, p in paths.items()}


def read_manifest(folder: Path, advice: str) -> dict[str, Any]:
    """Return the manifest of a stage or a release; `advice` ends the error if it is none."""
    path = folder / MANIFEST
    manifest = atomic.from_json(atomic.read_bytes(path), path)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtifactError(f"{path} is not a manifest: it names no files; {advice}.")
    return manifest

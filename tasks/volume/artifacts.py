"""One stage's files: written all at once with a manifest, read with a digest check."""

import hashlib
import logging
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.errors import ArtifactError
from tasks.volume import atomic

log = logging.getLogger(__name__)

MANIFEST = "manifest.json"
STALE_SECONDS = 24 * 3600.0  # longer than any task may run


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
        path = self.path / MANIFEST
        manifest = atomic.from_json(atomic.read_bytes(path), path)
        if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
            raise ArtifactError(
                f"{path} is not a manifest: it names no files; "
                f"clear the task {self.stage} to write it again."
            )
        return manifest

    def file(self, name: str) -> Path:
        """Return the path of a file after its digest was found right.

        Raises
        ------
        ArtifactError
            If the manifest does not name the file, or the file is missing or altered.
        """
        path, known = self._known(name)
        self._check(name, atomic.sha256(path) if path.is_file() else None, known)
        return path

    def read_bytes(self, name: str) -> bytes:
        """Return the checked content of a file: the very bytes that were checked."""
        path, known = self._known(name)
        content = atomic.read_bytes(path) if path.is_file() else None
        self._check(name, None if content is None else hashlib.sha256(content).hexdigest(), known)
        return content or b""

    def _known(self, name: str) -> tuple[Path, str]:
        """Return where a file is and the digest that it was written with."""
        files = self.manifest["files"]
        if name not in files:
            raise ArtifactError(f"{self.path} has no {name}; it has {', '.join(sorted(files))}.")
        return self.path / name, files[name]["sha256"]

    def _check(self, name: str, digest: str | None, known: str) -> None:
        """Remember a file as used if its digest is right."""
        if digest != known:
            raise ArtifactError(
                f"{self.path / name} is missing or was altered after stage {self.stage} wrote it "
                "(its digest is not the manifest's); "
                f"clear the task {self.stage} to write it again."
            )
        self.used[name] = known

    def read_table(self, name: str) -> pd.DataFrame:
        """Return the checked Parquet table `name`."""
        return atomic.from_parquet(self.read_bytes(name), self.path / name)

    def read_json(self, name: str) -> Any:
        """Return the checked JSON value `name`."""
        return atomic.from_json(self.read_bytes(name), self.path / name)


class StageWriter:
    """Collects one stage's files in a hidden folder until the stage is whole.

    Parameters
    ----------
    folder : Path
        The hidden folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: dict[str, int] = {}

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
        described = {}
        for path in sorted(p for p in self.folder.rglob("*") if p.is_file()):
            name = path.relative_to(self.folder).as_posix()
            rows = {"rows": self.rows[name]} if name in self.rows else {}
            described[name] = {"sha256": atomic.sha256(path), "bytes": path.stat().st_size, **rows}
        return described


def put_in_place(folder: Path, target: Path) -> None:
    """Rename a whole folder over an earlier one; a second writer's finished folder is replaced."""
    target.parent.mkdir(exist_ok=True)
    folder.chmod(0o755)
    while True:
        try:
            folder.rename(target)
        except OSError:
            if not target.exists():
                raise
            replaced = Path(tempfile.mkdtemp(prefix=".replaced-", dir=folder.parent))
            try:
                target.rename(replaced / "stage")
            except FileNotFoundError:
                log.info("%s: another writer was faster; trying again", target)
            shutil.rmtree(replaced, ignore_errors=True)
        else:
            atomic.sync_folder(target.parent)
            return


def remove_stale(folder: Path) -> None:
    """Remove what killed writers left hidden in a folder more than a day ago."""
    for path in folder.glob(".*-*"):
        with suppress(OSError):  # another writer may be removing it at this moment
            if time.time() - path.stat().st_mtime <= STALE_SECONDS:
                continue
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink()

"""Releases on the volume: immutable folders, one pointer to the current, an append-only history."""

import logging
import re
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks import atomic
from tasks.errors import ArtifactError, PublishError

log = logging.getLogger(__name__)

CURRENT = "current.json"
HISTORY = "history.jsonl"
MANIFEST = "manifest.json"
_VERSION = re.compile(r"v(\d{4,})")


class Releases:
    """The folder of releases.

    Parameters
    ----------
    root : Path
        ``<volume>/releases``; made when the first release is published or refused.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self) -> list[str]:
        """Return the published versions, oldest first."""
        if not self.root.is_dir():
            return []
        names = (p.name for p in self.root.iterdir() if p.is_dir())
        return sorted((n for n in names if _VERSION.fullmatch(n)), key=lambda n: int(n[1:]))

    def folder(self, version: str) -> Path:
        """Return the folder of a version."""
        return self.root / version

    def current(self) -> str | None:
        """Return the version of the champion, or None before the first release."""
        path = self.root / CURRENT
        return (
            atomic.from_json(atomic.read_bytes(path), path)["version"] if path.is_file() else None
        )

    def manifest(self, version: str) -> dict[str, Any]:
        """Return a release's manifest."""
        path = self.folder(version) / MANIFEST
        return atomic.from_json(atomic.read_bytes(path), path)

    def of_run(self, run_id: str) -> str | None:
        """Return the newest version that the run published, or None."""
        mine = (v for v in reversed(self.versions()) if self.manifest(v)["run_id"] == run_id)
        return next(mine, None)

    def verify(self, version: str) -> None:
        """Check every file of a release against its manifest.

        Raises
        ------
        ArtifactError
            Naming the first file that is missing, altered or not part of the release.
        """
        folder, files = self.folder(version), self.manifest(version)["files"]
        for name, facts in files.items():
            path = folder / name
            if not path.is_file() or atomic.sha256(path) != facts["sha256"]:
                raise ArtifactError(
                    f"{path} is missing or altered: its digest is not the manifest's. "
                    "Do not use this release; publish again or go back to an earlier one."
                )
        present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        if foreign := present - set(files) - {MANIFEST}:
            raise ArtifactError(f"{folder} has files that its manifest does not name: {foreign}.")

    def read_bytes(self, version: str, name: str) -> bytes:
        """Return a release's file after its digest was found right."""
        path = self.folder(version) / name
        known = self.manifest(version)["files"].get(name, {}).get("sha256")
        content = atomic.read_bytes(path)
        if known != atomic.sha256(path):
            raise ArtifactError(f"{path} is not the file that was released: digests differ.")
        return content

    def add(self, files: Mapping[str, Path], run_id: str, facts: Mapping[str, Any]) -> str:
        """Put a new release in place; the champion stays what it was until `switch`.

        Parameters
        ----------
        files : mapping of str to Path
            What to copy, by its name inside the release.
        run_id : str
            The run that publishes.
        facts : mapping
            More for the manifest.

        Returns
        -------
        str
            The new version.
        """
        with atomic.disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=self.root))
        try:
            described = {}
            for name, source in sorted(files.items()):
                atomic.write_bytes(folder / name, atomic.read_bytes(source))
                path = folder / name
                described[name] = {"sha256": atomic.sha256(path), "bytes": path.stat().st_size}
            manifest = {
                "run_id": run_id,
                "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
                **facts,
                "files": described,
            }
            atomic.write_bytes(folder / MANIFEST, atomic.to_json(manifest))
            return self._claim_version(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _claim_version(self, folder: Path) -> str:
        """Rename a whole folder to the next free version; of two writers, each gets its own."""
        for path in (p for p in folder.rglob("*") if p.is_file()):
            path.chmod(0o444)
        folder.chmod(0o755)
        while True:
            newest = self.versions()[-1:] or ["v0000"]
            version = f"v{int(newest[0][1:]) + 1:04d}"
            try:
                folder.rename(self.folder(version))
            except OSError as error:
                if not self.folder(version).exists():
                    raise PublishError(f"{folder} cannot become {version}: {error}.") from error
                log.info("%s was taken by another run; trying the next version", version)
            else:
                return version

    def switch(self, version: str, run_id: str) -> None:
        """Make a whole, unaltered release the champion; the pointer is replaced atomically.

        Raises
        ------
        ArtifactError
            If the release is missing or altered.
        """
        self.verify(version)
        pointer = {
            "version": version,
            "run_id": run_id,
            "switched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        atomic.write_bytes(self.root / CURRENT, atomic.to_json(pointer))

    def record(self, event: str, run_id: str, **facts: Any) -> None:
        """Append one event (published, refused, rolled back) to the history."""
        entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "event": event}
        line = atomic.to_json_line({**entry, "run_id": run_id, **facts})
        atomic.append_line(self.root / HISTORY, line)

    def history(self) -> list[dict[str, Any]]:
        """Return the events, oldest first."""
        path = self.root / HISTORY
        if not path.is_file():
            return []
        lines = atomic.read_bytes(path).decode().splitlines()
        return [atomic.from_json(line.encode(), path) for line in lines if line]

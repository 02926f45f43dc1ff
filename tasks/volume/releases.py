"""Releases on the volume: immutable folders, one pointer to the current, an append-only history."""

import hashlib
import logging
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.errors import ArtifactError, LabError, PublishError
from tasks.volume import atomic
from tasks.volume.artifacts import remove_stale

log = logging.getLogger(__name__)

CURRENT = "current.json"
HISTORY = "history.jsonl"
LOCK = ".lock"
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
        if not path.is_file():
            return None
        pointer = atomic.from_json(atomic.read_bytes(path), path)
        if not isinstance(pointer, dict) or not isinstance(pointer.get("version"), str):
            raise ArtifactError(f"{path} names no version; it was altered. Publish again.")
        return pointer["version"]

    def manifest(self, version: str) -> dict[str, Any]:
        """Return a release's manifest."""
        path = self.folder(version) / MANIFEST
        if not path.is_file():
            raise ArtifactError(
                f"{path} does not exist: {version} is no release of this volume, or was altered; "
                f"the releases are {', '.join(self.versions()) or 'none yet'}."
            )
        manifest = atomic.from_json(atomic.read_bytes(path), path)
        if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
            raise ArtifactError(f"{path} is not a manifest: it names no files; it was altered.")
        return manifest

    def of_run(self, run_id: str) -> str | None:
        """Return the newest version that the run published, or None."""
        return next((v for v in reversed(self.versions()) if self._run_of(v) == run_id), None)

    def _run_of(self, version: str) -> str | None:
        """Return which run published a version; an old, damaged release stops nobody."""
        try:
            return self.manifest(version).get("run_id")
        except ArtifactError as error:
            log.warning("%s is left aside: %s", version, error)
            return None

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let one publisher at a time add, record and switch; others wait for the block to end.

        The lock is the operating system's: that of a killed publisher is free again.
        """
        with atomic.exclusive(self.root / LOCK):
            yield

    def verify(self, version: str) -> None:
        """Check every file of a release against its manifest.

        Raises
        ------
        ArtifactError
            Naming the first file that is missing, altered or not part of the release.
        """
        self.check_manifest(version)
        folder, files = self.folder(version), self.manifest(version)["files"]
        for name, facts in files.items():
            path = folder / name
            if not path.is_file() or atomic.sha256(path) != facts["sha256"]:
                raise ArtifactError(
                    f"{path} is missing or altered: its digest is not the manifest's. "
                    "Do not use this release; publish again or go back to an earlier one."
                )
        present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        if foreign := sorted(present - set(files) - {MANIFEST}):
            raise ArtifactError(
                f"{folder} has files that its manifest does not name: {', '.join(foreign)}. "
                "Do not use this release; publish again or go back to an earlier one."
            )

    def check_manifest(self, version: str) -> None:
        """Check a release's manifest against the digest that history holds, if it holds one.

        Raises
        ------
        ArtifactError
            If the manifest was altered after the release was published.
        """
        path = self.folder(version) / MANIFEST
        known = [e.get("manifest_sha256") for e in self.history() if e.get("version") == version]
        digests = {digest for digest in known if digest}
        if digests and path.is_file() and atomic.sha256(path) not in digests:
            raise ArtifactError(
                f"{path} was altered: its digest is not the one in {HISTORY}. "
                "Do not use this release; publish again or go back to an earlier one."
            )

    def read_bytes(self, version: str, name: str) -> bytes:
        """Return a release's file after its digest was found right."""
        self.check_manifest(version)
        path = self.folder(version) / name
        files = self.manifest(version)["files"]
        if name not in files:
            raise ArtifactError(f"{version} has no {name}; it has {', '.join(sorted(files))}.")
        content = atomic.read_bytes(path)
        if files[name]["sha256"] != hashlib.sha256(content).hexdigest():
            raise ArtifactError(f"{path} is not the file that was released: digests differ.")
        return content

    def add(
        self,
        files: Mapping[str, Path],
        run_id: str,
        facts: Mapping[str, Any],
        digests: Mapping[str, str] | None = None,
        check: Callable[[Path], None] | None = None,
    ) -> str:
        """Put a new release in place; the champion stays what it was until `switch`.

        Parameters
        ----------
        files : mapping of str to Path
            What to copy, by its name inside the release.
        run_id : str
            The run that publishes.
        facts : mapping
            More for the manifest.
        digests : mapping of str to str, optional
            The SHA-256 that each copy must have, by its name inside the release.
        check : callable, optional
            Examines the whole folder before it gets a version. If it raises, the folder is kept
            out of the way for a day, as ``.failed-...``, and there is no release.

        Returns
        -------
        str
            The new version.

        Raises
        ------
        ArtifactError
            If a file is missing, or its copy has another digest than it must have.
        """
        with atomic.disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            remove_stale(self.root)
            folder = Path(tempfile.mkdtemp(prefix=".incoming-", dir=self.root))
        try:
            described = {}
            for name, source in sorted(files.items()):
                atomic.write_bytes(folder / name, atomic.read_bytes(source))
                path = folder / name
                described[name] = {"sha256": atomic.sha256(path), "bytes": path.stat().st_size}
                if digests is not None and described[name]["sha256"] != digests.get(name):
                    raise ArtifactError(f"{source} was altered while it was being published.")
            manifest = {
                "run_id": run_id,
                "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
                **facts,
                "files": described,
            }
            atomic.write_bytes(folder / MANIFEST, atomic.to_json(manifest))
            if check is not None:
                self._examine(folder, check)
            return self._claim_version(folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _examine(self, folder: Path, check: Callable[[Path], None]) -> None:
        """Let `check` examine a folder; put one that fails out of the way, for a person to see."""
        try:
            check(folder)
        except LabError:
            failed = self.root / folder.name.replace(".incoming-", ".failed-")
            folder.rename(failed)
            log.warning("What failed is kept for a day: %s", failed)
            raise

    def _claim_version(self, folder: Path) -> str:
        """Rename a whole folder to the next free version; of two writers, each gets its own."""
        for path in (p for p in folder.rglob("*") if p.is_file()):
            path.chmod(0o444)
        folder.chmod(0o755)
        while True:
            version = f"v{self._newest_number() + 1:04d}"
            try:
                folder.rename(self.folder(version))
            except OSError as error:
                if not self.folder(version).exists():
                    raise PublishError(f"{folder} cannot become {version}: {error}.") from error
                log.info("%s was taken by another run; trying the next version", version)
            else:
                atomic.sync_folder(self.root)
                return version

    def _newest_number(self) -> int:
        """Return the highest number ever given away: a removed release's is not used again."""
        on_disk = [path.name for path in self.root.iterdir()]
        in_history = [str(event.get("version")) for event in self.history()]
        matches = map(_VERSION.fullmatch, on_disk + in_history)
        return max((int(match[1]) for match in matches if match), default=0)

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
        """Append one event (published, refused, rolled back or forward) to the history."""
        entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "event": event}
        line = atomic.to_json_line({**entry, "run_id": run_id, **facts})
        atomic.append_line(self.root / HISTORY, line)

    def history(self) -> list[dict[str, Any]]:
        """Return the events, oldest first; a line that a power cut tore is left aside."""
        path = self.root / HISTORY
        if not path.is_file():
            return []
        events = []
        for number, line in enumerate(atomic.read_bytes(path).split(b"\n"), start=1):
            try:
                event = atomic.from_json(line, path) if line else None
            except ArtifactError:
                log.warning("%s: line %d is cut off; it is left aside", path, number)
                continue
            if isinstance(event, dict):
                events.append(event)
        return events

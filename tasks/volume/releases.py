"""Releases on the volume: immutable folders, one pointer to the current, an append-only history."""

import hashlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.catalog.formats import shorten
from tasks.errors import ArtifactError, PublishError
from tasks.volume import atomic
from tasks.volume.artifacts import MANIFEST, describe_files, read_manifest
from tasks.volume.hidden import hidden_folder

log = logging.getLogger(__name__)

CURRENT = "current.json"
HISTORY = "history.jsonl"
LOCK = ".lock"
PUBLISHED = "published"
REFUSED = "refused"
REJECTED = "rejected"
ROLLED_BACK = "rolled back"
ROLLED_FORWARD = "rolled forward"
RESTORED = "pointer restored"
MOVES = (PUBLISHED, ROLLED_BACK, ROLLED_FORWARD)  # after these events another release is champion
_VERSION = re.compile(r"v(\d{4,})")
_DO_NOT_USE = "Do not use this release; publish again or go back to an earlier one."


@dataclass(frozen=True)
class File:
    """A file for a release, and the digest that its copy must have."""

    path: Path
    sha256: str


class Releases:
    """The folder of releases, ``<volume>/releases``; made when something is first published."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def versions(self) -> list[str]:
        """Return the versions whose folders are there, oldest first."""
        if not self.root.is_dir():
            return []
        names = (p.name for p in self.root.iterdir() if p.is_dir())
        return sorted((n for n in names if _VERSION.fullmatch(n)), key=version_number)

    def folder(self, version: str) -> Path:
        """Return the folder of a version."""
        return self.root / version

    # The champion

    def current(self) -> str | None:
        """Return the version of the champion, or None before the first release.

        If the pointer is lost or damaged, history says which release became the champion last.
        """
        if version := self.pointer():
            return version
        if moves := self.moves():
            log.warning("%s is lost; by %s it is %s", CURRENT, HISTORY, moves[-1]["version"])
            return str(moves[-1]["version"])
        if self.versions() and not (self.root / HISTORY).exists():
            raise ArtifactError(
                f"{self.root} has {shorten(', '.join(self.versions()))}, but {CURRENT} and "
                f"{HISTORY} are lost: nobody knows which is the champion. Put one of the two back "
                "from a copy, or say which by rolling back to it (make rollback)."
            )
        return None

    def pointer(self) -> str | None:
        """Return what the pointer names; None if it is lost or damaged."""
        path = self.root / CURRENT
        if not path.is_file():
            return None
        try:
            pointer = atomic.from_json(atomic.read_bytes(path), path)
        except ArtifactError as error:
            log.warning("%s", error)
            return None
        version = pointer.get("version") if isinstance(pointer, dict) else None
        if isinstance(version, str) and _VERSION.fullmatch(version):
            return version
        log.warning("%s names no version; it was altered", path)
        return None

    def restore_pointer(self, run_id: str) -> None:
        """Write a lost or damaged pointer again, as history has it, and record that."""
        if self.pointer() is None and (version := self.current()):
            self.switch(version, run_id)
            self.record(RESTORED, run_id, version=version)

    def switch(self, version: str, run_id: str) -> None:
        """Make a whole, unaltered release the champion; the pointer is replaced atomically."""
        self.verify(version)
        pointer = {"version": version, "run_id": run_id, "switched_at": _now()}
        atomic.write_bytes(self.root / CURRENT, atomic.to_json(pointer))

    # What releases hold

    def manifest(self, version: str) -> dict[str, Any]:
        """Return a release's manifest."""
        path = self.folder(version) / MANIFEST
        if not path.is_file():
            known = shorten(", ".join(self.versions()), 400) or "none yet"
            raise ArtifactError(
                f"{path} does not exist: {shorten(version)} is no release of this volume, or was "
                f"altered; the releases are {known}."
            )
        return read_manifest(self.folder(version), "it was altered")

    def of_run(self, run_id: str) -> str | None:
        """Return the newest version that the run published, or None."""
        for version in reversed(self.versions()):
            try:
                if self.manifest(version).get("run_id") == run_id:
                    return version
            except ArtifactError as error:  # an old, damaged release stops nobody
                log.warning("%s is left aside: %s", version, error)
        return None

    def verify(self, version: str) -> None:
        """Check every file of a release against its manifest, and that against the history."""
        self.check_manifest(version)
        folder, files = self.folder(version), self.manifest(version)["files"]
        for name, facts in files.items():
            path = folder / name
            if not path.is_file() or atomic.sha256(path) != facts["sha256"]:
                raise ArtifactError(
                    f"{path} is missing or altered: its digest is not the manifest's. {_DO_NOT_USE}"
                )
        present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        if foreign := sorted(present - set(files) - {MANIFEST}):
            raise ArtifactError(
                f"{folder} has files that its manifest does not name: "
                f"{shorten(', '.join(foreign), 400)}. {_DO_NOT_USE}"
            )

    def check_manifest(self, version: str) -> None:
        """Check a release's manifest against the digest that history holds, if it holds one."""
        path = self.folder(version) / MANIFEST
        known = [e.get("manifest_sha256") for e in self.history() if e.get("version") == version]
        digests = {digest for digest in known if digest}
        if digests and path.is_file() and atomic.sha256(path) not in digests:
            raise ArtifactError(
                f"{path} was altered: its digest is not the one in {HISTORY}. {_DO_NOT_USE}"
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

    # Publishing

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let one publisher at a time add, record and switch; others wait for the block to end.

        The lock is the operating system's: that of a killed publisher is free again.
        """
        with atomic.exclusive(self.root / LOCK):
            yield

    def next_version(self) -> str:
        """Return the version after the newest ever given away: no number is used again."""
        on_disk = [path.name for path in self.root.iterdir()] if self.root.is_dir() else []
        known = on_disk + [str(event.get("version")) for event in self.history()]
        newest = max((version_number(v) for v in known if _VERSION.fullmatch(v)), default=0)
        return f"v{newest + 1:04d}"

    def add(
        self,
        version: str,
        files: Mapping[str, File],
        facts: Mapping[str, Any],
        check: Callable[[Path], None] | None = None,
    ) -> None:
        """Put a new release in place; the champion stays what it was until `switch`.

        Parameters
        ----------
        version : str
            From `next_version`, in the same `exclusive` block.
        files : mapping of str to File
            What to copy, by its name inside the release.
        facts : mapping
            For the manifest; names the ``run_id``.
        check : callable, optional
            Examines the whole folder before it is a release. If it raises `PublishError`, the
            folder is kept out of the way for a day, as ``.failed-...``, and there is no release.
        """
        with hidden_folder(self.root, "incoming") as folder:
            with atomic.disk_errors(self.root):
                (self.root / HISTORY).touch()  # from now on, no history means a lost one
            for name, file in sorted(files.items()):
                atomic.write_bytes(folder / name, atomic.read_bytes(file.path))
            described = describe_files(folder)
            for name, file in files.items():
                if described[name]["sha256"] != file.sha256:
                    raise ArtifactError(f"{file.path} was altered while it was being published.")
            manifest = {**facts, "published_at": _now(), "files": described}
            atomic.write_bytes(folder / MANIFEST, atomic.to_json(manifest))
            try:
                if check is not None:
                    check(folder)
            except PublishError:
                failed = self.root / f".failed-{folder.name.rpartition('-')[2]}"
                folder.rename(failed)
                log.warning("What failed is kept for a day: %s", failed)
                raise
            self._put_in_place(folder, version)

    def _put_in_place(self, folder: Path, version: str) -> None:
        """Make a folder the release, whole at once and read-only."""
        for path in (p for p in folder.rglob("*") if p.is_file()):
            path.chmod(0o444)
        folder.chmod(0o755)
        try:
            folder.rename(self.folder(version))
        except OSError as error:
            raise PublishError(f"{folder} cannot become {version}: {error}.") from error
        atomic.sync_folder(self.root)

    # History

    def record(self, event: str, run_id: str, **facts: Any) -> None:
        """Append one event to the history."""
        line = atomic.to_json_line({"at": _now(), "event": event, "run_id": run_id, **facts})
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

    def moves(self) -> list[dict[str, Any]]:
        """Return the events that made a release the champion, oldest first."""
        return [e for e in self.history() if e.get("event") in MOVES and e.get("version")]

    def was_published(self, version: str) -> bool:
        """Return whether history knows a release: a killed publisher's is only a folder."""
        published = (e for e in self.history() if e.get("event") == PUBLISHED)
        return any(event.get("version") == version for event in published)


def version_number(version: str) -> int:
    """Return the number of a version, 3 for ``v0003``."""
    return int(version[1:])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

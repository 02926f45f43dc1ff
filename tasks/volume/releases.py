"""Releases on the volume: immutable folders, one pointer to the current, an append-only history."""

import hashlib
import json
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tasks.catalog.formats import shorten
from tasks.errors import ArtifactError, PublishError
from tasks.volume import atomic
from tasks.volume.artifacts import MANIFEST, describe_files, files_in, read_manifest
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
        found = [p.name for p in self.root.glob("v*") if p.is_dir() and _VERSION.fullmatch(p.name)]
        return sorted(found, key=version_number)

    def folder(self, version: str) -> Path:
        """Return the folder of a version."""
        return self.root / version

    def current(self) -> str | None:
        """Return the version of the champion, or None before the first release.

        If the pointer is lost or damaged, history says which it is.
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
        files = self._released(version)
        for name in files:
            self._read(version, name, files)
        if foreign := set(files_in(self.folder(version))) - {*files, MANIFEST}:
            raise ArtifactError(
                f"{self.folder(version)} has files that its manifest does not name: "
                f"{shorten(', '.join(sorted(foreign)), 400)}. {_DO_NOT_USE}"
            )

    def read_bytes(self, version: str, name: str) -> bytes:
        """Return a release's file after its digest was found right."""
        files = self._released(version)
        if name not in files:
            raise ArtifactError(f"{version} has no {name}; it has {', '.join(sorted(files))}.")
        return self._read(version, name, files)

    def read_json(self, version: str, name: str) -> Any:
        """Return a release's JSON value after its file's digest was found right."""
        return atomic.from_json(self.read_bytes(version, name), self.folder(version) / name)

    def _released(self, version: str) -> dict[str, dict[str, Any]]:
        """Return the files of a manifest whose digest is the one in history, if that has one."""
        path = self.folder(version) / MANIFEST
        digests = {e.get("manifest_sha256") for e in self.history() if e.get("version") == version}
        if any(digests) and path.is_file() and atomic.sha256(path) not in digests:
            raise ArtifactError(
                f"{path} was altered: its digest is not the one in {HISTORY}. {_DO_NOT_USE}"
            )
        return dict(self.manifest(version)["files"])

    def _read(self, version: str, name: str, files: Mapping[str, Mapping[str, Any]]) -> bytes:
        path = self.folder(version) / name
        content = atomic.read_bytes(path) if path.is_file() else None
        if content is None or hashlib.sha256(content).hexdigest() != files[name]["sha256"]:
            raise ArtifactError(
                f"{path} is missing or altered: it is not the file that was released, its digest "
                f"is not the manifest's. {_DO_NOT_USE}"
            )
        return content

    def exclusive(self) -> AbstractContextManager[None]:
        """Let one publisher at a time add, record and switch; others wait."""
        return atomic.exclusive(self.root / LOCK)

    def next_version(self) -> str:
        """Return the version after the newest ever given away: no number is used again."""
        known = [path.name for path in self.root.glob("v*")]
        known += [str(event.get("version")) for event in self.history()]
        newest = max((version_number(v) for v in known if _VERSION.fullmatch(v)), default=0)
        return f"v{newest + 1:04d}"

    def add(
        self,
        version: str,
        files: Mapping[str, File],
        facts: Mapping[str, Any],
        check: Callable[[Path], None] | None = None,
    ) -> None:
        """Put copies of files and a manifest of facts in place as a new, read-only release.

        The version is that of `next_version` in the same `exclusive` block. If the `check` of the
        whole folder raises `PublishError`, that is kept for a day, as ``.failed-...``.
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
        for name in files_in(folder):
            (folder / name).chmod(0o444)
        folder.chmod(0o755)
        try:
            folder.rename(self.folder(version))
        except OSError as error:
            raise PublishError(f"{folder} cannot become {version}: {error}.") from error
        atomic.sync_folder(self.root)

    def record(self, event: str, run_id: str, **facts: Any) -> None:
        """Append one event to the history."""
        entry = {"at": _now(), "event": event, "run_id": run_id, **facts}
        line = json.dumps(entry, ensure_ascii=False, allow_nan=False)
        atomic.append_lines(self.root / HISTORY, [line])

    def history(self) -> list[dict[str, Any]]:
        """Return the events, oldest first; a line that a power cut tore is left aside."""
        return atomic.read_lines(self.root / HISTORY)

    def moves(self) -> list[dict[str, Any]]:
        """Return the events that made a release the champion, oldest first."""
        return [e for e in self.history() if e.get("event") in MOVES and e.get("version")]

    def was_published(self, version: str) -> bool:
        """Return whether history knows a release: a killed publisher's is only a folder."""
        known = [(event.get("event"), event.get("version")) for event in self.history()]
        return (PUBLISHED, version) in known


def version_number(version: str) -> int:
    """Return the number of a version, 3 for ``v0003``."""
    return int(version[1:])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

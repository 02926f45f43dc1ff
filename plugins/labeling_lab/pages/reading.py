"""What pages read from the volume; ids from an address are looked up, never joined into a path."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from tasks.pipeline import METRICS
from tasks.volume import atomic
from tasks.volume.artifacts import MANIFEST, Artifacts
from tasks.volume.runs import Run, Volume


def volume() -> Volume:
    """Open the volume."""
    return Volume.from_environment()


def find_run(run_id: str) -> Run:
    """Return a run of the volume; 404 if it has none of this id."""
    run = volume().run(run_id)
    if not run.path.is_dir():
        raise HTTPException(
            404, f"The volume has no run {run_id}: it has not begun, or its folder was removed."
        )
    return run


def find_release(version: str) -> str:
    """Return a version that the volume has; 404 if it has none of this name."""
    if version not in volume().releases.versions():
        raise HTTPException(404, f"The volume has no release {version}.")
    return version


def read(artifacts: Artifacts, name: str) -> Any:
    """Return a checked table or JSON value of a run, from memory if its file is as it was.

    Others get the very same object: do not alter it.
    """
    digest = artifacts.manifest["files"].get(name, {}).get("sha256")
    path = artifacts.path / name
    written = path.stat().st_mtime_ns if path.is_file() else 0
    return _read(artifacts.path, artifacts.run_id, artifacts.stage, name, f"{digest} {written}")


@lru_cache(maxsize=48)
def _read(path: Path, run_id: str, stage: str, name: str, _state: str) -> Any:
    artifacts = Artifacts(run_id, stage, path)
    if name.endswith(".json"):
        return artifacts.read_json(name)
    if name.endswith(".csv"):
        return atomic.from_csv(artifacts.read_bytes(name))
    return artifacts.read_table(name)


def read_release(version: str, name: str = METRICS) -> Any:
    """Return a checked JSON value, or as text a table, of a release, from memory if it was read."""
    return _read_release(str(volume().root), version, name, release_digest(version))


def release_digest(version: str) -> str:
    """Return the digest of a release's manifest, which names the digests of all its files."""
    path = volume().releases.folder(version) / MANIFEST
    return atomic.sha256(path) if path.is_file() else ""


@lru_cache(maxsize=32)
def _read_release(_root: str, version: str, name: str, _digest: str) -> Any:
    releases = volume().releases
    content = releases.read_bytes(version, name)
    if name.endswith(".csv"):
        return atomic.from_csv(content)
    return atomic.from_json(content, releases.folder(version) / name)

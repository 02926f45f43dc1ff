"""The volume: a folder of runs, each with one folder a stage that is whole or absent."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Self

from tasks.catalog.formats import shorten
from tasks.config import StageConfig
from tasks.errors import ArtifactError, ConfigError, VolumeError
from tasks.pipeline import PUBLISH
from tasks.volume import atomic
from tasks.volume.answers import Answers
from tasks.volume.artifacts import MANIFEST, Artifacts, StageWriter
from tasks.volume.hidden import hidden_folder, put_in_place, remove_abandoned
from tasks.volume.releases import Releases

log = logging.getLogger(__name__)

DATA_ENV = "LABELING_LAB_DATA"
CODE = Path(__file__).resolve().parents[1]
DEFAULT_ROOT = CODE.parent / "data"
SCRATCH_PREFIX = "scratch__"
RECORDED_VERSIONS = ("pandas", "numpy", "scikit-learn", "nltk", "pyarrow")
HOUR, DAY = 3600.0, 24 * 3600.0
_RUN_ID = re.compile(r"[A-Za-z0-9_~:+-][A-Za-z0-9_.~:+-]*")


def _modified_at(path: Path) -> float:
    """Return when a path was last changed; 0 if another task has just removed it."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


@dataclass(frozen=True)
class Run:
    """One DAG run's folder."""

    id: str
    path: Path

    def stages(self) -> list[str]:
        """Return the names of the stages that are whole, such as ``label`` or ``train/<model>``."""
        manifests = [*self.path.glob(f"*/{MANIFEST}"), *self.path.glob(f"*/*/{MANIFEST}")]
        names = (m.parent.relative_to(self.path).as_posix() for m in manifests)
        return sorted(name for name in names if not name.startswith("."))

    def has(self, stages: Iterable[str]) -> bool:
        """Return whether every one of `stages` is whole; ``train`` means any ``train/<model>``."""
        present = {part for stage in self.stages() for part in (stage, stage.split("/")[0])}
        return present.issuperset(stages)

    def finished_at(self) -> float:
        """Return when the run last completed a stage, in seconds since the epoch; 0 if never."""
        manifests = (self.path / stage / MANIFEST for stage in self.stages())
        return max(map(_modified_at, manifests), default=0.0)

    def in_use(self) -> bool:
        """Return whether it has a living writer, or is unpublished and was written to of late.

        That is within a day, or an hour if it is a scratch run.
        """
        remove_abandoned(self.path)
        scratch = self.id.startswith(SCRATCH_PREFIX)
        if not scratch and self.has([PUBLISH]) and not any(self.path.glob(".*-*")):
            return False
        touched = max(map(_modified_at, [self.path, *self.path.glob("*")]), default=0.0)
        return time.time() - touched < (HOUR if scratch else DAY)

    def read(self, stage: str) -> Artifacts:
        """Return the artifacts of a stage, or raise `ArtifactError` if it is not whole."""
        if not (self.path / stage / MANIFEST).is_file():
            raise ArtifactError(f"Run {self.id} has no {stage}; run that stage first.")
        return Artifacts(self.id, stage, self.path / stage)


@dataclass
class Workspace:
    """What a stage gets: a run to write to, and the run that its inputs come from."""

    volume: "Volume"
    run: Run
    source: Run
    # A stage's seconds count from when this is opened, or from the end of the stage before it.
    started: float = field(default_factory=time.perf_counter, repr=False, compare=False)

    @property
    def is_scratch(self) -> bool:
        """Whether this is a try-out outside any DAG run."""
        return self.run.id.startswith(SCRATCH_PREFIX)

    def read(self, stage: str) -> Artifacts:
        """Return the artifacts of an earlier stage."""
        return self.source.read(stage)

    @contextmanager
    def write(
        self, stage: str, config: StageConfig, inputs: Iterable[Artifacts] = ()
    ) -> Iterator[StageWriter]:
        """Collect a stage's files and, if the block ends well, put them in place all at once."""
        target = self.run.path / stage
        with hidden_folder(self.run.path, stage.replace("/", ".")) as folder:
            writer = StageWriter(folder)
            with atomic.disk_errors(target, known_only=True):  # a library writes there itself
                yield writer
            manifest = {
                "run_id": self.run.id,
                "stage": stage,
                "inputs": {i.stage: {"run_id": i.run_id, "files": i.used} for i in inputs},
                "config": config.to_dict(),
                "seed": config.seed,
                "versions": present_versions(),
                "code": code_digest(),
                "files": writer.describe_files(),
                "seconds": round(time.perf_counter() - self.started, 3),
                "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
            }
            writer.write_json(MANIFEST, manifest)
            with atomic.disk_errors(target):
                put_in_place(folder, target)
        self.started = time.perf_counter()

    def answered_before(
        self, stage: str, config: StageConfig, inputs: Iterable[Artifacts]
    ) -> Artifacts | None:
        """Return this stage of another run, if config, code, versions and inputs are the same."""
        own = {"code": code_digest(), "versions": present_versions()}
        wanted = {**own, "config": config.to_dict()}
        read = {found.stage: found.used for found in inputs}
        for run in self.volume.runs():
            if run.id == self.run.id or not run.has([stage]):
                continue
            artifacts = run.read(stage)
            with suppress(ArtifactError):  # a damaged one answers nothing
                manifest = artifacts.manifest
                same_files = {n: used["files"] for n, used in manifest["inputs"].items()} == read
                if same_files and wanted.items() <= manifest.items():
                    for name in manifest["files"]:
                        artifacts.file(name)
                    log.info("Nothing changed since run %s: its %s answers", run.id, stage)
                    return artifacts
        return None


def present_versions() -> dict[str, str]:
    """Return the versions of the libraries that decide what comes out."""
    return {name: version(name) for name in RECORDED_VERSIONS}


@cache
def code_digest() -> str:
    """Return the SHA-256 of the code that knows data."""
    found = hashlib.sha256()
    for path in sorted(CODE.rglob("*.py")):
        found.update(path.relative_to(CODE).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def remove_run(run: Run) -> bool:
    """Remove a run: hidden first and at once, so that nobody reads one that is half removed."""
    try:
        hidden = Path(tempfile.mkdtemp(prefix=".removed-", dir=run.path.parent))
        run.path.rename(hidden / "run")
    except OSError as error:
        log.warning("%s could not be removed and stays: %s", run.path, error)
        return False
    shutil.rmtree(hidden, ignore_errors=True)
    return True


class Volume:
    """The folder of runs, releases, answers and, by default, the catalog."""

    def __init__(self, root: Path | str) -> None:
        self.root = Path(root).expanduser().absolute()
        self.releases = Releases(self.root / "releases")
        self.answers = Answers(self.root / "answers")

    @classmethod
    def from_environment(cls) -> Self:
        """Open the volume at ``LABELING_LAB_DATA``, else the repository's ``data`` folder."""
        return cls(os.environ.get(DATA_ENV) or DEFAULT_ROOT)

    def run(self, run_id: str) -> Run:
        """Return the folder of a run, which need not exist yet."""
        if not _RUN_ID.fullmatch(run_id):
            raise ConfigError(
                f"run id {shorten(repr(run_id))} cannot name a folder; use letters, digits and "
                "_.~:+- only, not starting with a dot."
            )
        return Run(run_id, self.root / "runs" / run_id)

    def runs(self, scratch: bool = False) -> list[Run]:
        """Return the runs, newest first: the DAG's, or the scratch ones."""
        folders = sorted(path for path in (self.root / "runs").glob("*") if path.is_dir())
        runs = [Run(path.name, path) for path in folders if _RUN_ID.fullmatch(path.name)]
        chosen = (run for run in runs if run.id.startswith(SCRATCH_PREFIX) == scratch)
        return sorted(chosen, key=Run.finished_at, reverse=True)

    def newest_run(self, stages: Iterable[str]) -> Run:
        """Return the newest DAG run in which every one of `stages` is whole."""
        wanted = tuple(stages)
        if found := next((run for run in self.runs() if run.has(wanted)), None):
            return found
        raise ArtifactError(
            f"No run under {self.root / 'runs'} has {', '.join(wanted) or 'any stage'}; "
            "run the whole workflow once (make run), or give the id of a run that has them."
        )

    def workspace(self, run_id: str, reads: Iterable[str] = ()) -> Workspace:
        """Open a run for one stage; a scratch run reads the newest DAG run that has `reads`."""
        run = self.run(run_id)
        workspace = Workspace(self, run, run)
        if workspace.is_scratch and (stages := tuple(reads)):
            workspace.source = source = self.newest_run(stages)
            log.info("Scratch run %s: reading %s from run %s", run.id, ", ".join(stages), source.id)
        return workspace

    def remove_old_runs(self, keep: int, protect: Iterable[str] = ()) -> list[str]:
        """Remove all but the newest `keep` DAG runs and scratch runs; return which.

        Those in `protect` and those in use stay.
        """
        remove_abandoned(self.root / "runs")
        old = [run for scratch in (False, True) for run in self.runs(scratch)[keep:]]
        idle = [run for run in old if run.id not in set(protect) and not run.in_use()]
        return [run.id for run in idle if remove_run(run)]

    def check_writable(self) -> None:
        """Raise `VolumeError` now, rather than after minutes of work, if nothing can be written."""
        with atomic.disk_errors(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.root, prefix=".probe-"):
                pass
        if shutil.disk_usage(self.root).free < 50 * 2**20:
            raise VolumeError(f"{self.root} has less than 50 MiB free; free some space first.")

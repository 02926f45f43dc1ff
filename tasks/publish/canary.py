"""The canary: a fresh process loads a release and replays its golden predictions.

Run as ``python -m tasks.publish.canary <release folder>``. Exits with 1 and the reason if the
release does not do what the model did when it was fitted, with `FAULT` if that cannot be said.
A release votes with the rules that it carries: in this process nothing can read today's rulebook.
"""

import logging
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tasks.catalog.formats import shorten
from tasks.errors import ArtifactError, LabError, ProcessError, PublishError, RetryableError
from tasks.pipeline import GOLDEN
from tasks.volume.golden import replay_golden
from tasks.volume.releases import Releases

log = logging.getLogger(__name__)

REPO = Path(__file__).resolve().parents[2]
SECONDS = 300
FAULT = 75  # the number that sendmail and its kind exit with to say: try again later
MUST_AGREE = ("python", "scikit-learn")  # to the minor version; no other promises to load it


def run_canary(folder: Path) -> None:
    """Examine a release's folder in a process of its own, as a user's would be.

    Raises `PublishError` if the release may not become the champion, and `ProcessError`, which is
    no verdict, if the process was killed, took too long or lacked memory.
    """
    started = time.perf_counter()
    path = os.pathsep.join([str(REPO), *filter(None, [os.environ.get("PYTHONPATH")])])
    try:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "tasks.publish.canary", str(folder)],
            env=os.environ | {"PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessError(f"the canary did not answer within {SECONDS} s; try again.") from error
    except OSError as error:
        raise ProcessError(f"the canary could not be started: {error}; try again.") from error
    lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
    said = shorten(lines[-1], 1000)
    if done.returncode < 0:
        name = signal.Signals(-done.returncode).name
        raise ProcessError(f"the canary was killed by {name}, perhaps out of memory; try again.")
    if done.returncode == FAULT:
        raise ProcessError(f"the canary could not finish: {said}; try again.")
    if done.returncode:
        raise PublishError(f"the canary refused the release: {said}")
    log.info("Canary: %s, %.1f s", said, time.perf_counter() - started)


def examine(folder: Path) -> str:
    """Check every digest, the versions and the golden predictions; return what was found."""
    from tasks.volume.model_file import load_model  # scikit-learn takes seconds to import

    releases, name = Releases(folder.parent), folder.name
    releases.verify(name)
    different = check_versions(releases.manifest(name)["versions"])
    golden = releases.read_json(name, GOLDEN)
    found = replay_golden(load_model(releases, name), golden)
    check_replay(golden["probability"], found, [row[0] for row in golden["rows"]], golden["kinds"])
    beside = f"; other versions than recorded: {', '.join(different)}" if different else ""
    return f"{len(found)} golden predictions replayed to the bit{beside}"


def check_versions(recorded: Mapping[str, str]) -> list[str]:
    """Return what differs from the recorded versions; refuse another minor version of what loads.

    Other libraries may differ: whether that matters, the golden predictions show.
    """
    present = {name: _present(name) for name in {*recorded, *MUST_AGREE}}
    for name in MUST_AGREE:
        old, new = recorded.get(name, "unknown"), present[name]
        if old.split(".")[:2] != new.split(".")[:2]:
            raise PublishError(
                f"made with {name} {old}, but {new} is installed; install that one, or run the "
                "workflow again with this one."
            )
    return sorted(
        f"{name} {present[name]} for {known}"
        for name, known in recorded.items()
        if present[name] != known
    )


def check_replay(
    golden: Sequence[str], found: Sequence[str], ids: Sequence[str], kinds: Sequence[str]
) -> None:
    """Raise `PublishError` naming the first row whose prediction is not the golden one."""
    wrong = [row for row, (old, new) in enumerate(zip(golden, found, strict=True)) if old != new]
    if wrong:
        row = wrong[0]
        raise PublishError(
            f"{len(wrong)} of {len(golden)} golden predictions differ, first that of {ids[row]} "
            f"({kinds[row]}): {float.fromhex(found[row])!r} instead of "
            f"{float.fromhex(golden[row])!r}; this is not the model that was examined."
        )


def _present(name: str) -> str:
    if name == "python":
        return platform.python_version()
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def main(arguments: Sequence[str]) -> int:
    """Examine the release in the folder that is named; return the exit code."""
    try:
        found = examine(Path(arguments[0]).absolute())
    except Exception as error:  # noqa: BLE001 (whatever goes wrong, the parent is told in a line)
        kind = "" if isinstance(error, LabError) else f"{type(error).__name__}: "
        sys.stderr.write(f"{kind}{' '.join(str(error).split())}\n")
        trouble = isinstance(error, MemoryError | OSError | RetryableError)
        return FAULT if trouble and not isinstance(error, ArtifactError) else 1
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.modules["tasks.label.functions"] = None  # type: ignore[assignment]  # importing it fails
    sys.exit(main(sys.argv[1:]))

"""What becomes of a challenger: a release and the champion's place, or a line of history."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.errors import ArtifactError, PublishError
from tasks.publish.canary import run_canary
from tasks.publish.decision import Decision
from tasks.publish.rollback import MOVES, PUBLISHED, REFUSED
from tasks.volume import atomic
from tasks.volume.releases import MANIFEST, Releases
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

DRY_RUN = "dry run"


@dataclass(frozen=True)
class File:
    """A file for the release, and the digest that its copy must have."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class Outcome:
    """What became of a challenger.

    Parameters
    ----------
    name : str
        ``published``, ``refused`` or ``dry run``.
    reasons : tuple of str
        Why it was refused.
    version : str, optional
        Its release.
    champion : str, optional
        The release that is current afterwards.
    """

    name: str
    reasons: tuple[str, ...] = ()
    version: str | None = None
    champion: str | None = None

    @property
    def published(self) -> bool:
        """Whether the challenger's release is the current one."""
        return self.name == PUBLISHED and self.version == self.champion


def dispose(
    workspace: Workspace,
    metrics: Mapping[str, Any],
    decision: Decision,
    files: Mapping[str, File],
    facts: Mapping[str, Any],
) -> Outcome:
    """Release or refuse the challenger, one run at a time; a scratch run does neither.

    Parameters
    ----------
    workspace : Workspace
    metrics : mapping
        The content of ``metrics.json``.
    decision : Decision
        What the gates said.
    files : mapping of str to File
        Everything that the release holds.
    facts : mapping
        For the release's manifest.

    Raises
    ------
    PublishError
        If the canary refuses the release.
    """
    releases, run_id = workspace.volume.releases, facts["run_id"]
    if workspace.is_scratch:
        return Outcome(DRY_RUN, tuple(decision.reasons), champion=releases.current())
    with releases.exclusive():
        version = _released_before(releases, files, run_id)
        reasons = [*decision.reasons, *_sample_reasons(releases, facts)]
        if version is None or not _is_recorded(releases, version):
            reasons += _comparison_reasons(releases, metrics, run_id)
        if reasons:
            _record_refusal(releases, run_id, reasons)
            return Outcome(REFUSED, tuple(reasons), champion=releases.current())
        version = _release(releases, version, files, facts)
        _make_champion(releases, version, run_id, decision)
        return Outcome(PUBLISHED, version=version, champion=releases.current())


def _comparison_reasons(releases: Releases, metrics: Mapping[str, Any], run_id: str) -> list[str]:
    """Refuse a challenger that was compared with another release than the present champion."""
    champion = releases.current()
    compared = (metrics.get("comparison") or {}).get("champion_version")
    if champion == compared or champion is None or releases.of_run(run_id) == champion:
        return []
    reason = (
        f"compared with {compared or 'no champion'}, while {champion} is the champion now; "
        "clear the task evaluate_slices and those after it."
    )
    return [reason]


def _sample_reasons(releases: Releases, facts: Mapping[str, Any]) -> list[str]:
    """Refuse to replace a real champion by one made from the embedded sample."""
    champion = releases.current()
    if not facts["is_sample"] or champion is None:
        return []
    try:
        real = releases.manifest(champion).get("is_sample") is not True
    except ArtifactError:
        real = True
    reason = (
        f"made from the embedded sample, while the champion {champion} is made from a real "
        "catalog; give the run a catalog (NETFLIX_TITLES_CSV)."
    )
    return [reason] if real else []


def _record_refusal(releases: Releases, run_id: str, reasons: list[str]) -> None:
    """Add a refusal to the history, unless the run's last event says the same."""
    mine = [event for event in releases.history() if event.get("run_id") == run_id]
    last = mine[-1] if mine else {}
    if (last.get("event"), last.get("reasons")) != (REFUSED, reasons):
        releases.record(REFUSED, run_id, reasons=reasons)


def _released_before(releases: Releases, files: Mapping[str, File], run_id: str) -> str | None:
    """Return the release that this run made of the same content, if it did."""
    version = releases.of_run(run_id)
    digests = {name: file.sha256 for name, file in files.items()}
    return version if version and _holds(releases, version, digests) else None


def _release(
    releases: Releases, version: str | None, files: Mapping[str, File], facts: Mapping[str, Any]
) -> str:
    """Put the release in place, or go on with the one that is there; the canary sees either."""
    run_id = facts["run_id"]
    try:
        if version is not None:
            log.info("%s holds the same content already", version)
            if not _is_recorded(releases, version):
                run_canary(releases.folder(version))
            return version
        paths = {name: file.path for name, file in files.items()}
        digests = {name: file.sha256 for name, file in files.items()}
        rest = {name: value for name, value in facts.items() if name != "run_id"}
        return releases.add(paths, run_id, rest, digests, check=run_canary)
    except PublishError as error:
        _record_refusal(releases, run_id, [str(error)])
        raise


def _holds(releases: Releases, version: str, digests: Mapping[str, str]) -> bool:
    """Return whether a release is unaltered and has just this content."""
    try:
        releases.verify(version)
    except ArtifactError as error:
        log.warning("%s is released anew: %s", version, error)
        return False
    described = releases.manifest(version)["files"]
    return {name: file["sha256"] for name, file in described.items()} == dict(digests)


def _is_recorded(releases: Releases, version: str) -> bool:
    """Return whether history says that a version was published."""
    return any(
        e.get("event") == PUBLISHED and e.get("version") == version for e in releases.history()
    )


def _make_champion(releases: Releases, version: str, run_id: str, decision: Decision) -> None:
    """Record the release, then move the pointer, each once.

    A run that is published again after another one took over stays in the shade: going back is
    a decision of its own.
    """
    moves = [e for e in releases.history() if e.get("event") in MOVES]
    if _is_recorded(releases, version):
        if moves[-1].get("version") != version:
            log.warning("%s was released before; %s has taken over", version, releases.current())
            return
    else:
        digest = atomic.sha256(releases.folder(version) / MANIFEST)
        releases.record(
            PUBLISHED,
            run_id,
            version=version,
            manifest_sha256=digest,
            gates=decision.in_short(),
            doubts=decision.doubts,
        )
    if releases.current() != version:
        releases.switch(version, run_id)

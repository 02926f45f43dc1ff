"""Stage publish: the gates decide, a release is put in place, the pointer moves last."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks import atomic
from tasks.artifacts import StageWriter
from tasks.config import PublishConfig
from tasks.errors import ArtifactError
from tasks.publish.card import model_card
from tasks.publish.chain import check_chain
from tasks.publish.decision import FAILED, NOT_JUDGED, PASSED, Decision, check_thresholds, decide
from tasks.publish.facts import gather_facts, release_files
from tasks.releases import MANIFEST, Releases
from tasks.volume import Workspace

log = logging.getLogger(__name__)

STAGE = "publish"
CARD = "model_card.md"
PUBLISHED = "published"
REFUSED = "refused"
DRY_RUN = "dry run"
ROLLED_BACK = "rolled back"


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


def publish(workspace: Workspace, config: PublishConfig) -> dict[str, Any]:
    """Publish the run's winner if every gate lets it pass; refuse it otherwise.

    A refusal is a normal end. Run again, it ends in the same state: the same content is released
    once. In a scratch run it only says what it would do.

    Parameters
    ----------
    workspace : Workspace
    config : PublishConfig

    Returns
    -------
    dict
        ``published``, ``outcome``, ``version``, ``champion``, ``is_sample``, ``reasons``,
        ``gates`` {outcome: count} and ``removed_runs``.

    Raises
    ------
    PublishError
        If the run's artifacts do not belong together.
    ArtifactError
        If one is missing or altered.
    ConfigError
        If a threshold belongs to no gate.
    """
    started = time.perf_counter()
    check_thresholds(config.thresholds)
    stages = check_chain(workspace)
    metrics = stages["evaluate_slices"].read_json("metrics.json")
    decision = decide(metrics, config.thresholds)
    facts = gather_facts(stages, decision)
    sources = release_files(stages)
    files = {name: File(s.file(name), s.used[name]) for name, s in sources.items()}
    with workspace.write(STAGE, config, inputs=stages.values()) as out:
        out.write_bytes(CARD, model_card(metrics, decision, facts).encode())
        files[CARD] = File(out.path(CARD), atomic.sha256(out.path(CARD)))
        outcome = _dispose(workspace, decision, files, facts)
        _write_decision(out, outcome, decision, facts)
    removed = _remove_old_runs(workspace, config)
    summary = _summarise(outcome, decision, facts)
    _log(summary, outcome, time.perf_counter() - started)
    return {**summary, "removed_runs": removed}


def _dispose(
    workspace: Workspace, decision: Decision, files: Mapping[str, File], facts: Mapping[str, Any]
) -> Outcome:
    """Release or refuse the challenger, one run at a time; a scratch run does neither."""
    releases = workspace.volume.releases
    if workspace.is_scratch:
        return Outcome(DRY_RUN, tuple(decision.reasons), champion=releases.current())
    with releases.exclusive():
        reasons = [*decision.reasons, *_sample_reasons(releases, facts)]
        if reasons:
            _record_refusal(releases, facts["run_id"], reasons)
            return Outcome(REFUSED, tuple(reasons), champion=releases.current())
        version = _release(releases, files, facts)
        _make_champion(releases, version, facts["run_id"])
        return Outcome(PUBLISHED, version=version, champion=releases.current())


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


def _release(releases: Releases, files: Mapping[str, File], facts: Mapping[str, Any]) -> str:
    """Put the release in place, or return the one that this run made of the same content."""
    digests = {name: file.sha256 for name, file in files.items()}
    version = releases.of_run(facts["run_id"])
    if version and _holds(releases, version, digests):
        log.info("%s holds the same content already", version)
        return version
    paths = {name: file.path for name, file in files.items()}
    rest = {name: value for name, value in facts.items() if name != "run_id"}
    return releases.add(paths, facts["run_id"], rest, digests)


def _holds(releases: Releases, version: str, digests: Mapping[str, str]) -> bool:
    """Return whether a release is unaltered and has just this content."""
    try:
        releases.verify(version)
    except ArtifactError as error:
        log.warning("%s is released anew: %s", version, error)
        return False
    described = releases.manifest(version)["files"]
    return {name: file["sha256"] for name, file in described.items()} == dict(digests)


def _make_champion(releases: Releases, version: str, run_id: str) -> None:
    """Record the release, then move the pointer, each once.

    A run that is published again after another one took over stays in the shade: going back is
    a decision of its own.
    """
    moves = [e for e in releases.history() if e.get("event") in (PUBLISHED, ROLLED_BACK)]
    if any(e["event"] == PUBLISHED and e.get("version") == version for e in moves):
        if moves[-1].get("version") != version:
            log.warning("%s was released before; %s has taken over", version, releases.current())
            return
    else:
        digest = atomic.sha256(releases.folder(version) / MANIFEST)
        releases.record(PUBLISHED, run_id, version=version, manifest_sha256=digest)
    if releases.current() != version:
        releases.switch(version, run_id)


def _write_decision(
    out: StageWriter, outcome: Outcome, decision: Decision, facts: Mapping[str, Any]
) -> None:
    out.write_json(
        "decision.json",
        {
            "outcome": outcome.name,
            "passed": decision.passed,
            "version": outcome.version,
            "champion": outcome.champion,
            "is_sample": facts["is_sample"],
            "source_run_id": facts["run_id"],
            "reasons": list(outcome.reasons),
            "gates": [verdict.to_dict() for verdict in decision.verdicts],
        },
    )


def _remove_old_runs(workspace: Workspace, config: PublishConfig) -> list[str]:
    """Remove old runs, but none that is in use; a scratch run removes nothing."""
    if workspace.is_scratch:
        return []
    protect = (workspace.run.id, workspace.source.id)
    removed = workspace.volume.remove_old_runs(config.keep_runs, protect)
    log.info("Removed %d old runs, kept the newest %d", len(removed), config.keep_runs)
    return removed


def _summarise(outcome: Outcome, decision: Decision, facts: Mapping[str, Any]) -> dict[str, Any]:
    counts = Counter(verdict.outcome for verdict in decision.verdicts)
    return {
        "published": outcome.published,
        "outcome": outcome.name,
        "version": outcome.version,
        "champion": outcome.champion,
        "is_sample": facts["is_sample"],
        "reasons": list(outcome.reasons),
        "gates": {name: counts[name] for name in (PASSED, FAILED, NOT_JUDGED)},
    }


def _log(summary: Mapping[str, Any], outcome: Outcome, seconds: float) -> None:
    if summary["is_sample"]:
        log.warning("Made from the embedded sample: the figures mean nothing")
    for reason in outcome.reasons:
        log.warning("%s: %s", outcome.name, reason)
    log.info(
        "%s %s: %s gates, champion %s, %.1f s",
        outcome.name,
        outcome.version or "",
        summary["gates"],
        outcome.champion,
        seconds,
    )

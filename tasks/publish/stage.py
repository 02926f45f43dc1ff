"""Stage publish: what was decided, and approved where asked, becomes a release."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.config import PublishConfig
from tasks.errors import ArtifactError, PublishError
from tasks.pipeline import (
    AUGMENT,
    AUGMENTED_CSV,
    BLIND_AUDIT,
    BLIND_AUDIT_PREDICTIONS,
    CARD,
    CARD_PAGE,
    DECIDE,
    DECISION,
    EVALUATE_SLICES,
    FIGURES,
    GOLDEN,
    LABEL,
    LABELED_CSV,
    METRICS,
    MODEL,
    MODEL_PICKLE,
    OUTCOME,
    PREDICTIONS,
    PUBLISH,
    SELECT,
)
from tasks.publish.approval import REJECTED, Approval
from tasks.publish.canary import run_canary
from tasks.publish.card import card_page, gather_facts, model_card, read_issues
from tasks.publish.chain import check_chain
from tasks.publish.decision import champion_reasons
from tasks.volume import atomic
from tasks.volume import releases as events
from tasks.volume.artifacts import MANIFEST, Artifacts, StageWriter
from tasks.volume.releases import PUBLISHED, REFUSED, File, Releases
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

DRY_RUN = "dry run"
RELEASED_FILES: Mapping[str, str] = {
    LABELED_CSV: LABEL,
    AUGMENTED_CSV: AUGMENT,
    MODEL: SELECT,
    MODEL_PICKLE: SELECT,
    GOLDEN: SELECT,
    PREDICTIONS: SELECT,
    BLIND_AUDIT_PREDICTIONS: BLIND_AUDIT,
}


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """All that a release is made of, and what was said about it."""

    files: Mapping[str, File]
    metrics: Mapping[str, Any]
    issues: list[dict[str, Any]]
    decision: Mapping[str, Any]
    facts: Mapping[str, Any]
    approval: Mapping[str, Any] | None

    @property
    def run_id(self) -> str:
        """The run that made it."""
        return str(self.facts["run_id"])


def publish(
    workspace: Workspace, config: PublishConfig, approval: Approval | None = None
) -> dict[str, Any]:
    """Release the run's winner if the gates let it pass and nobody rejects it.

    A refusal is a normal end. Run again, it ends in the same state: the same content is released
    once. In a scratch run it only says what it would do. Before a release gets its version, a
    canary loads it in a fresh process and replays what the model said when it was fitted.

    Parameters
    ----------
    workspace : Workspace
    config : PublishConfig
    approval : Approval, optional
        A person's answer to `tasks.publish.decision.question`; needed where the param
        ``approval`` asks for one and the gates let the winner pass.

    Returns
    -------
    dict
        ``published``, ``outcome`` (published, refused, rejected, dry run), ``version``,
        ``champion``, ``is_sample``, ``reasons``, ``approval`` and ``removed_runs``.

    Raises
    ------
    PublishError
        If the run's artifacts do not belong together, the approval is missing or of another
        winner, or the canary refuses the release; then the champion stays, and history says why.
    ProcessError
        If the canary gave no answer.
    ArtifactError
        If a file is missing or altered.
    """
    started = time.perf_counter()
    stages = check_chain(workspace, DECIDE)
    challenger = read_challenger(stages, approval)
    releases = workspace.volume.releases
    with workspace.write(PUBLISH, config, inputs=stages.values()) as out:
        if workspace.is_scratch:
            _write_documents(challenger, None, out)
            outcome = _outcome(releases, DRY_RUN, challenger.decision["reasons"])
        else:
            _check_approval(config, challenger)
            with releases.exclusive():
                outcome = release(releases, challenger, out)
        outcome |= {"is_sample": challenger.facts["is_sample"], "approval": challenger.approval}
        out.write_json(OUTCOME, outcome)
    removed = [] if workspace.is_scratch else _remove_old_runs(workspace, config)
    _report(outcome, time.perf_counter() - started)
    return {**outcome, "removed_runs": removed}


def read_challenger(stages: Mapping[str, Artifacts], approval: Approval | None) -> Challenger:
    """Collect what a release is made of.

    Raises
    ------
    PublishError
        If a file that belongs into every release was not written.
    """
    for name, stage in {**RELEASED_FILES, FIGURES: EVALUATE_SLICES}.items():
        if not any(found.startswith(name) for found in stages[stage].manifest["files"]):
            raise PublishError(
                f"Run {stages[stage].run_id} has no {name}, which every release holds; "
                f"clear the task {stage} and those after it, then publish again."
            )
    sources = {name: stages[stage] for name, stage in RELEASED_FILES.items()}
    evaluated = stages[EVALUATE_SLICES]
    sources |= {name: evaluated for name in evaluated.manifest["files"] if name != METRICS}
    return Challenger(
        files={name: File(s.file(name), s.used[name]) for name, s in sources.items()},
        metrics=evaluated.read_json(METRICS),
        issues=read_issues(evaluated),
        decision=stages[DECIDE].read_json(DECISION),
        facts=gather_facts(stages),
        approval=None if approval is None else approval.to_dict(),
    )


def _check_approval(config: PublishConfig, challenger: Challenger) -> None:
    """Refuse to go on without an answer where one is asked for, or with one about another model."""
    decision, approval = challenger.decision, challenger.approval
    if approval is None:
        if config.approval and decision["passed"]:
            raise PublishError(
                f"run {challenger.run_id} asks for approval and has none; clear the task approve "
                "and answer it, or trigger a run without approval."
            )
    elif approval["challenger_sha256"] != decision["challenger_sha256"]:
        raise PublishError(
            f"{approval['by']} answered for another model than the one that run "
            f"{challenger.run_id} has now; clear the task approve and answer it again."
        )


def release(releases: Releases, challenger: Challenger, out: StageWriter) -> dict[str, Any]:
    """Release the challenger and make it the champion, or record why not; needs the lock."""
    releases.restore_pointer(challenger.run_id)
    version = releases.of_run(challenger.run_id)
    files = _write_documents(challenger, version, out)
    if version is not None and not _holds(releases, version, files):
        version = None
    reasons = list(challenger.decision["reasons"])
    if version is None or not releases.was_published(version):
        reasons += champion_reasons(challenger.decision, releases)
    if reasons:
        return _turn_down(releases, challenger, REFUSED, list(dict.fromkeys(reasons)))
    answer = challenger.approval
    if answer is not None and answer["answer"] == REJECTED:
        said = f": {answer['comment']}" if answer["comment"] else "."
        reasons = [f"{answer['by']} rejected it{said}"]
        return _turn_down(releases, challenger, events.REJECTED, reasons)
    try:
        if version is None:
            version = releases.next_version()
            files = _write_documents(challenger, version, out)
            facts = {**challenger.facts, "gates": challenger.decision["gates"], "approval": answer}
            releases.add(version, files, facts, check=run_canary)
        elif not releases.was_published(version):
            run_canary(releases.folder(version))
    except PublishError as error:
        _turn_down(releases, challenger, REFUSED, [str(error)])
        raise
    _make_champion(releases, challenger, version)
    return _outcome(releases, PUBLISHED, version=version)


def _write_documents(
    challenger: Challenger, version: str | None, out: StageWriter
) -> dict[str, File]:
    """Write what publish adds to a release, and return everything that the release holds."""
    files = dict(challenger.files)
    figures = {name: file.path for name, file in files.items() if name.startswith(FIGURES)}
    markdown = model_card(
        challenger.metrics,
        challenger.decision,
        challenger.facts,
        figures,
        challenger.issues,
        version=version,
        approval=challenger.approval,
    )
    out.write_json(METRICS, {**challenger.metrics, "gates": challenger.decision["gates"]})
    out.write_bytes(CARD, markdown.encode())
    out.write_bytes(CARD_PAGE, card_page(markdown, figures).encode())
    paths = {name: out.path(name) for name in (METRICS, CARD, CARD_PAGE)}
    return files | {name: File(path, atomic.sha256(path)) for name, path in paths.items()}


def _holds(releases: Releases, version: str, files: Mapping[str, File]) -> bool:
    """Return whether a release is unaltered and has just this content."""
    try:
        releases.verify(version)
    except ArtifactError as error:
        log.warning("%s is released anew: %s", version, error)
        return False
    described = releases.manifest(version)["files"]
    same = {name: file["sha256"] for name, file in described.items()} == {
        name: file.sha256 for name, file in files.items()
    }
    if same:
        log.info("%s holds the same content already", version)
    return same


def _make_champion(releases: Releases, challenger: Challenger, version: str) -> None:
    """Record the release, then move the pointer, each once.

    A run published again after another one took over does not push that aside: going back is a
    decision of its own.
    """
    if not releases.was_published(version):
        gates = challenger.decision["gates"]
        releases.record(
            PUBLISHED,
            challenger.run_id,
            version=version,
            manifest_sha256=atomic.sha256(releases.folder(version) / MANIFEST),
            gates={v["gate"]: f"{v['outcome']}: {v['bound']} {v['threshold']:g}" for v in gates},
            doubts=challenger.decision["doubts"],
            approval=challenger.approval,
        )
    elif releases.moves()[-1]["version"] != version:
        log.warning("%s was released before; %s has taken over", version, releases.current())
        return
    if releases.pointer() != version:
        releases.switch(version, challenger.run_id)


def _turn_down(
    releases: Releases, challenger: Challenger, event: str, reasons: list[str]
) -> dict[str, Any]:
    """Record why the challenger is not released, unless the run's last event says the same."""
    mine = [e for e in releases.history() if e.get("run_id") == challenger.run_id]
    last = mine[-1] if mine else {}
    if (last.get("event"), last.get("reasons")) != (event, reasons):
        releases.record(event, challenger.run_id, reasons=reasons, approval=challenger.approval)
    return _outcome(releases, event, reasons)


def _outcome(
    releases: Releases, name: str, reasons: list[str] | None = None, version: str | None = None
) -> dict[str, Any]:
    """Return what became of a challenger; published means that it is the champion now."""
    champion = releases.current()
    return {
        "published": name == PUBLISHED and version == champion,
        "outcome": name,
        "version": version,
        "champion": champion,
        "reasons": reasons or [],
    }


def _remove_old_runs(workspace: Workspace, config: PublishConfig) -> list[str]:
    """Remove old runs, but none that is in use."""
    protect = (workspace.run.id, workspace.source.id)
    removed = workspace.volume.remove_old_runs(config.keep_runs, protect)
    log.info("Removed %d old runs, kept the newest %d", len(removed), config.keep_runs)
    return removed


def _report(outcome: Mapping[str, Any], seconds: float) -> None:
    """Say in plain sentences how it ended."""
    if outcome["is_sample"]:
        log.warning("Made from the embedded sample: the figures mean nothing")
    for reason in outcome["reasons"]:
        log.warning("%s: %s", outcome["outcome"].capitalize(), reason)
    champion = outcome["champion"] or "none"
    if outcome["published"]:
        log.info("%s is published and the champion now; %.1f s", champion, seconds)
    else:
        log.info("Nothing was published; the champion is %s; %.1f s", champion, seconds)

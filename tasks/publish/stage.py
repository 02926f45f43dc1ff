"""Stage publish: what was decided, and approved where asked, becomes a release."""

import logging
import time
from collections.abc import Mapping
from typing import Any

from tasks import pipeline
from tasks.config import PublishConfig
from tasks.errors import PublishError
from tasks.pipeline import DECIDE, DECISION, EVALUATE_SLICES, METRICS, OUTCOME, PUBLISH
from tasks.publish.card import read_card
from tasks.publish.chain import check_chain
from tasks.publish.release import Challenger, describe_outcome, release, write_documents
from tasks.volume.artifacts import Artifacts
from tasks.volume.releases import File
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

DRY_RUN = "dry run"
RELEASED_FILES: Mapping[str, str] = {
    pipeline.LABELED_CSV: pipeline.LABEL,
    pipeline.PROFILE: pipeline.LABEL,
    pipeline.AUGMENTED_CSV: pipeline.AUGMENT,
    pipeline.MODEL: pipeline.SELECT,
    pipeline.MODEL_PICKLE: pipeline.SELECT,
    pipeline.GOLDEN: pipeline.SELECT,
    pipeline.PREDICTIONS: pipeline.SELECT,
    pipeline.BLIND_AUDIT_PREDICTIONS: pipeline.BLIND_AUDIT,
}


def publish(
    workspace: Workspace, config: PublishConfig, approval: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Release the run's winner if the gates let it pass and nobody rejects it.

    A refusal is a normal end. Run again, it ends in the same state: the same content is released
    once. In a scratch run it only says what it would do. Before a release gets its version, a
    canary loads it in a fresh process and replays what the model said when it was fitted; if it
    refuses, the champion stays, and history says why.

    Parameters
    ----------
    approval : mapping, optional
        What a person answered: ``answer``, ``by``, ``at``, ``comment``, and the
        ``challenger_sha256`` of ``decision.json`` when the question was asked.
    """
    started = time.perf_counter()
    stages = check_chain(workspace, DECIDE)
    challenger = read_challenger(stages, approval)
    releases, decision = workspace.volume.releases, challenger.decision
    with workspace.write(PUBLISH, config, inputs=stages.values()) as out:
        if workspace.is_scratch:
            write_documents(challenger, None, out)
            outcome = describe_outcome(releases, DRY_RUN, decision["reasons"])
        else:
            _check_approval(config, challenger)
            with releases.exclusive():
                outcome = release(releases, challenger, out)
        outcome |= {
            "is_sample": decision["is_sample"],
            "unproven": bool(decision["unproven"]),
            "approval": approval,
        }
        out.write_json(OUTCOME, outcome)
    removed = []
    if not workspace.is_scratch:
        in_use = (workspace.run.id, workspace.source.id)
        removed = workspace.volume.remove_old_runs(config.keep_runs, in_use)
        log.info("Removed %d old runs, kept the newest %d", len(removed), config.keep_runs)
    if decision["is_sample"]:
        log.warning("Made from the embedded sample: the figures mean nothing")
    for reason in outcome["reasons"]:
        log.warning("%s: %s", outcome["outcome"].capitalize(), reason)
    said = "Published" if outcome["published"] else "Nothing was published"
    seconds = time.perf_counter() - started
    log.info("%s; the champion is %s; %.1f s", said, outcome["champion"] or "none", seconds)
    return {**outcome, "removed_runs": removed}


def read_challenger(
    stages: Mapping[str, Artifacts], approval: Mapping[str, Any] | None
) -> Challenger:
    """Collect what a release is made of."""
    evaluated = stages[EVALUATE_SLICES]
    sources = {name: stages[stage] for name, stage in RELEASED_FILES.items()}
    sources |= {name: evaluated for name in evaluated.manifest["files"] if name != METRICS}
    return Challenger(
        run_id=evaluated.run_id,
        files={name: File(s.file(name), s.used[name]) for name, s in sources.items()},
        known=read_card(stages),
        decision=stages[DECIDE].read_json(DECISION),
        approval=approval,
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

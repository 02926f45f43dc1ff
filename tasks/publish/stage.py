"""Stage publish: the gates decide, a release is put in place, the pointer moves last."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tasks.config import PublishConfig
from tasks.publish.card import model_card
from tasks.publish.chain import check_chain
from tasks.publish.decision import FAILED, INSUFFICIENT, PASSED, Decision, check_thresholds, decide
from tasks.publish.disposal import File, Outcome, dispose
from tasks.publish.facts import FIGURES, METRICS, gather_facts, release_files
from tasks.publish.html import html_card
from tasks.volume import atomic
from tasks.volume.artifacts import StageWriter
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

STAGE = "publish"
CARD = "model_card.md"
HTML_CARD = "model_card.html"


def publish(workspace: Workspace, config: PublishConfig) -> dict[str, Any]:
    """Publish the run's winner if every gate lets it pass; refuse it otherwise.

    A refusal is a normal end. Run again, it ends in the same state: the same content is released
    once. In a scratch run it only says what it would do. Before a release gets its version, a
    canary loads it in a fresh process and replays what the model said when it was fitted.

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
        If the run's artifacts do not belong together, or the canary refuses the release; then the
        champion stays, and history says why.
    ArtifactError
        If one is missing or altered.
    ConfigError
        If a threshold belongs to no gate.
    """
    started = time.perf_counter()
    check_thresholds(config.thresholds)
    stages = check_chain(workspace)
    metrics = stages["evaluate_slices"].read_json(METRICS)
    decision = decide(metrics, config.thresholds)
    facts = gather_facts(stages, decision)
    sources = release_files(stages)
    files = {name: File(s.file(name), s.used[name]) for name, s in sources.items()}
    with workspace.write(STAGE, config, inputs=stages.values()) as out:
        files |= _write_documents(out, metrics, decision, facts, files)
        outcome = dispose(workspace, metrics, decision, files, facts)
        _write_decision(out, outcome, decision, facts)
    removed = _remove_old_runs(workspace, config)
    summary = _summarise(outcome, decision, facts)
    _log(summary, outcome, time.perf_counter() - started)
    return {**summary, "removed_runs": removed}


def _write_documents(
    out: StageWriter,
    metrics: Mapping[str, Any],
    decision: Decision,
    facts: Mapping[str, Any],
    files: Mapping[str, File],
) -> dict[str, File]:
    """Write what publish adds to a release: metrics with the verdicts, and the model card."""
    figures = {name: file.path for name, file in files.items() if name.startswith(FIGURES)}
    markdown = model_card(metrics, decision, facts, sorted(figures))
    out.write_json(METRICS, {**metrics, "gates": facts["gates"]})
    out.write_bytes(CARD, markdown.encode())
    out.write_bytes(HTML_CARD, html_card(markdown, figures).encode())
    paths = {name: out.path(name) for name in (METRICS, CARD, HTML_CARD)}
    return {name: File(path, atomic.sha256(path)) for name, path in paths.items()}


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
        "gates": {name: counts[name] for name in (PASSED, FAILED, INSUFFICIENT)},
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

"""Stage decide: the gates judge the run's winner before anybody is asked whether to publish it."""

import logging
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tasks.config import DecideConfig
from tasks.errors import ArtifactError
from tasks.pipeline import (
    CARD,
    CARD_PAGE,
    DECIDE,
    DECISION,
    EVALUATE_SLICES,
    FIGURES,
    METRICS,
    MODEL,
    SELECT,
)
from tasks.publish.card import CARD_TEMPLATE, card_page, read_card, render
from tasks.publish.chain import check_chain
from tasks.publish.judge import FAILED, INSUFFICIENT, PASSED, judge
from tasks.volume.releases import Releases
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

ONLY_UNPROVEN = "No gate failed; the param publish_unproven would let it pass."


def decide(workspace: Workspace, config: DecideConfig) -> dict[str, Any]:
    """Judge the run's winner by every gate and write ``decision.json`` and a draft of the card.

    Returns the decision, with its gates counted by outcome.
    """
    stages = check_chain(workspace, EVALUATE_SLICES)
    known = read_card(stages)
    challenger = {
        "run_id": known["facts"]["run_id"],
        "challenger_sha256": stages[SELECT].manifest["files"][MODEL]["sha256"],
        "is_sample": known["facts"]["is_sample"],
    }
    decision = make_decision(known["metrics"], config, challenger, workspace.volume.releases)
    draft = render(CARD_TEMPLATE, decision=decision, **known)
    with workspace.write(DECIDE, config, inputs=stages.values()) as out:
        out.write_json(DECISION, decision)
        out.write_bytes(CARD_PAGE, card_page(draft, known["figures"]).encode())
    for reason in decision["reasons"]:
        log.warning("Not to be published: %s", reason)
    for doubt in decision["unproven"]:
        log.warning("Let pass unproven, by the param publish_unproven: %s", doubt)
    for doubt in decision["doubts"]:
        log.info("Let pass without enough evidence: %s", doubt)
    outcomes = [verdict["outcome"] for verdict in decision["gates"]]
    counts = {outcome: outcomes.count(outcome) for outcome in (PASSED, FAILED, INSUFFICIENT)}
    said = ", ".join(f"{n} {outcome}" for outcome, n in counts.items())
    log.info("%d gates: %s; champion: %s", len(outcomes), said, decision["champion"] or "none")
    return {**decision, "gates": counts}


def make_decision(
    metrics: Mapping[str, Any],
    config: DecideConfig,
    challenger: Mapping[str, Any],
    releases: Releases,
) -> dict[str, Any]:
    """Return the content of ``decision.json``, which begins with what `challenger` says."""
    verdicts = judge(metrics, config.thresholds, publish_unproven=config.publish_unproven)
    compared_with = metrics["comparison"].get("champion_version")
    decision = {**challenger, "champion": releases.current(), "compared_with": compared_with}
    blocking = [verdict for verdict in verdicts if verdict.blocks]
    reasons = [verdict.sentence for verdict in blocking]
    if {v.outcome for v in blocking} == {INSUFFICIENT} and not config.publish_unproven:
        reasons.append(ONLY_UNPROVEN)
    reasons += champion_reasons(decision, releases)
    doubtful = [v for v in verdicts if v.outcome == INSUFFICIENT and not v.blocks]
    return {
        **decision,
        "passed": not reasons,
        "reasons": reasons,
        "unproven": [verdict.sentence for verdict in doubtful if verdict.waived],
        "doubts": [verdict.sentence for verdict in doubtful if not verdict.waived],
        "gates": [asdict(verdict) for verdict in verdicts],
    }


def champion_reasons(decision: Mapping[str, Any], releases: Releases) -> list[str]:
    """Return what the present champion has against the challenger, beside the gates."""
    champion = releases.current()
    if champion is None:
        return []
    reasons = []
    compared = decision["compared_with"]
    if champion != compared and releases.of_run(decision["run_id"]) != champion:
        reasons.append(
            f"compared with {compared or 'no champion'}, while {champion} is the champion now; "
            f"clear the task {EVALUATE_SLICES} and those after it."
        )
    if decision["is_sample"] and not _is_sample(releases, champion):
        reasons.append(
            f"made from the embedded sample, while the champion {champion} is made from a real "
            "catalog; give the run a catalog (NETFLIX_TITLES_CSV)."
        )
    return reasons


def _is_sample(releases: Releases, version: str) -> bool:
    """Return whether a release was made from the embedded sample; a damaged one counts as real."""
    try:
        return releases.manifest(version).get("is_sample") is True
    except ArtifactError:
        return False


def question(workspace: Workspace) -> str:
    """Return what a person is asked once `decide` has judged the run's winner, as Markdown."""
    decided, evaluated = workspace.read(DECIDE), workspace.read(EVALUATE_SLICES)
    releases = workspace.volume.releases
    decision = decided.read_json(DECISION)
    champion_metrics = None
    places = {
        "The card as it would be published": decided.path / CARD_PAGE,
        "Every figure": evaluated.path / METRICS,
        "The pictures": evaluated.path / FIGURES,
    }
    if champion := decision["champion"]:
        champion_metrics = releases.read_json(champion, METRICS)
        places[f"The champion's card, {champion}"] = releases.folder(champion) / CARD
    root = workspace.volume.root
    return render(
        "question.md.jinja",
        decision=decision,
        metrics=evaluated.read_json(METRICS),
        champion_metrics=champion_metrics,
        next_version=releases.next_version(),
        places={what: path.relative_to(root).as_posix() for what, path in places.items()},
    )

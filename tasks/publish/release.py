"""A challenger becomes a release and the champion, or history says why not."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.errors import ArtifactError, PublishError
from tasks.pipeline import CARD, CARD_PAGE, METRICS
from tasks.publish.canary import run_canary
from tasks.publish.card import CARD_TEMPLATE, card_page, render
from tasks.publish.decision import champion_reasons
from tasks.volume import atomic
from tasks.volume.artifacts import MANIFEST, StageWriter
from tasks.volume.releases import PUBLISHED, REFUSED, REJECTED, File, Releases

log = logging.getLogger(__name__)

APPROVED = "approved"


@dataclass(frozen=True, kw_only=True)
class Challenger:
    """All that a release is made of, and what was said about it."""

    run_id: str
    files: Mapping[str, File]
    known: Mapping[str, Any]  # what `tasks.publish.card.read_card` read
    decision: Mapping[str, Any]
    approval: Mapping[str, Any] | None


def release(releases: Releases, challenger: Challenger, out: StageWriter) -> dict[str, Any]:
    """Release the challenger and make it the champion, or record why not; needs the lock."""
    releases.restore_pointer(challenger.run_id)
    version = releases.of_run(challenger.run_id)
    files = write_documents(challenger, version, out)
    if version is not None and not _holds(releases, version, files):
        version = None
    reasons = list(challenger.decision["reasons"])
    if version is None or not releases.was_published(version):
        reasons += champion_reasons(challenger.decision, releases)
    if reasons:
        return _turn_down(releases, challenger, REFUSED, list(dict.fromkeys(reasons)))
    answer = challenger.approval
    if answer is not None and answer["answer"] != APPROVED:
        said = f": {answer['comment']}" if answer["comment"] else "."
        reasons = [f"{answer['by']} rejected it{said}"]
        return _turn_down(releases, challenger, REJECTED, reasons)
    try:
        if version is None:
            version = releases.next_version()
            files = write_documents(challenger, version, out)
            facts = {**challenger.known["facts"], "gates": challenger.decision["gates"]}
            releases.add(version, files, {**facts, "approval": answer}, check=run_canary)
        elif not releases.was_published(version):
            run_canary(releases.folder(version))
    except PublishError as error:
        _turn_down(releases, challenger, REFUSED, [str(error)])
        raise
    _make_champion(releases, challenger, version)
    return describe_outcome(releases, PUBLISHED, version=version)


def write_documents(
    challenger: Challenger, version: str | None, out: StageWriter
) -> dict[str, File]:
    """Write what publish adds to a release, and return everything that the release holds."""
    known, decision = challenger.known, challenger.decision
    said = {"decision": decision, "version": version, "approval": challenger.approval}
    markdown = render(CARD_TEMPLATE, **known, **said)
    out.write_json(METRICS, {**known["metrics"], "gates": decision["gates"]})
    out.write_bytes(CARD, markdown.encode())
    out.write_bytes(CARD_PAGE, card_page(markdown, known["figures"]).encode())
    paths = {name: out.path(name) for name in (METRICS, CARD, CARD_PAGE)}
    written = {name: File(path, atomic.sha256(path)) for name, path in paths.items()}
    return {**challenger.files, **written}


def _holds(releases: Releases, version: str, files: Mapping[str, File]) -> bool:
    """Return whether a release is unaltered and has just this content."""
    try:
        releases.verify(version)
    except ArtifactError as error:
        log.warning("%s is released anew: %s", version, error)
        return False
    described = releases.manifest(version)["files"]
    held = {name: file["sha256"] for name, file in described.items()}
    return held == {name: file.sha256 for name, file in files.items()}


def _make_champion(releases: Releases, challenger: Challenger, version: str) -> None:
    """Record the release, then move the pointer, each once."""
    if not releases.was_published(version):
        gates = challenger.decision["gates"]
        releases.record(
            PUBLISHED,
            challenger.run_id,
            version=version,
            manifest_sha256=atomic.sha256(releases.folder(version) / MANIFEST),
            gates={v["gate"]: f"{v['outcome']}: {v['bound']} {v['threshold']:g}" for v in gates},
            unproven=challenger.decision["unproven"],
            doubts=challenger.decision["doubts"],
            approval=challenger.approval,
        )
    elif releases.moves()[-1]["version"] != version:  # going back is a decision of its own
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
    return describe_outcome(releases, event, reasons)


def describe_outcome(
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

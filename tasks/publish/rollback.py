"""Going back, or forward, to any release that is kept: canary first, history, then the pointer."""

import logging
from collections.abc import Mapping
from typing import Any

from tasks.errors import ArtifactError, PublishError
from tasks.publish.canary import run_canary
from tasks.volume.releases import Releases

log = logging.getLogger(__name__)

PUBLISHED = "published"
REFUSED = "refused"
ROLLED_BACK = "rolled back"
ROLLED_FORWARD = "rolled forward"
MOVES = (PUBLISHED, ROLLED_BACK, ROLLED_FORWARD)
PREVIOUS = "previous"


def roll_back(
    releases: Releases, version: str = PREVIOUS, *, reason: str, by: str, run_id: str
) -> dict[str, Any]:
    """Make another release the champion, older or newer.

    Run again under the same `run_id`, it ends in the same state with one line of history.

    Parameters
    ----------
    releases : Releases
    version : str
        Such as ``v0003``; ``previous`` is the newest that was published before the champion.
    reason : str
        Why; history keeps it.
    by : str
        Who; history keeps it.
    run_id : str
        What did it.

    Returns
    -------
    dict
        ``event``, ``version``, ``replaced``, ``reason`` and ``by``.

    Raises
    ------
    PublishError
        If there is no reason, no such release, it is the champion, or the canary refuses it.
    """
    why, who = " ".join(reason.split()), " ".join(by.split())
    if not why or not who:
        raise PublishError("say who rolls back and why: history has to name both.")
    with releases.exclusive():
        done = _done_before(releases, run_id)
        if done is None:
            move = _plan(releases, version.strip() or PREVIOUS)
            _check(releases, move["version"], run_id, who)
            done = {**move, "reason": why, "by": who}
            releases.record(done["event"], run_id, **{k: done[k] for k in done if k != "event"})
        if _pointer(releases) != done["version"]:
            releases.switch(done["version"], run_id)
    log.info("%(event)s: %(version)s replaces %(replaced)s, by %(by)s: %(reason)s", done)
    return done


def published_versions(releases: Releases) -> list[str]:
    """Return the releases that are kept and were published, oldest first.

    A folder that a killed publisher left before history knew of it is not among them.
    """
    published = {e.get("version") for e in releases.history() if e.get("event") == PUBLISHED}
    return [version for version in releases.versions() if version in published]


def _done_before(releases: Releases, run_id: str) -> dict[str, Any] | None:
    """Return what history says this very run did, if nobody moved the pointer since."""
    moves = [event for event in releases.history() if event.get("event") in MOVES]
    if not moves or moves[-1].get("run_id") != run_id or moves[-1]["event"] == PUBLISHED:
        return None
    return {k: moves[-1].get(k) for k in ("event", "version", "replaced", "reason", "by")}


def _plan(releases: Releases, wanted: str) -> Mapping[str, Any]:
    """Return which release replaces which, and in what direction."""
    kept, champion = published_versions(releases), _champion(releases)
    listed = ", ".join(kept) or "none yet"
    if wanted == PREVIOUS:
        older = [v for v in kept if champion is not None and _number(v) < _number(champion)]
        if not older:
            raise PublishError(
                f"there is no release before {champion or 'the first'}; the releases are {listed}."
            )
        wanted = older[-1]
    if wanted not in kept:
        raise PublishError(f"{wanted} is no published release; the releases are {listed}.")
    if wanted == champion:
        raise PublishError(f"{wanted} is the champion already; the releases are {listed}.")
    back = champion is not None and _number(wanted) < _number(champion)
    event = ROLLED_BACK if back else ROLLED_FORWARD
    return {"event": event, "version": wanted, "replaced": champion}


def _champion(releases: Releases) -> str | None:
    """Return the champion; if the pointer is lost or damaged, the last one in history."""
    if found := _pointer(releases):
        return found
    moves = [event for event in releases.history() if event.get("event") in MOVES]
    return moves[-1].get("version") if moves else None


def _pointer(releases: Releases) -> str | None:
    """Return what the pointer names; a damaged one must not stand in the way of mending it."""
    try:
        return releases.current()
    except ArtifactError as error:
        log.warning("%s", error)
        return None


def _check(releases: Releases, version: str, run_id: str, by: str) -> None:
    """Let the canary see a release; history keeps why it may not become the champion."""
    try:
        run_canary(releases.folder(version))
    except PublishError as error:
        releases.record(REFUSED, run_id, version=version, by=by, reasons=[str(error)])
        raise


def _number(version: str) -> int:
    return int(version[1:])

"""Going back, or forward, to any release that is kept: canary first, history, then the pointer."""

import logging
from typing import Any

from tasks.catalog.formats import shorten
from tasks.errors import ArtifactError, PublishError
from tasks.publish.canary import run_canary
from tasks.volume.releases import (
    PUBLISHED,
    REFUSED,
    ROLLED_BACK,
    ROLLED_FORWARD,
    Releases,
    version_number,
)

log = logging.getLogger(__name__)

PREVIOUS = "previous"


def roll_back(
    releases: Releases, version: str = PREVIOUS, *, reason: str, by: str, run_id: str
) -> dict[str, Any]:
    """Make another release the champion, older or newer: one by name, or the one before.

    Run again under the same `run_id`, it ends in the same state with one line of history.
    """
    why, who = " ".join(reason.split()), " ".join(by.split())
    if not why or not who:
        raise PublishError("say who rolls back and why: history has to name both.")
    with releases.exclusive():
        done = _done_before(releases, run_id)
        if done is None:
            done = {**_plan(releases, version.strip() or PREVIOUS), "reason": why, "by": who}
            try:
                run_canary(releases.folder(done["version"]))
            except PublishError as error:
                facts = {"version": done["version"], "by": who, "reasons": [str(error)]}
                releases.record(REFUSED, run_id, **facts)
                raise
            releases.record(done["event"], run_id, **{k: done[k] for k in done if k != "event"})
        if releases.pointer() != done["version"]:
            releases.switch(done["version"], run_id)
    log.info("%(event)s: %(version)s replaces %(replaced)s, by %(by)s: %(reason)s", done)
    return done


def _done_before(releases: Releases, run_id: str) -> dict[str, Any] | None:
    """Return what history says this very run did, if nobody moved the pointer since."""
    moves = releases.moves()
    if not moves or moves[-1].get("run_id") != run_id or moves[-1]["event"] == PUBLISHED:
        return None
    return {k: moves[-1].get(k) for k in ("event", "version", "replaced", "reason", "by")}


def _plan(releases: Releases, wanted: str) -> dict[str, Any]:
    """Return which release replaces which, and in what direction."""
    kept = [version for version in releases.versions() if releases.was_published(version)]
    try:
        champion = releases.current()
    except ArtifactError as error:  # pointer and history are lost: this is how to say which it is
        log.warning("%s", error)
        kept, champion = releases.versions(), None
    listed = shorten(", ".join(kept), 400) or "none yet"
    if wanted == PREVIOUS:
        older = [v for v in kept if champion and version_number(v) < version_number(champion)]
        if not older:
            before = champion or "the first"
            raise PublishError(f"there is no release before {before}; the releases are {listed}.")
        wanted = older[-1]
    if wanted not in kept:
        raise PublishError(f"{shorten(wanted)} is no published release; the releases are {listed}.")
    if wanted == champion:
        raise PublishError(f"{wanted} is the champion already; the releases are {listed}.")
    back = champion is not None and version_number(wanted) < version_number(champion)
    event = ROLLED_BACK if back else ROLLED_FORWARD
    return {"event": event, "version": wanted, "replaced": champion}

"""What the rules do differently than in the run before: said of each, so that a slip is seen."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tasks.catalog.formats import count
from tasks.errors import LabError
from tasks.pipeline import CATALOG, FETCH, LABEL, RULES
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

MOST_LOGGED = 5

Rules = Sequence[Mapping[str, Any]]


class PreviousRun(NamedTuple):
    """The newest other DAG run that has labels: its id, the stage's manifest and its analysis."""

    id: str
    manifest: Mapping[str, Any]
    rules: Rules


def read_previous(workspace: Workspace) -> PreviousRun | None:
    """Read the run before; None if there is none that can be read."""
    for run in workspace.volume.runs():
        if run.id != workspace.run.id and run.has([LABEL]):
            try:
                label = run.read(LABEL)
                return PreviousRun(run.id, label.manifest, label.read_json(RULES))
            except LabError as error:
                log.warning("Run %s is not compared with: %s", run.id, error)
    return None


def compare_with(previous: PreviousRun | None, fetch: Artifacts, rules: Rules) -> dict[str, Any]:
    """Compare this run's analysis, of a catalog that was read from `fetch`, with the run before.

    Returns
    -------
    dict
        ``run`` (its id; None if there is none) and ``finished_at``; ``same_catalog``; ``rules``: of
        each that votes on more or fewer titles, or is new or gone, ``name``, ``before``, ``now``
        (None where it is not), the largest difference first; and ``messages``, the same in
        sentences.
    """
    if previous is None:
        return {"run": None, "finished_at": None, "same_catalog": None, "rules": [], "messages": []}
    inputs = previous.manifest.get("inputs", {}).get(FETCH, {}).get("files", {})
    same = inputs.get(CATALOG) == fetch.used.get(CATALOG)
    changed = find_changes(previous.rules, rules)
    messages = [_say(change, previous.id) for change in changed]
    catalogs = "the same" if same else "another"
    log.info("Run %s, on %s catalog: %d rules differ", previous.id, catalogs, len(changed))
    for message in messages[:MOST_LOGGED]:
        log.info("%s", message)
    return {
        "run": previous.id,
        "finished_at": previous.manifest.get("finished_at"),
        "same_catalog": same,
        "rules": changed,
        "messages": messages,
    }


def find_changes(before: Rules, now: Rules) -> list[dict[str, Any]]:
    """Return the rules whose number of votes differs, the largest difference first."""
    earlier = {rule["name"]: int(rule["votes_cast"]) for rule in before}
    later = {rule["name"]: int(rule["votes_cast"]) for rule in now}
    changed = [
        {"name": name, "before": earlier.get(name), "now": later.get(name)}
        for name in sorted({*earlier, *later})
        if earlier.get(name) != later.get(name)
    ]
    return sorted(changed, key=lambda c: -abs((c["now"] or 0) - (c["before"] or 0)))


def _say(change: Mapping[str, Any], run_id: str) -> str:
    name, before, now = change["name"], change["before"], change["now"]
    if before is None:
        return f"{name} is new since run {run_id}: it votes on {count(now, 'title')}"
    if now is None:
        return f"{name} is gone since run {run_id}: it voted on {count(before, 'title')}"
    more = "more" if now > before else "fewer"
    difference = count(abs(now - before), "title")
    return f"{name} votes on {difference} {more} than in run {run_id} ({now:,}, was {before:,})"

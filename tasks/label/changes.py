"""What the rules do differently than in the run before: said of each, so that a slip is seen."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.catalog.formats import count
from tasks.errors import LabError
from tasks.pipeline import CATALOG, FETCH, LABEL, RULES
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

Rules = Sequence[Mapping[str, Any]]


def compare_with_previous(workspace: Workspace, fetch: Artifacts, rules: Rules) -> dict[str, Any]:
    """Compare this run's analysis with that of the newest other DAG run that has labels.

    ``run`` is None if there is none; ``rules`` is what `find_changes` gives, ``messages`` the same
    in sentences.
    """
    for run in workspace.volume.runs():
        if run.id == workspace.run.id or not run.has([LABEL]):
            continue
        try:
            label = run.read(LABEL)
            changed = find_changes(label.read_json(RULES), rules)
        except LabError as error:
            log.warning("Run %s is not compared with: %s", run.id, error)
            continue
        inputs = label.manifest.get("inputs", {}).get(FETCH, {}).get("files", {})
        return {
            "run": run.id,
            "finished_at": label.manifest.get("finished_at"),
            "same_catalog": inputs.get(CATALOG) == fetch.used.get(CATALOG),
            "rules": changed,
            "messages": [_say(change, run.id) for change in changed],
        }
    return {"run": None, "finished_at": None, "same_catalog": None, "rules": [], "messages": []}


def find_changes(before: Rules, now: Rules) -> list[dict[str, Any]]:
    """Return the rules whose number of votes differs (None: no such rule), the largest first."""
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

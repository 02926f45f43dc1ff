"""What the rules do differently than in the run before: said of each, so that a slip is seen."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.errors import LabError
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

MOST_LOGGED = 5

Rules = Sequence[Mapping[str, Any]]


def compare_with_previous(workspace: Workspace, fetch: Artifacts, rules: Rules) -> dict[str, Any]:
    """Compare the rules' votes with those of the newest other DAG run that has labels.

    Parameters
    ----------
    workspace : Workspace
    fetch : Artifacts
        Where this run's catalog was read.
    rules : sequence of mapping
        This run's analysis: ``name`` and ``votes_cast`` of every rule.

    Returns
    -------
    dict
        ``run`` (its id; None if there is none that can be read) and ``finished_at``;
        ``same_catalog``; ``rules``: of each that votes on more or fewer titles, or is new or gone,
        ``name``, ``before``, ``now`` (None where it is not), the largest difference first; and
        ``messages``, the same in sentences.
    """
    previous = _previous(workspace)
    if previous is None:
        return {"run": None, "finished_at": None, "same_catalog": None, "rules": [], "messages": []}
    manifest, run_id, earlier = previous
    inputs = manifest.get("inputs", {}).get("fetch", {}).get("files", {})
    same = inputs.get("catalog.parquet") == fetch.used.get("catalog.parquet")
    changed = find_changes(earlier, rules)
    messages = [_say(change, run_id) for change in changed]
    catalogs = "the same" if same else "another"
    log.info("Run %s, on %s catalog: %d rules differ", run_id, catalogs, len(changed))
    for message in messages[:MOST_LOGGED]:
        log.info("%s", message)
    return {
        "run": run_id,
        "finished_at": manifest.get("finished_at"),
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
        return f"{name} is new since run {run_id}: it votes on {_titles(now)}"
    if now is None:
        return f"{name} is gone since run {run_id}: it voted on {_titles(before)}"
    more = "more" if now > before else "fewer"
    difference = _titles(abs(now - before))
    return f"{name} votes on {difference} {more} than in run {run_id} ({now:,}, was {before:,})"


def _titles(n: int) -> str:
    return f"{n:,} title" + ("" if n == 1 else "s")


def _previous(workspace: Workspace) -> tuple[dict[str, Any], str, Rules] | None:
    for run in workspace.volume.runs():
        if run.id != workspace.run.id and run.has(["label"]):
            try:
                label = run.read("label")
                return label.manifest, run.id, label.read_json("rules.json")
            except LabError as error:
                log.warning("Run %s is not compared with: %s", run.id, error)
    return None

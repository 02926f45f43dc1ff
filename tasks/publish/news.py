"""What is new in a run: where nothing is, it would make the champion again."""

from collections.abc import Mapping
from typing import Any

from tasks.pipeline import CATALOG, FETCH, FETCH_REPORT, stage
from tasks.volume.answers import digest
from tasks.volume.runs import Workspace, code_digest, present_versions


def find_news(workspace: Workspace, params: Mapping[str, Any]) -> list[str]:
    """Return what is new in a run that has fetched its catalog, compared with the champion.

    This is the one place where that is decided. Whatever else comes to change what a run makes
    gets a row here, and is written into the manifest of a release by
    `tasks.publish.card.gather_facts`.
    """
    releases = workspace.volume.releases
    champion = releases.current()
    if champion is None:
        return ["there is no champion yet"]
    made = releases.manifest(champion)
    # Where the catalog was found is no news, if it is the same.
    stages = {name: made["stages"][name] for name in made["stages"] if name != FETCH}
    now = {name: stage(name.split("/")[0]).config.from_params(params) for name in stages}
    fetch = workspace.read(FETCH)
    settled = workspace.volume.answers.settled(fetch.read_table(CATALOG))
    same = {
        "catalog": made["catalog"]["sha256"] == fetch.read_json(FETCH_REPORT)["sha256"],
        "answers": made.get("answers_sha256") == digest(settled),
        "code": all(then.get("code") == code_digest() for then in stages.values()),
        "libraries": all(then["versions"] == present_versions() for then in stages.values()),
        "params": all(then["config"] == now[name].to_dict() for name, then in stages.items()),
    }
    return [what for what, is_same in same.items() if not is_same]

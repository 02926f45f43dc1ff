"""Whether a run's artifacts belong together: no publishing of a mixture of two runs of a stage."""

import logging
from collections.abc import Mapping

from tasks.errors import PublishError
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

LAST = "evaluate_slices"
MUST_HAVE_READ: Mapping[str, tuple[str, ...]] = {
    "label": ("fetch",),
    "augment": ("label",),
    "train": ("augment",),
    "select": ("augment", "train"),
    "blind_audit": ("label",),
    "evaluate_slices": ("label", "select", "blind_audit"),
}


def check_chain(workspace: Workspace) -> dict[str, Artifacts]:
    """Check everything that led to ``metrics.json`` and return it by stage, inputs first.

    Every file must have the digest that its stage recorded, and every stage must have read just
    the files that are there now. Stages that nothing was made from are left aside.

    Parameters
    ----------
    workspace : Workspace

    Returns
    -------
    dict of str to Artifacts

    Raises
    ------
    ArtifactError
        If a stage or a file is missing or altered.
    PublishError
        If a stage was made from other files than those there now, naming the task to clear.
    """
    checked: dict[str, Artifacts] = {}
    _check_stage(workspace, LAST, checked)
    log.info("%d stages of run %s belong together", len(checked), workspace.source.id)
    return checked


def _check_stage(workspace: Workspace, stage: str, checked: dict[str, Artifacts]) -> None:
    """Check a stage after the stages that it read, so that the first stale one is named."""
    artifacts = workspace.read(stage)
    manifest = artifacts.manifest
    inputs: Mapping[str, Mapping[str, Mapping[str, str]]] = manifest.get("inputs", {})
    _check_recorded(artifacts, inputs)
    for earlier in inputs:
        if earlier not in checked:
            _check_stage(workspace, earlier, checked)
    for earlier, read in inputs.items():
        _check_link(artifacts, checked[earlier], read["files"])
    for name in manifest["files"]:
        artifacts.file(name)
    checked[stage] = artifacts


def _check_recorded(artifacts: Artifacts, inputs: Mapping[str, Mapping[str, object]]) -> None:
    """Check that a manifest names what the stage reads; otherwise nothing could be compared."""
    recorded = {stage.split("/")[0] for stage, read in inputs.items() if read.get("files")}
    wanted = MUST_HAVE_READ.get(artifacts.stage.split("/")[0], ())
    if missing := [stage for stage in wanted if stage not in recorded]:
        raise PublishError(
            f"{artifacts.path}: the manifest does not say which files of {', '.join(missing)} "
            f"were read, so nobody can tell what this is made of; {_clear(artifacts.stage)}."
        )


def _check_link(artifacts: Artifacts, earlier: Artifacts, read: Mapping[str, str]) -> None:
    """Check that a stage read the very files that an earlier stage has now."""
    present = earlier.manifest["files"]
    for name, digest in read.items():
        if present.get(name, {}).get("sha256") != digest:
            raise PublishError(
                f"Run {artifacts.run_id}: {artifacts.stage} was made from another {name} than "
                f"the one that {earlier.stage} has now; {_clear(artifacts.stage)}."
            )


def _clear(stage: str) -> str:
    return f"clear the task {stage.split('/')[0]} and those after it, then publish again"

"""Whether a run's artifacts belong together: no publishing of a mixture of two runs of a stage."""

import logging
from collections.abc import Mapping
from typing import Any

from tasks.errors import PublishError
from tasks.pipeline import AUGMENTATION_AUDIT, stage
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

ADVISORY = {AUGMENTATION_AUDIT}  # no label and no model needs it


def check_chain(workspace: Workspace, last: str) -> dict[str, Artifacts]:
    """Check everything that led to a stage and return it by stage, inputs first.

    Every file must have the digest that its stage recorded, and every stage must have read just
    the files that are there now. Stages that nothing was made from are left aside.
    """
    checked: dict[str, Artifacts] = {}
    _check_stage(workspace, last, checked)
    log.info("%d stages of run %s belong together", len(checked), workspace.source.id)
    return checked


def _check_stage(workspace: Workspace, name: str, checked: dict[str, Artifacts]) -> None:
    """Check a stage after the stages that it read, so that the first stale one is named."""
    artifacts = workspace.read(name)
    manifest = artifacts.manifest
    inputs: Mapping[str, Any] = manifest.get("inputs", {})
    task = name.split("/")[0]
    advice = f"clear the task {task} and those after it, then publish again"
    recorded = {earlier.split("/")[0] for earlier, read in inputs.items() if read.get("files")}
    if missing := [s for s in stage(task).reads if s not in recorded | ADVISORY]:
        raise PublishError(
            f"{artifacts.path}: the manifest does not say which files of {', '.join(missing)} "
            f"were read, so nobody can tell what this is made of; {advice}."
        )
    for earlier in inputs:
        if earlier not in checked:
            _check_stage(workspace, earlier, checked)
    for earlier, read in inputs.items():
        present = checked[earlier].manifest["files"]
        for file, digest in read["files"].items():
            if present.get(file, {}).get("sha256") != digest:
                raise PublishError(
                    f"Run {artifacts.run_id}: {name} was made from another {file} than the one "
                    f"that {earlier} has now; {advice}."
                )
    for file in manifest["files"]:
        artifacts.file(file)
    checked[name] = artifacts

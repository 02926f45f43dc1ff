import json

import pytest

from tasks.errors import ArtifactError, PublishError
from tasks.pipeline import EVALUATE_SLICES, STAGES
from tasks.publish.chain import check_chain


def test_a_whole_run_belongs_together_inputs_first(lab):
    workspace = lab.run()
    checked = list(check_chain(workspace, EVALUATE_SLICES))
    assert {name.split("/")[0] for name in checked} == {
        stage.name for stage in STAGES if stage.name not in ("decide", "publish")
    }
    assert checked.index("label") < checked.index("augment") < checked.index("select")
    assert checked[-1] == EVALUATE_SLICES


# stage run again alone, one of its files, the task that read the earlier one
MIXTURES = [
    ("fetch", "catalog.parquet", "label"),
    ("label", "labeled.parquet", "augment"),
    ("augment", "augmented.parquet", "train"),
    ("train/logistic_regression", "cv.json", "select"),
    ("select", "candidates.json", EVALUATE_SLICES),
    ("blind_audit", "blind_audit.json", EVALUATE_SLICES),
]


def test_a_stage_run_again_alone_is_a_mixture_naming_the_task_to_clear(lab, rewrite):
    for number, (stage, file, task) in enumerate(MIXTURES):
        workspace = lab.run(f"run{number}")
        rewrite(workspace, stage, {})
        assert stage in check_chain(workspace, EVALUATE_SLICES)  # the same result is no mixture
        rewrite(workspace, stage, {file: b"another result"})
        message = (
            rf"Run run{number}: \S+ was made from another {file} than the one that {stage} has "
            r"now; clear the task \w+ and those after it"
        )
        with pytest.raises(PublishError, match=message) as found:
            check_chain(workspace, EVALUATE_SLICES)
        assert f"clear the task {task} " in str(found.value) or stage == "label", stage


def test_an_altered_file_is_refused_naming_the_stage(lab):
    for stage, file in (("fetch", "fetch.json"), ("train/logistic_regression", "cv.json")):
        workspace = lab.run(file)
        path = workspace.run.path / stage / file
        path.write_bytes(path.read_bytes() + b" ")
        with pytest.raises(ArtifactError, match=rf"{file} is missing .* clear the task {stage}"):
            check_chain(workspace, EVALUATE_SLICES)


def test_a_stage_that_does_not_say_what_it_read_is_refused(lab):
    workspace = lab.run()
    path = workspace.run.path / "select" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["inputs"]["augment"]["files"] = {}
    path.write_text(json.dumps(manifest))
    message = r"does not say which files of augment were read.* clear the task select"
    with pytest.raises(PublishError, match=message):
        check_chain(workspace, EVALUATE_SLICES)
    with pytest.raises(ArtifactError, match="Run empty has no evaluate_slices; run that stage"):
        check_chain(lab.volume.workspace("empty"), EVALUATE_SLICES)

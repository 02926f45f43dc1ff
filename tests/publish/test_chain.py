import json

import pytest

from tasks.errors import ArtifactError, PublishError
from tasks.publish.chain import check_chain


def test_a_whole_run_belongs_together_inputs_first(lab):
    checked = list(check_chain(lab.run()))
    assert set(checked) == {
        "fetch", "label", "augment", "train/logistic_regression", "train/random_forest", "select",
        "blind_audit", "evaluate_slices",
    }  # fmt: skip
    assert checked.index("label") < checked.index("augment") < checked.index("select")
    assert checked[-1] == "evaluate_slices"


@pytest.mark.parametrize(
    ("stage", "file", "task"),
    [
        ("fetch", "catalog.parquet", "label"),
        ("label", "labeled.parquet", "augment"),
        ("augment", "augmented.parquet", "train"),
        ("train/random_forest", "cv.json", "select"),
        ("select", "best_model.pkl", "evaluate_slices"),
        ("blind_audit", "blind_audit.json", "evaluate_slices"),
    ],
)
def test_a_stage_run_again_alone_is_a_mixture_naming_the_task_to_clear(
    lab, write_stage, metrics, stage, file, task
):
    workspace = lab.run()
    files = lab.files(metrics)[stage]
    write_stage(workspace, stage, files | {file: b"another result"})
    message = (
        rf"Run run1: {task}\S* was made from another {file} than the one that {stage} has now; "
        f"clear the task {task} and those after it"
    )
    with pytest.raises(PublishError, match=message):
        check_chain(workspace)


def test_the_same_result_again_is_no_mixture(lab, write_stage, metrics):
    workspace = lab.run()
    write_stage(workspace, "augment", lab.files(metrics)["augment"])
    assert "augment" in check_chain(workspace)


def test_a_file_that_is_gone_from_a_stage_run_again_is_a_mixture(lab, write_stage, metrics):
    workspace = lab.run()
    files = lab.files(metrics)["label"]
    write_stage(workspace, "label", {n: c for n, c in files.items() if n != "labeled.parquet"})
    with pytest.raises(PublishError, match=r"augment was made from another labeled\.parquet"):
        check_chain(workspace)


def test_a_candidate_that_nobody_read_is_left_aside(lab, write_stage):
    workspace = lab.run()
    write_stage(workspace, "train/old_model", {"cv.json": {"stale": True}})
    assert "train/old_model" not in check_chain(workspace)


@pytest.mark.parametrize("stage", ["fetch", "select", "train/random_forest", "evaluate_slices"])
def test_an_altered_file_is_refused_naming_the_stage(lab, stage):
    workspace = lab.run()
    path = sorted(p for p in (workspace.run.path / stage).glob("*.*") if p.stem != "manifest")[0]
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match=rf"{path.name} is missing .* clear the task {stage}"):
        check_chain(workspace)


def test_a_run_without_an_evaluation_says_so(lab):
    with pytest.raises(ArtifactError, match="Run empty has no evaluate_slices; run that stage"):
        check_chain(lab.volume.workspace("empty"))


def test_a_stage_that_does_not_say_what_it_read_is_refused(lab):
    workspace = lab.run()
    path = workspace.run.path / "select" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["inputs"]["augment"]["files"] = {}
    path.write_text(json.dumps(manifest))
    message = r"does not say which files of augment were read.* clear the task select"
    with pytest.raises(PublishError, match=message):
        check_chain(workspace)

import pandas as pd
import pytest

from tasks.config import LabelConfig
from tasks.errors import ArtifactError, VolumeError
from tasks.volume.artifacts import Artifacts, StageWriter
from tasks.volume.runs import Volume


@pytest.fixture
def workspace(tmp_path):
    return Volume(tmp_path).workspace("run1")


@pytest.fixture
def label(workspace):
    with workspace.write("label", LabelConfig()) as out:
        out.write_table("labeled.parquet", pd.DataFrame({"show_id": ["s1", "s2"]}))
        out.write_json("label.json", {"family": 1})
        out.write_bytes("raw.bin", b"raw")
    return workspace.read("label")


def test_what_was_written_is_read(label):
    assert label.read_table("labeled.parquet")["show_id"].tolist() == ["s1", "s2"]
    assert label.read_json("label.json") == {"family": 1}
    assert label.read_bytes("raw.bin") == b"raw"
    assert label.file("raw.bin").read_bytes() == b"raw"


def test_the_manifest_describes_every_file(label):
    files = label.manifest["files"]
    assert sorted(files) == ["label.json", "labeled.parquet", "raw.bin"]
    assert files["labeled.parquet"]["rows"] == 2
    assert files["raw.bin"]["bytes"] == 3
    assert "rows" not in files["raw.bin"]


def test_files_in_folders_and_files_by_a_librarys_hand_are_described_too(workspace):
    with workspace.write("evaluate_slices", LabelConfig()) as out:
        out.path("figures/roc.png").write_bytes(b"png")
        out.write_table("table.csv", pd.DataFrame({"a": [1]}))
    evaluated = workspace.read("evaluate_slices")
    assert sorted(evaluated.manifest["files"]) == ["figures/roc.png", "table.csv"]
    assert evaluated.read_bytes("figures/roc.png") == b"png"


def test_only_what_was_read_counts_as_used(label):
    assert label.used == {}
    label.read_json("label.json")
    assert label.used == {"label.json": label.manifest["files"]["label.json"]["sha256"]}


def test_a_damaged_file_is_refused_naming_the_task_to_clear(label):
    path = label.path / "labeled.parquet"
    content = path.read_bytes()
    message = "labeled.parquet is missing or was altered after stage label .*; clear the task label"
    for damaged in (content[:-1] + b"?", b"", None):
        path.unlink() if damaged is None else path.write_bytes(damaged)
        for read in (label.file, label.read_bytes, label.read_table):
            with pytest.raises(ArtifactError, match=message):
                read("labeled.parquet")
    assert label.used == {}


def test_an_unknown_file_is_refused_with_those_there_are(label):
    with pytest.raises(ArtifactError, match=r"has no x.json; it has label.json, labeled.parquet"):
        label.read_json("x.json")
    with pytest.raises(ArtifactError, match=r"has no \.\./label/raw.bin"):
        label.read_bytes("../label/raw.bin")


def test_a_manifest_that_is_none_is_refused(label):
    for content in (b"{}", b"[]", b'{"files": 1}'):
        (label.path / "manifest.json").write_bytes(content)
        with pytest.raises(ArtifactError, match=r"is not a manifest: .* clear the task label"):
            label.read_json("label.json")


def test_a_file_that_cannot_be_made_is_a_volume_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(VolumeError, match=r"figures/x.png: .*; check the path"):
        StageWriter(tmp_path / "file").path("figures/x.png")


def test_artifacts_of_an_unwritten_stage_say_what_is_missing(tmp_path):
    with pytest.raises(ArtifactError, match=r"label/manifest.json does not exist; run the stage"):
        Artifacts("run1", "label", tmp_path / "label").read_json("label.json")

import time

import pandas as pd
import pytest

from tasks.config import AugmentConfig, LabelConfig
from tasks.errors import ArtifactError
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Volume


@pytest.fixture
def workspace(tmp_path):
    return Volume(tmp_path).workspace("run1")


@pytest.fixture
def label(workspace):
    with workspace.write("label", LabelConfig()) as out:
        out.write_table("labeled.parquet", pd.DataFrame({"show_id": ["s1", "s2"]}))
        out.write_json("label.json", {"family": 1})
        out.path("figures/roc.png").write_bytes(b"png")
    return workspace.read("label")


def test_what_was_written_is_described_read_and_only_then_used(label):
    files = label.manifest["files"]
    assert {n: (f["bytes"] > 0, f.get("rows")) for n, f in files.items()} == {
        "figures/roc.png": (True, None),
        "label.json": (True, None),
        "labeled.parquet": (True, 2),
    }
    assert label.used == {}
    assert label.read_json("label.json") == {"family": 1}
    assert label.used == {"label.json": files["label.json"]["sha256"]}
    assert label.read_table("labeled.parquet")["show_id"].tolist() == ["s1", "s2"]
    assert label.file("figures/roc.png").read_bytes() == b"png"
    assert sorted(label.used) == sorted(files)


def test_the_manifest_says_what_made_a_stage_of_what_and_how_long_it_took(workspace, label):
    label.read_json("label.json")
    config = AugmentConfig(seed=7)
    time.sleep(0.05)  # what a stage computes before it writes counts too
    with workspace.write("augment", config, inputs=[label]):
        pass
    manifest = workspace.read("augment").manifest
    assert (manifest["run_id"], manifest["stage"], manifest["seed"]) == ("run1", "augment", 7)
    assert manifest["config"] == config.to_dict()
    assert manifest["inputs"] == {"label": {"run_id": "run1", "files": label.used}}
    assert set(manifest["versions"]) >= {"pandas", "scikit-learn"}
    assert 0.05 <= manifest["seconds"] < 5


def test_a_damaged_or_unknown_file_is_refused_with_what_to_do(label):
    path = label.path / "labeled.parquet"
    content = path.read_bytes()
    message = "labeled.parquet is missing or was altered after stage label .*; clear the task label"
    for damaged in (content[:-1] + b"?", b"", None):
        path.unlink() if damaged is None else path.write_bytes(damaged)
        for read in (label.file, label.read_bytes, label.read_table):
            with pytest.raises(ArtifactError, match=message):
                read("labeled.parquet")
    assert label.used == {}
    message = r"has no \.\./x.json; it has figures/roc.png, label.json, labeled.parquet"
    with pytest.raises(ArtifactError, match=message):
        label.read_json("../x.json")


def test_a_manifest_that_is_none_is_refused(label, tmp_path):
    for content in (b"{}", b"[]", b'{"files": 1}'):
        (label.path / "manifest.json").write_bytes(content)
        with pytest.raises(ArtifactError, match=r"is not a manifest: .* clear the task label"):
            label.read_json("label.json")
    with pytest.raises(ArtifactError, match=r"train/manifest.json does not exist; run the stage"):
        Artifacts("run1", "train", tmp_path / "train").read_json("label.json")

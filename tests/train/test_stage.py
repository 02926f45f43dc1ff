import pandas as pd
import pytest

from tasks.config import TrainConfig
from tasks.errors import ArtifactError, ConfigError
from tasks.train.models import MODELS
from tasks.train.stage import train
from tasks.volume.runs import Volume

CONFIG = TrainConfig(folds=3)


@pytest.mark.parametrize("name", [m.name for m in MODELS])
def test_a_candidate_leaves_its_scores(workspace, name):
    summary = train(workspace, CONFIG, name)
    written = workspace.read(f"train/{name}")
    assert written.read_json("cv.json") == summary
    scores = written.read_table("out_of_fold.parquet")
    assert summary["model"] == name
    assert summary["n_titles"] == len(scores) == 33
    assert summary["n_family"] == 11
    assert summary["n_rows"] == 33 + 2 * 11
    assert sum(summary["n_titles_of_folds"]) == 33
    assert len(summary["roc_auc"]["folds"]) == 3
    assert len(summary["rating_hidden"]["folds"]) == 3
    assert summary["roc_auc"]["mean"] > 0.9
    assert summary["feature_sets"].keys() == {"seed", "rich"}
    chosen = summary["feature_sets"][summary["features"]]
    assert chosen == {key: summary[key] for key in ("n_folds", "roc_auc", "rating_hidden")}
    assert written.manifest["inputs"]["augment"]["files"].keys() == {"augmented.parquet"}


@pytest.mark.parametrize("features", ["seed", "rich"])
def test_a_feature_set_that_is_named_does_not_compete(workspace, features):
    config = TrainConfig(folds=3, features=features)
    summary = train(workspace, config, "logistic_regression")
    assert summary["features"] == features
    assert summary["feature_sets"].keys() == {features}


@pytest.mark.parametrize("name", [m.name for m in MODELS])
def test_the_order_of_rows_changes_nothing(write_run, labeled, training, name):
    shuffled = training.sample(frac=1, random_state=3)
    tables = []
    for run_id, table in (("run1", training), ("run2", shuffled)):
        workspace = write_run(labeled, table, run_id)
        train(workspace, CONFIG, name)
        tables.append(workspace.read(f"train/{name}").read_table("out_of_fold.parquet"))
    pd.testing.assert_frame_equal(*tables)


def test_running_it_again_gives_the_same(workspace):
    digests = []
    for _ in range(2):
        train(workspace, CONFIG, "logistic_regression")
        files = workspace.read("train/logistic_regression").manifest["files"]
        digests.append(files["out_of_fold.parquet"]["sha256"])
    assert digests[0] == digests[1]


def test_an_unknown_model_is_refused(workspace):
    with pytest.raises(ConfigError, match=r"models names oracle, .* expected some of logistic_reg"):
        train(workspace, CONFIG, "oracle")


def test_it_needs_augment(tmp_path):
    with pytest.raises(ArtifactError, match="has no augment; run that stage first"):
        train(Volume(tmp_path).workspace("empty"), CONFIG, "logistic_regression")

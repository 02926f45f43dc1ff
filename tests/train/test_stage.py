import pytest

from tasks.catalog.utilities import title_text
from tasks.config import TrainConfig
from tasks.errors import ConfigError, LeakageError
from tasks.train.models import MODELS
from tasks.train.stage import train

CONFIG = TrainConfig(folds=3)


def test_every_candidate_leaves_its_scores(trained_once):
    for model in MODELS:
        written = trained_once.read(f"train/{model.name}")
        summary, scores = written.read_json("cv.json"), written.read_table("out_of_fold.parquet")
        assert (summary["model"], summary["features"]) == (model.name, "rich")
        assert (summary["n_titles"], summary["n_family"], summary["n_rows"]) == (33, 11, 55)
        assert summary["n_titles"] == len(scores) == sum(summary["n_titles_of_folds"])
        for figure in ("roc_auc", "rating_hidden"):
            assert len(summary[figure]["folds"]) == summary["n_folds"] == 3, (model.name, figure)
        assert summary["roc_auc"]["mean"] > 0.9, model.name
        assert written.manifest["inputs"]["augment"]["files"].keys() == {"augmented.parquet"}


def test_the_order_of_rows_changes_no_byte(write_run, training, trained_once):
    workspace = write_run(training=training.sample(frac=1, random_state=3))
    for model in MODELS:
        summary = train(workspace, CONFIG, model.name)
        stage = f"train/{model.name}"
        found, usual = (
            w.read(stage).manifest["files"]["out_of_fold.parquet"]["sha256"]
            for w in (workspace, trained_once)
        )
        assert found == usual, model.name
        assert summary == workspace.read(stage).read_json("cv.json")


def test_the_feature_set_is_the_one_that_is_chosen(write_run, trained_once):
    workspace = write_run()
    config = CONFIG.model_copy(update={"features": "seed"})
    assert train(workspace, config, "logistic_regression")["features"] == "seed"
    seed, rich = (
        some.read("train/logistic_regression").read_table("out_of_fold.parquet")["probability"]
        for some in (workspace, trained_once)
    )
    assert (seed != rich).any()


def test_a_test_title_in_the_training_table_stops_training(write_run, labeled, training):
    test_text = title_text(labeled[labeled["show_id"] == "s004"]).iloc[0]
    leaked = training.assign(text=training["text"].where(training["show_id"] != "s002", test_text))
    expected = r"Training row s002 has 100% of its words .* test title s004 \('Title number3'\)"
    with pytest.raises(LeakageError, match=expected):
        train(write_run(training=leaked), CONFIG, "logistic_regression")


def test_an_unknown_model_is_refused(write_run):
    with pytest.raises(ConfigError, match=r"models names oracle, .* expected some of logistic_reg"):
        train(write_run(), CONFIG, "oracle")

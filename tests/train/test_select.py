import json
import logging
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from tasks.config import TrainConfig
from tasks.errors import ArtifactError
from tasks.train.features import CatalogFeatures, build_features
from tasks.train.folds import GroupedFolds
from tasks.train.models import MODELS
from tasks.train.select import rank, select
from tasks.train.stage import train

REPO = Path(__file__).resolve().parents[2]
CONFIG = TrainConfig(folds=3)
ONE = TrainConfig(folds=3, models=("logistic_regression",))
BARE = {
    "show_id": ["x1", "x2"],
    "type": ["Movie", "Movie"],
    "title": ["A", "B"],
    "listed_in": ["Dramas", "Dramas"],
    "description": ["A puppy and the magic.", "A murder and the cartel."],
}
SCORE = """
import json, sys
import joblib, pandas as pd
titles = pd.DataFrame(json.loads(sys.argv[1]))
for path in sys.argv[2:]:
    print(json.dumps(joblib.load(path).predict_proba(titles).tolist()))
"""


@pytest.fixture
def trained(workspace):
    for model in MODELS:
        train(workspace, CONFIG, model.name)
    return workspace


def published(workspace):
    return joblib.load(workspace.read("select").file("best_model.pkl"))


def candidate(name, hidden):
    return {"model": name, "roc_auc": {"mean": 0.999}, "rating_hidden": {"mean": hidden}}


def test_the_best_candidate_wins(trained):
    summary = select(trained, CONFIG)
    written = trained.read("select").read_json("candidates.json")
    means = {c["model"]: c["rating_hidden"]["mean"] for c in written["candidates"]}
    assert (written["winner"], written["features"]) == (summary["winner"], summary["features"])
    assert summary["rating_hidden"] == means
    assert {c["model"] for c in written["candidates"]} == {m.name for m in MODELS}
    assert summary["winner"] == written["winner"] == written["candidates"][0]["model"]
    assert (summary["missing"], written["missing"]) == ([], [])


def test_equal_candidates_keep_the_rulebooks_order():
    ranked = rank([candidate("a", 0.5), candidate("b", 0.9), candidate("c", 0.9)])
    assert [found["model"] for found in ranked] == ["b", "c", "a"]


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_the_seeds_way_is_a_plain_pipeline_fitted_to_all_rows(workspace, training, labeled, model):
    seeds_way = {"features": "seed", "mask_rating": False, "soft_labels": False}
    config = TrainConfig(folds=3, models=(model.name,), **seeds_way)
    train(workspace, config, model.name)
    select(workspace, config)
    inner_folds = GroupedFolds(config.seed, training["content_group"].to_numpy())
    steps = [("features", build_features()), ("model", model.build(config.seed, inner_folds))]
    plain = Pipeline(steps).fit(training, training["label"])
    derived = CatalogFeatures().transform(labeled)
    np.testing.assert_allclose(
        published(workspace).predict_proba(labeled), plain.predict_proba(derived), atol=1e-6
    )


def test_every_test_title_is_predicted_with_its_rating_and_without(workspace, labeled):
    train(workspace, ONE, "logistic_regression")
    assert select(workspace, ONE)["n_test"] == 12
    table = workspace.read("select").read_table("predictions.parquet")
    titles = labeled[labeled["split"] == "test"].reset_index(drop=True)
    assert list(table.columns) == [
        *("show_id", "title", "label", "prediction"),
        *("probability", "probability_rating_hidden", "gold"),
    ]
    assert table["show_id"].tolist() == titles["show_id"].tolist()
    pd.testing.assert_series_equal(table["label"], titles["label"])
    assert table["label"].isna().any()
    assert (table["prediction"] == (table["probability"] >= 0.5)).all()
    rated = titles["rating"].map({"TV-Y": 1, "TV-MA": 0}).astype("Int8").rename("gold")
    pd.testing.assert_series_equal(table["gold"], rated)

    model = published(workspace)
    np.testing.assert_allclose(table["probability"], model.predict_proba(titles)[:, 1])
    hidden = model.predict_proba(titles.drop(columns="rating"))[:, 1]
    np.testing.assert_allclose(table["probability_rating_hidden"], hidden)
    assert (table["probability"] != table["probability_rating_hidden"]).any()


def test_the_csv_says_the_same_as_the_table(workspace):
    train(workspace, ONE, "logistic_regression")
    select(workspace, ONE)
    written = workspace.read("select")
    table = written.read_table("predictions.parquet")
    csv = pd.read_csv(written.file("predictions_test.csv"), dtype={"label": "Int8", "gold": "Int8"})
    pd.testing.assert_frame_equal(csv, table, check_dtype=False)


def test_the_pickles_work_in_a_fresh_process_on_a_bare_catalog(trained, tmp_path):
    paths = [tmp_path / f"{model.name}.pkl" for model in MODELS]
    for model, path in zip(MODELS, paths, strict=True):
        select(trained, TrainConfig(folds=3, models=(model.name,)))
        path.write_bytes(trained.read("select").read_bytes("best_model.pkl"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCORE, json.dumps(BARE), *map(str, paths)],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expected = [joblib.load(path).predict_proba(pd.DataFrame(BARE)).tolist() for path in paths]
    assert found == expected


def test_the_pickle_holds_no_training_text_counts_or_groups(trained):
    config = TrainConfig(folds=3, models=("calibrated_linear_svc",))
    select(trained, config)
    model = published(trained)
    assert model["features"].named_transformers_["text"].counts is None
    assert model["model"].cv.groups is None
    assert b"s001~swap~1" not in pickle.dumps(model)


def test_the_order_of_rows_changes_nothing(write_run, labeled, training):
    tables = []
    for run_id, seed in (("run1", 1), ("run2", 2)):
        shuffle = {"frac": 1, "random_state": seed}
        workspace = write_run(labeled.sample(**shuffle), training.sample(**shuffle), run_id)
        train(workspace, ONE, "logistic_regression")
        select(workspace, ONE)
        tables.append(workspace.read("select").manifest["files"]["predictions.parquet"])
    assert tables[0] == tables[1]


def test_no_test_titles_give_empty_predictions(write_run, labeled):
    workspace = write_run(labeled[labeled["split"] == "train"])
    train(workspace, ONE, "logistic_regression")
    assert select(workspace, ONE)["n_test"] == 0
    assert workspace.read("select").read_table("predictions.parquet").empty


def test_a_chosen_candidate_that_was_not_trained_is_named(workspace, caplog):
    train(workspace, CONFIG, "logistic_regression")
    config = TrainConfig(folds=3, models=("logistic_regression", "random_forest"))
    with caplog.at_level(logging.WARNING):
        summary = select(workspace, config)
    assert (summary["winner"], summary["missing"]) == ("logistic_regression", ["random_forest"])
    assert "Chosen but not trained, so not compared: random_forest" in caplog.text


def test_a_candidate_that_was_not_chosen_does_not_compete(trained):
    assert select(trained, ONE)["roc_auc"].keys() == {"logistic_regression"}


def test_no_trained_candidate_is_an_error(workspace):
    with pytest.raises(ArtifactError, match="has none of train/logistic_regression; run the task"):
        select(workspace, ONE)


def test_a_candidate_of_an_earlier_training_table_is_refused(write_run, labeled, training):
    train(write_run(labeled, training), ONE, "logistic_regression")
    workspace = write_run(labeled, training[:-1])
    with pytest.raises(ArtifactError, match="train/logistic_regression was made from an earlier"):
        select(workspace, ONE)

import json
import logging
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import pandas as pd
import pytest

from tasks.config import TrainConfig
from tasks.errors import ArtifactError
from tasks.train.models import MODELS
from tasks.train.prepared import prepare
from tasks.train.select import refit, score_test_titles, select
from tasks.train.stage import train
from tasks.volume.atomic import from_csv

REPO = Path(__file__).resolve().parents[2]
ONE = TrainConfig(folds=3, models=("logistic_regression",))
TYPES = {"label": "Int8", "prediction": "int8", "gold": "Int8"} | dict.fromkeys(
    ("probability", "probability_rating_hidden"), "float64"
)
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


def test_the_best_candidate_wins(trained):
    summary = select(trained, TrainConfig(folds=3))
    written = trained.read("select").read_json("candidates.json")
    ranked = {c["model"]: c["rating_hidden"]["mean"] for c in written["candidates"]}
    assert summary["rating_hidden"] == ranked
    assert ranked.keys() == {m.name for m in MODELS}
    assert summary["winner"] == written["winner"] == next(iter(ranked))
    assert summary["features"] == written["features"] == "rich"
    assert summary["missing"] == written["missing"] == []


def test_every_test_title_is_predicted_with_and_without_its_rating(trained, labeled):
    assert select(trained, ONE)["roc_auc"].keys() == {"logistic_regression"}
    written = trained.read("select")
    table = from_csv(written.read_bytes("predictions_test.csv"), TYPES)
    model = joblib.load(written.file("best_model.pkl"))
    titles = labeled[labeled["split"] == "test"].reset_index(drop=True)
    assert list(table.columns) == [
        *("show_id", "title", "label", "prediction"),
        *("probability", "probability_rating_hidden", "gold"),
    ]
    for column in ("show_id", "title", "label"):
        pd.testing.assert_series_equal(table[column], titles[column])
    assert table["label"].isna().any()
    assert (table["prediction"] == (table["probability"] >= ONE.threshold)).all()
    gold = titles["rating"].map({"TV-Y": 1, "TV-MA": 0}).astype("Int8").rename("gold")
    pd.testing.assert_series_equal(table["gold"], gold)
    hidden = titles.drop(columns="rating")
    assert table["probability"].tolist() == model.predict_proba(titles)[:, 1].tolist()
    assert table["probability_rating_hidden"].tolist() == model.predict_proba(hidden)[:, 1].tolist()
    assert (table["probability"] != table["probability_rating_hidden"]).any()
    voted = model["catalog"].transform(titles)[["votes", "rating_votes"]]
    pd.testing.assert_frame_equal(voted, titles[["votes", "rating_votes"]])


def test_no_test_titles_give_empty_predictions(training, labeled):
    published = refit("logistic_regression", prepare(training, "rich"), (), ONE)
    scored = score_test_titles(published, labeled[:0], 0.5)
    assert scored.empty


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


def test_a_pickle_holds_no_training_text_or_groups(training):
    groups = training["content_group"] + " is secret"
    prepared = prepare(training.assign(content_group=groups), "rich")
    pickled = pickle.dumps(refit("calibrated_linear_svc", prepared, (), ONE))
    model = pickle.loads(pickled)
    assert model["model"].cv.groups is None
    assert b"s001~swap~1" not in pickled
    assert b"is secret" not in pickled


def test_a_chosen_candidate_that_was_not_trained_is_named(write_run, caplog):
    workspace = write_run()
    with pytest.raises(ArtifactError, match="has none of train/logistic_regression; run the task"):
        select(workspace, ONE)
    train(workspace, ONE, "logistic_regression")
    config = TrainConfig(folds=3, models=("logistic_regression", "random_forest"))
    with caplog.at_level(logging.WARNING):
        summary = select(workspace, config)
    assert (summary["winner"], summary["missing"]) == ("logistic_regression", ["random_forest"])
    assert "Chosen but not trained, so not compared: random_forest" in caplog.text


def test_a_candidate_of_an_earlier_training_table_is_refused(write_run, training):
    train(write_run(), ONE, "logistic_regression")
    workspace = write_run(training=training[:-1])
    with pytest.raises(ArtifactError, match="train/logistic_regression was made from an earlier"):
        select(workspace, ONE)

"""A run that may be published: every stage's artifacts, small, written by the real workspace."""

import copy
import io
import json

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.config import StageConfig
from tasks.errors import LabError, PublishError
from tasks.publish import disposal, rollback
from tasks.publish.canary import examine
from tasks.train.features import CatalogFeatures, build_features
from tasks.volume.golden import record_golden
from tasks.volume.model_file import to_skops
from tasks.volume.runs import Volume

READS = {
    "label": ("fetch",),
    "augment": ("label",),
    "train/logistic_regression": ("augment",),
    "train/random_forest": ("augment",),
    "select": ("label", "augment", "train/logistic_regression", "train/random_forest"),
    "blind_audit": ("label",),
    "evaluate_slices": ("fetch", "label", "augment", "select", "blind_audit"),
}


def small_catalog(n=12):
    """Titles that no catalog has."""
    ratings = ["TV-Y", "TV-MA", "PG", "R", None, "TV-14"]
    rows = [
        {
            "show_id": f"s{number}",
            "type": "TV Show" if number % 3 else "Movie",
            "title": f"The Quiet Harbour {number}",
            "director": "Cy Moss" if number % 4 else None,
            "cast": "Ada Reed, Bo Lind",
            "country": "Norway",
            "date_added": "March 1, 2021",
            "release_year": 2000 + number,
            "rating": ratings[number % len(ratings)],
            "duration": "2 Seasons" if number % 3 else f"{80 + number} min",
            "listed_in": "Children & Family Movies" if number % 2 else "Dramas",
            "description": f"A lighthouse keeper counts ship number {number} and finds a friend.",
        }
        for number in range(n)
    ]
    table = pd.DataFrame(rows, columns=list(CATALOG_COLUMNS))
    text = {name: "str" for name in CATALOG_COLUMNS if name != "release_year"}
    return table.astype(text | {"release_year": "Int64"})


def small_model(classifier=None, catalog=None):
    """A published pipeline: the real features, little to learn from."""
    catalog = small_catalog() if catalog is None else catalog
    steps = [("catalog", CatalogFeatures()), ("features", build_features())]
    classifier = LogisticRegression() if classifier is None else classifier
    labels = np.arange(len(catalog)) % 2
    return Pipeline([*steps, ("model", classifier)]).fit(catalog, labels)


def to_pickle(model):
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def model_files(model):
    golden = record_golden(model, small_catalog())
    return {
        "best_model.pkl": to_pickle(model),
        "best_model.skops": to_skops(model),
        "golden.json": json.loads(json.dumps(golden)),
    }


MODEL_FILES = model_files(small_model())


@pytest.fixture(scope="session")
def titles():
    """Make a catalog of some titles."""
    return small_catalog


@pytest.fixture(scope="session")
def fitted():
    """Fit a published pipeline to a catalog."""
    return small_model


@pytest.fixture
def in_this_process(monkeypatch):
    """Let the canary do its work here and not in a fresh process, which takes seconds."""

    def examine_here(folder):
        try:
            examine(folder)
        except LabError as error:
            raise PublishError(f"the canary refused the release: {error}") from error

    monkeypatch.setattr(disposal, "run_canary", examine_here)
    monkeypatch.setattr(rollback, "run_canary", examine_here)


def figures(n, roc_auc, **more):
    return {
        "n": n,
        "n_family": n // 3,
        "status": "ok",
        "accuracy": 0.98,
        "precision": 0.96,
        "recall": 0.94,
        "f1": 0.95,
        "roc_auc": roc_auc,
        "average_precision": roc_auc,
        "confusion_matrix": {"tn": 1, "fp": 0, "fn": 0, "tp": 1},
        "intervals": {
            "accuracy": [0.97, 0.99],
            "precision": [0.95, 0.97],
            "recall": [0.92, 0.96],
            "roc_auc": [roc_auc - 0.02, roc_auc + 0.001],
        },
        **more,
    }


def better_by(difference, spread=0.005):
    """A comparison with the champion, by how much and how surely the challenger is better."""
    return {
        "n": 1690,
        "status": "ok",
        "challenger": 0.64,
        "champion": 0.64 - difference,
        "difference": difference,
        "intervals": {"difference": [difference - spread, difference + spread]},
        "outcome": "better",
    }


METRICS = {
    "seed_protocol": {
        "model": "logistic_regression",
        "n": 1712,
        "cv_roc_auc": {"mean": 0.9985, "std": 0.0004, "folds": [0.998, 0.999], "n": 6800},
        "test": figures(1712, 0.999),
        "slices": {
            "short_movies": figures(400, 0.997, share=0.23, description="Movies under 90 minutes."),
            "long_tv_shows": figures(25, 0.999, share=0.01, description="3 seasons or more.")
            | {"accuracy": 0.5},
            "horror": figures(0, 0.5, share=0.0)
            | {"accuracy": None, "roc_auc": None, "status": "no titles", "intervals": {}},
        },
        "slice_average_accuracy": 0.97,
        "slices_averaged": 2,
    },
    "rating_hidden": figures(1690, 0.89, slices={"short_movies": figures(390, 0.7)})
    | {"rating_visible": figures(1690, 0.9995)},
    "blind_audit": figures(1690, 0.83),
    "labels": {
        "n": 8807,
        "voted": 8000,
        "tie": 300,
        "no_votes": 507,
        "family": 3000,
        "not_family": 5000,
        "coverage": 0.908,
        "rules": [
            {
                "name": "kids_genre",
                "polarity": "family",
                "coverage": 0.12,
                "conflicts": 0.01,
                "accuracy": 0.9,
                "intervals": {"accuracy": [0.88, 0.92]},
            },
            {
                "name": "rating_family",
                "polarity": "family",
                "coverage": 0.3,
                "conflicts": 0.02,
                "accuracy": None,
                "intervals": {"accuracy": None},
            },
        ],
    },
    "leakage": {
        "n": 8807,
        "twins_across_split": 0,
        "augmented_in_test": 0,
        "test_titles_in_training": 0,
        "test_texts_in_training": 0,
    },
    "candidates": [
        {"model": "logistic_regression", "roc_auc": {"mean": 0.9985, "std": 0.0004}},
        {"model": "random_forest", "roc_auc": {"mean": 0.997, "std": 0.001}},
    ],
    "comparison": {"status": "no champion yet"},
}


@pytest.fixture
def metrics():
    return copy.deepcopy(METRICS)


def _write_stage(workspace, stage, files, seed=7):
    """Write one stage that has read every file of the stages before it."""
    inputs = [workspace.read(earlier) for earlier in READS.get(stage, ())]
    for artifacts in inputs:
        for name in artifacts.manifest["files"]:
            artifacts.file(name)
    with workspace.write(stage, StageConfig(seed=seed), inputs=inputs) as out:
        for name, content in files.items():
            if isinstance(content, bytes):
                out.write_bytes(name, content)
            else:
                out.write_json(name, content)


class Lab:
    """A volume to publish from."""

    def __init__(self, root):
        self.volume = Volume(root)
        self.releases = self.volume.releases

    def files(self, metrics, is_sample=False):
        fetched = {
            "source": "/data/netflix_titles.csv",
            "kind": "environment",
            "is_sample": is_sample,
            "sha256": "ab" * 32,
            "bytes": 3_400_000,
            "encoding": "utf-8",
            "rows": 8807,
            "quarantined": 0,
            "repaired": 3,
        }
        return {
            "fetch": {"catalog.parquet": b"catalog", "fetch.json": fetched},
            "label": {"labeled.parquet": b"labels", "netflix_labeled_family.csv": b"show_id\n"},
            "augment": {"augmented.parquet": b"rows", "netflix_augmented.csv": b"show_id,text\n"},
            "train/logistic_regression": {"cv.json": {"model": "logistic_regression"}},
            "train/random_forest": {"cv.json": {"model": "random_forest"}},
            "select": {
                **MODEL_FILES,
                "predictions_test.csv": b"show_id,label\n",
                "candidates.json": {"winner": "logistic_regression"},
            },
            "blind_audit": {
                "blind_audit.json": {"n": 1690},
                "blind_audit_predictions.csv": b"show_id,gold,probability\n",
            },
            "evaluate_slices": {
                "metrics.json": metrics,
                "figures/roc_curves.png": b"png",
                "figures/slices.png": b"png too",
            },
        }

    def run(self, run_id="run1", metrics=METRICS, is_sample=False):
        """Write a whole run up to evaluate_slices."""
        workspace = self.volume.workspace(run_id)
        champion = self.releases.current()
        compared = metrics["comparison"]
        if champion and "champion_version" not in compared:
            compared = {"champion_version": champion, **better_by(0.01)}
        metrics = {**metrics, "comparison": compared}
        for stage, files in self.files(metrics, is_sample).items():
            _write_stage(workspace, stage, files)
        return workspace


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path / "data")


@pytest.fixture
def write_stage():
    """Write one stage of a run again."""
    return _write_stage

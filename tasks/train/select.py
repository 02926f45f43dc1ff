"""The stage select: the best candidate, refitted on all training rows and written down."""

import io
import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import FAMILY, NOT_FAMILY, TEST
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import gold_labels
from tasks.config import TrainConfig
from tasks.errors import ArtifactError
from tasks.train.competition import rank_by_evidence
from tasks.train.cross_validation import family_probability, fit_candidate
from tasks.train.features import CatalogFeatures
from tasks.train.model import Model
from tasks.train.models import MODELS
from tasks.train.sample import Recipe
from tasks.train.table import is_made_from, read_or_count_terms, read_training_table
from tasks.volume.artifacts import Artifacts
from tasks.volume.golden import record_golden
from tasks.volume.model_file import to_skops
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

THRESHOLD = 0.5
COMPRESSION = 3


def select(workspace: Workspace, config: TrainConfig) -> dict[str, Any]:
    """Pick the candidate that is best by cross-validation, refit it, score the test titles.

    The rule is `tasks.train.competition.rank_by_evidence`: of the candidates that are as good as
    the best with the rating visible, the best with the rating hidden.

    Parameters
    ----------
    workspace : Workspace
        Has the stages ``label``, ``augment`` and ``train/<model>``.
    config : TrainConfig
        Models, masking, soft labels, withheld columns, seed.

    Returns
    -------
    dict
        The winner, its feature set, the ROC-AUC of each candidate with the rating visible and
        hidden, how many titles were scored.

    Raises
    ------
    ArtifactError
        If no chosen candidate was trained, or one was trained on another training table.
    """
    started = time.perf_counter()
    label, augment = workspace.read("label"), workspace.read("augment")
    chosen = choose(MODELS, config.models, "models")
    trained, missing = trained_candidates(workspace, chosen)
    check_same_table(trained, augment)
    candidates = rank([artifacts.read_json("cv.json") for artifacts in trained])
    (winner,) = choose(MODELS, [candidates[0]["model"]], "models")

    table = read_training_table(augment, label)
    counts = read_or_count_terms(workspace, config, augment, table["text"])
    features = candidates[0]["features"]
    recipe = Recipe(features, config.mask_rating, config.soft_labels)
    with workspace.write("select", config, inputs=[label, augment, *trained]) as out:
        fitted = fit_candidate(
            winner,
            table,
            seed=config.seed,
            withhold=config.withhold,
            counts=counts,
            recipe=recipe,
        )
        published = Pipeline([("catalog", CatalogFeatures()), *fitted.steps])
        labeled = label.read_table("labeled.parquet")
        predictions = score_test_titles(published, labeled)
        out.write_bytes("best_model.pkl", to_pickle(published))
        out.write_bytes("best_model.skops", to_skops(published))
        out.write_json("golden.json", record_golden(published, test_titles(labeled)))
        out.write_table("predictions_test.csv", predictions)
        out.write_table("predictions.parquet", predictions)
        out.write_table("rating_hidden_predictions.csv", hidden_predictions(predictions))
        out.write_json(
            "candidates.json",
            {
                "winner": winner.name,
                "features": features,
                "missing": missing,
                "candidates": candidates,
            },
        )
    log.info(
        "%s with %s features wins; refitted on %d rows, %d test titles scored, in %.1f s",
        *(winner.name, features, len(table), len(predictions), time.perf_counter() - started),
    )
    return {
        "winner": winner.name,
        "features": features,
        "roc_auc": {found["model"]: found["roc_auc"]["mean"] for found in candidates},
        "rating_hidden": {found["model"]: found["rating_hidden"]["mean"] for found in candidates},
        "missing": missing,
        "n_test": len(predictions),
    }


def trained_candidates(
    workspace: Workspace, chosen: Sequence[Model]
) -> tuple[list[Artifacts], list[str]]:
    """Return the artifacts of the chosen candidates that were trained, and the others' names.

    Raises
    ------
    ArtifactError
        If none was.
    """
    stages = {model.name: f"train/{model.name}" for model in chosen}
    present = set(workspace.source.stages())
    missing = [name for name, stage in stages.items() if stage not in present]
    if len(missing) == len(stages):
        raise ArtifactError(
            f"Run {workspace.source.id} has none of {', '.join(stages.values())}; "
            "run the task train for at least one of the chosen models first."
        )
    if missing:
        log.warning(
            "Chosen but not trained, so not compared: %s. Look at the log of their task train.",
            ", ".join(missing),
        )
    return [workspace.read(stage) for stage in stages.values() if stage in present], missing


def check_same_table(trained: Sequence[Artifacts], augment: Artifacts) -> None:
    """Raise `ArtifactError` if a candidate was trained on another training table."""
    if stale := [found.stage for found in trained if not is_made_from(found, augment)]:
        raise ArtifactError(
            f"Run {augment.run_id}: {', '.join(stale)} was made from an earlier training table, "
            "not from the present one of stage augment; clear the task train to make it again."
        )


def rank(candidates: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the candidates, the best first; equal ones stay in the rulebook's order."""
    by_name = {found["model"]: dict(found) for found in candidates}
    return [by_name[name] for name in rank_by_evidence(by_name)]


def score_test_titles(published: Pipeline, labeled: pd.DataFrame) -> pd.DataFrame:
    """Predict every test title, labelled or not, with its rating and with its rating hidden.

    Returns
    -------
    DataFrame, shape (n_test_titles, 7)
        ``show_id``, ``title``, ``label`` and ``gold`` (Int8, may be ``<NA>``), ``prediction``,
        ``probability`` and ``probability_rating_hidden`` of family; sorted by ``show_id``.
    """
    titles = test_titles(labeled)
    hidden = titles.assign(rating=pd.Series(None, index=titles.index, dtype="str"))
    probability = family_probability(published, titles)
    prediction = np.where(probability >= THRESHOLD, FAMILY, NOT_FAMILY).astype("int8")
    return titles[["show_id", "title", "label"]].assign(
        prediction=prediction,
        probability=probability,
        probability_rating_hidden=family_probability(published, hidden),
        gold=gold_labels(titles["rating"]),
    )


def test_titles(labeled: pd.DataFrame) -> pd.DataFrame:
    """Return the titles of the test split, sorted by ``show_id``."""
    in_test = (labeled["split"] == TEST).fillna(False).astype(bool)
    return labeled[in_test].sort_values("show_id", ignore_index=True)


def hidden_predictions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return ``show_id``, ``gold`` and the rating-hidden ``probability`` of titles with gold."""
    judged = predictions[predictions["gold"].notna()]
    columns = {"show_id": "show_id", "gold": "gold", "probability_rating_hidden": "probability"}
    return judged[list(columns)].rename(columns=columns)


def to_pickle(published: Pipeline) -> bytes:
    """Serialise a fitted pipeline; `joblib.load` reads it where `tasks` can be imported."""
    buffer = io.BytesIO()
    joblib.dump(published, buffer, compress=COMPRESSION)
    return buffer.getvalue()

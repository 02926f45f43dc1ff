"""The stage select: the best candidate, refitted on all training rows and written down."""

import io
import logging
import time
from collections.abc import Sequence
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import FAMILY, NOT_FAMILY, TEST
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import known_gold
from tasks.config import TrainConfig
from tasks.errors import ArtifactError
from tasks.label.rule import LabelingFunction, rules_from_json
from tasks.pipeline import (
    ANSWERS,
    AUGMENT,
    AUGMENTED,
    CANDIDATES,
    CROSS_VALIDATION,
    GOLDEN,
    LABEL,
    LABELED,
    MODEL,
    MODEL_PICKLE,
    PREDICTIONS,
    RULEBOOK,
    SELECT,
    TRAIN,
)
from tasks.train.cross_validation import (
    family_probability,
    rank_by_evidence,
    recipe_of,
)
from tasks.train.features import CatalogFeatures
from tasks.train.model import Model
from tasks.train.models import MODELS
from tasks.train.prepared import Prepared, read_prepared
from tasks.train.recipe import hide_rating
from tasks.volume.artifacts import Artifacts
from tasks.volume.golden import record_golden
from tasks.volume.model_file import to_skops
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

COMPRESSION = 3


def select(workspace: Workspace, config: TrainConfig) -> dict[str, Any]:
    """Pick the best candidate by cross-validation, refit it, score the test titles.

    The rule is `tasks.train.cross_validation.rank_by_evidence`: of the candidates that are as good
    as the best with the rating visible, the best with the rating hidden.
    """
    started = time.perf_counter()
    label, augment = workspace.read(LABEL), workspace.read(AUGMENT)
    trained, missing = read_candidates(workspace, choose(MODELS, config.models, "models"), augment)
    candidates = rank_by_evidence([found.read_json(CROSS_VALIDATION) for found in trained])
    prepared = read_prepared(augment, label, config.features)
    titles = label.read_table(LABELED).sort_values("show_id")
    test = titles[titles["split"] == TEST].reset_index(drop=True)

    rules = rules_from_json(label.read_bytes(RULEBOOK).decode())
    published = refit(candidates[0]["model"], prepared, rules, config)
    predictions = score_test_titles(published, test, config.threshold, label.read_table(ANSWERS))
    winner = {"winner": candidates[0]["model"], "features": config.features, "missing": missing}
    decision = {"false_alarm_cost": config.false_alarm_cost, "threshold": config.threshold}

    with workspace.write(SELECT, config, inputs=[label, augment, *trained]) as out:
        out.write_bytes(MODEL_PICKLE, to_pickle(published))
        out.write_bytes(MODEL, to_skops(published))
        out.write_json(GOLDEN, record_golden(published, test))
        out.write_table(PREDICTIONS, predictions)
        out.write_json(CANDIDATES, {**winner, **decision, "candidates": candidates})
    log.info(
        "%s wins; refitted on %d rows, %d test titles scored, in %.1f s",
        *(winner["winner"], len(prepared.rows), len(test), time.perf_counter() - started),
    )
    return {
        **winner,
        "roc_auc": {found["model"]: found["roc_auc"]["mean"] for found in candidates},
        "rating_hidden": {found["model"]: found["rating_hidden"]["mean"] for found in candidates},
        "n_test": len(test),
    }


def read_candidates(
    workspace: Workspace, chosen: Sequence[Model], augment: Artifacts
) -> tuple[list[Artifacts], list[str]]:
    """Return the artifacts of the chosen candidates that were trained, and the others' names."""
    stages = {model.name: f"{TRAIN}/{model.name}" for model in chosen}
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
    trained = [workspace.read(stage) for stage in stages.values() if stage in present]
    table = augment.manifest["files"][AUGMENTED]["sha256"]
    inputs = {found.stage: found.manifest["inputs"][AUGMENT]["files"] for found in trained}
    if stale := [stage for stage, files in inputs.items() if files[AUGMENTED] != table]:
        raise ArtifactError(
            f"Run {augment.run_id}: {', '.join(stale)} was made from an earlier training table, "
            "not from the present one of stage augment; clear the task train to make it again."
        )
    return trained, missing


def refit(
    winner: str, prepared: Prepared, rules: Sequence[LabelingFunction], config: TrainConfig
) -> Pipeline:
    """Fit a candidate to the whole training table; the pipeline takes a raw catalog.

    The rules, whose votes are in the table, go into the pipeline and vote there.
    """
    (model,) = choose(MODELS, [winner], "models")
    fitted = prepared.fit_all(model, recipe_of(config), config.seed)
    return Pipeline([("catalog", CatalogFeatures(rules)), *fitted.steps])


def score_test_titles(
    published: Pipeline,
    titles: pd.DataFrame,
    threshold: float,
    answers: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Predict every test title, labelled or not, with its rating and with its rating hidden."""
    probability = family_probability(published, titles)
    return titles[["show_id", "title", "label"]].assign(
        prediction=np.where(probability >= threshold, FAMILY, NOT_FAMILY).astype("int8"),
        probability=probability,
        probability_rating_hidden=family_probability(published, hide_rating(titles)),
        gold=known_gold(titles, answers),
    )


def to_pickle(published: Pipeline) -> bytes:
    """Serialise a fitted pipeline; `joblib.load` reads it where `tasks` can be imported."""
    buffer = io.BytesIO()
    joblib.dump(published, buffer, compress=COMPRESSION)
    return buffer.getvalue()

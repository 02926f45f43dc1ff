"""The stage train: one candidate, cross-validated."""

import logging
import time
from typing import Any

import pandas as pd

from tasks.catalog.rulebook import choose
from tasks.config import TrainConfig
from tasks.pipeline import AUGMENT, CROSS_VALIDATION, LABEL, OUT_OF_FOLD, TRAIN
from tasks.train.cross_validation import cross_validate, describe_scores, recipe_of
from tasks.train.models import MODELS
from tasks.train.prepared import Prepared, read_prepared
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)


def train(workspace: Workspace, config: TrainConfig, model: str) -> dict[str, Any]:
    """Cross-validate the candidate called `model`; return the content of ``cv.json``."""
    started = time.perf_counter()
    augment, label = workspace.read(AUGMENT), workspace.read(LABEL)
    prepared = read_prepared(augment, label, config.features)

    scores, summary = score_candidate(prepared, config, model)

    summary["seconds"] = round(time.perf_counter() - started, 3)
    with workspace.write(f"{TRAIN}/{model}", config, inputs=[label, augment]) as out:
        out.write_table(OUT_OF_FOLD, scores)
        out.write_json(CROSS_VALIDATION, summary)
    log.info(
        "%s: ROC-AUC %.4f, %.4f with the rating hidden, over %d folds of %d titles (%d rows) "
        "in %.1f s",
        *(model, summary["roc_auc"]["mean"], summary["rating_hidden"]["mean"], config.folds),
        *(summary["n_titles"], summary["n_rows"], summary["seconds"]),
    )
    return summary


def score_candidate(
    prepared: Prepared, config: TrainConfig, model: str
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return a candidate's scores of the titles that it has not seen, and what they amount to."""
    (candidate,) = choose(MODELS, [model], "models")
    recipe = recipe_of(config)
    scores = cross_validate(candidate, prepared, recipe, n_folds=config.folds, seed=config.seed)
    return scores, {
        "model": model,
        "features": config.features,
        **describe_scores(scores),
        "n_titles": len(scores),
        "n_family": int(scores["label"].sum()),
        "n_titles_of_folds": scores["fold"].value_counts().sort_index().tolist(),
        "n_rows": len(prepared.rows),
    }

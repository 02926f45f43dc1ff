"""The stage train: one candidate, cross-validated."""

import logging
import time
from typing import Any

import numpy as np
import pandas as pd

from tasks.config import TrainConfig
from tasks.rulebook import choose
from tasks.train.cross_validation import cross_validate, roc_auc_of_folds
from tasks.train.models import MODELS
from tasks.train.table import read_or_count_terms, read_training_table
from tasks.volume import Workspace

log = logging.getLogger(__name__)


def train(workspace: Workspace, config: TrainConfig, model: str) -> dict[str, Any]:
    """Cross-validate one candidate.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``augment``.
    config : TrainConfig
        Folds, withheld columns, seed.
    model : str
        The candidate's name in `tasks.train.models.MODELS`.

    Returns
    -------
    dict
        The content of ``cv.json``.

    Raises
    ------
    ConfigError
        If the rulebook has no such model.
    TrainingError
        If a class has fewer titles than there are folds.
    """
    started = time.perf_counter()
    (candidate,) = choose(MODELS, [model], "models")
    augment = workspace.read("augment")
    table = read_training_table(augment)
    counts = read_or_count_terms(workspace, config, augment, table["text"])
    with workspace.write(f"train/{model}", config, inputs=[augment]) as out:
        scores = cross_validate(
            candidate,
            table,
            n_folds=config.folds,
            seed=config.seed,
            withhold=config.withhold,
            counts=counts,
        )
        summary = {
            **summarise(model, scores, n_rows=len(table)),
            "seconds": round(time.perf_counter() - started, 3),
        }
        out.write_table("out_of_fold.parquet", scores)
        out.write_json("cv.json", summary)
    log.info(
        "%s: ROC-AUC %.4f +- %.4f over %d folds of %d titles (%d rows) in %.1f s",
        model,
        summary["roc_auc"]["mean"],
        summary["roc_auc"]["std"],
        config.folds,
        summary["n_titles"],
        summary["n_rows"],
        summary["seconds"],
    )
    return summary


def summarise(model: str, scores: pd.DataFrame, n_rows: int) -> dict[str, Any]:
    """Describe a candidate's scores on held-out titles; ``std`` is the folds' own."""
    folds = roc_auc_of_folds(scores)
    return {
        "model": model,
        "roc_auc": {"mean": float(np.mean(folds)), "std": float(np.std(folds)), "folds": folds},
        "n_titles": len(scores),
        "n_family": int(scores["label"].sum()),
        "n_titles_of_folds": scores["fold"].value_counts().sort_index().tolist(),
        "n_rows": n_rows,
    }

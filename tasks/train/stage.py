"""The stage train: one candidate, cross-validated."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import pandas as pd

from tasks.catalog.rulebook import choose
from tasks.config import TrainConfig
from tasks.train.competition import choose_feature_set, cross_validate, describe_scores
from tasks.train.models import MODELS
from tasks.train.sample import Recipe
from tasks.train.table import read_or_count_terms, read_training_table
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)


def train(workspace: Workspace, config: TrainConfig, model: str) -> dict[str, Any]:
    """Cross-validate one candidate, with the feature sets that compete.

    Parameters
    ----------
    workspace : Workspace
        Has the stages ``label`` and ``augment``.
    config : TrainConfig
        Folds, feature sets, masking, soft labels, withheld columns, seed.
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
    LeakageError
        If the training table has anything of a test title.
    """
    started = time.perf_counter()
    (candidate,) = choose(MODELS, [model], "models")
    augment, label = workspace.read("augment"), workspace.read("label")
    table = read_training_table(augment, label)
    counts = read_or_count_terms(workspace, config, augment, table["text"])
    with workspace.write(f"train/{model}", config, inputs=[label, augment]) as out:
        scores = cross_validate(
            candidate,
            table,
            n_folds=config.folds,
            seed=config.seed,
            withhold=config.withhold,
            counts=counts,
            recipe=Recipe(mask_rating=config.mask_rating, soft_labels=config.soft_labels),
            feature_sets=(config.features,),
        )
        summary = {
            **summarise(model, scores, n_rows=len(table)),
            "seconds": round(time.perf_counter() - started, 3),
        }
        out.write_table("out_of_fold.parquet", scores[summary["features"]])
        out.write_json("cv.json", summary)
    log.info(
        "%s with %s features: ROC-AUC %.4f +- %.4f, %.4f +- %.4f with the rating hidden, over %d "
        "folds of %d titles (%d rows) in %.1f s",
        model,
        summary["features"],
        summary["roc_auc"]["mean"],
        summary["roc_auc"]["std"],
        summary["rating_hidden"]["mean"],
        summary["rating_hidden"]["std"],
        config.folds,
        summary["n_titles"],
        summary["n_rows"],
        summary["seconds"],
    )
    return summary


def summarise(model: str, scores: Mapping[str, pd.DataFrame], n_rows: int) -> dict[str, Any]:
    """Describe a candidate's scores on held-out titles, with the feature set that did best."""
    chosen = choose_feature_set(scores)
    titles = scores[chosen]
    figures = {name: describe_scores(table) for name, table in scores.items()}
    return {
        "model": model,
        "features": chosen,
        **figures[chosen],
        "n_titles": len(titles),
        "n_family": int(titles["label"].sum()),
        "n_titles_of_folds": titles["fold"].value_counts().sort_index().tolist(),
        "n_rows": n_rows,
        "feature_sets": figures,
    }

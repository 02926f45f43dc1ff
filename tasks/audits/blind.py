"""The stage: relabel, retrain, predict, and compare with what hand labels would give."""

import logging
import time
from typing import Any

import numpy as np
import pandas as pd

from tasks.audits.blind_parts import (
    END_MODEL,
    Blind,
    Floats,
    average,
    learn_soft,
    log_odds_of_votes,
    prepare,
    rank_figures,
    vote,
)
from tasks.audits.hand_labels import labels_needed, learning_curve, supervised_ceiling
from tasks.audits.ladder import climb
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TEST
from tasks.config import BlindAuditConfig
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns, and score against gold.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``label``, whose split it keeps.
    config : BlindAuditConfig
        Withheld columns, aggregator, tie policy, draws, seed.

    Returns
    -------
    dict
        The content of ``blind_audit.json``.

    Raises
    ------
    TrainingError
        If the rules that are left label no train title of one class.
    """
    started = time.perf_counter()
    label = workspace.read("label")
    labeled = label.read_table("labeled.parquet").sort_values("show_id", ignore_index=True)
    with workspace.write("blind_audit", config, inputs=[label]) as out:
        probability, summary = audit(labeled, config)
        in_test = (labeled["split"] == TEST).fillna(False).astype(bool)
        predictions = with_gold(labeled[in_test], *probability)
        out.write_table("predictions.parquet", predictions)
        out.write_table("blind_audit_predictions.csv", predictions)
        out.write_json("blind_audit.json", summary)
    _report(summary, time.perf_counter() - started)
    return summary


def audit(
    labeled: pd.DataFrame, config: BlindAuditConfig
) -> tuple[tuple[Floats, Floats], dict[str, Any]]:
    """Return the test titles' gold and blind probabilities, and what there is to say about them.

    Parameters
    ----------
    labeled : DataFrame, shape (n_titles, n_columns)
        The catalog's columns, ``split`` and ``content_group``; in a fixed order.
    config : BlindAuditConfig
    """
    blind = prepare(labeled, config)
    weak = vote(blind, config)
    model = learn_soft(blind, weak)
    probability = average(log_odds_of_votes(blind.test_part(weak)["probability"]), model)
    figures = rank_figures(blind.test_gold, probability)
    curve, scores = learning_curve(blind, config.draws)
    sizes = [point["n_labels"] for point in curve]
    summary = {
        "withhold": list(config.withhold),
        "rules": [rule.name for rule in blind.rules],
        "aggregator": config.aggregator,
        "model": END_MODEL.name,
        **describe_titles(blind, weak),
        **figures,
        "ceiling": supervised_ceiling(blind),
        "learning_curve": curve,
        "hand_labels_needed": labels_needed(sizes, scores, figures["roc_auc"]),
        "ladder": climb(blind, weak, model, config) if len(model) else [],
    }
    return (blind.test_gold, probability), summary


def with_gold(titles: pd.DataFrame, gold: Floats, probability: Floats) -> pd.DataFrame:
    """Return ``show_id``, ``gold`` and ``probability`` of the titles that have gold."""
    known = ~np.isnan(gold)
    truth = pd.array(gold[known].astype(int), dtype="Int8")
    table = titles.loc[known, ["show_id"]].assign(gold=truth, probability=probability[known])
    return table.reset_index(drop=True)


def describe_titles(blind: Blind, weak: pd.DataFrame) -> dict[str, Any]:
    """Count the titles of either side, their labels and their gold."""
    labels = blind.train_part(weak)["label"]
    known = blind.test_gold[~np.isnan(blind.test_gold)]
    return {
        "n_train": int(labels.notna().sum()),
        "n_test": len(blind.test_gold),
        "n_gold": len(known),
        "n_gold_family": int(known.sum()),
        "label_counts": {
            "family": int((labels == FAMILY).sum()),
            "not_family": int((labels == NOT_FAMILY).sum()),
            "unlabelled": int(labels.isna().sum()),
        },
    }


def _report(summary: dict[str, Any], seconds: float) -> None:
    needed = summary["hand_labels_needed"]["n"]
    log.info(
        "Without %s: %d rules labelled %d train titles; ROC-AUC %s on %d test titles, %s if "
        "trained on gold; worth %s hand labels; in %.1f s",
        ", ".join(summary["withhold"]) or "nothing",
        len(summary["rules"]),
        summary["n_train"],
        _rounded(summary["roc_auc"]),
        summary["n_gold"],
        _rounded(summary["ceiling"]["roc_auc"]),
        "an unknown number of" if needed is None else f"about {needed}",
        seconds,
    )


def _rounded(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"

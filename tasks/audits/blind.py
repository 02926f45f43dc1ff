"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

What is trained is what would be published then: the same features, votes, copies and weights. Gold
scores the test titles at the very end; no label, no feature and no choice before that has seen it.
Beside the figure stand those that tell what it is worth: what each step on the way brings, and the
end model trained on all of the gold (the ceiling) and on little of it, without any rule (how many
hand labels the rules save).
"""

import logging
import time
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from tasks import pipeline
from tasks.audits.blind_run import BlindRun, audit_once
from tasks.audits.hand_labels import labels_needed, learning_curve
from tasks.audits.ladder import (
    END_MODEL,
    Blind,
    Floats,
    learn_gold,
    rank_figures,
    rank_test_titles,
    take_apart,
)
from tasks.audits.relabel import Relabeled, recipe_of
from tasks.augment.stage import count_classes
from tasks.catalog.columns import TRAIN
from tasks.catalog.formats import figure
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.answers import GROUP
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

COPIES_TOO = "the same with copies, as published"


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns; return the content of the report."""
    started = time.perf_counter()
    summary = audit_once(workspace, pipeline.BLIND_AUDIT, config, audit)
    _report(summary, time.perf_counter() - started)
    return summary


def audit(
    blind_run: BlindRun, config: BlindAuditConfig
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return the report, and the blind predictions of the test titles with gold."""
    again = blind_run.again
    counts = count_labels(again, config)
    blind = take_apart(blind_run.prepared, again, config.seed)
    probability = predict_blind(blind, config)
    rankings = rank_test_titles(blind, config) | {COPIES_TOO: probability}
    figures = rank_figures(blind.test_gold, probability)
    with_gold = np.flatnonzero(~np.isnan(blind.train_gold))
    curve, scores = learning_curve(
        with_gold, lambda chosen: learn_gold(blind, chosen)["roc_auc"], config.draws, config.seed
    )
    known = ~np.isnan(blind.test_gold)
    gold = blind.test_gold[known].astype(int)
    summary = {
        "withhold": list(config.withhold),
        "rules": [rule.name for rule in again.rules if rule.group != GROUP],
        "aggregator": config.aggregator,
        "model": END_MODEL.name,
        **asdict(recipe_of(config)),
        "n_train": counts["family"] + counts["not_family"],
        "n_copies": int(blind_run.rows["parent_id"].notna().sum()),
        "n_test": len(known),
        "n_gold": len(gold),
        "n_gold_family": int(gold.sum()),
        "label_counts": counts,
        **figures,
        "ceiling": {"n_train": len(with_gold), **learn_gold(blind, with_gold, with_votes=True)},
        "learning_curve": curve,
        "hand_labels_needed": labels_needed(curve, scores, figures["roc_auc"]),
        "ladder": [{"step": s, **rank_figures(blind.test_gold, r)} for s, r in rankings.items()],
    }
    columns = {"show_id": blind.test_ids[known], "gold": pd.array(gold, dtype="Int8")}
    predictions = pd.DataFrame(columns | {"probability": probability[known]})
    return summary, {pipeline.BLIND_AUDIT_PREDICTIONS: predictions}


def predict_blind(blind: Blind, config: BlindAuditConfig) -> Floats:
    """Train what would be published; return P(family) of the test titles."""
    if not len(blind.test_ids):
        return np.empty(0)
    every = np.arange(len(blind.prepared.rows))
    fitted = blind.prepared.fit(END_MODEL, every, recipe_of(config), config.seed)
    return np.asarray(fitted.predict_proba(blind.test)[:, 1], dtype=np.float64)


def count_labels(again: Relabeled, config: BlindAuditConfig) -> dict[str, int]:
    """Count the labels of the train titles; `TrainingError` if there are none of one class."""
    labels = again.titles.loc[(again.titles["split"] == TRAIN).fillna(False), "label"]
    counts = count_classes(labels)
    if not all(counts.values()):
        raise TrainingError(
            f"Without {', '.join(config.withhold)}, {len(again.rules)} rules label "
            f"{counts['family']} of {len(labels)} train titles family and {counts['not_family']} "
            "not family; expected titles of both. Withhold fewer columns or add rules that read "
            "others."
        )
    return {**counts, "unlabelled": int(labels.isna().sum())}


def _report(summary: dict[str, Any], seconds: float) -> None:
    needed = summary["hand_labels_needed"]["n"]
    log.info(
        "Without %s: %d rules labelled %d train titles; ROC-AUC %s on %d test titles, %s if "
        "trained on gold; worth %s hand labels; in %.1f s",
        *(", ".join(summary["withhold"]) or "nothing", len(summary["rules"]), summary["n_train"]),
        *(figure(summary["roc_auc"]), summary["n_gold"], figure(summary["ceiling"]["roc_auc"])),
        *("an unknown number of" if needed is None else f"about {needed}", seconds),
    )

"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

What is trained is what would be published then: the same features, votes, copies and weights. Gold
scores the test titles at the very end; no label, no feature and no choice before that has seen it.
Beside the figure stand those that tell what it is worth: what each step on the way brings, and the
end model trained on all of the gold (the ceiling) and on little of it, without any rule (how many
hand labels the rules save).
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from tasks import pipeline
from tasks.audits.hand_labels import labels_needed, learning_curve
from tasks.audits.ladder import (
    END_MODEL,
    Blind,
    Floats,
    learn_gold,
    prepare,
    rank_figures,
    rank_test_titles,
)
from tasks.audits.relabel import Relabeled, recipe_of, relabel
from tasks.augment.stage import count_classes, make_training_table, synonyms_for
from tasks.augment.transform import Synonyms, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import TRAIN
from tasks.catalog.formats import figure
from tasks.catalog.rulebook import choose
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.answers import GROUP
from tasks.volume import atomic
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

COPIES_TOO = "the same with copies, as published"


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns; return the content of the report."""
    started = time.perf_counter()
    label = workspace.read(pipeline.LABEL)
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)
    near = label.read_table(pipeline.NEAR_DUPLICATES)
    answers = label.read_table(pipeline.ANSWERS)
    operations = choose(TRANSFORMS, config.operations, "operations")
    synonyms, wordnet = synonyms_for(operations, workspace)

    before = workspace.answered_before(pipeline.BLIND_AUDIT, config, [label])
    summary = before.read_json(pipeline.BLIND_AUDIT_REPORT) if before else {}
    if before and summary["wordnet"] == wordnet:
        predictions = before.read_bytes(pipeline.BLIND_AUDIT_PREDICTIONS)
    else:
        scored, summary = audit(labeled, near, operations, synonyms, config, answers)
        predictions, summary["wordnet"] = atomic.to_csv(scored), wordnet

    with workspace.write(pipeline.BLIND_AUDIT, config, inputs=[label]) as out:
        out.write_bytes(pipeline.BLIND_AUDIT_PREDICTIONS, predictions)
        out.write_json(pipeline.BLIND_AUDIT_REPORT, summary)
    _report(summary, time.perf_counter() - started)
    return summary


def audit(
    labeled: pd.DataFrame,
    near: pd.DataFrame,
    operations: Sequence[Transform],
    synonyms: Synonyms,
    config: BlindAuditConfig,
    answers: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the blind predictions of the test titles with gold, and the report.

    `labeled` has the catalog's columns, ``split`` and ``content_group``, in a fixed order; the rest
    is as `tasks.augment.stage.make_training_table` and `tasks.audits.relabel.relabel` take it.
    """
    again = relabel(labeled, config, answers)
    counts = count_labels(again, config)
    rows, _ = make_training_table(again.titles, near, operations, synonyms, again.rules, config)
    blind = prepare(rows, again, config)
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
        "n_copies": int(rows["parent_id"].notna().sum()),
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
    return pd.DataFrame(columns | {"probability": probability[known]}), summary


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

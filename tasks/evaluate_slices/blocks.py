"""The blocks of ``metrics.json``, each computed from the evidence alone."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd

from tasks.catalog.columns import FAMILY, NO_VOTES, NOT_FAMILY, TEST, TIE, TRAIN, VOTED
from tasks.catalog.intervals import wilson_interval
from tasks.config import EvaluateConfig
from tasks.evaluate_slices.calibration import describe_calibration
from tasks.evaluate_slices.evidence import Evidence
from tasks.evaluate_slices.label_issues import label_issues
from tasks.evaluate_slices.leakage import find_leakage
from tasks.evaluate_slices.metrics import classification_metrics
from tasks.evaluate_slices.slice_finder import propose_slices
from tasks.evaluate_slices.slices import SLICES

NOTES: Mapping[str, str] = {
    "seed_protocol": "Circular: the weak labels are made from rating, genres and words that the "
    "model reads as well, so it shows that the seed is reproduced and not that the model knows.",
    "slices": "As circular as the rest of the seed's protocol; rating_hidden.slices has the same "
    "slices against gold.",
    "rating_hidden": "The honest figure of the published model: the rating is masked, which is "
    "the case in which anybody needs a model, and gold is what the true ratings say.",
    "rating_visible": "For reference only: gold is read off the rating, and so does the model.",
    "blind_audit": "Whether weak supervision works where no rating exists: neither rules nor "
    "features read it.",
    "labels": "Rules that read rating agree with gold by construction; only the others are judged.",
    "augmentation": "With and without copies, on the gold of held-out train titles, with the "
    "rating withheld from rules and features; test titles take no part.",
    "label_issues": "Train titles whose label the out-of-fold model does not believe.",
    "proposed_slices": "Slices of train titles on which the model errs more than elsewhere, found "
    "on one half and confirmed on the other.",
    "comparison": "ROC-AUC with the rating hidden, challenger minus champion, on the same titles.",
    "intervals": "95 %: Wilson for accuracy, precision and recall, percentile bootstrap over "
    "titles for F1, ROC-AUC and average precision; null where a class has fewer than 5 titles.",
}
SAMPLE_NOTE = "The catalog is the embedded, fictional sample: no figure here means anything."

Score = Callable[[pd.Series, pd.Series], dict[str, Any]]


def build_blocks(evidence: Evidence, config: EvaluateConfig) -> dict[str, Any]:
    """Compute the blocks that need nothing but the evidence.

    Returns
    -------
    dict
        ``seed_protocol``, ``rating_hidden``, ``blind_audit``, ``labels``, ``leakage``,
        ``label_issues``, ``proposed_slices``, ``candidates`` and ``notes``.
    """
    score = partial(classification_metrics, seed=config.seed, resamples=config.resamples)
    best = evidence.out_of_fold[evidence.winner["model"]]
    return {
        "seed_protocol": seed_protocol(evidence, score),
        "rating_hidden": rating_hidden(evidence, score),
        "blind_audit": blind_audit(evidence, score),
        "labels": describe_labels(evidence.titles) | {"rules": evidence.rules},
        "leakage": find_leakage(evidence.titles, evidence.training, evidence.rules),
        "label_issues": label_issues(best, evidence.titles, evidence.votes, evidence.rules),
        "proposed_slices": propose_slices(best, evidence.titles, SLICES),
        # Seconds are not a finding: with them, no two runs would have the same metrics.
        "candidates": [
            {name: value for name, value in candidate.items() if name != "seconds"}
            for candidate in evidence.candidates
        ],
        "notes": {"sample": SAMPLE_NOTE} | dict(NOTES) if evidence.is_sample else dict(NOTES),
    }


def seed_protocol(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Examine the winner as the seed does: against weak labels, with the rating visible."""
    winner, labelled = evidence.winner, evidence.labelled
    slices = examine_slices(labelled, "label", "probability", score)
    accuracies = [block["accuracy"] for block in slices.values() if block["n"]]
    return {
        "model": winner["model"],
        "n": len(labelled),
        "cv_roc_auc": {**winner["roc_auc"], "n": winner["n_titles"]},
        "test": score(labelled["label"], labelled["probability"]),
        "slices": slices,
        "slice_average_accuracy": sum(accuracies) / len(accuracies) if accuracies else None,
        "slices_averaged": len(accuracies),
    }


def rating_hidden(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Examine the winner where it is needed: against gold, with the rating masked."""
    gold, hidden = evidence.gold, "probability_rating_hidden"
    return {
        **score(gold["gold"], gold[hidden]),
        "slices": examine_slices(gold, "gold", hidden, score),
        "calibration": describe_calibration(gold["gold"], gold[hidden]),
        "rating_visible": score(gold["gold"], gold["probability"]),
    }


def blind_audit(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Score the pipeline that never saw the withheld columns, overall and by slice."""
    blind = evidence.blind
    catalog = evidence.titles.drop(columns=["gold", "probability"])
    return {
        **evidence.blind_facts,
        **score(blind["gold"], blind["probability"]),
        "slices": examine_slices(blind.merge(catalog, on="show_id"), "gold", "probability", score),
    }


def examine_slices(
    titles: pd.DataFrame, truth: str, probability: str, score: Score
) -> dict[str, dict[str, Any]]:
    """Score every slice of `titles` on its own; `share` is the slice's share of them."""
    blocks = {}
    for rule in SLICES:
        inside = titles[rule(titles)]
        share = len(inside) / len(titles) if len(titles) else None
        metrics = score(inside[truth], inside[probability])
        blocks[rule.name] = {"description": rule.doc, "share": share, **metrics}
    return blocks


def describe_labels(titles: pd.DataFrame) -> dict[str, Any]:
    """Count what the votes came to, and compare it with gold."""
    both = titles[titles["label"].notna() & titles["gold"].notna()]
    agreeing = int((both["label"] == both["gold"]).sum())
    counts = _count_labels(titles)
    return {
        **counts,
        "coverage": (counts["family"] + counts["not_family"]) / counts["n"]
        if counts["n"]
        else None,
        "by_split": {
            side: _count_labels(titles[titles["split"] == side]) for side in (TRAIN, TEST)
        },
        "agreement_with_gold": {
            "n": len(both),
            "agreeing": agreeing,
            "accuracy": agreeing / len(both) if len(both) else None,
            "intervals": {"accuracy": wilson_interval(agreeing, len(both))},
        },
    }


def _count_labels(titles: pd.DataFrame) -> dict[str, int]:
    reasons = titles["reason"].value_counts()
    labels = titles["label"].value_counts()
    return {
        "n": len(titles),
        "voted": int(reasons.get(VOTED, 0)),
        "tie": int(reasons.get(TIE, 0)),
        "no_votes": int(reasons.get(NO_VOTES, 0)),
        "family": int(labels.get(FAMILY, 0)),
        "not_family": int(labels.get(NOT_FAMILY, 0)),
    }

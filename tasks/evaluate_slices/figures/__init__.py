"""The lab's figures: each says its finding in the title and how many titles are behind it."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.catalog.formats import in_words
from tasks.evaluate_slices.evidence import HIDDEN, Evidence
from tasks.evaluate_slices.figures.curves import (
    PRECISION_RECALL,
    ROC,
    Scores,
    plot_calibration,
    plot_curves,
)
from tasks.evaluate_slices.figures.style import save_fig
from tasks.evaluate_slices.figures.tables import (
    plot_class_balance,
    plot_confusion_matrices,
    plot_rules,
    plot_slices,
)

__all__ = ["draw_figures", "save_fig"]


def draw_figures(evidence: Evidence, metrics: dict[str, Any]) -> dict[str, Figure]:
    """Draw every figure, by file name without ending."""
    caption = metrics["notes"].get("sample", "")
    protocol, hidden = metrics["seed_protocol"], metrics["rating_hidden"]
    candidates = [
        _scores(f"{in_words(name)}, out-of-fold", table, "label", "probability")
        for name, table in evidence.out_of_fold.items()
    ]
    winner = _scores("winner, test titles", evidence.labelled, "label", "probability")
    visible = _scores("winner, rating visible", evidence.gold, "gold", "probability")
    masked = _scores("winner, rating hidden", evidence.gold, "gold", HIDDEN)
    gold = [masked, _scores("blind audit", evidence.blind, "gold", "probability")]
    confusions = [
        ("against weak labels, rating visible", "weak label", protocol["test"]["confusion_matrix"]),
        ("against gold, rating hidden", "gold", hidden["confusion_matrix"]),
    ]
    weak_slices = {"all_test_titles": protocol["test"], **protocol["slices"]}
    gold_slices = {"all_test_titles": hidden, **hidden["slices"]}
    labels, is_copy = evidence.training["label"], evidence.training["parent_id"].notna()
    originals, copies = (
        {label: int((part == label).sum()) for label in (FAMILY, NOT_FAMILY)}
        for part in (labels[~is_copy], labels[is_copy])
    )
    return {
        "roc_curves": plot_curves(ROC, candidates, winner, gold, caption),
        "pr_curves": plot_curves(PRECISION_RECALL, candidates, winner, gold, caption),
        "confusion_matrix": plot_confusion_matrices(
            confusions, evidence.decision["threshold"], caption
        ),
        "slices": plot_slices(weak_slices, gold_slices, caption),
        "rules": plot_rules(evidence.rules, len(evidence.titles), caption),
        "class_balance": plot_class_balance(originals, copies, caption),
        "calibration": plot_calibration(visible, masked, caption),
    }


def _scores(name: str, table: pd.DataFrame, truth: str, probability: str) -> Scores:
    y = table[truth].to_numpy(dtype="int64")
    return Scores(name, y, table[probability].to_numpy(dtype="float64"))

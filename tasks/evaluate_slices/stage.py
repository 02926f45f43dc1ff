"""The stage: what the winner is worth, overall, by slice, with the rating hidden and blind."""

import logging
import math
import time
from typing import Any

import pandas as pd

from tasks.config import EvaluateConfig
from tasks.evaluate_slices.evidence import read_evidence
from tasks.evaluate_slices.label_issues import COLUMNS as ISSUE_COLUMNS
from tasks.evaluate_slices.measure import measure
from tasks.evaluate_slices.review import titles_to_review
from tasks.pipeline import EVALUATE_SLICES, FIGURES, LABEL_ISSUES, METRICS, TO_REVIEW
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

DECIMALS = 5  # what the intervals support, and two more to round again


def evaluate_slices(workspace: Workspace, config: EvaluateConfig) -> dict[str, Any]:
    """Write metrics, label issues, titles to review, figures; return the headline figures."""
    from tasks.evaluate_slices.figures import draw_figures, save_fig

    evidence = read_evidence(workspace)
    started = time.perf_counter()
    metrics, issues = map(rounded, measure(evidence, config))
    measured = time.perf_counter()
    with workspace.write(EVALUATE_SLICES, config, inputs=evidence.sources) as out:
        out.write_json(METRICS, metrics)
        out.write_table(LABEL_ISSUES, pd.DataFrame(issues, columns=ISSUE_COLUMNS))
        out.write_table(TO_REVIEW, titles_to_review(evidence, config))
        for name, fig in draw_figures(evidence, metrics).items():
            save_fig(fig, out.path(f"{FIGURES}{name}.png"))
    drawn = time.perf_counter()
    summary = summarise(metrics)
    log.info(
        "{winner}: ROC-AUC {test_roc_auc} on {test_n:,} test titles against weak labels, "
        "{rating_hidden_roc_auc} on {rating_hidden_n:,} against gold with the rating "
        "hidden".format_map(summary)
    )
    log.info("Measured in %.1f s, drawn in %.1f s", measured - started, drawn - measured)
    return summary


def rounded(value: Any) -> Any:
    """Round every figure to 5 decimals, or to as many as tell it from 0 and 1 by two digits."""
    if isinstance(value, dict):
        return {name: rounded(part) for name, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    if not isinstance(value, float) or value in (0, 1):
        return value
    distance = min(abs(value), abs(1 - value))
    return round(value, max(DECIMALS, 1 - math.floor(math.log10(distance))))


def summarise(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the headline figures."""
    protocol, leakage = metrics["seed_protocol"], metrics["leakage"]
    hidden, blind, test = metrics["rating_hidden"], metrics["blind_audit"], protocol["test"]
    return {
        "winner": protocol["model"],
        "cv_roc_auc": protocol["cv_roc_auc"]["mean"],
        "test_n": test["n"],
        "test_roc_auc": test["roc_auc"],
        "slice_average_accuracy": protocol["slice_average_accuracy"],
        "rating_hidden_n": hidden["n"],
        "rating_hidden_roc_auc": hidden["roc_auc"],
        "blind_audit_n": blind["n"],
        "blind_audit_roc_auc": blind["roc_auc"],
        "twins_across_split": leakage["twins_across_split"],
        "augmented_in_test": leakage["augmented_in_test"],
        "comparison": metrics["comparison"].get("outcome", metrics["comparison"]["status"]),
    }

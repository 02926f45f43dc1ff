"""The stage: what the winner is worth, overall, by slice, with the rating hidden and blind."""

import logging
import time
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.config import EvaluateConfig
from tasks.errors import EvaluationError
from tasks.evaluate_slices import figures
from tasks.evaluate_slices.blocks import SAMPLE_NOTE, build_blocks
from tasks.evaluate_slices.comparison import compare_roc_auc
from tasks.evaluate_slices.evidence import Evidence, read_evidence
from tasks.evaluate_slices.figures import Scores
from tasks.volume import atomic
from tasks.volume.artifacts import Artifacts
from tasks.volume.releases import Releases
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

AUGMENTATION_AUDIT = "augmentation_audit"
CHAMPION_FILE = "predictions_test.csv"
CHAMPION_COLUMNS = ("show_id", "title", "probability_rating_hidden")


def evaluate_slices(workspace: Workspace, config: EvaluateConfig) -> dict[str, Any]:
    """Write ``metrics.json`` and the figures.

    Parameters
    ----------
    workspace : Workspace
        Has the stages before this one.
    config : EvaluateConfig
        Seed and size of the bootstrap.

    Returns
    -------
    dict
        The headline figures, each with its number of titles.

    Raises
    ------
    EvaluationError
        If predictions and catalog do not fit together.
    """
    started = time.perf_counter()
    evidence = read_evidence(workspace)
    metrics = build_blocks(evidence, config)
    metrics["comparison"] = compare_with_champion(evidence, workspace.volume.releases, config)
    audit, metrics["augmentation"] = read_augmentation_audit(workspace)
    measured = time.perf_counter()
    plots = draw_figures(evidence, metrics)
    with workspace.write("evaluate_slices", config, inputs=[*evidence.sources, *audit]) as out:
        out.write_json("metrics.json", metrics)
        for name, fig in plots.items():
            figures.save_fig(fig, out.path(f"figures/{name}.png"))
    summary = summarise(metrics)
    _report(summary, measured - started, time.perf_counter() - measured, len(plots))
    return summary


def read_augmentation_audit(workspace: Workspace) -> tuple[list[Artifacts], dict[str, Any]]:
    """Return the augmentation audit and what it says, or that there is none."""
    if not workspace.source.has([AUGMENTATION_AUDIT]):
        return [], {"status": "not audited"}
    audit = workspace.read(AUGMENTATION_AUDIT)
    return [audit], audit.read_json("audit.json")


def compare_with_champion(
    evidence: Evidence, releases: Releases, config: EvaluateConfig
) -> dict[str, Any]:
    """Compare the winner with the current release on the test titles that both scored.

    Both are judged with the rating hidden, against this run's gold. A title is the same if its id
    and its name are.

    Returns
    -------
    dict
        ``status``, and unless there is no champion its version and run, and what
        `compare_roc_auc` returns.

    Raises
    ------
    ArtifactError
        If the champion's predictions are missing or altered.
    EvaluationError
        If they are not predictions.
    """
    version = releases.current()
    if version is None:
        return {"status": "no champion yet"}
    champion = atomic.from_csv(releases.read_bytes(version, CHAMPION_FILE))
    if lacking := [column for column in CHAMPION_COLUMNS if column not in champion.columns]:
        raise EvaluationError(
            f"{CHAMPION_FILE} of release {version} has no column {', '.join(lacking)}; "
            f"expected {', '.join(CHAMPION_COLUMNS)}. Roll back to a release that has them."
        )
    champion = champion[list(CHAMPION_COLUMNS)].astype({"probability_rating_hidden": "float64"})
    keys = ["show_id", "title"]
    common = evidence.gold.merge(champion, on=keys, suffixes=("", "_champion"))
    compared = compare_roc_auc(
        common["gold"],
        common["probability_rating_hidden"],
        common["probability_rating_hidden_champion"],
        seed=config.seed,
        resamples=config.resamples,
    )
    champion_run = releases.manifest(version)["run_id"]
    facts = {"champion_version": version, "champion_run_id": champion_run}
    return facts | {"metric": "rating_hidden.roc_auc"} | compared


def draw_figures(evidence: Evidence, metrics: dict[str, Any]) -> dict[str, Figure]:
    """Draw every figure, by file name without ending."""
    caption = SAMPLE_NOTE if evidence.is_sample else ""
    protocol, hidden = metrics["seed_protocol"], metrics["rating_hidden"]
    gold, labelled, blind = evidence.gold, evidence.labelled, evidence.blind
    candidates = [
        _scores(f"{figures.in_words(name)}, out-of-fold", table, "label", "probability")
        for name, table in evidence.out_of_fold.items()
    ]
    test = _scores("winner, test titles", labelled, "label", "probability")
    hidden_scores = _scores("winner, rating hidden", gold, "gold", "probability_rating_hidden")
    visible = _scores("winner, rating visible", gold, "gold", "probability")
    honest = [hidden_scores, _scores("blind audit", blind, "gold", "probability")]
    confusions = [
        ("against weak labels, rating visible", "weak label", protocol["test"]["confusion_matrix"]),
        ("against gold, rating hidden", "gold", hidden["confusion_matrix"]),
    ]
    weak_slices = {"all_test_titles": protocol["test"], **protocol["slices"]}
    gold_slices = {"all_test_titles": hidden, **hidden["slices"]}
    return {
        "roc_curves": figures.plot_roc_curves(candidates, test, honest, caption),
        "pr_curves": figures.plot_pr_curves(candidates, test, honest, caption),
        "confusion_matrix": figures.plot_confusion_matrices(confusions, caption),
        "slices": figures.plot_slices(weak_slices, gold_slices, caption),
        "rules": figures.plot_rules(evidence.rules, len(evidence.titles), caption),
        "class_balance": figures.plot_class_balance(*_training_counts(evidence), caption),
        "calibration": figures.plot_calibration(visible, hidden_scores, caption),
    }


def summarise(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the headline figures: small, and rounded for reading."""
    protocol, leakage = metrics["seed_protocol"], metrics["leakage"]
    hidden, blind, test = metrics["rating_hidden"], metrics["blind_audit"], protocol["test"]
    headline = {
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
    return {k: round(v, 4) if isinstance(v, float) else v for k, v in headline.items()}


def _scores(name: str, table: pd.DataFrame, truth: str, probability: str) -> Scores:
    y = table[truth].to_numpy(dtype="int64")
    return Scores(name, y, table[probability].to_numpy(dtype="float64"))


def _training_counts(evidence: Evidence) -> tuple[dict[int, int], dict[int, int]]:
    labels, is_copy = evidence.training["label"], evidence.training["parent_id"].notna()
    originals, copies = (
        {label: int((part == label).sum()) for label in (FAMILY, NOT_FAMILY)}
        for part in (labels[~is_copy], labels[is_copy])
    )
    return originals, copies


def _report(summary: dict[str, Any], measuring: float, drawing: float, n_figures: int) -> None:
    log.info(
        "%s: ROC-AUC %s on %s test titles against weak labels, %s on %s against gold with the "
        "rating hidden; measured in %.1f s, %d figures drawn in %.1f s",
        summary["winner"],
        summary["test_roc_auc"],
        f"{summary['test_n']:,}",
        summary["rating_hidden_roc_auc"],
        f"{summary['rating_hidden_n']:,}",
        measuring,
        n_figures,
        drawing,
    )

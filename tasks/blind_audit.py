"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

It composes the pure parts of those stages. The gold read off the ratings scores the test titles at
the very end; no label, no feature and no choice before that has seen it.
"""

import logging
import time
from collections.abc import Sequence
from typing import Any

import pandas as pd
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.catalog import derive_features, gold_labels
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.core import LabelingFunction
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.schema import CATALOG_COLUMNS, FAMILY, NOT_FAMILY, OPTIONAL_COLUMNS, TEST, TRAIN
from tasks.train.cross_validation import family_probability, fit_candidate
from tasks.train.models import logistic_regression
from tasks.volume import Workspace

log = logging.getLogger(__name__)


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns, and score against gold.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``label``, whose split it keeps.
    config : BlindAuditConfig
        Withheld columns, tie policy, seed.

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
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    catalog = hide(labeled, config.withhold)
    with workspace.write("blind_audit", config, inputs=[label]) as out:
        rows = label_train_titles(catalog, rules, config)
        fitted = fit_candidate(
            logistic_regression, rows, seed=config.seed, withhold=config.withhold
        )
        in_test = (labeled["split"] == TEST).fillna(False).astype(bool)
        gold = gold_labels(labeled["rating"])[in_test].dropna()
        features = derive_features(catalog.loc[gold.index])
        predictions = labeled.loc[gold.index, ["show_id"]].assign(
            gold=gold, probability=family_probability(fitted, features)
        )
        summary = {
            "withhold": list(config.withhold),
            "rules": [rule.name for rule in rules],
            "model": logistic_regression.name,
            **_count(rows, labeled, in_test),
            **score(predictions),
        }
        out.write_table("predictions.parquet", predictions.reset_index(drop=True))
        out.write_json("blind_audit.json", summary)
    log.info(
        "Without %s: %d rules labelled %d train titles; ROC-AUC %s on %d test titles, in %.1f s",
        ", ".join(config.withhold) or "nothing",
        len(rules),
        summary["n_train"],
        summary["roc_auc"],
        summary["n_gold"],
        time.perf_counter() - started,
    )
    return summary


def hide(labeled: pd.DataFrame, withhold: Sequence[str]) -> pd.DataFrame:
    """Return the catalog's columns, split and groups, without the withheld optional columns.

    Rules and features that declare a withheld column are left out anyway; with the column gone,
    one that reads more than it declares gains nothing by it.
    """
    kept = [*CATALOG_COLUMNS, "split", "content_group"]
    return labeled[kept].drop(columns=[c for c in withhold if c in OPTIONAL_COLUMNS])


def label_train_titles(
    catalog: pd.DataFrame, rules: Sequence[LabelingFunction], config: BlindAuditConfig
) -> pd.DataFrame:
    """Return the train titles that the rules can label, as training rows.

    Raises
    ------
    TrainingError
        If there is no title of one class.
    """
    in_train = (catalog["split"] == TRAIN).fillna(False).astype(bool)
    titles = catalog[in_train]
    votes = apply_rules(titles, rules)
    labels = aggregate(votes, config.tie_policy)["label"].dropna()
    counts = {"family": int((labels == FAMILY).sum()), "not": int((labels == NOT_FAMILY).sum())}
    if not all(counts.values()):
        raise TrainingError(
            f"Without {', '.join(config.withhold)}, {len(rules)} rules label {counts['family']} "
            f"of {len(titles)} train titles family and {counts['not']} not family; expected "
            "titles of both. Withhold fewer columns or add rules that read others."
        )
    chosen = titles.loc[labels.index]
    return derive_features(chosen).assign(
        label=labels.astype("int8"), content_group=chosen["content_group"]
    )


def _count(rows: pd.DataFrame, labeled: pd.DataFrame, in_test: pd.Series) -> dict[str, Any]:
    family = int((rows["label"] == FAMILY).sum())
    n_train_titles = int((labeled["split"] == TRAIN).sum())
    return {
        "n_train": len(rows),
        "n_test": int(in_test.sum()),
        "label_counts": {
            "family": family,
            "not_family": len(rows) - family,
            "unlabelled": n_train_titles - len(rows),
        },
    }


def score(predictions: pd.DataFrame) -> dict[str, Any]:
    """Score the probabilities against gold; without gold of both classes there is no figure."""
    gold = predictions["gold"].astype(int)
    figures: dict[str, float | None] = {"roc_auc": None, "average_precision": None}
    if gold.nunique() == 2:
        figures["roc_auc"] = float(roc_auc_score(gold, predictions["probability"]))
        figures["average_precision"] = float(
            average_precision_score(gold, predictions["probability"])
        )
    return {"n_gold": len(gold), "n_gold_family": int(gold.sum()), **figures}

"""The honest figures over many content splits: their mean, their spread, and the lab's own.

One split is one draw: ROC-AUC differs by a percentage point and more from split to split. This
repeats label, augment, blind audit and training on other splits of the same kind
(`split_by_content` with a salt) and prints n, mean and standard deviation. Everything is as in a
run, copies included; the model is the one that usually wins.

Usage: python tests/bench/splits.py [how many]; NETFLIX_TITLES_CSV names the catalog.
"""

import sys
import time
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.audits.blind import audit
from tasks.audits.blind_run import BlindRun
from tasks.augment.stage import make_training_table
from tasks.augment.synonyms import load_synonyms
from tasks.augment.transform import Synonyms
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import TEST, VOTE_COLUMNS
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import derive_features, gold_labels
from tasks.config import AugmentConfig, BlindAuditConfig, LabelConfig, TrainConfig
from tasks.evaluate_slices.metrics import describe_calibration
from tasks.fetch.source import load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.split import split_by_content
from tasks.label.vote import aggregate, apply_rules, name_votes
from tasks.pipeline import BLIND_AUDIT_PREDICTIONS
from tasks.train.cross_validation import family_probability, recipe_of
from tasks.train.features import SEED
from tasks.train.models import logistic_regression
from tasks.train.prepared import prepare
from tasks.train.recipe import Recipe, hide_rating
from tasks.volume.runs import Volume

SPLITS = 8
OWN = "the lab's own"
SEEDS_WAY = "hidden, the seed's way"

Figures = dict[str, Any]


def study(catalog: pd.DataFrame, n_splits: int = SPLITS) -> list[Figures]:
    """Return the figures of the lab's own split, then those of `n_splits` others.

    Each has ``split``, ``n`` test titles with gold, and what `blind_figures` and `hidden_figures`
    say.
    """
    catalog = catalog.sort_values("show_id", ignore_index=True)
    config = LabelConfig()
    votes = apply_rules(catalog, LABELING_FUNCTIONS)
    weak = aggregate(votes, LABELING_FUNCTIONS, config.aggregator, config.tie_policy)
    named = name_votes(votes, LABELING_FUNCTIONS)
    synonyms, _ = load_synonyms(Volume.from_environment().root)
    salts = {OWN: ""} | {f"split {number}": f"split {number}" for number in range(1, n_splits + 1)}
    rows = []
    for name, salt in salts.items():
        split = split_by_content(catalog, salt=salt)
        labeled = pd.concat([catalog, weak, split, named], axis=1)
        near = near_duplicates(labeled)
        figures = blind_figures(labeled, near, synonyms) | hidden_figures(labeled, near, synonyms)
        rows.append({"split": name, **figures})
    return rows


def blind_figures(labeled: pd.DataFrame, near: pd.DataFrame, synonyms: Synonyms) -> Figures:
    """Return the blind audit's figures, ceiling, labels needed and ladder."""
    config = BlindAuditConfig()
    parts = {"near": near, "operations": TRANSFORMS, "synonyms": synonyms, "config": config}
    found, tables = audit(BlindRun(labeled=labeled, **parts), config)
    predictions = tables[BLIND_AUDIT_PREDICTIONS]
    calibration = describe_calibration(predictions["gold"], predictions["probability"])
    return {
        "n": found["n_gold"],
        "blind": found["roc_auc"],
        "blind AP": found["average_precision"],
        "blind calib.": calibration["expected_error"],
        "ceiling": found["ceiling"]["roc_auc"],
        "hand labels": found["hand_labels_needed"]["n"],
        "ladder": {step["step"]: step["roc_auc"] for step in found["ladder"]},
    }


def hidden_figures(labeled: pd.DataFrame, near: pd.DataFrame, synonyms: Synonyms) -> Figures:
    """Return what the published model is worth with the rating hidden, and visible.

    Hidden is against gold; visible is ROC-AUC against the weak labels, the seed's protocol.
    """
    test = labeled[labeled["split"] == TEST]
    gold = gold_labels(test["rating"]).dropna().astype(int)
    features = pd.concat([derive_features(test), test[list(VOTE_COLUMNS)]], axis=1)
    hidden_titles = hide_rating(features.loc[gold.index])
    labelled = test[test["label"].notna()]
    table, _ = make_training_table(
        labeled, near, TRANSFORMS, synonyms, LABELING_FUNCTIONS, AugmentConfig()
    )
    config = TrainConfig()
    prepared = prepare(table, config.features)
    fitted = prepared.fit_all(logistic_regression, recipe_of(config), config.seed)
    hidden = family_probability(fitted, hidden_titles)
    visible = family_probability(fitted, features.loc[labelled.index])
    titles = prepare(table[table["parent_id"].isna()], SEED)
    seeds_way = titles.fit_all(logistic_regression, Recipe(), config.seed)
    seeds = family_probability(seeds_way, hidden_titles)
    calibration = describe_calibration(gold, hidden)
    return {
        "hidden": float(roc_auc_score(gold, hidden)),
        "hidden AP": float(average_precision_score(gold, hidden)),
        "Brier": calibration["brier"],
        "calib.": calibration["expected_error"],
        "visible": float(roc_auc_score(labelled["label"].astype(int), visible)),
        SEEDS_WAY: float(roc_auc_score(gold, seeds)),
    }


def show(rows: list[Figures], seconds: float) -> None:
    """Print a row a split, and the mean and standard deviation of those that are not the lab's."""
    names = [name for name in rows[0] if name not in ("split", "ladder")]
    title = f"ROC-AUC and more, {len(rows) - 1} other content splits ({seconds:.0f} s)"
    table = Table(title=title, box=None)
    for name in ("", *names):
        table.add_column(name, justify="right" if name else "left")
    for row in rows:
        table.add_row(row["split"], *(_shown(row[name]) for name in names))
    others = pd.DataFrame(rows[1:])[names].astype(float)
    for label, values in (("mean", others.mean()), ("sd", others.std())):
        table.add_row(label, *(_shown(values[name]) for name in names), style="bold")
    ladder = Table(title="The ladder: blind ROC-AUC, step by step", box=None)
    for name in ("step", "mean", "sd"):
        ladder.add_column(name, justify="left" if name == "step" else "right")
    steps = pd.DataFrame([row["ladder"] for row in rows[1:]]).astype(float)
    for step in steps:
        ladder.add_row(str(step), _shown(steps[step].mean()), _shown(steps[step].std()))
    console = Console(highlight=False, width=150)
    console.print(table)
    console.print(ladder)


def _shown(value: float | None) -> str:
    if value is None or pd.isna(value):
        return "-"
    return f"{value:,.0f}" if value > 1.5 else f"{value:.4f}"


def main() -> int:
    """Study the splits and print the tables."""
    started = time.perf_counter()
    rows = study(load_netflix_data(), int(sys.argv[1]) if sys.argv[1:] else SPLITS)
    show(rows, time.perf_counter() - started)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The honest figures over many content splits: their mean, their spread, and the lab's own.

One split is one draw: ROC-AUC differs by a percentage point and more from split to split. This
repeats label, blind audit and training with the rating masked on other splits of the same kind
(`split_by_content` with a salt) and prints n, mean and standard deviation. Everything else is as in
a run, but for augmentation: there are no copies. The model is the one that usually wins.

Usage: python tests/bench/splits.py [how many] [--json]; the catalog is the one that
NETFLIX_TITLES_CSV names.
"""

import json
import sys
import time
from typing import Any

import pandas as pd
from rich.console import Console
from rich.table import Table
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.audits.blind import audit
from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.utilities import derive_features, gold_labels
from tasks.config import BlindAuditConfig, LabelConfig, TrainConfig
from tasks.evaluate_slices.metrics import describe_calibration
from tasks.fetch.source import load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.split import split_by_content
from tasks.label.vote import aggregate, apply_rules
from tasks.train.cross_validation import SEEDS_RECIPE, family_probability, fit_candidate
from tasks.train.features import RICH
from tasks.train.models import logistic_regression
from tasks.train.recipe import Recipe

SPLITS = 8
OWN = "the lab's own"
SEEDS_WAY = "hidden, the seed's way"

Figures = dict[str, Any]


def study(catalog: pd.DataFrame, n_splits: int = SPLITS) -> list[Figures]:
    """Return the figures of the lab's own split, then those of `n_splits` others.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, 12)
    n_splits : int

    Returns
    -------
    list of dict
        ``split``, ``n`` test titles with gold, and what `blind_figures` and `hidden_figures` say.
    """
    catalog = catalog.sort_values("show_id", ignore_index=True)
    config = LabelConfig()
    votes = apply_rules(catalog, LABELING_FUNCTIONS)
    weak = aggregate(votes, LABELING_FUNCTIONS, config.aggregator, config.tie_policy)
    salts = {OWN: ""} | {f"split {number}": f"split {number}" for number in range(1, n_splits + 1)}
    rows = []
    for name, salt in salts.items():
        labeled = pd.concat([catalog, weak, split_by_content(catalog, salt=salt)], axis=1)
        rows.append({"split": name, **blind_figures(labeled), **hidden_figures(labeled)})
    return rows


def blind_figures(labeled: pd.DataFrame) -> Figures:
    """Return the blind audit's ROC-AUC, average precision, ceiling, labels needed and ladder."""
    _, found = audit(labeled, BlindAuditConfig())
    return {
        "n": found["n_gold"],
        "blind": found["roc_auc"],
        "blind AP": found["average_precision"],
        "ceiling": found["ceiling"]["roc_auc"],
        "hand labels": found["hand_labels_needed"]["n"],
        "ladder": {step["step"]: step["roc_auc"] for step in found["ladder"]},
    }


def hidden_figures(labeled: pd.DataFrame) -> Figures:
    """Return what the published model is worth with the rating hidden, and visible.

    Hidden is against gold; visible is ROC-AUC against the weak labels, the seed's protocol.
    """
    config, test = TrainConfig(), labeled[labeled["split"] == TEST]
    recipe = Recipe(RICH, config.mask_rating, config.soft_labels)
    gold = gold_labels(test["rating"]).dropna().astype(int)
    nothing = pd.Series(None, index=gold.index, dtype="str")
    hidden_titles = derive_features(test.loc[gold.index].assign(rating=nothing))
    labelled = test[test["label"].notna()]
    fitted = fit(labeled, recipe)
    hidden = family_probability(fitted, hidden_titles)
    visible = family_probability(fitted, derive_features(labelled))
    seeds = family_probability(fit(labeled, SEEDS_RECIPE), hidden_titles)
    calibration = describe_calibration(gold, hidden)
    return {
        "hidden": float(roc_auc_score(gold, hidden)),
        "hidden AP": float(average_precision_score(gold, hidden)),
        "Brier": calibration["brier"],
        "calibration error": calibration["expected_error"],
        "visible": float(roc_auc_score(labelled["label"].astype(int), visible)),
        SEEDS_WAY: float(roc_auc_score(gold, seeds)),
    }


def fit(labeled: pd.DataFrame, recipe: Recipe) -> Any:
    """Fit the usual winner to the labelled train titles."""
    train = labeled[(labeled["split"] == TRAIN) & labeled["label"].notna()]
    columns = train[["show_id", "probability", "content_group"]]
    rows = derive_features(train).join(columns).assign(label=train["label"].astype("int8"))
    return fit_candidate(logistic_regression, rows, seed=TrainConfig().seed, recipe=recipe)


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
    """Study the splits and print the tables, or with --json the figures."""
    numbers = [argument for argument in sys.argv[1:] if argument.isdigit()]
    started = time.perf_counter()
    rows = study(load_netflix_data(), int(numbers[0]) if numbers else SPLITS)
    if "--json" in sys.argv:
        sys.stdout.write(json.dumps(rows) + "\n")
    else:
        show(rows, time.perf_counter() - started)
    return 0


if __name__ == "__main__":
    sys.exit(main())

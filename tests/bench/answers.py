"""What people's answers are worth: simulated, with the gold of train titles as the people.

The protocol is the blind audit's: no rating in rules, labels, features or queue. In rounds, the
titles that the queue puts first are answered and vote, labels and model are made again, and the
queue after them; beside it the same number of titles taken at random. Gold of test titles scores.
The draws are content splits (`split_by_content` with a salt), and for chance five orders in each.
Copies, which bring nothing that can be measured, are left out; titles without gold are not asked.

Usage: python tests/bench/answers.py [how many splits] [--inner]; the catalog is the one that
NETFLIX_TITLES_CSV names. Draws docs/answers.png. With --inner, for whoever changes the queue, the
train titles of the lab's own split are split again, and no test title is read.
"""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from tasks.audits.ladder import END_MODEL, Blind, rank_figures, take_apart
from tasks.audits.relabel import recipe_of, relabel
from tasks.augment.stage import training_titles
from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import gold_labels
from tasks.config import BlindAuditConfig, EvaluateConfig
from tasks.evaluate_slices.review import choose_titles, worth
from tasks.fetch.source import load_netflix_data
from tasks.label.answers import STRENGTH, answer_rules
from tasks.label.split import split_by_content
from tasks.label.vote import aggregate, apply_rules
from tasks.train.folds import assign_folds
from tasks.train.prepared import prepare

SIZES = (0, 50, 100, 300, 1000)
SPLITS, ORDERS, FOLDS = 8, 5, 3
OWN = "the lab's own"
CONFIG = BlindAuditConfig()
SHARE = EvaluateConfig().slice_share
PICTURE = Path(__file__).resolve().parents[2] / "docs" / "answers.png"

Numbers = Any


class Simulation:
    """A catalog, split and prepared once; titles are train titles, by number."""

    def __init__(self, labeled: pd.DataFrame) -> None:
        again = relabel(labeled, CONFIG)
        rows = training_titles(again.titles, set(near_duplicates(labeled)["show_id"]))
        prepared = prepare(rows, CONFIG.features, CONFIG.withhold)
        self.blind: Blind = take_apart(prepared, again, CONFIG.seed)
        titles = again.titles.set_index("show_id", drop=False)
        self.titles = titles.loc[rows["show_id"]].reset_index(drop=True)
        self.known = np.flatnonzero(~np.isnan(self.blind.train_gold))

    def label(self, answered: Numbers) -> pd.DataFrame:
        """Return the weak labels of the train titles when some are answered, as their gold says."""
        given = pd.DataFrame(
            {
                "show_id": self.titles["show_id"].to_numpy()[answered],
                "answer": self.blind.train_gold[answered].astype(int),
                "strength": STRENGTH,
            }
        )
        rules = answer_rules(given)
        said = apply_rules(self.titles, rules)
        votes = pd.concat([self.blind.votes.iloc[: len(said)], said], axis=1)
        return aggregate(votes, (*self.blind.rules, *rules), CONFIG.aggregator, CONFIG.tie_policy)

    def fit(self, weak: pd.DataFrame, chosen: Numbers) -> Any:
        """Train on the chosen titles; return the model and the features weighed by them."""
        rows = self.blind.prepared.rows.assign(
            label=weak["label"].to_numpy(dtype="int8"), probability=weak["probability"].to_numpy()
        )
        prepared = replace(self.blind.prepared, rows=rows)
        return prepared.fit(END_MODEL, chosen, recipe_of(CONFIG), CONFIG.seed)

    def score(self, answered: Numbers) -> float:
        """Return the ROC-AUC on gold of test titles after these answers."""
        model = self.fit(self.label(answered), np.arange(len(self.titles)))
        ranking = model.predict_proba(self.blind.test)[:, 1]
        return rank_figures(self.blind.test_gold, ranking)["roc_auc"]

    def queue(self, answered: Numbers, n: int) -> Numbers:
        """Return the answered titles and the `n` that the queue would ask about next."""
        weak = self.label(answered)
        groups = self.titles["content_group"].to_numpy()
        fold = assign_folds(weak["label"].to_numpy(dtype=int), groups, FOLDS, CONFIG.seed)
        model = np.empty(len(weak))
        for held_out in range(FOLDS):
            fitted = self.fit(weak, np.flatnonzero(fold != held_out))
            scored = np.flatnonzero(fold == held_out)
            matrix = self.blind.prepared.matrix[scored]
            model[scored] = fitted.predict_proba(matrix)[:, 1]
        open_ones = np.setdiff1d(self.known, answered)
        value = worth(weak["probability"].to_numpy(), model)[open_ones]
        chosen = choose_titles(self.titles.iloc[open_ones], value, n, SHARE)
        return np.concatenate([answered, open_ones[chosen]])


def curves(labeled: pd.DataFrame, seed: int) -> dict[str, list[float]]:
    """Return ROC-AUC at `SIZES`, by the queue and by chance, the mean of several orders."""
    simulation = Simulation(labeled)
    answered, by_queue = np.empty(0, dtype=int), []
    for size in SIZES:
        if size:
            answered = simulation.queue(answered, size - len(answered))
        by_queue.append(simulation.score(answered))
    random = np.random.default_rng(seed)
    orders = [random.permutation(simulation.known) for _ in range(ORDERS)]
    by_chance = [np.mean([simulation.score(o[:n]) for o in orders]) for n in SIZES[1:]]
    return {"queue": by_queue, "chance": [by_queue[0], *by_chance]}


def splits(catalog: pd.DataFrame, how_many: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return the catalog split the lab's own way, and in other ways."""
    salts = {OWN: ""} | {f"split {n}": f"split {n}" for n in range(1, how_many + 1)}
    for name, salt in salts.items():
        yield name, pd.concat([catalog, split_by_content(catalog, salt=salt)], axis=1)


def inner_splits(catalog: pd.DataFrame, how_many: int) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return the train titles of the lab's own split, split again."""
    inside = split_by_content(catalog)["split"] == TRAIN
    titles = catalog[inside.fillna(False)].reset_index(drop=True)
    for name, labeled in splits(titles, how_many):
        if name != OWN:
            yield f"inner {name}", labeled


def study(
    catalog: pd.DataFrame, how_many: int, ways: Callable[..., Iterator[tuple[str, pd.DataFrame]]]
) -> pd.DataFrame:
    """Return one row a split, way and size: ROC-AUC and n, the test titles with gold."""
    rows = []
    for number, (name, labeled) in enumerate(ways(catalog, how_many)):
        n = int(gold_labels(labeled.loc[labeled["split"] == TEST, "rating"]).notna().sum())
        for way, figures in curves(labeled, number).items():
            rows += [(name, n, way, size, f) for size, f in zip(SIZES, figures, strict=True)]
    return pd.DataFrame(rows, columns=["split", "n", "way", "answers", "roc_auc"])


def show(found: pd.DataFrame, seconds: float) -> None:
    """Print every split, and the mean and standard deviation of those that are not the lab's."""
    table = Table(title=f"Blind ROC-AUC after answers ({seconds:.0f} s)", box=None)
    for name in ("", "", *(f"{size:,}" for size in SIZES), "test titles"):
        table.add_column(name, justify="right")
    for (name, way), part in found.groupby(["split", "way"], sort=False):
        figures = (f"{value:.4f}" for value in part["roc_auc"])
        table.add_row(str(name), str(way), *figures, f"{part['n'].iloc[0]:,}")
    others = found[found["split"] != OWN]
    for way, part in others.groupby("way", sort=False):
        for label, values in (("mean", part.groupby("answers")["roc_auc"].mean()),
                              ("sd", part.groupby("answers")["roc_auc"].std())):  # fmt: skip
            table.add_row(label, str(way), *(f"{v:.4f}" for v in values), style="bold")
    Console(highlight=False, width=120).print(table)


def draw(found: pd.DataFrame) -> None:
    """Draw the mean over the splits that are not the lab's own, and how far they spread."""
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    others = found[found["split"] != OWN]
    n_splits, n = others["split"].nunique(), others["n"].mean()
    fig, ax = plt.subplots(figsize=(8, 4.5), layout="constrained")
    for way, label, colour in (("queue", "chosen by the queue", "#1b6ca8"),
                               ("chance", "chosen at random", "#b0762d")):  # fmt: skip
        part = others[others["way"] == way].pivot_table(
            index="split", columns="answers", values="roc_auc"
        )
        gain = part.sub(part[0], axis=0)
        mean, spread = part.mean(), gain.std() / np.sqrt(n_splits)
        ax.errorbar(mean.index, mean, yerr=spread, marker="o", color=colour, label=label, capsize=3)
    ax.set(xlabel="answers (train titles)", ylabel="ROC-AUC, no rating anywhere")
    ax.set_xscale("symlog", linthresh=50)
    ax.set_xticks(SIZES, [f"{size:,}" for size in SIZES])
    ax.set_title("What people's answers are worth, blind", loc="left")
    ax.text(1, 1.02, f"mean of {n_splits} splits, {n:,.0f} test titles each; bars: standard error "
            "of the gain", transform=ax.transAxes, ha="right", fontsize=7)  # fmt: skip
    ax.legend(frameon=False, loc="lower right")
    fig.savefig(PICTURE, dpi=110)


def main() -> int:
    """Simulate on the splits, print the table and draw the picture."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    inner, started = "--inner" in sys.argv, time.perf_counter()
    catalog = load_netflix_data().sort_values("show_id", ignore_index=True)
    how_many = numbers[0] if numbers else SPLITS
    found = study(catalog, how_many, inner_splits if inner else splits)
    show(found, time.perf_counter() - started)
    if not inner:
        draw(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())

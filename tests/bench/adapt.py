"""What adapting a release to another catalog brings: a model of films alone scores the series.

The series' ratings are hidden from model and adaptation, and judge both in the end. Everything is
trained as in a run, with logistic regression alone, on a volume that goes again.

Usage: python tests/bench/adapt.py; the catalog is the one that NETFLIX_TITLES_CSV names.
"""

import tempfile
from pathlib import Path

import pandas as pd
from rich.console import Console

from tasks.catalog.columns import CATALOG_COLUMNS, TEST
from tasks.catalog.utilities import gold_labels
from tasks.config import TrainConfig
from tasks.evaluate_slices.comparison import compare_roc_auc
from tasks.fetch.source import load_netflix_data
from tasks.pipeline import LABEL, LABELED, MODEL, SELECT, STAGES, TRAIN, load, needed_by
from tasks.score.adapt import adapt, average
from tasks.score.titles import Scorer, family_probability, read_titles
from tasks.train.cross_validation import recipe_of
from tasks.train.recipe import hide_rating
from tasks.volume.model_file import parse_model
from tasks.volume.runs import Volume

CONFIG = TrainConfig(models=["logistic_regression"])


def train_on(titles: pd.DataFrame) -> tuple[Scorer, pd.DataFrame]:
    """Run the workflow on titles up to the fitted model; return it and the test titles."""
    with tempfile.TemporaryDirectory(prefix="labeling-lab-adapt-") as root:
        titles.to_csv(f"{root}/titles.csv", index=False)
        params = {"source": f"{root}/titles.csv", "models": CONFIG.models}
        params["operations"] = ["random_swap", "random_deletion"]  # no WordNet is needed
        workspace = Volume(Path(root)).workspace("films")
        for stage in STAGES:
            if stage.name in (*needed_by(SELECT), SELECT):
                mapped = {"model": CONFIG.models[0]} if stage.name == TRAIN else {}
                load(stage.function)(workspace, stage.config.from_params(params), **mapped)
        model = parse_model(workspace.run.read(SELECT).read_bytes(MODEL), "the model of films")
        labeled = workspace.run.read(LABEL).read_table(LABELED)
    scorer = Scorer("films", model, CONFIG.threshold, None, recipe_of(CONFIG))
    return scorer, labeled[labeled["split"] == TEST]


def compare(scorer: Scorer, titles: pd.DataFrame) -> str:
    """Say what the model is worth on titles, their rating hidden, by itself and adapted to them."""
    titles = titles[list(CATALOG_COLUMNS)].reset_index(drop=True)
    gold, hidden = gold_labels(titles["rating"]), hide_rating(titles)
    features = read_titles(scorer, hidden)
    release = family_probability(scorer, features)
    adapted, facts = adapt(scorer, hidden, CONFIG.seed)
    if adapted is None:
        return f"not adapted: {facts['why']}"
    both = average(release, adapted.log_odds(features, hidden))
    known = gold.notna().to_numpy()
    truth = gold[known].astype(int)
    found = compare_roc_auc(truth, both[known], release[known], seed=CONFIG.seed, resamples=1000)
    low, high = found["intervals"]["difference"]
    return (
        f"{found['champion']:.4f}, adapted {found['challenger']:.4f}, difference "
        f"{found['difference']:+.4f} [{low:+.4f}, {high:+.4f}], n = {known.sum():,}"
    )


def main() -> None:
    """Print ROC-AUC of the series, which are foreign, and of the films' test titles."""
    catalog = load_netflix_data()
    is_film = catalog["type"] == "Movie"
    scorer, held_out = train_on(catalog[is_film])
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"series, ROC-AUC by the model of films: {compare(scorer, catalog[~is_film])}")
    console.print(f"films held out, by the same model: {compare(scorer, held_out)}")


if __name__ == "__main__":
    main()

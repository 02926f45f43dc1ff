"""Time the lab against the plain notebook way of the same work, in one run on this machine.

Usage: make bench, with NETFLIX_TITLES_CSV naming the real catalogue (else the volume's, else the
embedded sample, on which the figures mean little).
"""

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import nltk
import pandas as pd
from notebook_way import replace_synonyms
from process import Cost, measure
from rich.console import Console
from rich.table import Table
from row_wise import ROW_RULES

from labeling_lab.home import AIRFLOW, DAG_ID, HOME_ENV, environment, prepare
from tasks.augment.copies import make_copies
from tasks.augment.synonyms import load_synonyms
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import title_text
from tasks.config import AugmentConfig
from tasks.fetch.source import SAMPLE, load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import apply_rules
from tasks.volume.runs import DATA_ENV, Run, Volume

BENCH = Path(__file__).resolve().parent
REPO = BENCH.parents[1]
ROUNDS = 5
ROWS_BY_HAND = 2000
LOOKUPS_BY_HAND = 500


def seconds_of(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median seconds of some rounds, after one that is not counted."""
    work()
    laps = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        laps.append(time.perf_counter() - started)
    return median(laps)


def find_catalog() -> Path:
    """Return the catalogue to time on."""
    given = os.environ.get("NETFLIX_TITLES_CSV")
    own = Volume.from_environment().root / "netflix_titles.csv"
    return Path(given) if given else own if own.is_file() else SAMPLE


def time_notebook(catalog: Path) -> tuple[Cost, dict]:
    """Return what the notebook took and printed."""
    env = {**os.environ, "PYTHONWARNINGS": "ignore", "NLTK_DATA": nltk_folder()}
    cost, printed = measure([sys.executable, str(BENCH / "notebook_way.py"), str(catalog)], env)
    return cost, json.loads(printed.splitlines()[-1])


def time_dag(catalog: Path, volume: Path, home: Path) -> tuple[Cost, dict]:
    """Return what the whole DAG run took, Airflow's start included, and its metrics."""
    os.environ[HOME_ENV] = str(home)
    prepare()
    env = environment() | {"NETFLIX_TITLES_CSV": str(catalog), DATA_ENV: str(volume)}
    cost, _ = measure([*AIRFLOW, "dags", "test", DAG_ID], env)
    run = Volume(volume).newest_run(("evaluate_slices",))
    return cost, {
        "metrics": run.read("evaluate_slices").read_json("metrics.json"),
        "train": train_seconds(run),
    }


def train_seconds(run: Run) -> float:
    """Return what training took: every candidate, the first with the shared terms, the refit."""
    candidates = run.read("select").read_json("candidates.json")["candidates"]
    refit = run.read("select").manifest["seconds"]
    return sum(candidate["seconds"] for candidate in candidates) + refit


def nltk_folder() -> str:
    """Return where WordNet is."""
    own = Volume.from_environment().root / "nltk_data"
    return os.environ.get("NLTK_DATA") or str(own)


def rules_per_second(catalog: Path) -> tuple[float, float]:
    """Return titles a second of the row-wise rules and of the lab's, both warm."""
    titles = load_netflix_data(catalog)
    rows = titles.head(ROWS_BY_HAND).fillna({"rating": "", "title": "", "description": ""})
    rules = list(ROW_RULES.values())
    by_hand = seconds_of(lambda: rows.apply(lambda row: [r(row) for r in rules], axis=1), 3)
    ours = seconds_of(lambda: apply_rules(titles, LABELING_FUNCTIONS))
    return len(rows) / by_hand, len(titles) / ours


def copies_per_second(catalog: Path) -> tuple[float, float]:
    """Return synonym copies a second of plain look-ups and of the lab's table, both warm."""
    nltk.data.path.insert(0, nltk_folder())
    titles = load_netflix_data(catalog).head(LOOKUPS_BY_HAND)
    texts = dict(zip(titles["show_id"], title_text(titles), strict=True))
    table, _ = load_synonyms(Volume.from_environment().root)
    operations = choose(TRANSFORMS, ["synonym_replacement"], "operations")
    n = len(texts)
    rows = pd.DataFrame({"show_id": [*texts, *[""] * 2 * n], "label": [1] * n + [0] * 2 * n})
    by_hand = seconds_of(lambda: [replace_synonyms(t, random.Random(0)) for t in texts.values()])
    ours = seconds_of(lambda: make_copies(rows, titles, operations, table, (), AugmentConfig()))
    return n / by_hand, n / ours


def main() -> int:
    """Time everything once and print the table."""
    catalog = find_catalog()
    with tempfile.TemporaryDirectory(prefix="labeling-lab-bench-") as folder:
        volume = Path(folder) / "data"
        volume.mkdir()
        for shared in ("nltk_data", "cache"):
            if (place := Volume.from_environment().root / shared).is_dir():
                (volume / shared).symlink_to(place)
        notebook, printed = time_notebook(catalog)
        dag, seen = time_dag(catalog, volume, REPO / ".airflow" / "bench")
    rules, copies = rules_per_second(catalog), copies_per_second(catalog)
    show(printed, notebook, seen, dag, rules, copies)
    return 0


def show(printed: dict, notebook: Cost, seen: dict, dag: Cost, rules: tuple, copies: tuple) -> None:
    """Print the comparison."""
    table = Table(title=f"{printed['n']:,} titles, one run", box=None, padding=(0, 2))
    for name in ("", "notebook", "lab", "ratio"):
        table.add_column(name, justify="right" if name else "left")
    by_hand = printed["seconds"]["train"]
    for name, theirs, ours in (
        ("whole, s", notebook.seconds, dag.seconds),
        ("peak memory, MB", notebook.megabytes, dag.megabytes),
    ):
        table.add_row(name, f"{theirs:,.1f}", f"{ours:,.1f}", f"{ours / theirs:.2f} of it")
    ours = seen["train"]
    table.add_row("train, s", f"{by_hand:.1f}", f"{ours:.1f}", f"{by_hand / ours:.1f} times faster")
    for name, (slow, fast) in {"rules, titles/s": rules, "synonyms, copies/s": copies}.items():
        table.add_row(name, f"{slow:,.0f}", f"{fast:,.0f}", f"{fast / slow:.0f} times faster")
    cv = seen["metrics"]["seed_protocol"]["cv_roc_auc"]["mean"]
    table.add_row("CV ROC-AUC, best", f"{max(printed['cv_roc_auc'].values()):.4f}", f"{cv:.4f}", "")
    hidden = seen["metrics"]["rating_hidden"]
    ours_hidden = f"{hidden['roc_auc']:.3f} (n = {hidden['n']:,})"
    theirs = f"{printed['rating_hidden_roc_auc']:.3f} (n = {printed['n_gold']:,})"
    table.add_row("rating hidden, best", theirs, ours_hidden, "")
    Console(highlight=False, width=100).print(table)


if __name__ == "__main__":
    sys.exit(main())

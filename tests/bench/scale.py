"""Seconds and peak memory of every stage on ever larger catalogues of distinct, invented titles.

How the cost grows is told by the seconds of processors, which other work on the machine moves less.

Each title takes its cells from a title of the catalogue that NETFLIX_TITLES_CSV names, else of the
embedded sample, and its words from the titles of the same rating, with as many words that are rare
or new as texts of people have. Every stage runs in a process of its own, imports included.

Usage: python tests/bench/scale.py [sizes ...]; also draws docs/scale.png.
"""

import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from process import KILOBYTES, Cost, measure
from rich.console import Console
from rich.table import Table

from tasks import pipeline
from tasks.fetch.source import load_netflix_data
from tasks.pipeline import STAGES, TRAIN
from tasks.train.models import MODELS
from tasks.volume.runs import DATA_ENV, Volume

SIZES = (8_807, 88_070, 264_210)
NEW_WORDS = 0.03  # of the words of a text, met for the first time
PICTURE = Path(__file__).resolve().parents[2] / "docs" / "scale.png"
PEAK = "peak"


Costs = dict[str, Cost]


def invent_catalog(base: pd.DataFrame, n: int, seed: int = 0) -> pd.DataFrame:
    """Return n distinct titles with the cells of the base's titles and the words of their kind."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(base), n)
    catalog = base.iloc[drawn].reset_index(drop=True)
    kinds, names = pd.factorize(catalog["rating"].fillna(""))
    texts = {column: np.empty(n, dtype=object) for column in ("title", "description")}
    for kind, name in enumerate(names):
        rows = np.flatnonzero(kinds == kind)
        known = base[base["rating"].fillna("") == name]
        for column, said in texts.items():
            words = np.array(" ".join(known[column].astype("str")).split(), dtype=object)
            lengths = catalog.loc[rows, column].astype("str").str.split().str.len().to_numpy()
            said[rows] = _write(rng, words, lengths, f"{kind}{column[0]}")
    texts["title"] = texts["title"] + np.array([f" {i:x}" for i in range(n)], dtype=object)
    names_of = {c: _shuffled_names(rng, catalog[c]) for c in ("cast", "director")}
    return catalog.assign(show_id=[f"s{i}" for i in range(n)], **texts, **names_of)


def _write(
    rng: np.random.Generator, words: np.ndarray, lengths: np.ndarray, mark: str
) -> list[str]:
    drawn = words[rng.integers(0, len(words), lengths.sum())]
    new = np.flatnonzero(rng.random(len(drawn)) < NEW_WORDS)
    drawn[new] = [f"zq{mark}{i:x}" for i in range(len(new))]
    ends = np.cumsum(lengths)
    return [" ".join(drawn[end - length : end]) for end, length in zip(ends, lengths, strict=True)]


def _shuffled_names(rng: np.random.Generator, cells: pd.Series) -> list[str | None]:
    """Deal the names of all cells out anew; each thousand titles have people of their own."""
    listed = [cell.split(", ") if isinstance(cell, str) else [] for cell in cells]
    pool = rng.permutation([name for names in listed for name in names])
    people, dealt = iter(pool), []
    for row, names in enumerate(listed):
        dealt.append(", ".join(f"{next(people)} {row // 1000:x}" for _ in names) or None)
    return dealt


def run_stage(root: str, name: str, model: str) -> None:
    """Run one stage of the one run on a volume; what the process for it does."""
    entry = pipeline.stage(name)
    config = entry.config(**{"source": f"{root}/catalog.csv"} if name == pipeline.FETCH else {})
    mapped = {"model": model} if model else {}
    pipeline.load(entry.function)(Volume(Path(root)).workspace("scale"), config, **mapped)
    # What wait4 tells as the peak is at least what the process that started this one held.
    status = Path("/proc/self/status").read_text()
    (Path(root) / PEAK).write_text(status.split("VmHWM:")[1].split()[0])


def measure_stages(catalog: pd.DataFrame, wordnet: Path) -> Costs:
    """Return what each stage takes, each candidate on its own."""
    costs: Costs = {}
    with tempfile.TemporaryDirectory(prefix="labeling-lab-scale-") as root:
        catalog.to_csv(f"{root}/catalog.csv", index=False)
        for shared in ("nltk_data", "cache"):
            if (wordnet / shared).is_dir():
                (Path(root) / shared).symlink_to(wordnet / shared)
        for stage in STAGES:
            for model in [m.name for m in MODELS] if stage.name == TRAIN else [""]:
                command = [sys.executable, __file__, "--stage", root, stage.name, model]
                cost, _ = measure(command, os.environ | {DATA_ENV: root})
                peak = int((Path(root) / PEAK).read_text()) / KILOBYTES
                name = " ".join(filter(None, (stage.name, model)))
                costs[name] = cost._replace(megabytes=peak)
    return costs


def show(measured: dict[int, Costs]) -> None:
    """Print seconds and peak memory by stage, and how the seconds grow from size to size."""
    table = Table(
        title="Seconds, of all processors too, and peak MB; how the latter seconds grow", box=None
    )
    table.add_column("stage")
    for n in measured:
        table.add_column(f"{n:,} titles", justify="right")
    for small, large in pairwise(measured):
        table.add_column(f"{large / small:.0f} times the titles", justify="right")
    for stage in next(iter(measured.values())):
        cells = [
            f"{c.seconds:.1f} s {c.processor_seconds:.1f} s {c.megabytes:,.0f} MB"
            for c in (costs[stage] for costs in measured.values())
        ]
        growth = [
            measured[large][stage].processor_seconds / measured[small][stage].processor_seconds
            for small, large in pairwise(measured)
        ]
        table.add_row(stage, *cells, *(f"{times:.1f} times" for times in growth))
    Console(highlight=False, width=150).print(table)


def draw(measured: dict[int, Costs]) -> None:
    """Draw the seconds of each stage over the titles, both in powers of ten."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(8.5, 5.5), layout="constrained")
    sizes = list(measured)
    colours = plt.get_cmap("tab20").colors
    for stage, colour in zip(measured[sizes[0]], colours, strict=False):
        seconds = [measured[n][stage].processor_seconds for n in sizes]
        ax.plot(sizes, seconds, marker="o", color=colour, label=stage)
    least = min(cost.processor_seconds for cost in measured[sizes[0]].values())
    ax.plot(sizes, [least * n / sizes[0] for n in sizes], "k:", label="ten times for ten times")
    ax.set(xscale="log", yscale="log", xlabel="titles", ylabel="seconds of processors")
    ax.set_title("How the stages grow with the catalogue", loc="left")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    fig.savefig(PICTURE, dpi=110)


def main() -> None:
    """Measure all sizes, print the table and draw the picture."""
    if sys.argv[1:2] == ["--stage"]:
        run_stage(*sys.argv[2:])
        return
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    base, wordnet = load_netflix_data(), Volume.from_environment().root
    measured = {}
    for n in sizes:
        measured[n] = measure_stages(invent_catalog(base, n), wordnet)
        show(measured)
    draw(measured)


if __name__ == "__main__":
    main()

"""Titles a second and peak memory of scoring ever larger catalogues with the champion.

The titles are invented as those of `scale.py`, written in pieces. What is measured is `make score`
as a whole process: start, imports, loading the release, reading, scoring, writing.

Usage: python tests/bench/score.py [sizes ...], with a release on the volume.
"""

import sys
import tempfile
from pathlib import Path

from process import measure
from rich.console import Console
from scale import invent_catalog

from tasks.catalog.formats import count
from tasks.fetch.source import load_netflix_data

SIZES = (1_000_000,)
PIECE = 50_000
CONSOLE = (sys.executable, "-m", "labeling_lab.score_console")


def write_catalog(path: Path, n: int) -> None:
    """Write n invented titles, piece by piece."""
    base = load_netflix_data()
    for first in range(0, n, PIECE):
        piece = invent_catalog(base, min(PIECE, n - first), seed=first)
        piece["show_id"] = [f"s{first + place}" for place in range(len(piece))]
        piece.to_csv(path, index=False, header=not first, mode="a" if first else "w")


def main() -> None:
    """Measure all sizes and print a line each."""
    for n in [int(size) for size in sys.argv[1:]] or SIZES:
        with tempfile.TemporaryDirectory(prefix="labeling-lab-score-") as folder:
            catalog = Path(folder) / "catalog.csv"
            write_catalog(catalog, n)
            out = str(Path(folder) / "scores.csv")
            cost, _ = measure([*CONSOLE, "--out", out, "--", str(catalog)])
            size = catalog.stat().st_size / 1e6
        Console(highlight=False, width=150).print(
            f"{count(n, 'title')} ({size:,.0f} MB) in {cost.seconds:.0f} s, "
            f"{cost.processor_seconds:.0f} s of processors: {n / cost.seconds:,.0f} titles a "
            f"second, {n / cost.processor_seconds:,.0f} a second of a processor; "
            f"peak {cost.megabytes:,.0f} MB"
        )


if __name__ == "__main__":
    main()

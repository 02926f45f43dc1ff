"""Scores a catalogue and says what came out: the command behind ``make score``."""

import argparse
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from labeling_lab.terminal import STOPPED, command, facts_table
from tasks.catalog.formats import count, percent
from tasks.config import ScoreConfig
from tasks.score.drift import drift_in_words


def report_rows(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Say what was scored, what was not and why, and what to open next."""
    scored, repeated = report["scored"], report["repeated_ids"]
    rate = count(scored / max(report["seconds"], 0.01), "title")
    rows = [
        ("Catalog", report["catalog"]),
        ("Read as", columns_in_words(report["columns"])),
        ("Release", f"{report['release']}, family from {report['threshold']:.2f} on"),
        ("Scored", f"{count(scored, 'title')} in {report['seconds']:.1f} s, {rate} a second"),
        ("Family", f"{count(report['family'])}, {percent(report['family'] / scored, 1)}"),
        ("Rating read", f"{count(report['rating_read'])} of {count(scored, 'title')}"),
        ("No rule voted", f"on {count(report['without_votes'], 'title')}"),
        ("Quarantined", count(report["quarantined"], "record")),
    ]
    rows += [("", f"{count(n)}: {why}") for why, n in report["quarantine_reasons"].items()]
    if repeated:
        rows.append(("Repeated ids", f"{count(repeated, 'title')}, scored each by its own cells"))
    adapt, drift = report["adapt"], report["drift"]
    learned = f"on {count(adapt.get('n'), 'title')}, {adapt.get('folds')} folds; no gold asked"
    rows.append(("Adapted", learned if adapt["adapted"] else f"no: {adapt['why']}"))
    rows.append(("Drift", drift_in_words(drift)))
    if "n_trained" in drift:
        rows.append(("", f"against {count(drift['n_trained'], 'title')} of training"))
    rows += [("Open next", report["scores"]), ("", report["report"])]
    rows += [("", report["quarantine"])] * bool(report["quarantined"])
    return [(name, text) for name, text in rows if text]


def columns_in_words(columns: Mapping[str, str | None]) -> str:
    """Say which columns the file calls otherwise, and which it does not have."""
    others = [f"{alias} as {name}" for name, alias in columns.items() if alias not in (name, None)]
    missing = [name for name, alias in columns.items() if alias is None]
    return "; ".join(
        [", ".join(others)] * bool(others) + [f"no {', '.join(missing)}"] * bool(missing)
    )


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Score a catalogue; return the exit code."""
    parser = argparse.ArgumentParser("python -m labeling_lab.score_console", description=__doc__)
    parser.add_argument("catalog", help="a CSV or Parquet file")
    parser.add_argument("--out", default="", help="a .csv or .parquet file; else on the volume")
    parser.add_argument("--release", default="", help="such as v0003; by default the champion")
    parser.add_argument("--adapt", default="auto", choices=["auto", "true", "false"])
    chosen = parser.parse_args(arguments)
    terminal = sys.stderr.isatty()  # then there is a progress bar
    logging.basicConfig(level=logging.WARNING if terminal else logging.INFO, format="%(message)s")
    console = Console(highlight=False)
    from tasks.score.scoring import score_catalog
    from tasks.volume.runs import Volume

    out = Path(chosen.out) if chosen.out else None
    config = ScoreConfig(catalog=chosen.catalog, release=chosen.release, adapt=chosen.adapt)
    try:
        report = score_catalog(Volume.from_environment(), config, out)
    except KeyboardInterrupt:
        console.print("Stopped; nothing was written.")
        return STOPPED
    console.print(facts_table(report_rows(report)))
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped as by Ctrl-C
    sys.exit(main())

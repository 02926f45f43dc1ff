"""Records a file of answers: the command behind ``make answers``."""

import argparse
import getpass
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from labeling_lab.terminal import command, facts_table
from tasks.catalog.formats import count
from tasks.volume.answered import record_file
from tasks.volume.runs import Volume

MOST_REFUSED, MOST_NAMED = 20, 10


def receipt_table(report: Mapping[str, Any], by: str) -> Table:
    """Say what was recorded, what not and why, what all answers come to, and what to do next."""
    refused, progress = report["refused"], report["progress"]
    recorded = f"{count(report['recorded'], 'answer')} by {by}"
    if elsewhere := report["elsewhere"]:
        recorded += f", {count(elsewhere)} about titles that the catalog does not have: kept, "
        recorded += "and counted when it has them"
    rows = [("Recorded", recorded)]
    if report["known"]:
        rows.append(("Said before", count(report["known"], "row")))
    rows.append(("No answer", count(report["empty"], "row")))
    rows.append(("Refused", count(len(refused), "row")))
    rows += [("", f"row {r['row']} ({r['show_id']}): {r['why']}") for r in refused[:MOST_REFUSED]]
    if len(refused) > MOST_REFUSED:
        rows.append(("", f"and {len(refused) - MOST_REFUSED} more"))
    people = progress["people"]
    noun = "person" if people == 1 else "people"
    rows += [
        ("In all", f"{count(progress['answers'], 'answer')} of {people} {noun}"),
        ("Settled", f"{count(progress['settled'], 'title')} of the catalog of run {report['run']}"),
        ("In disagreement", f"{count(progress['disagreement'], 'title')}: do not count"),
        *(("", said) for said in progress["disagreements"][:MOST_NAMED]),
        ("Unsure", count(progress["unsure"], "title")),
        ("Elsewhere", f"{count(progress['elsewhere'], 'title')} that this catalog does not have"),
        ("Next", "make run, which measures rules and model by them"),
        ("", 'make run CONF=\'{"answers": "vote"}\', for those on train titles to vote as well'),
    ]
    if refused:
        rows.append(("", "mend what was refused and give the file again: the rest is known by now"))
    return facts_table(rows)


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Record the file and say what came of it; return 1 if nothing could be recorded."""
    parser = argparse.ArgumentParser(prog="python -m labeling_lab.answers", description=__doc__)
    parser.add_argument("file", type=Path, help="a CSV file with show_id and answer")
    parser.add_argument("--by", default="", help="who says it; default: who is logged in")
    chosen = parser.parse_args(arguments)
    by = chosen.by or getpass.getuser()
    report = record_file(Volume.from_environment(), chosen.file, by)
    Console(highlight=False).print(receipt_table(report, by))
    return 1 if report["refused"] and not report["recorded"] + report["known"] else 0


if __name__ == "__main__":
    sys.exit(main())

"""Answers from a file that a person filled in: a CSV as spreadsheets write it, in any dialect."""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from tasks.catalog.formats import shorten
from tasks.catalog.text import unguard_formula
from tasks.catalog.utilities import clean_names
from tasks.errors import LabError
from tasks.pipeline import CATALOG, FETCH
from tasks.volume.answers import DISAGREEMENT, KEYS, SETTLED, UNSURE
from tasks.volume.runs import Volume

DELIMITERS = ",;\t"
NEEDED = ("show_id", "answer")


def record_answers(
    volume: Volume, rows: Iterable[Mapping[str, Any]], by: str, source: str = ""
) -> dict[str, Any]:
    """Record what a person says about titles of the newest run's catalog, by `Answers.record`.

    Returns the fields of its `Receipt`, the ``run``, and the ``progress`` of all answers.
    """
    run = volume.newest_run([FETCH])
    catalog = run.read(FETCH).read_table(CATALOG)
    receipt = volume.answers.record(rows, by, catalog, source)
    return {**asdict(receipt), "run": run.id, "progress": describe_progress(volume, catalog)}


def record_file(volume: Volume, path: Path, by: str) -> dict[str, Any]:
    """Record a CSV file of answers, such as the run's list of titles to review, filled in.

    The same file is recorded once, however often it comes. `LabError` if it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LabError(f"{path} cannot be read ({error.strerror}); give a CSV file.") from error
    digest = hashlib.sha256(content).hexdigest()
    return record_answers(volume, read_answered(content, path.name), by, source=digest)


def describe_progress(volume: Volume, catalog: pd.DataFrame) -> dict[str, Any]:
    """Count the answers that stand and, of the catalog's titles, what they came to.

    ``disagreements`` says of each title that people disagree about who says what.
    """
    current, settled = volume.answers.current(), volume.answers.settled(catalog)
    status = settled["status"]
    torn = current.merge(settled.loc[status == DISAGREEMENT, KEYS], on=KEYS)
    torn["about"] = torn["show_id"] + " " + torn["title"]
    torn["said"] = torn["by"] + " says " + torn["answer"]
    said = torn.groupby("about")["said"].agg(", ".join)
    return {
        "disagreements": [f"{title}: {who}" for title, who in said.items()],
        "answers": len(current),
        "people": int(current["by"].str.casefold().nunique()),
        "elsewhere": len(volume.answers.settled()) - len(settled),
        **{name: int((status == name).sum()) for name in (SETTLED, DISAGREEMENT, UNSURE)},
    }


def read_answered(content: bytes, name: str) -> list[dict[str, Any]]:
    """Read the rows of a CSV file: UTF-8, with comma, semicolon or tab between the cells.

    Each row has its cells by the header's names, and ``row``, its number in a spreadsheet. What the
    lab put before a cell so that no spreadsheet takes it for a formula is taken away again.
    `LabError` if the file is no such table.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError(
            f"{name} is not text in UTF-8 (byte {error.start}); save it as CSV UTF-8."
        ) from error
    header = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(DELIMITERS, key=header.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise LabError(
            f"{name} is no CSV table ({error}): a quote is not closed, or a cell is far too long. "
            "Mend it in a spreadsheet; nothing was recorded."
        ) from error
    start = next((number for number, row in enumerate(rows) if any(row)), len(rows))
    names = clean_names([cell for cell in rows[start] if cell.strip()]) if rows[start:] else []
    if missing := [column for column in NEEDED if column not in names]:
        raise LabError(
            f"{name} has no column {', '.join(missing)}; it has {shorten(', '.join(names), 200)}. "
            f"Expected the columns {', '.join(NEEDED)} and, if you like, title, description, note."
        )
    return [
        {"row": number, **dict(zip(names, map(unguard_formula, row), strict=False))}
        for number, row in enumerate(rows[start + 1 :], start=start + 2)
        if any(cell.strip() for cell in row)
    ]

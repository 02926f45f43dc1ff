"""Titles: search and filter a run's titles; a title's vote card."""

from functools import lru_cache
from typing import Annotated

import numpy as np
import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from labeling_lab.pages.reading import find_run, read, volume
from labeling_lab.pages.render import page, plain_rows
from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.catalog.formats import in_words
from tasks.evaluate_slices.slices import SLICES
from tasks.pipeline import (
    CANDIDATES,
    EVALUATE_SLICES,
    LABEL,
    LABELED,
    OUT_OF_FOLD,
    PREDICTIONS,
    SELECT,
    TRAIN,
    VOTES,
)
from tasks.volume.runs import Run

router = APIRouter()

PAGE_ROWS = 50
SORTS = {
    "title": "Title",
    "probability": "P(family) by the votes",
    "hidden": "P(family) by the model, rating hidden",
    "gap": "How far the model is from the label",
}
DISAGREEMENTS = {"rules": "Rules against each other", "model": "Model against label"}


class Filters(BaseModel):
    """What was asked for."""

    run: str = ""
    q: str = ""
    label: str = ""
    split: str = ""
    part: str = ""
    disagree: str = ""
    low: float = 0
    high: float = 1
    sort: str = "title"
    order: str = "up"
    page: int = 1


@router.get("/titles")
def titles(request: Request, asked: Annotated[Filters, Query()]) -> HTMLResponse:
    """Show the titles that pass the filters, a page at a time."""
    runs = [run for run in volume().runs() if run.has([LABEL])]
    if not runs:
        return page(request, "empty", what="run with labels")
    run = find_run(asked.run) if asked.run else pick_run(runs)
    table = joined(run)
    found = order(select(table, asked, run), asked)
    last = max(-(-len(found) // PAGE_ROWS), 1)
    number = min(max(asked.page, 1), last)
    shown = found.iloc[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
    return page(
        request,
        "titles",
        run=run,
        runs=[other.id for other in runs],
        asked=asked,
        rows=plain_rows(shown),
        found=len(found),
        total=len(table),
        number=number,
        last=last,
        slice_names=[(rule.name, in_words(rule.name)) for rule in SLICES],
        sorts=SORTS,
        disagreements=DISAGREEMENTS,
    )


def pick_run(runs: list[Run]) -> Run:
    """Return the newest run with predictions, else the newest with labels."""
    return next((run for run in runs if run.has([EVALUATE_SLICES])), runs[0])


def joined(run: Run) -> pd.DataFrame:
    """Return labels, votes, slices and predictions of a run, a row a title; kept in memory."""
    stages = [run.read(LABEL), *([run.read(SELECT)] if run.has([SELECT]) else [])]
    wanted = [stage.manifest["files"] for stage in stages]
    return _joined(run.id, repr([sorted(f["sha256"] for f in w.values()) for w in wanted]))


@lru_cache(maxsize=4)
def _joined(run_id: str, _digests: str) -> pd.DataFrame:
    run = volume().run(run_id)
    label = run.read(LABEL)
    table, votes = read(label, LABELED), read(label, VOTES)
    cast = votes.set_index("show_id").reindex(table["show_id"]).to_numpy()
    known = table[
        [
            "show_id",
            "title",
            "type",
            "release_year",
            "rating",
            "label",
            "probability",
            "reason",
            "split",
        ]
    ]
    known = known.assign(
        votes_family=(cast == FAMILY).sum(axis=1),
        votes_not_family=(cast == NOT_FAMILY).sum(axis=1),
        found_by=(table["show_id"] + " " + table["title"].fillna("")).str.casefold(),
    )
    known = known.merge(predictions(run), on="show_id", how="left")
    gap = (known["hidden"] - known["label"].astype("float64")).abs()
    return known.assign(gap=gap).sort_values("title", kind="stable", ignore_index=True)


def predictions(run: Run) -> pd.DataFrame:
    """Return what the winner says with the rating hidden: of train titles, out of fold."""
    columns = ["show_id", "probability_rating_hidden", "says_family"]
    if not run.has([SELECT]):
        empty = pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})
        return empty.astype({"show_id": "str"}).rename(columns={columns[1]: "hidden"})
    select = run.read(SELECT)
    report = read(select, CANDIDATES)
    test = read(select, PREDICTIONS)
    train = read(run.read(f"{TRAIN}/{report['winner']}"), OUT_OF_FOLD)
    both = pd.concat([test[columns[:2]], train[columns[:2]]]).astype({columns[1]: "float64"})
    both[columns[2]] = both[columns[1]] >= report.get("threshold", 0.5)
    return both.rename(columns={columns[1]: "hidden"})


@lru_cache(maxsize=8)
def members(run_id: str, name: str, _digest: str) -> pd.Series:
    """Return the ids of the titles in a slice; asked of half a million, a slice takes seconds."""
    table = read(volume().run(run_id).read(LABEL), LABELED)
    (rule,) = (rule for rule in SLICES if rule.name == name)
    return table.loc[rule(table), "show_id"]


def select(table: pd.DataFrame, asked: Filters, run: Run) -> pd.DataFrame:
    """Return the rows that pass every filter."""
    keep = np.ones(len(table), dtype=bool)
    if asked.q.strip():
        wanted = " ".join(asked.q.casefold().split())
        keep &= table["found_by"].str.contains(wanted, regex=False).to_numpy()
    if asked.label:
        names = table["label"].map(CLASS_NAMES).fillna("none")
        keep &= (names == asked.label).to_numpy()
    if asked.split:
        keep &= (table["split"] == asked.split).to_numpy()
    if asked.part in {rule.name for rule in SLICES}:
        digest = run.read(LABEL).manifest["files"][LABELED]["sha256"]
        keep &= table["show_id"].isin(members(run.id, asked.part, digest)).to_numpy()
    if asked.disagree == "rules":
        keep &= ((table["votes_family"] > 0) & (table["votes_not_family"] > 0)).to_numpy()
    if asked.disagree == "model":
        says = table["says_family"].astype("float64")
        keep &= (
            says.notna() & table["label"].notna() & (says != table["label"].astype("float64"))
        ).to_numpy()
    if (asked.low, asked.high) != (0, 1):
        keep &= table["hidden"].between(asked.low, asked.high).to_numpy()
    return table[keep]


def order(table: pd.DataFrame, asked: Filters) -> pd.DataFrame:
    """Sort as was asked; what has no figure comes last."""
    by = asked.sort if asked.sort in SORTS else "title"
    if by == "title":  # as it is kept
        return table[::-1] if asked.order == "down" else table
    return table.sort_values(by, ascending=asked.order != "down", kind="stable", na_position="last")

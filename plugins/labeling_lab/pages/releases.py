"""Releases: the list, two compared, the model card, downloads, and going back to another."""

from functools import lru_cache
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from labeling_lab.home import ROLLBACK_DAG_ID
from labeling_lab.pages.guard import Changer, ask_airflow, changer
from labeling_lab.pages.reading import find_release, read_release, release_digest, volume
from labeling_lab.pages.render import download, page
from labeling_lab.params import check_rollback
from tasks.errors import ArtifactError, ConfigError
from tasks.label.changes import find_changes
from tasks.pipeline import CARD_PAGE, LABELED_CSV, METRICS, PREDICTIONS
from tasks.volume import atomic

router = APIRouter()

SHOWN_TITLES, SHOWN_EVENTS = 100, 50
HIDDEN = "probability_rating_hidden"


@router.get("/releases")
def releases(request: Request, asked: Annotated[str, Query(max_length=250)] = "") -> HTMLResponse:
    """List the releases and what happened to them."""
    found = volume().releases
    if not found.versions() and not found.history():
        return page(request, "empty", what="release")
    trouble, champion = "", None
    try:
        champion = found.current()
    except ArtifactError as error:
        trouble = str(error)
    rows = [describe(version) for version in reversed(found.versions())]
    broken = trouble or any("trouble" in row for row in rows)
    return page(
        request,
        "releases",
        500 if broken else 200,
        rows=rows,
        champion=champion,
        trouble=trouble,
        asked=asked,
        events=found.history()[: -SHOWN_EVENTS - 1 : -1],
    )


def describe(version: str) -> dict[str, Any]:
    """Return a release's facts and figures, or what is wrong with it."""
    try:
        manifest = volume().releases.manifest(version)
        return {"version": version, "manifest": manifest, "metrics": read_release(version)}
    except ArtifactError as error:
        return {"version": version, "trouble": str(error)}


@router.get("/releases/compare")
def compare(request: Request, a: str, b: str) -> HTMLResponse:
    """Put two releases side by side: figures, rules, slices, and title by title."""
    before, after = (read_release(find_release(version)) for version in (a, b))
    changed = compare_titles(a, b)
    return page(
        request,
        "compare",
        a=a,
        b=b,
        before=before,
        after=after,
        rules=find_changes(before["labels"]["rules"], after["labels"]["rules"]),
        titles=changed.head(SHOWN_TITLES).astype("object").to_dict("records"),
        n_titles=len(changed),
        versions=volume().releases.versions(),
    )


@router.get("/releases/compare.csv")
def compare_csv(a: str, b: str) -> Response:
    """Send every title whose label or prediction differs."""
    for version in (a, b):
        find_release(version)
    return download(atomic.to_csv(compare_titles(a, b)), f"{a}-{b}.csv")


def compare_titles(a: str, b: str) -> pd.DataFrame:
    """Return the titles whose label, or call by the model with the rating hidden, differs."""
    return _compare_titles(a, b, release_digest(a) + release_digest(b))


@lru_cache(maxsize=4)
def _compare_titles(a: str, b: str, _digests: str) -> pd.DataFrame:
    tables = []
    for version in (a, b):
        labeled = read_release(version, LABELED_CSV)[["show_id", "title", "label"]]
        said = read_release(version, PREDICTIONS)[["show_id", HIDDEN]]
        table = labeled.merge(said, on="show_id", how="left").rename(columns={HIDDEN: "hidden"})
        decision = read_release(version)["rating_hidden"].get("decision") or {}
        table["hidden"] = table["hidden"].astype("float64")
        known = table["hidden"].notna()
        says = (table["hidden"] >= decision.get("threshold", 0.5)).map({True: "1", False: "0"})
        tables.append(table.assign(label=table["label"].fillna("none"), says=says.where(known, "")))
    both = tables[0].merge(tables[1], on=["show_id", "title"], suffixes=("_before", "_after"))
    scored = (both["says_before"] != "") & (both["says_after"] != "")
    other = scored & (both["says_before"] != both["says_after"])
    found = both[(both["label_before"] != both["label_after"]) | other]
    moved = (found["hidden_after"] - found["hidden_before"]).abs().rename("moved")
    columns = [
        "show_id",
        "title",
        *(f"{n}_{s}" for n in ("label", "hidden") for s in ("before", "after")),
    ]
    return found.assign(moved=moved).sort_values("moved", ascending=False)[columns]


@router.get("/releases/{version}/card")
def card(version: str) -> Response:
    """Show the model card, a page of its own."""
    return download(volume().releases.read_bytes(find_release(version), CARD_PAGE), CARD_PAGE)


@router.get("/releases/{version}/file")
def release_file(version: str, name: str) -> Response:
    """Send a file of a release; 404 if its manifest does not name it."""
    found = volume().releases
    if name not in found.manifest(find_release(version))["files"]:
        raise HTTPException(404, f"Release {version} has no such file.")
    return download(found.read_bytes(version, name), name)


@router.get("/releases/{version}")
def release(request: Request, version: str) -> HTMLResponse:
    """Show a release: its figures, its files, and the form to make it the champion."""
    found = volume().releases
    find_release(version)
    return page(
        request,
        "release",
        version=version,
        manifest=found.manifest(version),
        metrics=read_release(version, METRICS),
        champion=found.current(),
        versions=found.versions(),
    )


@router.post("/releases/{version}/roll-back", dependencies=[Depends(changer)])
async def roll_back(
    request: Request,
    version: str,
    user: Changer,
    reason: Annotated[str, Form(max_length=1000)] = "",
    sure: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Start the rollback workflow, as the user who asks: Airflow checks, runs and records it."""
    find_release(version)
    if not sure:
        raise HTTPException(422, "Tick the box: it makes another release the champion.")
    conf = {"version": version, "reason": " ".join(reason.split())}
    try:
        check_rollback(**conf)
    except ConfigError as error:
        raise HTTPException(422, str(error)) from error
    content = {"conf": conf, "logical_date": None, "note": f"{user.get_name()}: {conf['reason']}"}
    started = await ask_airflow(request, "POST", f"dags/{ROLLBACK_DAG_ID}/dagRuns", content)
    base = request.scope.get("root_path", "")
    return RedirectResponse(
        f"{base}/releases?asked={started['dag_run_id']}".replace("+", "%2B"), 303
    )

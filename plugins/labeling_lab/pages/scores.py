"""Scores: what releases made of other catalogs, and how far those have drifted from training."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from labeling_lab.pages.reading import volume
from labeling_lab.pages.render import page
from labeling_lab.score_console import report_rows
from tasks.errors import ArtifactError
from tasks.pipeline import SCORES, SCORES_REPORT
from tasks.volume import atomic

router = APIRouter()


@router.get("/scores")
def scores(request: Request) -> HTMLResponse:
    """Show the report of every scored catalog, the newest first."""
    found = list((volume().root / SCORES).glob(f"*/*{SCORES_REPORT}"))
    found.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    reports = [describe(path) for path in found]
    broken = any("trouble" in report for report in reports)
    return page(request, "scores", 500 if broken else 200, reports=reports)


def describe(path: Any) -> dict[str, Any]:
    """Say what a report says, or what is wrong with it."""
    about = {"name": path.parent.name, "at": path.stat().st_mtime}
    try:
        return {**about, "rows": report_rows(atomic.from_json(atomic.read_bytes(path), path))}
    except (ArtifactError, KeyError) as error:
        return {**about, "trouble": f"{path.name} cannot be read: {error}; score it again."}

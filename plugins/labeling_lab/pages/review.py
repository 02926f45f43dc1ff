"""Review: the titles that the newest run asks about, one keystroke an answer, and what was said."""

import hashlib
from functools import lru_cache
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, File, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from labeling_lab.pages.guard import Changer, Reader
from labeling_lab.pages.reading import read, volume
from labeling_lab.pages.render import download, page, plain_rows
from tasks.catalog.text import unguard_formula
from tasks.pipeline import CATALOG, EVALUATE_SLICES, FETCH, TO_REVIEW
from tasks.volume import atomic
from tasks.volume.answered import describe_progress, read_answered, record_answers
from tasks.volume.answers import LONGEST_NOTE
from tasks.volume.runs import Run

router = APIRouter()

SHOWN_ANSWERS = 30
CHOICES = (("f", "family", "Family"), ("n", "not family", "Not family"), ("u", "unsure", "Unsure"))
Text = Annotated[str, Form(max_length=LONGEST_NOTE)]


def queue_run() -> Run | None:
    """Return the newest run that asks about titles."""
    for run in volume().runs():
        if run.has([EVALUATE_SLICES]) and TO_REVIEW in run.read(EVALUATE_SLICES).manifest["files"]:
            return run
    return None


def open_questions(run: Run) -> pd.DataFrame:
    """Return the titles that the run asks about and nobody has answered, as text."""
    asked = read(run.read(EVALUATE_SLICES), TO_REVIEW)
    return asked[~asked["show_id"].isin(volume().answers.current()["show_id"])]


@router.get("/review")
def review(request: Request, user: Reader, after: Annotated[int, Query(ge=0)] = 0) -> HTMLResponse:
    """Ask about the next title, and show what was said of others."""
    run = queue_run()
    if run is None:
        return page(request, "empty", what="run that asks about titles")
    asked = read(run.read(EVALUATE_SLICES), TO_REVIEW)
    waiting = open_questions(run)
    ahead = waiting[waiting["rank"].astype("int64") > after]
    following = [unguarded(row) for row in plain_rows(ahead.head(1))]
    history = volume().answers.history()
    return page(
        request,
        "review",
        run=run,
        row=following[0] if following else None,
        choices=CHOICES,
        skipped=len(waiting) - len(ahead),
        waiting=len(waiting),
        total=len(asked),
        progress=progress(),
        said=history[: -SHOWN_ANSWERS - 1 : -1],
        undoable=volume().answers.undoable(user.get_name())[-1:],
    )


def unguarded(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the file as the catalog has it."""
    return {n: unguard_formula(cell) if isinstance(cell, str) else cell for n, cell in row.items()}


def progress() -> dict[str, Any]:
    """Count what the answers have come to, once for the same answers and titles."""
    store = volume()
    fetched = store.newest_run([FETCH]).read(FETCH)
    path = store.answers.path
    state = path.stat() if path.is_file() else None
    return _progress(
        str(store.root),
        fetched.run_id,
        fetched.manifest["files"][CATALOG]["sha256"],
        (state.st_size, state.st_mtime_ns) if state else None,
    )


@lru_cache(maxsize=4)
def _progress(_root: str, run_id: str, _digest: str, _state: object) -> dict[str, Any]:
    store = volume()
    return describe_progress(store, read(store.run(run_id).read(FETCH), CATALOG))


@router.post("/review/answer")
def answer(
    request: Request,
    user: Changer,
    show_id: Text,
    answer: Text,
    title: Text = "",
    description: Annotated[str, Form(max_length=20_000)] = "",
    note: Text = "",
    rank: Annotated[int, Form(ge=0)] = 0,
) -> Response:
    """Record an answer and go on to the next title."""
    row = {"show_id": show_id, "title": title, "description": description}
    said = record_answers(volume(), [{**row, "answer": answer, "note": note}], user.get_name())
    for refused in said["refused"]:
        raise HTTPException(422, f"Not recorded: {refused['why']}.")
    return back(request, rank)


@router.post("/review/undo")
def undo(request: Request, user: Changer, show_id: Text) -> Response:
    """Put back what the person said before, if their last answer is still about this title."""
    if not volume().answers.undo(user.get_name(), show_id):
        raise HTTPException(409, "You have answered something else since; reload the page.")
    return back(request, 0)


def back(request: Request, after: int) -> Response:
    """Go on with the review."""
    return RedirectResponse(f"{request.scope.get('root_path', '')}/review?after={after}", 303)


@router.post("/review/import")
def take(request: Request, user: Changer, file: Annotated[bytes, File()]) -> HTMLResponse:
    """Record a CSV file of answers, such as the queue filled in; say what came of each row."""
    rows = read_answered(file, "The file")
    source = hashlib.sha256(file).hexdigest()
    receipt = record_answers(volume(), rows, user.get_name(), source)
    return page(request, "receipt", receipt=receipt)


@router.get("/review/answers.csv")
def answers_csv() -> Response:
    """Send every answer that stands."""
    return download(atomic.to_csv(volume().answers.current()), "answers.csv")

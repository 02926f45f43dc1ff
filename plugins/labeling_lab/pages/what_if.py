"""A title's vote card, and what the champion would make of a title that somebody types."""

from functools import lru_cache
from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from labeling_lab.pages.reading import release_digest, volume
from labeling_lab.pages.render import page
from tasks.catalog.columns import CATALOG_COLUMNS, TITLE_TYPES
from tasks.explain.vote_card import CardSource, read_source
from tasks.label.vote import aggregate, apply_rules

router = APIRouter()

LONGEST_TEXT, LONGEST_CELL = 3000, 300
TYPED = "typed"


class Typed(BaseModel):
    """A title as somebody types it."""

    title: str = Field("", max_length=LONGEST_CELL)
    description: str = Field("", max_length=LONGEST_TEXT)
    listed_in: str = Field("", max_length=LONGEST_CELL)
    type: str = Field("Movie", max_length=LONGEST_CELL)
    rating: str = Field("", max_length=LONGEST_CELL)
    duration: str = Field("", max_length=LONGEST_CELL)


def source() -> CardSource:
    """Return what cards of the champion are made from, from memory if it is the same release."""
    store = volume()
    version = store.releases.current()
    if version is None and not store.runs():
        raise HTTPException(404, "There is no run yet; trigger the workflow first.")
    return _source(str(store.root), version, release_digest(version) if version else "")


@lru_cache(maxsize=2)
def _source(_root: str, version: str | None, _digest: str) -> CardSource:
    return read_source(volume(), version)


@router.get("/titles/{show_id}")
def title(request: Request, show_id: str) -> HTMLResponse:
    """Show why a title has its label in the champion, and what moved the model."""
    known = source()
    row = known.labeled[known.labeled["show_id"] == show_id]
    if row.empty:
        what = f"release {known.version}" if known.version else f"run {known.run_id}"
        raise HTTPException(404, f"The catalog of {what} has no title {show_id}.")
    return page(request, "title", card=known.card(row.head(1)))


@router.get("/what-if")
def what_if(request: Request, typed: Annotated[Typed, Query()]) -> HTMLResponse:
    """Show what rules and champion make of the title that was typed."""
    card = None
    if typed.title.strip() or typed.description.strip():
        known = source()
        card = known.card(typed_row(typed, known))
    return page(request, "what_if", typed=typed, card=card, types=TITLE_TYPES)


def typed_row(typed: Typed, known: CardSource) -> pd.DataFrame:
    """Return the title as a row of a labelled catalog, its votes added up by their strengths."""
    cells = {name: text.strip() or None for name, text in typed.model_dump().items()}
    row = pd.DataFrame(
        {name: pd.Series([cells.get(name)], dtype="str") for name in CATALOG_COLUMNS}
    ).assign(show_id=TYPED, release_year=pd.array([None], dtype="Int64"), split=None)
    votes = apply_rules(row, known.rules)
    return pd.concat([row, aggregate(votes, known.rules, "weighted")], axis=1)

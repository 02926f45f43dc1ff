"""How pages look: one Jinja environment that escapes everything, and the downloads."""

import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from labeling_lab.pages.guard import may
from tasks.catalog.columns import CLASS_NAMES
from tasks.catalog.formats import count, figure, figure_in
from tasks.catalog.text import guard_formula
from tasks.pipeline import TO_REVIEW
from tasks.publish.templating import given, make_environment

TEMPLATES = Path(__file__).parent / "templates"
CARD_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'"
HEADINGS = {404: "Not there", 401: "Please log in", 403: "Not allowed", 500: "Damaged"}
MEDIA = {".png": "image/png", ".json": "application/json", ".csv": "text/csv; charset=utf-8"}
OTHER_LAB = "There is no {} in what was written: another version of the lab wrote it. Run it again."
NAV = (
    ("", "Overview"),
    ("runs", "Run report"),
    ("titles", "Titles"),
    ("what-if", "What if"),
    ("review", "Review"),
    ("releases", "Releases"),
    ("scores", "Scores"),
)


def moment(value: Any) -> str:
    """Write a point in time, which was ISO text or seconds since the epoch."""
    if isinstance(value, Undefined) or not value:
        return figure(None)
    if isinstance(value, str):
        at = datetime.fromisoformat(value).astimezone(UTC)
    else:
        at = datetime.fromtimestamp(value, UTC)
    return Markup(f"<time>{at:%Y-%m-%d %H:%M} UTC</time>")  # noqa: S704 (only digits of ours)


@pass_context
def link(context: Context, path: str, **query: Any) -> str:
    """Return the address of one of our pages."""
    asked = urlencode({name: value for name, value in query.items() if value not in (None, "")})
    return f"{context['base']}/{path}{asked and f'?{asked}'}"


ENVIRONMENT = make_environment(TEMPLATES)
ENVIRONMENT.globals |= {"link": link, "nav": NAV, "classes": CLASS_NAMES}
ENVIRONMENT.filters |= {
    # An interval stays on one line.
    "figure": lambda block, name: figure_in(block or {}, name).replace(", ", ",\u00a0"),
    "count": lambda n, noun="": count(given(n), noun),
    "moment": moment,
    "quoted": lambda text: quote(str(text), safe=""),
}


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """Fill in a template."""
    user = getattr(request.state, "reader", None)
    text = ENVIRONMENT.get_template(f"{template}.html.jinja").render(
        base=request.scope.get("root_path", ""),
        here=request.url.path.removeprefix(request.scope.get("root_path", "")).strip("/"),
        query=dict(request.query_params),
        user=user,
        may_change=user is not None and may(user, "PUT"),
        **values,
    )
    return HTMLResponse(text, status)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """Say what is wrong and what to do."""
    heading = HEADINGS.get(status, "Refused")
    return page(request, "error", status, heading=heading, message=message)


def download(content: bytes, name: str) -> Response:
    """Send a file of a run or a release: pictures and cards to look at, all else to keep.

    Tables are sent as CSV in which no spreadsheet finds a formula.
    """
    plain = re.sub(r"[^A-Za-z0-9_.-]", "-", name.rpartition("/")[2])
    suffix = Path(plain).suffix
    if suffix == ".html":
        return HTMLResponse(content, headers={"content-security-policy": CARD_POLICY})
    if suffix == ".csv" and plain != TO_REVIEW:  # which is written so
        content = guarded(content)
    kind = "inline" if suffix == ".png" else "attachment"
    headers = {"content-disposition": f'{kind}; filename="{plain}"'}
    return Response(
        content, headers=headers, media_type=MEDIA.get(suffix, "application/octet-stream")
    )


def guarded(content: bytes) -> bytes:
    """Return a CSV file with ``'`` before what a spreadsheet would take for a formula."""
    out = io.StringIO(newline="")
    rows = csv.reader(io.StringIO(content.decode(), newline=""))
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([guard_cell(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def guard_cell(cell: str) -> str:
    """Guard a cell, unless it is a number."""
    try:
        float(cell)
    except ValueError:
        return guard_formula(cell)
    return cell


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows; None where a cell is missing."""
    rows = table.astype("object").where(table.notna(), None).to_dict("records")
    return [{str(name): cell for name, cell in row.items()} for row in rows]


def table_csv(rows: list[Mapping[str, Any]]) -> bytes:
    """Write rows as CSV; a list in a cell is joined, a cell that is a mapping is left out."""
    names = [n for n, v in rows[0].items() if not isinstance(v, Mapping)] if rows else []
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({n: "; ".join(v) if isinstance(v, list) else v for n, v in row.items()})
    return out.getvalue().encode()

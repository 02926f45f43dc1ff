"""The Labeling Lab inside the Airflow UI: pages that read what runs wrote and compute nothing."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from importlib import import_module
from typing import Any
from urllib.parse import quote

PREFIX = "/labeling-lab"
ROUTE = "labeling-lab"
Scope = MutableMapping[str, Any]


class LazyApp:
    """The pages' FastAPI app, imported at the first request: every Airflow process loads plugins.

    Airflow's own app, in which this one is mounted, is kept in the scope: see
    `labeling_lab.pages.guard.ask_airflow`.
    """

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Scope]],
        send: Callable[[Scope], Awaitable[None]],
    ) -> None:
        """Answer a request."""
        app = await asyncio.to_thread(load)
        await app({**scope, "airflow": scope.get("app")}, receive, send)


@cache
def load() -> Callable[..., Awaitable[None]]:
    """Import the app, and with it the libraries that read the volume."""
    return import_module("labeling_lab.pages.app").make_app()


def inside_airflow(path: str) -> str:
    """Return the address of a page inside Airflow's UI, which shows it in a frame.

    The frame's sandbox lets no link out (no top navigation, no popups), so that pages can name
    Airflow's own pages, but not lead there.
    """
    return f"/plugin/{ROUTE}{PREFIX}/{path}"


def report_path(run_id: str, section: str = "") -> str:
    """Return the path of a run's report, or of one of its sections."""
    return f"runs/{quote(run_id, safe='')}{section and f'#{section}'}"

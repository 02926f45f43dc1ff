"""The FastAPI app behind the pages: routes, what guards them, and how errors are told."""

import logging

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from labeling_lab.pages import overview, releases, report, review, scores, titles, what_if
from labeling_lab.pages.guard import Shield, reader
from labeling_lab.pages.render import OTHER_LAB, TEMPLATES, error_page
from tasks.errors import ArtifactError, ConfigError, LabError, VolumeError

log = logging.getLogger(__name__)

OURS = {"style.css": "text/css", "review.js": "text/javascript"}


def make_app() -> FastAPI:
    """Make the app; every route needs a logged-in user who may read the workflow's runs."""
    app = FastAPI(
        title="Labeling Lab",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(reader)],
    )
    for page in (overview, report, titles, what_if, review, releases, scores):
        app.include_router(page.router)
    app.get("/ours/{name}")(own_file)
    app.add_exception_handler(LabError, say_lab_error)
    app.add_exception_handler(KeyError, say_other_lab)
    app.add_exception_handler(HTTPException, say_http_error)
    app.add_exception_handler(RequestValidationError, say_bad_request)
    app.add_middleware(Shield)
    return app


def own_file(name: str) -> FileResponse:
    """Serve the stylesheet or a script of the pages."""
    if name not in OURS:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(TEMPLATES / name, media_type=OURS[name])


def say_lab_error(request: Request, error: Exception) -> HTMLResponse:
    """Tell what the lab refuses: a damaged volume is the server's fault, the rest the request's."""
    known: dict[type[Exception], int] = {ArtifactError: 500, VolumeError: 500, ConfigError: 404}
    status = known.get(type(error), 422)
    return error_page(request, status, str(error))


def say_other_lab(request: Request, error: Exception) -> HTMLResponse:
    """Tell that an artifact lacks what this version of the lab writes; the log has the trace."""
    log.error("%s lacks %s", request.url.path, error, exc_info=error)
    return error_page(request, 500, OTHER_LAB.format(error))


def say_http_error(request: Request, error: Exception) -> HTMLResponse:
    """Tell why a request is refused."""
    assert isinstance(error, HTTPException)
    return error_page(request, error.status_code, error.detail)


def say_bad_request(request: Request, error: Exception) -> HTMLResponse:
    """Tell which value of a form or an address is none to work with."""
    assert isinstance(error, RequestValidationError)
    wrong = "; ".join(f"{found['loc'][-1]}: {found['msg']}" for found in error.errors())
    return error_page(request, 422, f"{wrong}.")

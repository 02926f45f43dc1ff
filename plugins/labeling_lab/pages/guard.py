"""Who may see and change what: Airflow's own users and permissions, same-origin forms only."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.base_auth_manager import ResourceMethod
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from labeling_lab.home import DAG_ID

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LARGEST_BODY = 4 * 2**20
HEADERS = {
    "content-security-policy": "default-src 'none'; img-src 'self' data:; style-src 'self'; "
    "script-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}


def may(user: BaseUser, method: ResourceMethod, dag_id: str = DAG_ID) -> bool:
    """Return whether a user may do something with a workflow's runs."""
    return get_auth_manager().is_authorized_dag(
        method=method,
        access_entity=DagAccessEntity.RUN,
        details=DagDetails(id=dag_id),
        user=user,
    )


def reader(request: Request, user: Annotated[BaseUser, Depends(get_user)]) -> BaseUser:
    """Let in who is logged in and may read the workflow's runs."""
    if not may(user, "GET"):
        raise HTTPException(403, f"You may not read the runs of {DAG_ID}.")
    request.state.reader = user
    return user


Reader = Annotated[BaseUser, Depends(reader)]


def changer(request: Request, user: Reader) -> BaseUser:
    """Let in who may change the workflow's runs, from one of our own pages."""
    check_same_origin(request)
    if not may(user, "PUT"):
        raise HTTPException(403, f"You may read, but not change, the runs of {DAG_ID}.")
    return user


Changer = Annotated[BaseUser, Depends(changer)]


def check_same_origin(request: Request) -> None:
    """Refuse a form that another site sent, or that does not say where it comes from."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    same = site == "same-origin" if site else urlsplit(origin or "").netloc == request.url.netloc
    if not same:
        raise HTTPException(403, "This form was not sent from the lab's own pages.")


async def ask_airflow(request: Request, method: str, path: str, content: Any = None) -> Any:
    """Ask Airflow's own API, in this process and as the user who asks: it checks and records.

    `HTTPException` with Airflow's reason if it refuses.
    """
    kept = ("cookie", "authorization", "host", "referer")
    headers = {name: request.headers[name] for name in kept if name in request.headers}
    transport = httpx.ASGITransport(request.scope["airflow"], raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport) as client:
        url = f"{request.url.scheme}://{request.url.netloc}/api/v2/{path}"
        answer = await client.request(method, url, json=content, headers=headers)
    if answer.is_error:
        try:
            reason = answer.json()["detail"]
        except (ValueError, KeyError, TypeError):
            reason = answer.reason_phrase
        raise HTTPException(answer.status_code, f"Airflow refuses: {reason}")
    return answer.json()


class Shield:
    """Adds the security headers to every answer and refuses bodies that are too large."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_shielded(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                missing = ((n.encode(), v.encode()) for n, v in HEADERS.items())
                message["headers"] = [
                    *message["headers"],
                    *((name, value) for name, value in missing if name not in present),
                ]
            await send(message)

        body = bytearray()
        more = scope["method"] not in ("GET", "HEAD")
        while more:  # forms are small: one is read whole before anything looks at it
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > LARGEST_BODY:
                await refuse_large(send_shielded)
                return
        content = {"type": "http.request", "body": bytes(body), "more_body": False}
        unread = [content]

        async def receive_read() -> Message:
            return unread.pop() if unread else await receive()

        await self.app(scope, receive_read, send_shielded)


async def refuse_large(send: Send) -> None:
    """Answer that the body is too large."""
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    text = f"Larger than {LARGEST_BODY // 2**20} MiB; send less at once.".encode()
    await send({"type": "http.response.body", "body": text})

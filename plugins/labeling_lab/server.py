"""A running ``make ui``, talked to over Airflow's REST API."""

import json
import logging
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from labeling_lab.home import home
from tasks.errors import LabError

log = logging.getLogger(__name__)

ADDRESS_FILE = "ui.address"
PASSWORDS_FILE = "simple_auth_manager_passwords.json.generated"
START_SECONDS = 300
POLL_SECONDS = 1.0
SETTLE_SECONDS = 3.0
PATIENCE_SECONDS = 120  # a machine that trains models answers late
ENDED = ("success", "failed", "skipped", "up_for_retry", "upstream_failed")
OWN_LOGGERS = ("tasks", "labeling_lab", "py.warnings")


class ServerError(LabError):
    """The server does not answer, or refuses."""


class Server:
    """The Airflow that serves the lab's home, at such as ``http://localhost:8080``."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = httpx.Client(base_url=address, timeout=PATIENCE_SECONDS)

    def is_healthy(self) -> bool:
        """Return whether API and scheduler are up."""
        try:
            answer = self.client.get("/api/v2/monitor/health")
        except httpx.HTTPError:
            return False
        return answer.is_success and answer.json()["scheduler"]["status"] == "healthy"

    def log_in(self) -> None:
        """Log in as the administrator whose password Airflow left in the home."""
        user, password = login()
        answer = self.ask("POST", "/auth/token", {"username": user, "password": password})
        self.client.headers["Authorization"] = f"Bearer {answer['access_token']}"

    def ask(self, method: str, path: str, content: Any = None, **query: Any) -> Any:
        """Return the answer to a request; `ServerError` has the server's reason."""
        try:
            answer = self.client.request(method, path, json=content, params=query)
        except httpx.HTTPError as error:
            raise ServerError(f"Airflow at {self.address} does not answer: {error}") from error
        if answer.is_error:
            raise ServerError(f"Airflow at {self.address} refuses: {_reason(answer)}")
        return answer.json()

    def trigger(self, dag_id: str, conf: Mapping[str, Any], date: datetime) -> str:
        """Start a run; return its id."""
        dag = self.ask("GET", f"/api/v2/dags/{dag_id}")
        if dag["is_paused"]:
            raise ServerError(f"{dag_id} is paused at {self.address}; switch it on there first.")
        content = {"conf": dict(conf), "logical_date": date.isoformat()}
        return self.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", content)["dag_run_id"]

    def follow(self, dag_id: str, run_id: str) -> str:
        """Log what the run's tasks log until the run has ended; return its last state."""
        run = _run_path(dag_id, run_id)
        told: set[tuple[Any, ...]] = set()
        while True:
            state = self.ask("GET", run)["state"]
            for task in self.ask("GET", f"{run}/taskInstances")["task_instances"]:
                event = (task["task_id"], task["map_index"], task["try_number"], task["state"])
                if event not in told:
                    told.add(event)
                    self.tell(run, task)
            if state in ("success", "failed"):
                return state
            time.sleep(POLL_SECONDS)

    def tell(self, run: str, task: Mapping[str, Any]) -> None:
        """Log what a task that has ended logged, or that one waits for a person."""
        if task["state"] == "awaiting_input":
            log.info("%s waits for a person: %s/required_actions", task["task_id"], self.address)
        if task["state"] not in ENDED or not task["try_number"] or not task["start_date"]:
            return
        path = f"{run}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        lines = self.ask("GET", path, map_index=task["map_index"], full_content=True)["content"]
        for line in lines:
            if str(line.get("logger", "")).split(".")[0] in OWN_LOGGERS:
                log.info("%s", line["event"])

    def stop(self, dag_id: str, run_id: str) -> None:
        """Stop a run: its tasks are ended, and it counts as failed."""
        run = _run_path(dag_id, run_id)
        self.ask("PATCH", run, {"state": "failed"})
        time.sleep(SETTLE_SECONDS)
        # A scheduler that looked at the run in between sees skipped tasks only: a success.
        if self.ask("GET", run)["state"] != "failed":
            self.ask("PATCH", run, {"state": "failed"})


def find_server() -> Server | None:
    """Return the healthy server of the home, logged in; None if there is none, or none yet."""
    path = home() / ADDRESS_FILE
    server = Server(path.read_text().strip()) if path.is_file() else None
    if server is None or not server.is_healthy():
        return None
    server.log_in()
    return server


def login() -> tuple[str, str]:
    """Return the user and password that Airflow made for the home."""
    return next(iter(json.loads((home() / PASSWORDS_FILE).read_text()).items()))


def _run_path(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id, safe='')}"


def _reason(answer: httpx.Response) -> str:
    """Return why the server refuses, in one line."""
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.status_code} {answer.reason_phrase}"

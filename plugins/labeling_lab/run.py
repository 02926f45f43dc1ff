"""Runs a DAG once and follows it: the command behind ``make run``.

Where ``make ui`` is up, its scheduler does the work; else Airflow works here until the run has
ended. Ctrl-C ends either.
"""

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from labeling_lab.home import AIRFLOW, DAG_ID, REPO, environment, hold, prepare
from labeling_lab.params import parse_conf
from labeling_lab.server import Server, find_server
from labeling_lab.terminal import STOPPED, command, log_to_terminal
from tasks.errors import LabError

log = logging.getLogger(__name__)

NOISE = ("[DAG TEST]", "No tasks to run.", "DagRun failed")
CLEAN_UP_SECONDS = 1.5


def run_dag(dag_id: str, conf: Mapping[str, Any]) -> int:
    """Run a DAG once, here or in the running UI; return the exit code."""
    prepare()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    is_told = False
    try:
        while True:
            with hold(alone=False) as lock:
                if lock is not None:
                    return run_here(dag_id, conf)
            if server := find_server():
                return run_there(server, dag_id, conf)
            if not is_told:
                log.info("Waiting for make ui, which is starting, busy or stopping")
                is_told = True
            time.sleep(1)
    except KeyboardInterrupt:
        return STOPPED


def run_there(server: Server, dag_id: str, conf: Mapping[str, Any]) -> int:
    """Hand a run to the running UI and follow it."""
    run_id = server.trigger(dag_id, conf, datetime.now(UTC))
    log.info("%s works on it: run %s", server.address, run_id)
    try:
        return int(server.follow(dag_id, run_id) == "failed")
    except KeyboardInterrupt:
        server.stop(dag_id, run_id)
        log.info("Stopped; run %s counts as failed.", run_id)
        return STOPPED


def run_here(dag_id: str, conf: Mapping[str, Any]) -> int:
    """Run a DAG in a process of its own, passing on what it logs."""
    if conf.get("approval"):
        raise LabError(
            "Somebody has to answer: start make ui first, then make run hands the run to it."
        )
    date = datetime.now(UTC)
    command = [*AIRFLOW, "dags", "test", dag_id, date.isoformat(), "-c", json.dumps(conf)]
    with subprocess.Popen(
        command,
        env=environment(),
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is ours to handle, for the whole group
    ) as process:
        try:
            for line in process.stdout or ():
                if not line.startswith(NOISE):
                    log.info("%s", line.rstrip("\n"))
        except KeyboardInterrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not leave orphans
            log.info("Stopping")
            stop(process)
            run_id = mark_failed(dag_id, date)
            log.info("Stopped; run %s counts as failed.", run_id or "(not begun)")
            return STOPPED
    return process.returncode


def stop(process: subprocess.Popen[str]) -> None:
    """End a process group: a stage may remove what it has half written, nothing else may start."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=CLEAN_UP_SECONDS)


def mark_failed(dag_id: str, date: datetime) -> str | None:
    """Mark a stopped run as failed, so that no scheduler goes on with it; return its id."""
    os.environ.update(environment())
    logging.getLogger("airflow").setLevel(logging.ERROR)
    from airflow.api.common.mark_tasks import set_dag_run_state_to_failed
    from airflow.models.dagrun import DagRun
    from airflow.utils.cli import get_db_dag

    runs = DagRun.find(dag_id=dag_id, logical_date=date)
    for run in runs:
        set_dag_run_state_to_failed(dag=get_db_dag(None, dag_id), run_id=run.run_id, commit=True)
    return runs[0].run_id if runs else None


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the whole workflow once; return the exit code."""
    log_to_terminal()
    parser = argparse.ArgumentParser(prog="python -m labeling_lab.run", description=__doc__)
    parser.add_argument("--conf", default="{}", help="params as JSON")
    conf = parse_conf(parser.parse_args(arguments).conf)
    started = time.perf_counter()
    code = run_dag(DAG_ID, conf)
    if code != STOPPED:
        outcome = "failed after" if code else "took"
        log.info("The workflow %s %.1f s", outcome, time.perf_counter() - started)
    return code


if __name__ == "__main__":
    sys.exit(main())

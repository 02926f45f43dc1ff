"""Serves Airflow with the lab's DAGs until Ctrl-C: the command behind ``make ui``."""

import argparse
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress

from labeling_lab.home import AIRFLOW, DAG_ID, REPO, environment, hold, home, prepare
from labeling_lab.pages import inside_airflow
from labeling_lab.server import ADDRESS_FILE, START_SECONDS, Server, login
from labeling_lab.terminal import log_to_terminal

log = logging.getLogger(__name__)

STOP_SECONDS = 30


def serve(port: int) -> int:
    """Serve Airflow with the lab's DAGs unpaused; return the exit code."""
    if is_taken(port):
        sys.exit(f"Port {port} is taken; choose another with: make ui PORT={port + 1}")
    prepare()
    with hold(alone=True) as lock:
        if lock is None:
            sys.exit(
                f"Another make ui, or a make run that still works, holds {home()}; wait for its "
                "end or stop it."
            )
        for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs ignore SIGINT
            signal.signal(number, signal.default_int_handler)
        return keep_serving(port, lock)


def keep_serving(port: int, lock: int) -> int:
    """Start Airflow, say how to get in, and stop it cleanly in the end."""
    address = f"http://localhost:{port}"
    output = home() / "standalone.log"
    log.info("Starting Airflow; its log is %s", output)
    (home() / ADDRESS_FILE).write_text(address)
    own = {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
    }
    with output.open("w") as file:
        process = subprocess.Popen(
            [*AIRFLOW, "standalone"],
            env=environment() | own,
            cwd=REPO,
            stdout=file,
            stderr=file,
            pass_fds=[lock],  # nobody else schedules as long as Airflow lives
            start_new_session=True,
        )
        try:
            wait_until_ready(process, Server(address))
            announce(address)
            return process.wait()
        except KeyboardInterrupt:
            log.info("Stopping Airflow")
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave orphans
            stop(process)
            (home() / ADDRESS_FILE).unlink(missing_ok=True)


def is_taken(port: int) -> bool:
    """Return whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_ready(process: subprocess.Popen[bytes], server: Server) -> None:
    """Wait for Airflow to be healthy; exit with a message if it does not get so."""
    for _ in range(START_SECONDS):
        if process.poll() is not None:
            sys.exit(f"airflow standalone ended with code {process.returncode}; see its log.")
        if server.is_healthy():
            return
        time.sleep(1)
    sys.exit(f"Airflow did not answer at {server.address} within {START_SECONDS} s; see its log.")


def announce(address: str) -> None:
    """Log where the UI is and how to get in."""
    user, password = login()
    log.info("Airflow is at  %s/dags/%s", address, DAG_ID)
    log.info("The lab is at  %s%s", address, inside_airflow(""))
    log.info("Log in as      %s  with password  %s", user, password)
    log.info("Stop with      Ctrl-C")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt Airflow, which stops its parts cleanly; then end whatever part is left."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=STOP_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def main() -> int:
    """Serve until Ctrl-C; return the exit code."""
    log_to_terminal()
    parser = argparse.ArgumentParser(prog="python -m labeling_lab.ui", description=__doc__)
    parser.add_argument("--port", type=int, default=8080)
    return serve(parser.parse_args().port)


if __name__ == "__main__":
    sys.exit(main())

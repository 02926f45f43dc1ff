"""Airflow on this machine: the commands behind ``make run``, ``make task`` and ``make ui``.

Runs by hand and the UI each have an AIRFLOW_HOME of their own, since a live scheduler would grab a
run that another process works on. The log is without Airflow's own chatter.
"""

import argparse
import json
import logging
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

log = logging.getLogger(__name__)

REPO = Path(__file__).resolve().parents[2]
HOMES_ENV = "LABELING_LAB_AIRFLOW"
DAG_ID = "netflix_labeling_lab"
AIRFLOW = [sys.executable, "-m", "airflow"]
QUIET_LOGGERS = ("airflow", "task", "alembic", "py.warnings", "httpx")
FAILED = re.compile(r"Task failed|Error running task|Traceback \(most recent call last\)")
UI_START_SECONDS = 120


def homes() -> Path:
    """Return the folder of the AIRFLOW_HOMEs: ``LABELING_LAB_AIRFLOW``, else ``.airflow``."""
    return Path(os.environ.get(HOMES_ENV) or REPO / ".airflow").absolute()


def environment(home: Path, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment in which Airflow finds the lab and nothing else.

    Parameters
    ----------
    home : Path
        The AIRFLOW_HOME; it gets the database and the logs.
    base : mapping
        The environment to start from.
    """
    return {
        **base,
        # Airflow's parts start each other by the name "airflow".
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), base.get("PATH", "")]),
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPO / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPO / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        "PYTHONPATH": os.pathsep.join([str(REPO), str(REPO / "plugins")]),
    }


def calm(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment with the lab's own log lines and Airflow's errors only."""
    levels = [*(f"{name}=ERROR" for name in QUIET_LOGGERS), "airflow.sdk.api.client=CRITICAL"]
    return {
        **env,
        "PYTHONWARNINGS": "ignore",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": " ".join(levels),
        "AIRFLOW__LOGGING__LOG_FORMAT": "%(message)s",
        "AIRFLOW__LOGGING__COLORED_CONSOLE_LOG": "False",
    }


def migrate(env: Mapping[str, str]) -> None:
    """Create or upgrade the home's database, once for each Airflow version."""
    home = Path(env["AIRFLOW_HOME"])
    stamp = home / ".migrated"
    wanted = (REPO / "requirements.lock").stat().st_mtime_ns
    if stamp.is_file() and stamp.read_text() == str(wanted):
        return
    home.mkdir(parents=True, exist_ok=True)
    log.info("Preparing Airflow's database in %s", home)
    done = subprocess.run(
        [*AIRFLOW, "db", "migrate"], env=calm(env), capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"airflow db migrate failed:\n{done.stdout}{done.stderr}")
    stamp.write_text(str(wanted))


def stream(command: Sequence[str], env: Mapping[str, str]) -> tuple[int, bool]:
    """Run a command, passing its output through; return its exit code and whether a task failed."""
    failed = False
    with subprocess.Popen(
        command, env=env, cwd=REPO, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            if not line.startswith("[DAG TEST]"):
                sys.stdout.write(line)
                sys.stdout.flush()
            failed = failed or FAILED.search(line) is not None
    return process.returncode, failed


def run(conf: str) -> int:
    """Run the whole workflow once, here and now; return the exit code."""
    env = environment(homes() / "run")
    migrate(env)
    started = time.perf_counter()
    code, _ = stream([*AIRFLOW, "dags", "test", DAG_ID, "-c", conf], calm(env))
    log.info("The workflow took %.1f s, Airflow's start included", time.perf_counter() - started)
    return code


def run_task(task: str, run_id: str | None, map_index: int | None, params: str | None) -> int:
    """Run one task alone; unlike ``airflow tasks test``, return 1 when it failed."""
    env = environment(homes() / "run")
    migrate(env)
    command = [*AIRFLOW, "tasks", "test", DAG_ID, task]
    command += [run_id] if run_id else []
    command += ["--map-index", str(map_index)] if map_index is not None else []
    command += ["-t", params] if params else []
    code, failed = stream(command, calm(env))
    return code or int(failed)


def serve(port: int) -> int:
    """Serve Airflow with the lab's DAG unpaused until Ctrl-C."""
    home = homes() / "ui"
    address = f"http://localhost:{port}"
    if is_taken(port):
        sys.exit(f"Port {port} is taken; choose another with: make ui PORT={port + 1}")
    env = calm(environment(home)) | {
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
    }
    migrate(env)
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background jobs ignore SIGINT
        signal.signal(number, signal.default_int_handler)
    log.info("Starting Airflow; its log is %s", home / "standalone.log")
    with (home / "standalone.log").open("w") as output:
        process = subprocess.Popen(
            [*AIRFLOW, "standalone"], env=env, cwd=REPO, stdout=output, stderr=output
        )
        try:
            wait_until_ready(process, address)
            announce(home, address)
            return process.wait()
        except KeyboardInterrupt:
            log.info("Stopping Airflow")
            return 0
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave orphans
            stop(process)


def is_taken(port: int) -> bool:
    """Return whether something listens on the port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until_ready(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait for Airflow's API to answer; exit with a message if it does not."""
    for _ in range(UI_START_SECONDS):
        if process.poll() is not None:
            sys.exit(f"airflow standalone ended with code {process.returncode}; see its log.")
        try:
            with urlopen(f"{address}/api/v2/monitor/health", timeout=2):  # noqa: S310 (localhost)
                return
        except (URLError, OSError):
            time.sleep(1)
    sys.exit(f"Airflow did not answer at {address} within {UI_START_SECONDS} s; see its log.")


def announce(home: Path, address: str) -> None:
    """Log where the UI is and how to get in."""
    path = home / "simple_auth_manager_passwords.json.generated"
    user, password = next(iter(json.loads(path.read_text()).items()))
    log.info("Airflow is at  %s/dags/%s", address, DAG_ID)
    log.info("Log in as      %s  with password  %s", user, password)
    log.info("Stop with      Ctrl-C")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Interrupt Airflow, which stops its parts cleanly; a TERM would leave orphans."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog="python -m labeling_lab.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    whole = commands.add_parser("run", help="run the whole workflow once")
    whole.add_argument("--conf", default="{}", help="params as JSON")
    one = commands.add_parser("task", help="run one task alone")
    one.add_argument("task")
    one.add_argument("--run", help="id of an existing run; without it, a scratch run")
    one.add_argument("--map-index", type=int, help="which instance of a mapped task")
    one.add_argument("--params", help="params as JSON")
    ui = commands.add_parser("ui", help="serve Airflow")
    ui.add_argument("--port", type=int, default=8080)
    return parser.parse_args(arguments)


def main() -> int:
    """Run a command of this module; return the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    chosen = parse_arguments()
    if chosen.command == "run":
        return run(chosen.conf)
    if chosen.command == "task":
        map_index = chosen.map_index
        if chosen.task == "train" and map_index is None:
            map_index = 0
        return run_task(chosen.task, chosen.run or None, map_index, chosen.params or None)
    return serve(chosen.port)


if __name__ == "__main__":
    sys.exit(main())

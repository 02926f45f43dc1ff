"""The one Airflow home of this machine: its settings, its database, who serves it.

``make run``, ``make task``, ``make ui`` and the plain ``airflow`` command share it: they know the
same runs. ``make setup`` prepares it.
"""

import fcntl
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

REPO = Path(__file__).resolve().parents[2]
HOME_ENV = "LABELING_LAB_AIRFLOW"
DAG_ID = "netflix_labeling_lab"
ROLLBACK_DAG_ID = "netflix_labeling_lab_rollback"
SCORE_DAG_ID = "score_catalog"
APPROVE = "approve"  # the one task that is no stage
AIRFLOW = (sys.executable, "-m", "airflow")
QUIET = "airflow=ERROR alembic=ERROR py.warnings=ERROR httpx=ERROR airflow.sdk.api.client=CRITICAL"

SETTINGS = """\
# Written by the lab and overwritten by it; put settings of your own into environment variables, as
# in AIRFLOW__CORE__PARALLELISM=8.
[core]
dags_folder = {repo}/dags
plugins_folder = {repo}/plugins
load_examples = False
dags_are_paused_at_creation = False
parallelism = 4
simple_auth_manager_users = admin:admin
fernet_key =

[dag_processor]
refresh_interval = 5

[api]
secret_key = {secret}

[api_auth]
jwt_secret = {secret}

[logging]
logging_level = INFO
namespace_levels = {quiet} task=ERROR
log_format = %%(message)s
colored_console_log = False
"""


def home() -> Path:
    """Return the AIRFLOW_HOME: ``LABELING_LAB_AIRFLOW``, else ``.airflow`` in the repository."""
    return Path(os.environ.get(HOME_ENV) or REPO / ".airflow").absolute()


def environment(base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for Airflow in the home; its terminal shows what the lab says."""
    return {
        **base,
        # Airflow's parts start each other by the name "airflow".
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), base.get("PATH", "")]),
        "AIRFLOW_HOME": str(home()),
        "PYTHONWARNINGS": "ignore",
        # A failure is told by the lab's callback, without Airflow's own trace.
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": f"{QUIET} task=CRITICAL",
    }


def prepare() -> None:
    """Write the home's settings and bring its database up to date, unless that is done."""
    stamp = home() / ".prepared"
    wanted = f"{REPO} {(REPO / 'requirements.lock').stat().st_mtime_ns}"
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    log.info("Preparing Airflow's home %s", home())
    home().mkdir(parents=True, exist_ok=True)
    settings = SETTINGS.format(repo=REPO, secret=secrets.token_urlsafe(64), quiet=QUIET)
    path = home() / "airflow.cfg"
    path.touch(mode=0o600)
    path.write_text(settings)
    for command in (["db", "migrate"], ["dags", "reserialize"]):
        done = subprocess.run(
            [*AIRFLOW, *command], env=environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"airflow {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    stamp.write_text(wanted)


@contextmanager
def hold(alone: bool) -> Iterator[int | None]:
    """Hold the home's lock: `alone` to schedule its runs, else to work on one run beside others.

    Yields the lock's file descriptor, or None if somebody else holds the home. The lock ends with
    the last process that has the descriptor open, however it ends.
    """
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with (home() / "scheduling.lock").open("a") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield file.fileno()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    prepare()

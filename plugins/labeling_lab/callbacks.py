"""What is said and noted when a task ends."""

import logging
import os

from airflow.listeners import hookimpl
from airflow.sdk import Context

from labeling_lab.home import DAG_ID, SCORE_DAG_ID
from labeling_lab.notifier import WebhookNotifier
from tasks.errors import LabError

log = logging.getLogger(__name__)

TEMPORARY_RUN = "__airflow_temporary_run_"


def explain_failure(context: Context) -> None:
    """Log what failed, why, and the command that repeats just this in this run."""
    error = context.get("exception")
    trace = error if isinstance(error, BaseException) and not is_explained(error) else None
    log.error(
        "%s failed in run %s: %s%s",
        context["ti"].task_id,
        context["run_id"],
        error,
        repeat_command(context),
        exc_info=trace,
    )


ON_FAILURE = (
    explain_failure,
    WebhookNotifier("{{ ti.dag_id }}: {{ ti.task_id }} failed in {{ run_id }}: {{ exception }}"),
)


def explain_retry(context: Context) -> None:
    """Log what is tried again and why; a task that runs alone is not."""
    if "AIRFLOW_TEST_MODE" in os.environ:  # `airflow tasks test` has no second try
        explain_failure(context)
        return
    log.warning("%s will be tried again: %s", context["ti"].task_id, context.get("exception"))


def is_explained(error: BaseException) -> bool:
    """Return whether an error is the lab's own, whose message says all; others need their trace."""
    return isinstance(error, LabError) or isinstance(error.__cause__, LabError)


def repeat_command(context: Context) -> str:
    """Return the line that says how to repeat a task; nothing for one that ran alone already."""
    ti, run_id = context["ti"], context["run_id"]
    if run_id.startswith(TEMPORARY_RUN):
        return ""
    if ti.dag_id == SCORE_DAG_ID:
        catalog = getattr(context["task"], "catalog", "")
        release = context["params"]["release"]
        asked = f" RELEASE={release}" if release else ""
        return f"\nTry again with: make score CATALOG='{catalog}'{asked}" if catalog else ""
    if ti.dag_id != DAG_ID:
        return "\nTry again with: make rollback VERSION='...' REASON='...'"
    at_index = f" MAP={ti.map_index}" if (ti.map_index or 0) > 0 else ""
    return f"\nRepeat it alone with: make task T={ti.task_id} RUN='{run_id}'{at_index}"


class Endings:
    """Listens to how a task that runs alone ends; Airflow's own exit code does not say it."""

    def __init__(self) -> None:
        self.good = False

    @hookimpl
    def on_task_instance_success(self) -> None:
        """Remember that the task succeeded."""
        self.good = True

    @hookimpl
    def on_task_instance_skipped(self) -> None:
        """Remember that the task had nothing to do, which is no failure."""
        self.good = True

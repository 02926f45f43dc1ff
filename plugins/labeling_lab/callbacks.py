"""What happens when a task fails."""

import logging

from airflow.sdk import Context

log = logging.getLogger(__name__)


def explain_failure(context: Context) -> None:
    """Log what failed, why, and the command that repeats just this task in this run."""
    ti = context["ti"]
    at_index = f" MAP={ti.map_index}" if (ti.map_index or -1) >= 0 else ""
    log.error(
        "%s failed in run %s: %s\nRepeat it alone with: make task T=%s RUN='%s'%s",
        ti.task_id,
        context["run_id"],
        context.get("exception"),
        ti.task_id,
        context["run_id"],
        at_index,
    )

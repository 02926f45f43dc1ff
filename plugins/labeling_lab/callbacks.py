"""What happens when a task fails."""

import logging

from airflow.sdk import Context

log = logging.getLogger(__name__)


def explain_failure(context: Context) -> None:
    """Log what failed, why, and the command that repeats just this task in this run."""
    ti = context["ti"]
    is_mapped = ti.map_index is not None and ti.map_index >= 0
    at_index = f" MAP={ti.map_index}" if is_mapped else ""
    log.error(
        "%s failed in run %s: %s\nRepeat it alone with: make task T=%s RUN='%s'%s",
        ti.task_id,
        context["run_id"],
        context.get("exception"),
        ti.task_id,
        context["run_id"],
        at_index,
    )

"""The operator behind the rollback DAG: another kept release becomes the champion."""

import inspect
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException

from labeling_lab.operators import RELEASE, RELEASE_ALIAS, load
from tasks.errors import LabError, RetryableError

NOBODY = "the scheduler"


class RollbackOperator(BaseOperator):
    """Makes another kept release the champion, older or newer.

    A fresh process first loads it and replays its golden predictions. History says who, when and
    why. The asset event fires, as it does for a new release.

    Parameters
    ----------
    version : str
        Such as ``v0003``, or ``previous``.
    reason : str
        Why.
    """

    template_fields = ("version", "reason")
    ui_color = "#faf0e8"

    def __init__(self, *, version: str, reason: str, **kwargs: Any) -> None:
        kwargs.setdefault("doc_md", inspect.cleandoc(type(self).__doc__ or ""))
        super().__init__(outlets=[RELEASE_ALIAS], **kwargs)
        self.version = version
        self.reason = reason

    def execute(self, context: Context) -> dict[str, Any]:
        """Move the pointer and announce the release."""
        from tasks.volume.runs import Volume

        try:
            done = load("tasks.publish.rollback:roll_back")(
                Volume.from_environment().releases,
                self.version,
                reason=self.reason,
                by=self.user(context),
                run_id=context["run_id"],
            )
        except RetryableError:
            raise
        except LabError as error:
            raise AirflowFailException(f"{type(error).__name__}: {error}") from error
        extra = {"version": done["version"], "run_id": context["run_id"], "event": done["event"]}
        context["outlet_events"][RELEASE_ALIAS].add(RELEASE, extra=extra)
        return done

    @staticmethod
    def user(context: Context) -> str:
        """Return who triggered the run."""
        return getattr(context["dag_run"], "triggering_user_name", None) or NOBODY

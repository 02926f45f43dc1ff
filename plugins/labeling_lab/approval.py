"""A person's answer before a release is published."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Context, Param
from airflow.sdk.exceptions import AirflowSkipException

from labeling_lab.links import page_link
from labeling_lab.operators import is_scratch, no_vain_retries, open_workspace
from labeling_lab.pages import report_path
from tasks.pipeline import DECIDE, PUBLISH, load

YES, NO = "Approve", "Reject"
ASKED_ABOUT = "challenger_sha256"
COMMENT = {
    "comment": Param(
        None,
        type=["null", "string"],  # else Airflow's form asks for one
        maxLength=500,
        title="Comment",
        description="Why; history, manifest and model card keep it.",
    )
}
DOC = """
Asks a person before publishing, when the param `approval` is on and the gates let the winner pass;
skipped otherwise. The question shows what the gates said. The answer, who gave it, when and with
which comment go to history, manifest and model card. No answer in time counts as a rejection.
"""


class ApproveOperator(HITLOperator):
    """Asks whether to publish; returns the answer as `tasks.publish.stage.publish` takes it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            options=[YES, NO],
            defaults=NO,
            execution_timeout=None,
            **{"doc_md": DOC, **kwargs, "params": COMMENT},
        )

    def execute(self, context: Context) -> None:
        """Ask and wait, unless nobody has to be asked."""
        if is_scratch(context) or not context["params"].get("approval"):
            raise AirflowSkipException("No approval asked for (the param approval is off)")
        decision = context["ti"].xcom_pull(task_ids=DECIDE)
        if not decision["passed"]:
            raise AirflowSkipException("The gates refuse the winner: nobody has to be asked")
        with no_vain_retries():
            question = load("tasks.publish.decision:question")(open_workspace(context, PUBLISH))
            report = page_link(report_path(context["run_id"], "gates"))
            self.body = f"{question}\n[The run's report]({report}) has all of it.\n"
        # The answer is about this winner, whatever becomes of the run while it is awaited.
        context["ti"].xcom_push(key=ASKED_ABOUT, value=decision[ASKED_ABOUT])
        super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Mapping[str, str]:
        """Return the answer."""
        given = super().execute_complete(context, event)
        user = given["responded_by_user"]
        is_approved = given["chosen_options"] == [YES]
        return {
            "answer": "approved" if is_approved else "rejected",
            "by": str(user["name"]) if user else "nobody in time",
            "at": (given["responded_at"] or datetime.now(UTC)).isoformat(timespec="seconds"),
            "comment": str(given["params_input"].get("comment") or ""),
            ASKED_ABOUT: context["ti"].xcom_pull(task_ids=self.task_id, key=ASKED_ABOUT),
        }

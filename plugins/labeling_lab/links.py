"""Links from Airflow's own places to the lab's pages."""

from typing import Any

from airflow.sdk import BaseOperatorLink
from airflow.sdk.configuration import conf

from labeling_lab.pages import inside_airflow, report_path
from tasks import pipeline


def page_link(path: str) -> str:
    """Return the address of a page inside Airflow's UI."""
    base = str(conf.get("api", "base_url", fallback="http://localhost:8080"))
    return base.rstrip("/") + inside_airflow(path)


class ReportLink(BaseOperatorLink):
    """A button on a task instance that leads to what it left."""

    def __init__(self, name: str, path: str) -> None:
        self._name = name
        self._path = path

    @property
    def name(self) -> str:
        """What the button says."""
        return self._name

    def get_link(self, operator: Any, *, ti_key: Any) -> str:  # noqa: ARG002 (Airflow's own)
        """Return where it leads."""
        return page_link(report_path(ti_key.run_id) + self._path)


CARD = f"/file?stage={pipeline.PUBLISH}&name={pipeline.CARD_PAGE}"
LINKS = {
    pipeline.LABEL: ReportLink("Rules", "#rules"),
    pipeline.EVALUATE_SLICES: ReportLink("Report", "#figures"),
    pipeline.DECIDE: ReportLink("Gates", "#gates"),
    pipeline.PUBLISH: ReportLink("Model card", CARD),
}

"""Operators that score catalogues: which there are, and one at a time."""

import inspect
from typing import Any

from airflow.sdk import BaseOperator, Context
from airflow.sdk.exceptions import AirflowSkipException

from labeling_lab.notes import NOTE
from labeling_lab.operators import LONGEST_NOTE, no_vain_retries, open_volume
from tasks.catalog.formats import count, percent, shorten
from tasks.config import ScoreConfig
from tasks.pipeline import load


class CatalogOperator(BaseOperator):
    """Works on a catalog: a path, or the name of a file in the volume's folder of catalogs."""

    template_fields = ("catalog",)
    ui_color = "#e8faf0"

    def __init__(self, *, catalog: str, **kwargs: Any) -> None:
        super().__init__(**{"doc_md": inspect.getdoc(self), **kwargs})
        self.catalog = catalog


class FindCatalogsOperator(CatalogOperator):
    """Finds what to score: the catalog that the param names, else every file in the folder.

    An empty folder is no failure: the run ends with a note that says where catalogs go.
    """

    def execute(self, context: Context) -> list[str]:
        """Return the path that was given, or the names of the files."""
        with no_vain_retries():
            if self.catalog:
                return [self.catalog]
            volume = open_volume()
            if found := load("tasks.score.places:list_catalogs")(volume):
                return found
            why = load("tasks.score.places:no_catalogs")(volume)
            context["ti"].xcom_push(key=NOTE, value=shorten(why, LONGEST_NOTE))
            raise AirflowSkipException(why)


class ScoreOperator(CatalogOperator):
    """Scores every title of a catalog and writes the scores, a report and what was set apart.

    All of it or none: a task that fails or is killed leaves the scores of before.
    """

    def execute(self, context: Context) -> dict[str, Any]:
        """Score the catalog; return the report, and say in the note how it ended."""
        with no_vain_retries():
            config = ScoreConfig.from_params({**context["params"], "catalog": self.catalog})
            report = load("tasks.score.scoring:score_catalog")(open_volume(), config)
            context["ti"].xcom_push(key=NOTE, value=shorten(note(self.catalog, report), 300))
            return report


def note(catalog: str, report: dict[str, Any]) -> str:
    """Return how scoring a catalog ended, in a line."""
    share = percent(report["family"] / report["scored"])
    apart = f", {count(report['quarantined'])} quarantined" if report["quarantined"] else ""
    scored = f"{count(report['scored'], 'title')} scored by {report['release']}"
    how = ", adapted" * report["adapt"]["adapted"]
    return f"{catalog}: {scored}{how}, {share} family{apart}; drift: {report['drift']['outcome']}"

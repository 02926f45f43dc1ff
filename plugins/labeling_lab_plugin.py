"""The lab's Airflow plugin."""

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from labeling_lab import notes
from labeling_lab.pages import PREFIX, ROUTE, LazyApp


class LabelingLabPlugin(AirflowPlugin):
    """Registers the lab with Airflow: its pages, and a note on every finished run."""

    name = "labeling_lab"
    listeners: ClassVar[list[Any]] = [notes]
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": LazyApp(), "url_prefix": PREFIX, "name": "Labeling Lab"}
    ]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Lab",  # the navigation cuts a longer one
            "href": f"{ROUTE}/",
            "destination": "nav",
            "url_route": ROUTE,
        },
        {
            "name": "Labeling Lab",
            "href": f"{ROUTE}/runs/{{RUN_ID}}?dag={{DAG_ID}}",
            "destination": "dag_run",
            "url_route": f"{ROUTE}-run",
        },
    ]

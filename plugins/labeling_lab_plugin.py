"""The lab's Airflow plugin."""

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from labeling_lab import notes


class LabelingLabPlugin(AirflowPlugin):
    """Registers the lab with Airflow: Admin > Plugins shows it, finished runs get a note."""

    name = "labeling_lab"
    listeners: ClassVar[list[Any]] = [notes]

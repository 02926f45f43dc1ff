"""The lab's Airflow plugin."""

from airflow.plugins_manager import AirflowPlugin


class LabelingLabPlugin(AirflowPlugin):
    """Registers the lab with Airflow, so that Admin > Plugins shows that it was found."""

    name = "labeling_lab"

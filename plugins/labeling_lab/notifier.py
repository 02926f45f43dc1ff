"""Word to people who do not look into Airflow: by a webhook, and only where one is connected."""

import logging
from typing import Any

import httpx
from airflow.sdk import Connection, Context
from airflow.sdk.bases.notifier import BaseNotifier
from airflow.sdk.exceptions import AirflowNotFoundException

log = logging.getLogger(__name__)

CONNECTION = "labeling_lab_notifications"
SECONDS = 10


class WebhookNotifier(BaseNotifier):
    """Posts a message as ``{"text": ...}``, which Slack, Mattermost and their kind take.

    The host of the connection `CONNECTION` is the webhook's whole address; without that connection
    nothing is sent. A message that cannot be sent is a warning and fails no task. The text is a
    Jinja template, filled in with the task's context.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def notify(self, context: Context) -> None:
        """Send the message, if there is a connection."""
        try:
            address = Connection.get(CONNECTION).host
        except AirflowNotFoundException:
            return
        # Not a template field: that would keep the text of the first message for all others.
        text: Any = self.render_template(self.text, context)
        try:
            httpx.post(address or "", json={"text": text}, timeout=SECONDS).raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:  # its message may hold the secret
            log.warning(
                "No message sent by connection %s (%s); its host must be the webhook's whole "
                "address, and that must answer.",
                *(CONNECTION, type(error).__name__),
            )

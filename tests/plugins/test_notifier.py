"""Messages by webhook: sent where one is connected, and no task fails by them."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from labeling_lab.notifier import CONNECTION, WebhookNotifier

CONNECTED = f"AIRFLOW_CONN_{CONNECTION.upper()}"
SECRET = "T0/B0/secret"


@pytest.fixture
def webhook():
    """A server that keeps the texts that are posted to it: its address, and the texts."""
    texts = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            texts.append(json.loads(body)["text"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{SECRET}", texts
    server.shutdown()
    server.server_close()


def connect(monkeypatch, address):
    monkeypatch.setenv(CONNECTED, json.dumps({"conn_type": "http", "host": address}))


@pytest.mark.airflow
def test_each_message_is_filled_in_anew_and_none_is_sent_without_a_connection(webhook, monkeypatch):
    address, texts = webhook
    notifier = WebhookNotifier("{{ run_id }} failed: {{ exception }}")
    notifier({"run_id": "r0", "exception": ValueError("nobody hears it")})
    connect(monkeypatch, address)
    notifier({"run_id": "r1", "exception": ValueError("no disk")})
    notifier({"run_id": "r2", "exception": ValueError("no <b>memory</b>")})
    assert texts == ["r1 failed: no disk", "r2 failed: no <b>memory</b>"]


@pytest.mark.airflow
def test_a_webhook_that_does_not_answer_is_a_warning_without_its_address(monkeypatch, caplog):
    for address in (f"http://127.0.0.1:9/{SECRET}", f"not an address/{SECRET}"):
        caplog.clear()
        connect(monkeypatch, address)
        WebhookNotifier("hello")({})
        assert f"No message sent by connection {CONNECTION}" in caplog.text
        assert SECRET not in caplog.text

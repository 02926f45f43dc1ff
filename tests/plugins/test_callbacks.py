"""A failure is explained with the command that repeats it."""

import logging
from types import SimpleNamespace

import pytest

from labeling_lab.callbacks import explain_failure


@pytest.mark.parametrize(
    ("map_index", "command"),
    [
        (-1, "make task T=train RUN='r1'"),
        (0, "make task T=train RUN='r1' MAP=0"),
        (2, "make task T=train RUN='r1' MAP=2"),
    ],
)
def test_a_failure_names_run_reason_and_command(caplog, map_index, command):
    ti = SimpleNamespace(task_id="train", map_index=map_index)
    with caplog.at_level(logging.ERROR):
        explain_failure({"ti": ti, "run_id": "r1", "exception": ValueError("too few titles")})
    assert "train failed in run r1: too few titles" in caplog.text
    assert caplog.text.rstrip().endswith(command)

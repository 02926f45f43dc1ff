"""A failure is explained, with the command that repeats it."""

import logging
from types import SimpleNamespace

from airflow.sdk.exceptions import AirflowFailException

from labeling_lab.callbacks import TEMPORARY_RUN, explain_failure, explain_retry
from labeling_lab.home import DAG_ID, ROLLBACK_DAG_ID, SCORE_DAG_ID
from tasks.errors import CatalogError, VolumeError


def said(
    caplog, error, task="train", run_id="r1", map_index=-1, dag_id=DAG_ID, explain=explain_failure
):
    caplog.clear()
    ti = SimpleNamespace(task_id=task, map_index=map_index, dag_id=dag_id)
    context = {"ti": ti, "run_id": run_id, "exception": error, "params": {"release": "v0003"}}
    context |= {"task": SimpleNamespace(catalog="a b.csv")}
    with caplog.at_level(logging.WARNING):
        explain(context)
    return caplog.text.rstrip()


def test_a_failure_names_task_run_reason_and_a_command_that_works(caplog):
    assert "train failed in run r1: too few titles" in said(caplog, CatalogError("too few titles"))
    for case, command in (
        ({"map_index": -1}, "Repeat it alone with: make task T=train RUN='r1'"),
        ({"map_index": 2}, "Repeat it alone with: make task T=train RUN='r1' MAP=2"),
        (
            {"task": "roll_back", "dag_id": ROLLBACK_DAG_ID},
            "Try again with: make rollback VERSION='...' REASON='...'",
        ),
        (
            {"task": "score", "dag_id": SCORE_DAG_ID},
            "Try again with: make score CATALOG='a b.csv' RELEASE=v0003",
        ),
        ({"run_id": f"{TEMPORARY_RUN}1"}, f"train failed in run {TEMPORARY_RUN}1: too few"),
    ):
        assert said(caplog, CatalogError("too few"), **case).endswith(command), case
    # Only what the lab did not foresee comes with its trace.
    refused = AirflowFailException("CatalogError: too few titles")
    refused.__cause__ = CatalogError("too few titles")
    assert "Error" in said(caplog, refused)
    assert caplog.records[-1].exc_info is None
    said(caplog, KeyError("label"))
    assert caplog.records[-1].exc_info[0] is KeyError


def test_a_second_try_is_announced_unless_the_task_runs_alone(caplog, monkeypatch):
    full = VolumeError("the disk is full")
    again = said(caplog, full, explain=explain_retry)
    assert "train will be tried again: the disk is full" in again
    monkeypatch.setenv("AIRFLOW_TEST_MODE", "True")
    assert "train failed in run r1: the disk is full" in said(caplog, full, explain=explain_retry)

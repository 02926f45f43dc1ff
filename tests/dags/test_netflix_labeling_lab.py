"""The DAG's shape: order, schedule, params, retries, docs."""

from datetime import timedelta

import pytest
from airflow.sdk.exceptions import ParamValidationError

from labeling_lab.operators import CATALOG
from labeling_lab.task import task_names
from tasks.config import form
from tasks.pipeline import STAGES
from tasks.train.models import MODELS

pytestmark = pytest.mark.airflow


@pytest.fixture
def dag(dags):
    return dags["netflix_labeling_lab"]


def test_every_stage_is_a_task_after_those_that_it_reads_and_train_one_a_model(dag):
    assert {task.task_id for task in dag.tasks} == set(task_names())
    for stage in STAGES:
        before = {
            task.task_id for task in dag.get_task(stage.name).get_flat_relatives(upstream=True)
        }
        assert before >= set(stage.reads), stage.name
    # A person is asked between the decision and publishing.
    assert dag.get_task("decide").downstream_task_ids == {"approve"}
    assert dag.get_task("approve").downstream_task_ids == {"publish"}
    assert dag.get_task("publish").downstream_task_ids == set()
    train = dag.get_task("train")
    assert train.is_mapped
    assert train.expand_input.value == {"model": [model.name for model in MODELS]}
    assert train.map_index_template == "{{ task.model }}"


def test_it_is_scheduled_and_a_run_that_waits_for_a_person_holds_up_no_other(dag):
    assert (dag.schedule.timetable.expression, dag.catchup) == ("0 0 * * 0", False)
    assert dag.schedule.asset_condition == CATALOG
    assert dag.start_date.isoformat() == "2026-01-04T00:00:00+00:00"

    assert dag.max_active_runs > 1
    for task in dag.tasks:
        at_once = {"approve": None, "train": len(MODELS)}.get(task.task_id, 1)
        assert task.max_active_tis_per_dag == at_once, task.task_id
    approve = dag.get_task("approve")
    assert approve.execution_timeout is None
    assert approve.response_timeout < dag.dagrun_timeout


def test_tasks_retry_time_out_explain_their_failure_and_are_documented_as_params_are(dag):
    for task in dag.tasks:
        assert (task.retries, task.retry_delay) == (2, timedelta(seconds=30)), task.task_id
        assert task.task_id == "approve" or task.execution_timeout, task.task_id
        assert task.has_on_failure_callback or task.on_failure_callback, task.task_id
        assert task.has_on_retry_callback or task.on_retry_callback, task.task_id
        assert task.doc_md, task.task_id
    assert dag.doc_md
    assert dag.description
    assert dag.tags == {"weak-supervision", "classification", "netflix"}
    assert set(dag.params) == set(form())
    for name in dag.params:
        param = dag.params.get_param(name)
        assert {"title", "type", "section", "description_md"} <= set(param.schema), name
    with pytest.raises(ParamValidationError, match="is not one of"):
        dag.params.get_param("models").resolve(["xgboost"])

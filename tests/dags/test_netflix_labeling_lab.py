"""The DAG's shape: order, schedule, params, retries, docs."""

from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk.exceptions import ParamValidationError

from labeling_lab.task import task_names
from tasks.config import CONFIGS, TrainConfig, form
from tasks.pipeline import STAGES
from tasks.train.models import MODELS

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def dag():
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(Path(__file__).resolve().parents[2] / "dags"))
    assert bag.import_errors == {}
    return bag.dags["netflix_labeling_lab"]


def test_every_stage_is_a_task_after_the_stages_that_it_reads(dag):
    assert {task.task_id for task in dag.tasks} == set(task_names())
    for stage in STAGES:
        before = {
            task.task_id for task in dag.get_task(stage.name).get_flat_relatives(upstream=True)
        }
        assert before >= set(stage.reads), stage.name


def test_a_person_is_asked_between_the_decision_and_publishing(dag):
    assert dag.get_task("decide").downstream_task_ids == {"approve"}
    assert dag.get_task("approve").downstream_task_ids == {"publish"}
    assert dag.get_task("publish").downstream_task_ids == set()


def test_train_is_mapped_over_the_rulebook_and_named(dag):
    train = dag.get_task("train")
    assert train.is_mapped
    assert train.expand_input.value == {"model": [model.name for model in MODELS]}
    assert train.map_index_template == "{{ task.model }}"


def test_schedule(dag):
    assert (dag.schedule, dag.catchup) == ("@weekly", False)
    assert dag.start_date.isoformat() == "2026-01-04T00:00:00+00:00"


def test_a_run_that_waits_for_a_person_holds_up_no_other(dag):
    assert dag.max_active_runs > 1
    for task in dag.tasks:
        at_once = {"approve": None, "train": len(MODELS)}.get(task.task_id, 1)
        assert task.max_active_tis_per_dag == at_once, task.task_id
    approve = dag.get_task("approve")
    assert approve.execution_timeout is None
    assert approve.response_timeout < dag.dagrun_timeout


def test_tasks_retry_time_out_explain_their_failure_and_are_documented(dag):
    for task in dag.tasks:
        assert (task.retries, task.retry_delay) == (2, timedelta(seconds=30)), task.task_id
        assert task.task_id == "approve" or task.execution_timeout, task.task_id
        assert task.has_on_failure_callback or task.on_failure_callback, task.task_id
        assert task.has_on_retry_callback or task.on_retry_callback, task.task_id
        assert task.doc_md, task.task_id
    assert dag.doc_md
    assert dag.description
    assert dag.tags == {"weak-supervision", "classification", "netflix"}


def test_params_are_the_form(dag):
    assert set(dag.params) == set(form())
    for name in dag.params:
        param = dag.params.get_param(name)
        assert {"title", "type", "section", "description_md"} <= set(param.schema), name


def test_the_form_refuses_values_that_no_stage_can_work_with(dag):
    for name, value, complaint in (
        ("folds", 1, "less than the minimum"),
        ("balance", 0, "less than or equal to the minimum"),
        ("models", [], "non-empty"),
        ("models", ["xgboost"], "is not one of"),
        ("operations", ["back_translation"], "is not one of"),
        ("aggregator", "mean", "is not one of"),
        ("tie_policy", "coin", "is not one of"),
        ("seed", -1, "less than the minimum"),
        ("source", "", "non-empty"),
    ):
        with pytest.raises(ParamValidationError, match=complaint):
            dag.params.get_param(name).resolve(value)


def test_the_form_s_defaults_and_examples_are_values_that_the_stages_take(dag):
    params = dag.params.dump()
    for config in CONFIGS:
        config.from_params(params)
    assert params["folds"] == TrainConfig().folds == 5
    thresholds = dag.params.get_param("thresholds")
    assert thresholds.resolve(thresholds.schema["examples"][0]) == {"rating_hidden_roc_auc": 0.8}

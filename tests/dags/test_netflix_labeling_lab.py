"""The DAG's shape: order, schedule, params, retries, docs."""

from datetime import timedelta
from pathlib import Path

import pytest
from airflow.sdk.exceptions import ParamValidationError

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def dag():
    from airflow.dag_processing.dagbag import DagBag

    folder = Path(__file__).resolve().parents[2] / "dags"
    bag = DagBag(str(folder))
    assert bag.import_errors == {}
    return bag.dags["netflix_labeling_lab"]


def test_order(dag):
    downstream = {task.task_id: task.downstream_task_ids for task in dag.tasks}
    assert downstream == {
        "fetch": {"label"},
        "label": {"augmentation_audit", "blind_audit"},
        "augmentation_audit": {"augment"},
        "augment": {"train"},
        "train": {"select"},
        "select": {"evaluate_slices"},
        "blind_audit": {"evaluate_slices"},
        "evaluate_slices": {"decide"},
        "decide": {"approve"},
        "approve": {"publish"},
        "publish": set(),
    }


def test_train_is_mapped_over_the_rulebook_and_named(dag):
    from tasks.train.models import MODELS

    train = dag.get_task("train")
    assert train.is_mapped
    assert train.expand_input.value == {"model": [model.name for model in MODELS]}
    assert train.map_index_template == "{{ task.model }}"


def test_schedule(dag):
    assert dag.schedule == "@weekly"
    assert (dag.catchup, dag.max_active_runs) == (False, 1)
    assert dag.start_date.isoformat() == "2026-01-04T00:00:00+00:00"


@pytest.mark.parametrize("name", ["fetch", "label", "train", "publish"])
def test_tasks_retry_time_out_and_explain_their_failure(dag, name):
    task = dag.get_task(name)
    assert (task.retries, task.retry_delay) == (2, timedelta(seconds=30))
    assert task.execution_timeout == timedelta(minutes=30)
    assert task.has_on_failure_callback or task.on_failure_callback


def test_everything_is_documented(dag):
    assert dag.doc_md
    assert dag.description
    assert all(task.doc_md for task in dag.tasks)
    assert dag.tags == {"weak-supervision", "classification", "netflix"}


def test_params_are_the_form(dag):
    params = {name: dag.params.get_param(name) for name in dag.params}
    assert set(params) == {
        "source", "aggregator", "tie_policy", "operations", "balance", "drop_harmful_operations",
        "models", "features", "mask_rating", "soft_labels", "folds", "thresholds", "approval",
        "keep_runs", "seed",
    }  # fmt: skip
    for param in params.values():
        assert {"title", "type", "section"} <= set(param.schema)
        assert param.schema["description_md"]


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("folds", 1, "less than the minimum"),
        ("balance", 0, "less than or equal to the minimum"),
        ("models", [], "non-empty"),
        ("models", ["xgboost"], "is not one of"),
        ("operations", ["back_translation"], "is not one of"),
        ("aggregator", "mean", "is not one of"),
        ("tie_policy", "coin", "is not one of"),
        ("seed", -1, "less than the minimum"),
        ("source", "", "non-empty"),
    ],
)
def test_the_form_refuses_values_that_no_stage_can_work_with(dag, name, value, complaint):
    with pytest.raises(ParamValidationError, match=complaint):
        dag.params.get_param(name).resolve(value)


def test_defaults_are_the_stages_own(dag):
    from tasks.config import AugmentConfig, FetchConfig, LabelConfig, PublishConfig, TrainConfig

    params = dag.params.dump()
    for config_class in (FetchConfig, LabelConfig, AugmentConfig, TrainConfig, PublishConfig):
        config_class.from_params(params)
    assert params["folds"] == TrainConfig().folds == 5

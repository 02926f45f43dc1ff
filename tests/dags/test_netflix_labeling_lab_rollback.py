"""The rollback DAG: one task, by hand only, with a reason."""

import pytest
from airflow.sdk.exceptions import ParamValidationError

pytestmark = pytest.mark.airflow


@pytest.fixture
def dag(dags):
    return dags["netflix_labeling_lab_rollback"]


def test_it_is_one_task_that_nobody_but_a_person_starts(dag):
    (task,) = dag.tasks
    assert (task.task_id, type(task).__name__) == ("roll_back", "RollbackOperator")
    assert dag.schedule is None
    assert dag.max_active_runs == 1
    assert (task.version, task.reason) == ("{{ params.version }}", "{{ params.reason }}")
    assert dag.doc_md
    assert dag.description
    assert task.doc_md
    assert task.retries == 2
    assert task.has_on_failure_callback or task.on_failure_callback
    for name in dag.params:
        param = dag.params.get_param(name)
        assert {"title", "type"} <= set(param.schema)
        assert param.description


def test_the_form_takes_a_version_or_previous_and_a_reason_and_nothing_else(dag):
    for version in ("previous", "v0001", "v12345"):
        assert dag.params.get_param("version").resolve(version) == version
    for name, value, complaint in (
        ("version", "latest", "does not match"),
        ("version", "../v0001", "does not match"),
        ("version", "", "does not match"),
        ("reason", "", "too short|non-empty"),
        ("reason", None, "is not of type"),
    ):
        with pytest.raises(ParamValidationError, match=complaint):
            dag.params.get_param(name).resolve(value)

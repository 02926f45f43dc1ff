"""Operators turn params into a configuration, open the right run, and fail usefully."""

import inspect

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from labeling_lab import operators
from tasks.config import FetchConfig
from tasks.errors import CatalogError, VolumeError

SEEN = []


def remember(workspace, config, **kwargs):
    SEEN.append((workspace, config, kwargs))
    return {"rows": 3}


def refuse(workspace, config):
    raise CatalogError("titles.csv is empty; give another file.")


def run_out_of_disk(workspace, config):
    raise VolumeError("the disk is full")


class Answers:
    def __init__(self, answer=None):
        self.answer = answer

    def xcom_pull(self, task_ids):
        assert task_ids == "approve"
        return self.answer


@pytest.fixture(autouse=True)
def volume(tmp_path, monkeypatch):
    SEEN.clear()
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    return tmp_path


def make(function, base=operators.FetchOperator, **kwargs):
    class Probe(base):
        """A stage made for a test."""

    Probe.function = f"tests:{function}"
    return Probe(task_id="probe", **kwargs)


@pytest.fixture(autouse=True)
def known_functions(monkeypatch):
    functions = {"remember": remember, "refuse": refuse, "run_out_of_disk": run_out_of_disk}
    load = operators.load
    monkeypatch.setattr(
        operators, "load", lambda path: functions.get(path.split(":")[1]) or load(path)
    )


def test_a_threshold_that_no_gate_has_fails_before_minutes_of_work():
    with pytest.raises(AirflowFailException, match="rating_hiden_roc_auc"):
        make("remember").execute(context(thresholds={"rating_hiden_roc_auc": 0.6}))
    assert SEEN == []


def context(run_id="manual__1", ti=None, **params):
    return {"run_id": run_id, "ti": ti or Answers(), "params": params, "outlet_events": {}}


def test_params_become_the_configuration_and_the_run_its_folder(volume):
    summary = make("remember").execute(context(seed=7, source="sample", folds=9))
    workspace, config, _ = SEEN[0]
    assert config == FetchConfig(seed=7, source="sample")
    assert workspace.run.path == volume / "runs" / "manual__1"
    assert summary == {"rows": 3}


def test_a_temporary_run_becomes_a_scratch_run():
    run_id = "__airflow_temporary_run_2026-01-01T00:00:00+00:00__"
    make("remember").execute(context(run_id))
    workspace = SEEN[0][0]
    assert workspace.run.id == "scratch__2026-01-01T00:00:00+00:00"
    assert workspace.is_scratch


def test_a_lab_error_fails_the_task_at_once():
    with pytest.raises(AirflowFailException, match=r"CatalogError: titles.csv is empty"):
        make("refuse").execute(context())


def test_a_bad_param_fails_the_task_at_once():
    with pytest.raises(AirflowFailException, match="seed is -1; expected"):
        make("remember").execute(context(seed=-1))


def test_trouble_with_the_volume_is_left_to_the_retries():
    with pytest.raises(VolumeError, match="the disk is full"):
        make("run_out_of_disk").execute(context())


def test_a_model_that_was_not_asked_for_is_skipped():
    operator = make("remember", operators.TrainOperator, model="random_forest")
    with pytest.raises(AirflowSkipException, match="random_forest is not among"):
        operator.execute(context(models=["logistic_regression"]))
    assert SEEN == []


def test_a_model_that_was_asked_for_is_trained():
    operator = make("remember", operators.TrainOperator, model="random_forest")
    operator.execute(context(models=["random_forest"]))
    assert SEEN[0][2] == {"model": "random_forest"}


@pytest.mark.parametrize("answer", [None, {"chosen_options": ["Reject"]}])
def test_publishing_needs_the_approval_that_the_run_asks_for(answer):
    operator = operators.PublishOperator(task_id="publish", approval_task_id="approve")
    with pytest.raises(AirflowFailException, match="asks for approval and approve has none"):
        operator.execute(context(ti=Answers(answer), approval=True))


def test_an_approved_run_may_publish():
    operator = operators.PublishOperator(task_id="publish", approval_task_id="approve")
    operator.check_approval(context(ti=Answers({"chosen_options": ["Approve"]}), approval=True))


STAGE_OPERATORS = [
    value
    for _, value in inspect.getmembers(operators, inspect.isclass)
    if issubclass(value, operators.StageOperator) and value is not operators.StageOperator
]


@pytest.mark.parametrize("operator", STAGE_OPERATORS, ids=lambda o: o.__name__)
def test_every_stage_operator_names_a_function_that_is_there(operator):
    module, name = operator.function.split(":")
    imported = __import__(module, fromlist=[name])
    function = getattr(imported, name)
    assert list(inspect.signature(function).parameters)[:2] == ["workspace", "config"]
    assert inspect.getdoc(operator)

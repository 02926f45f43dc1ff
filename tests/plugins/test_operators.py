"""Operators turn params into a configuration, open the right run, and fail usefully."""

from concurrent.futures.process import BrokenProcessPool
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.sdk import DAG
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSkipException,
    DownstreamTasksSkipped,
)

from labeling_lab import approval, operators
from labeling_lab.callbacks import TEMPORARY_RUN
from tasks.config import FetchConfig
from tasks.errors import CatalogError, VolumeError
from tasks.pipeline import DECIDE, FETCH, FETCH_REPORT, PUBLISH, TRAIN
from tasks.volume.runs import Volume

HEADER = "show_id,type,title,director,cast,country,date_added,release_year,rating,duration,"
ROW = "s1,Movie,Puppy School,,,,,2020,TV-Y,90 min,Children & Family Movies,A puppy reads.\n"


class Xcoms(dict):
    """What tasks of a run left for each other, by task and key."""

    map_index = -1

    def xcom_pull(self, task_ids, key="return_value"):
        return self.get((task_ids, key))

    def xcom_push(self, key, value):
        self["me", key] = value


class Events(dict):
    """Asset events as Airflow hands them to a task."""

    def __missing__(self, alias):
        self[alias] = SimpleNamespace(fired=[])
        self[alias].add = lambda asset, extra: self[alias].fired.append((asset, extra))
        return self[alias]


def context(run_id="manual__1", xcoms=None, user="ada", run_type="manual", **params):
    run = SimpleNamespace(triggering_user_name=user, run_type=run_type)
    ti = xcoms if xcoms is not None else Xcoms()
    return {"run_id": run_id, "ti": ti, "dag_run": run, "params": params,
            "outlet_events": Events()}  # fmt: skip


@pytest.fixture
def volume(tmp_path, monkeypatch):
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path / "volume"))
    return Volume(tmp_path / "volume")


@pytest.fixture
def titles(tmp_path):
    path = tmp_path / "titles.csv"
    path.write_text(f"{HEADER}listed_in,description\n{ROW}")
    return str(path)


def operator(task_id=FETCH, **more):
    return operators.StageOperator(task_id=task_id, **more)


def test_params_become_the_configuration_and_the_run_its_folder_or_a_scratch_run(volume, titles):
    summary = operator().execute(context(seed=7, source=titles, folds=9))
    assert summary["rows"] == 1
    fetched = volume.run("manual__1").read(FETCH)
    assert fetched.read_json(FETCH_REPORT)["rows"] == 1
    assert fetched.manifest["config"] == FetchConfig(seed=7, source=titles).to_dict()
    operator().execute(context(f"{TEMPORARY_RUN}2026-01-01T00:00:00+00:00__", source=titles))
    assert [run.id for run in volume.runs(scratch=True)] == ["scratch__2026-01-01T00:00:00+00:00"]


def test_what_a_retry_cannot_mend_fails_at_once_and_what_it_can_is_left_to_it():
    for error in (CatalogError("no titles"), KeyError("label"), ZeroDivisionError()):
        with pytest.raises(AirflowFailException, match=type(error).__name__):
            fail(error)
    for error in (
        VolumeError("the disk is full"),
        OSError("gone"),
        MemoryError("too little memory"),
        BrokenProcessPool("killed"),
        AirflowSkipException("not asked for"),
        KeyboardInterrupt("stopped"),
    ):
        with pytest.raises(type(error), match=str(error)):
            fail(error)


def fail(error):
    with operators.no_vain_retries():
        raise error


def test_bad_params_are_refused_before_any_work_and_a_model_not_asked_for_is_skipped(volume):
    for params, message in (
        ({"source": "/nowhere.csv"}, "CatalogError: .*/nowhere.csv"),
        ({"seed": -1}, "ConfigError: seed is -1"),
        ({"flods": 3}, "did you mean folds"),
        ({"thresholds": {"rating_hiden_roc_auc": 0.6}}, "rating_hiden_roc_auc"),
    ):
        with pytest.raises(AirflowFailException, match=message):
            operator().execute(context(**params))
    assert volume.runs() == []
    train = operators.TrainOperator(task_id=TRAIN, model="random_forest")
    with pytest.raises(AirflowSkipException, match="random_forest is not among"):
        train.execute(context(models=["logistic_regression"]))


def test_a_run_that_nobody_triggered_ends_after_fetch_if_nothing_is_new(
    volume, titles, monkeypatch
):
    with DAG("d"):
        fetch = operators.FetchOperator(task_id=FETCH)
        fetch >> operators.TrainOperator(task_id=TRAIN, model="random_forest") >> publisher()
    news = []
    monkeypatch.setattr("tasks.publish.news.find_news", lambda *_: news)

    def outcome(run_type, **params):
        now = context(run_type=run_type, source=titles, **params)
        try:
            assert fetch.execute(now)["rows"] == 1
        except DownstreamTasksSkipped as skipped:
            assert volume.runs() == []
            return set(skipped.tasks), now["ti"]["me", "note"]
        return "goes on"

    ended = (
        {TRAIN, PUBLISH},
        "nothing new since None: same catalog, answers, code, libraries and params",
    )
    assert outcome("scheduled") == outcome("asset_triggered") == ended
    assert outcome("manual") == outcome("backfill", force=True) == "goes on"
    news.append("params")
    assert outcome("scheduled") == "goes on"


def publisher():
    return operators.PublishOperator(task_id=PUBLISH)


ANSWER = {
    "answer": "approved", "by": "ada", "at": "2026-01-01T00:00:00+00:00", "comment": "Fine",
    "challenger_sha256": "abc",
}  # fmt: skip


def approver():
    return approval.ApproveOperator(
        task_id="approve", subject="Publish?", response_timeout=timedelta(days=5)
    )


def test_nobody_is_asked_without_the_param_or_after_the_gates_refused():
    refused = Xcoms({(DECIDE, "return_value"): {"passed": False}})
    for asked, why in (
        (context(), "No approval asked for"),
        (context(f"{TEMPORARY_RUN}1", approval=True), "No approval asked for"),
        (context(xcoms=refused, approval=True), "The gates refuse"),
    ):
        with pytest.raises(AirflowSkipException, match=why):
            approver().execute(asked)


def test_an_answer_says_who_when_why_and_about_which_winner():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    about = Xcoms({("approve", "challenger_sha256"): "abc"})
    given = {"chosen_options": ["Approve"], "params_input": {"comment": "Fine"},
             "responded_at": at, "responded_by_user": {"id": "1", "name": "ada"}}  # fmt: skip
    assert approver().execute_complete(context(xcoms=about), given) == ANSWER
    late = {**given, "chosen_options": ["Reject"], "responded_by_user": None, "params_input": {}}
    answer = approver().execute_complete(context(xcoms=about), late)
    assert (answer["answer"], answer["by"]) == ("rejected", "nobody in time")


@pytest.fixture
def released(sample_copy, monkeypatch):
    """A volume with a release, and the run that made it."""
    monkeypatch.setenv("LABELING_LAB_DATA", str(sample_copy.volume.root))
    run_id = sample_copy.run.id
    decided = operator(DECIDE).execute(context(run_id))
    now = context(run_id, xcoms=Xcoms({(DECIDE, "return_value"): decided}))
    return sample_copy.volume, now


def test_publishing_fires_the_event_with_honest_figures_and_leaves_a_note(released):
    volume, now = released
    summary = publisher().execute(now)
    assert volume.releases.current() == summary["version"] == "v0001"
    ((asset, extra),) = now["outlet_events"][operators.RELEASE_ALIAS].fired
    assert asset == operators.RELEASE
    assert (extra["version"], extra["run_id"]) == ("v0001", now["run_id"])
    assert extra["link"].endswith("/plugin/labeling-lab/labeling-lab/releases/v0001")
    assert len(extra["model_sha256"]) == 64
    for block in ("rating_hidden", "blind_audit"):
        assert 0.5 < extra[block]["roc_auc"] < 1, block
        assert extra[block]["n"] > 100, block
    assert now["ti"]["me", "note"].startswith("published v0001: ROC-AUC 0.")


def test_publishing_waits_for_the_answer_and_a_rejected_or_refused_winner_skips_it(released):
    volume, now = released
    now["params"] = {"approval": True}
    message = r"PublishError: run \S+ asks for approval and has none; clear the task approve"
    with pytest.raises(AirflowFailException, match=message):  # approve was marked as done by hand
        publisher().execute(now)
    assert volume.releases.versions() == []
    decided = now["ti"][DECIDE, "return_value"]
    now["ti"]["approve", "return_value"] = {
        **ANSWER, "answer": "rejected", "challenger_sha256": decided["challenger_sha256"],
    }  # fmt: skip
    with pytest.raises(AirflowSkipException, match="rejected"):
        publisher().execute(now)
    assert volume.releases.history()[-1]["approval"]["comment"] == "Fine"
    now["params"] = {"thresholds": {"rating_hidden_roc_auc": 1.0}}
    now["ti"][DECIDE, "return_value"] = operator(DECIDE).execute(now)
    with pytest.raises(AirflowSkipException, match="refused: rating_hidden_roc_auc"):
        publisher().execute(now)
    assert volume.releases.current() is None
    assert now["ti"]["me", "return_value"]["published"] is False
    assert now["ti"]["me", "note"].startswith("refused: rating_hidden_roc_auc")
    assert now["outlet_events"] == {}


def test_a_roll_back_is_by_who_triggered_it_and_one_that_cannot_be_fires_nothing(
    volume, monkeypatch
):
    roll_back = operators.RollbackOperator(task_id="r", version="v0009", reason="Too many alarms")
    now = context()
    with pytest.raises(AirflowFailException, match="PublishError: v0009 is no published release"):
        roll_back.execute(now)
    assert now["outlet_events"] == {}
    assert roll_back.outlets == [operators.RELEASE_ALIAS]
    monkeypatch.setenv("LOGNAME", "grace")
    for user, name in (("ada", "ada"), ("dag_test", "grace"), (None, "the scheduler")):
        assert operators.who(context(user=user)) == name, user

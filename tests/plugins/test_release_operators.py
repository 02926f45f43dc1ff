"""The rollback operator: params in, a move and an announcement out."""

from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException

from labeling_lab import release_operators
from labeling_lab.operators import RELEASE, RELEASE_ALIAS
from labeling_lab.release_operators import RollbackOperator
from tasks.errors import PublishError, VolumeError

MOVE = {"event": "rolled back", "version": "v0001", "replaced": "v0002"}
SEEN = []


class Events(dict):
    def __missing__(self, alias):
        self[alias] = SimpleNamespace(added=[])
        self[alias].add = lambda asset, extra: self[alias].added.append((asset, extra))
        return self[alias]


def context(user="ada"):
    run = SimpleNamespace(triggering_user_name=user)
    return {"run_id": "manual__1", "dag_run": run, "outlet_events": Events()}


@pytest.fixture
def operator(monkeypatch, tmp_path):
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    SEEN.clear()

    def make(error=None):
        def move(releases, version, **more):
            if error:
                raise error
            SEEN.append((releases.root, version, more))
            return MOVE

        monkeypatch.setattr(release_operators, "load", lambda path: move)
        return RollbackOperator(task_id="roll_back", version="previous", reason="Too many alarms")

    return make


@pytest.mark.parametrize(("user", "by"), [("ada", "ada"), (None, "the scheduler")])
def test_who_and_why_are_handed_on(operator, tmp_path, user, by):
    assert operator().execute(context(user)) == MOVE
    assert [
        (tmp_path / "releases", "previous",
         {"reason": "Too many alarms", "by": by, "run_id": "manual__1"})
    ] == SEEN  # fmt: skip


def test_the_release_is_announced(operator):
    now = context()
    rollback = operator()
    rollback.execute(now)
    extra = {"version": "v0001", "run_id": "manual__1", "event": "rolled back"}
    assert now["outlet_events"][RELEASE_ALIAS].added == [(RELEASE, extra)]
    assert rollback.outlets == [RELEASE_ALIAS]


def test_a_refusal_fails_the_task_at_once_and_announces_nothing(operator):
    now = context()
    with pytest.raises(AirflowFailException, match=r"PublishError: v0009 is no published release"):
        operator(PublishError("v0009 is no published release")).execute(now)
    assert now["outlet_events"] == {}


def test_trouble_with_the_volume_is_left_to_the_retries(operator):
    with pytest.raises(VolumeError, match="the disk is full"):
        operator(VolumeError("the disk is full")).execute(context())


def test_the_operator_names_a_function_that_is_there():
    from tasks.publish.rollback import roll_back

    assert release_operators.load("tasks.publish.rollback:roll_back") is roll_back
    assert RollbackOperator.template_fields == ("version", "reason")

"""Back and forth between kept releases."""

import pytest

from tasks.config import PublishConfig
from tasks.errors import ProcessError, PublishError
from tasks.publish import rollback
from tasks.publish.rollback import roll_back
from tasks.publish.stage import publish
from tasks.volume.releases import File, Releases


@pytest.fixture
def releases(lab):
    for run_id in ("run1", "run2", "run3"):
        lab.publish(lab.run(run_id))
    return lab.releases


def go(releases, version="previous", run_id="back1", reason="Too many false alarms", by="ada"):
    return roll_back(releases, version, reason=reason, by=by, run_id=run_id)


def test_back_to_the_one_before_once_and_history_says_who_when_why(releases):
    done = go(releases, reason=" Too many\nfalse alarms ")
    assert done == {
        "event": "rolled back", "version": "v0002", "replaced": "v0003",
        "reason": "Too many false alarms", "by": "ada",
    }  # fmt: skip
    assert releases.current() == "v0002"
    before = releases.history()
    assert before[-1] == {**done, "run_id": "back1", "at": before[-1]["at"]}
    assert go(releases) == done
    assert (releases.current(), releases.history()) == ("v0002", before)


def test_back_step_by_step_and_forward_by_name(lab, releases):
    steps = [("previous", "v0002"), ("previous", "v0001"), ("v0003", "v0003"), ("v0001", "v0001")]
    for number, (wanted, version) in enumerate(steps):
        assert go(releases, wanted, run_id=f"back{number}")["version"] == version
        assert releases.current() == version
    moves = [event["event"] for event in releases.history()[3:]]
    assert moves == ["rolled back", "rolled back", "rolled forward", "rolled back"]
    with pytest.raises(PublishError, match=r"there is no release before v0001; the releases are"):
        go(releases, run_id="back9")
    summary = publish(lab.volume.workspace("run3"), PublishConfig())
    assert (summary["version"], summary["champion"]) == ("v0003", "v0001")


def test_what_cannot_be_gone_to_is_refused_with_what_can(lab, releases, tmp_path):
    (tmp_path / "x").write_bytes(b"")
    empty = File(tmp_path / "x", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    releases.add("v0004", {"x": empty}, {"run_id": "killed"})
    before = releases.history()
    kept = "the releases are v0001, v0002, v0003"
    for version, message in (
        ("v0009", f"v0009 is no published release; {kept}"),
        ("v0004", f"v0004 is no published release; {kept}"),
        ("../x", r"\.\./x is no published release"),
        ("v0003", f"v0003 is the champion already; {kept}"),
    ):
        with pytest.raises(PublishError, match=message):
            go(releases, version)
    for reason, by in (("", "ada"), (" \n", "ada"), ("Why", "")):
        with pytest.raises(PublishError, match=r"say who rolls back and why"):
            go(releases, reason=reason, by=by)
    assert (releases.current(), releases.history()) == ("v0003", before)
    with pytest.raises(PublishError, match=r"no release before the first; .* none yet"):
        go(Releases(tmp_path / "nothing"))


def test_a_damaged_release_is_not_gone_to_and_history_says_why(releases, monkeypatch):
    path = releases.folder("v0002") / "best_model.pkl"
    path.chmod(0o644)
    path.write_bytes(b"swapped in")
    with pytest.raises(PublishError, match=r"canary refused .*best_model.pkl is missing"):
        go(releases)
    assert releases.current() == "v0003"
    event = releases.history()[-1]
    assert (event["event"], event["version"], event["by"]) == ("refused", "v0002", "ada")

    def die(folder):
        raise ProcessError("the canary was killed by SIGKILL")

    with monkeypatch.context() as patched:
        patched.setattr(rollback, "run_canary", die)
        with pytest.raises(ProcessError, match="killed by SIGKILL"):
            go(releases, "v0001")
    assert releases.history()[-1] == event
    assert go(releases, "v0001")["version"] == "v0001"


def test_a_lost_or_damaged_pointer_is_mended_and_without_history_one_says_which(releases):
    pointer = releases.root / "current.json"
    pointer.write_bytes(b"{}")
    assert go(releases)["replaced"] == "v0003"
    assert releases.pointer() == "v0002"
    pointer.unlink()
    (releases.root / "history.jsonl").unlink()
    assert go(releases, "v0002", run_id="back3")["replaced"] is None
    assert releases.current() == "v0002"


def test_killed_between_two_steps_a_retry_ends_in_the_same_state(releases, killed_at):
    steps = [(rollback, "run_canary"), (Releases, "record"), (Releases, "switch")]
    for version, (owner, name) in zip(("v0002", "v0001", "v0003"), steps, strict=True):
        run_id, before, moves = f"to {version}", releases.current(), len(releases.history())
        killed_at(lambda v=version, r=run_id: go(releases, v, run_id=r), owner, name)
        assert releases.current() == before, name
        assert go(releases, version, run_id=run_id)["version"] == releases.current() == version
        assert len(releases.history()) == moves + 1, name

"""Back and forth between kept releases."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.config import PublishConfig
from tasks.errors import PublishError
from tasks.publish.rollback import published_versions, roll_back
from tasks.publish.stage import publish

pytestmark = pytest.mark.usefixtures("in_this_process")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def releases(lab):
    for run_id in ("run1", "run2", "run3"):
        publish(lab.run(run_id), PublishConfig())
    return lab.releases


def go(releases, version="previous", run_id="back1", reason="Too many false alarms", by="ada"):
    return roll_back(releases, version, reason=reason, by=by, run_id=run_id)


def test_back_to_the_one_before_and_history_says_who_when_why(releases):
    done = go(releases, reason=" Too many\nfalse alarms ")
    assert done == {
        "event": "rolled back",
        "version": "v0002",
        "replaced": "v0003",
        "reason": "Too many false alarms",
        "by": "ada",
    }
    assert releases.current() == "v0002"
    event = releases.history()[-1]
    assert event.pop("at")
    assert event == {**done, "run_id": "back1"}


def test_back_step_by_step_and_forward_by_name(releases):
    steps = [("previous", "v0002"), ("previous", "v0001"), ("v0003", "v0003"), ("v0001", "v0001")]
    for number, (wanted, version) in enumerate(steps):
        assert go(releases, wanted, run_id=f"back{number}")["version"] == version
        assert releases.current() == version
    moves = [event["event"] for event in releases.history()[3:]]
    assert moves == ["rolled back", "rolled back", "rolled forward", "rolled back"]


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("v0009", "v0009 is no published release; the releases are v0001, v0002, v0003"),
        ("../x", "../x is no published release"),
        ("v0003", "v0003 is the champion already; the releases are v0001, v0002, v0003"),
    ],
)
def test_a_release_that_cannot_be_gone_to_is_refused_with_those_that_can(
    releases, version, message
):
    before = releases.history()
    with pytest.raises(PublishError, match=message):
        go(releases, version)
    assert releases.current() == "v0003"
    assert releases.history() == before


def test_there_is_nothing_before_the_first(releases):
    go(releases, "v0001")
    with pytest.raises(PublishError, match=r"there is no release before v0001; the releases are"):
        go(releases, run_id="back2")


def test_without_any_release_it_says_so(lab):
    with pytest.raises(PublishError, match=r"no release before the first; .* none yet"):
        go(lab.releases)


@pytest.mark.parametrize(("reason", "by"), [("", "ada"), (" \n", "ada"), ("Why", "")])
def test_nobody_rolls_back_without_name_and_reason(releases, reason, by):
    with pytest.raises(PublishError, match=r"say who rolls back and why"):
        go(releases, reason=reason, by=by)
    assert releases.current() == "v0003"


def test_a_damaged_release_is_not_gone_to_and_history_says_why(releases):
    path = releases.folder("v0002") / "best_model.pkl"
    path.chmod(0o644)
    path.write_bytes(b"swapped in")
    with pytest.raises(PublishError, match=r"canary refused .*best_model.pkl is missing"):
        go(releases)
    assert releases.current() == "v0003"
    event = releases.history()[-1]
    assert (event["event"], event["version"], event["by"]) == ("refused", "v0002", "ada")
    assert go(releases, "v0001")["version"] == "v0001"


def test_a_release_that_a_killed_publisher_left_is_no_target(releases, tmp_path):
    (tmp_path / "x").write_bytes(b"x")
    assert releases.add({"x": tmp_path / "x"}, "killed", {}) == "v0004"
    assert published_versions(releases) == ["v0001", "v0002", "v0003"]
    with pytest.raises(PublishError, match=r"v0004 is no published release"):
        go(releases, "v0004")


@pytest.mark.parametrize("content", [None, b"", b"{}"], ids=["lost", "empty", "altered"])
def test_a_lost_or_damaged_pointer_is_mended(releases, content):
    pointer = releases.root / "current.json"
    pointer.unlink() if content is None else pointer.write_bytes(content)
    assert go(releases)["replaced"] == "v0003"
    assert releases.current() == "v0002"


def test_again_under_the_same_id_it_is_one_move_and_one_line(releases):
    first = go(releases)
    before = releases.history()
    assert go(releases) == first
    assert (releases.current(), releases.history()) == ("v0002", before)


KILL = """
import os, signal, sys
from tasks.publish import canary, rollback
from tasks.volume.releases import Releases
from pathlib import Path
KILL = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
rollback.run_canary = canary.examine
"""


@pytest.mark.parametrize("step", ["rollback.run_canary", "Releases.record", "Releases.switch"])
def test_killed_between_two_steps_a_retry_ends_in_the_same_state(releases, step):
    start = "rollback.roll_back(Releases(Path(sys.argv[1])), reason='Why', by='ada', run_id='back')"
    command = [sys.executable, "-c", f"{KILL}{step} = KILL\n{start}", str(releases.root)]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (killed.returncode, killed.stderr) == (-signal.SIGKILL, "")
    assert releases.current() == "v0003"
    assert go(releases, run_id="back", reason="Why")["version"] == "v0002"
    assert releases.current() == "v0002"
    assert [e["event"] for e in releases.history()[3:]] == ["rolled back"]


def test_a_run_published_before_stays_in_the_shade_after_a_roll_back(lab, releases):
    go(releases)
    summary = publish(lab.volume.workspace("run3"), PublishConfig())
    assert (summary["version"], summary["champion"]) == ("v0003", "v0002")
    assert releases.current() == "v0002"

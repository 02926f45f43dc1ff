"""The command behind ``make rollback``."""

import shutil
import subprocess

import pytest

from labeling_lab import release_console
from tasks.errors import PublishError
from tasks.publish import rollback


@pytest.fixture
def moves(monkeypatch, tmp_path):
    seen = []

    def move(releases, version, **more):
        seen.append((releases.root, version, more))
        return {"version": "v0001", "replaced": "v0002"}

    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    monkeypatch.setattr(rollback, "roll_back", move)
    return seen


def test_the_champion_is_named_before_and_after(moves, tmp_path, caplog):
    with caplog.at_level("INFO"):
        assert release_console.main(["rollback", "--reason", "Why", "--by", "ada"]) == 0
    ((root, version, more),) = moves
    assert (root, version) == (tmp_path / "releases", "previous")
    assert (more["reason"], more["by"]) == ("Why", "ada")
    assert more["run_id"].startswith("by_hand__20")
    assert "The champion is v0001 now; before, it was v0002." in caplog.text


def test_each_time_it_is_another_move_by_whoever_is_logged_in(moves, monkeypatch):
    monkeypatch.setenv("LOGNAME", "grace")
    for _ in range(2):
        release_console.main(["rollback", "--version", "v0003", "--reason", "Why"])
    assert [version for _, version, _ in moves] == ["v0003", "v0003"]
    assert len({more["run_id"] for *_, more in moves}) == 2
    assert {more["by"] for *_, more in moves} == {"grace"}


def test_a_refusal_is_said_and_the_exit_code_is_one(moves, monkeypatch, caplog):
    def refuse(*_, **__):
        raise PublishError("v0009 is no published release")

    monkeypatch.setattr(rollback, "roll_back", refuse)
    assert release_console.main(["rollback", "--version", "v0009", "--reason", "Why"]) == 1
    assert "Nothing was changed: v0009 is no published release" in caplog.text


def test_a_reason_has_to_be_given(capsys):
    with pytest.raises(SystemExit, match="2"):
        release_console.main(["rollback"])
    assert "--reason" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_hands_text_on_without_letting_a_shell_read_it(repo):
    reason = 'REASON=it\'s $(touch /nowhere); "odd"'
    done = subprocess.run(
        ["make", "--dry-run", "--assume-old=setup", "rollback", reason, "VERSION=v0003"],
        cwd=repo, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert '--version "$VERSION" --reason "$REASON"' in done.stdout
    assert "odd" not in done.stdout

import logging
import os
import shutil
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from tasks.config import LabelConfig
from tasks.errors import ArtifactError, ConfigError, VolumeError
from tasks.volume import runs
from tasks.volume.artifacts import StageWriter
from tasks.volume.hidden import HOST
from tasks.volume.runs import DATA_ENV, DEFAULT_ROOT, Volume

HOUR, DAY = 3600.0, 24 * 3600.0


def write(volume, run_id, stage, content=b"content", age=0.0):
    with volume.workspace(run_id).write(stage, LabelConfig()) as out:
        out.write_bytes("file", content)
    then = time.time() - age
    run = volume.run(run_id).path
    for path in (run, *run.rglob("*")):
        os.utime(path, (then, then))
    return volume.run(run_id)


@pytest.fixture
def volume(tmp_path):
    return Volume(tmp_path)


def test_a_stage_that_fails_or_meets_a_full_disk_leaves_the_earlier_one_and_no_scrap(
    volume, exit_codes, limit_files
):
    def fill_the_disk():
        limit_files(50_000)
        with (
            pytest.raises(VolumeError, match=r"runs/run1/label: File too large; the file is"),
            volume.workspace("run1").write("label", LabelConfig()) as out,
        ):
            out.path("best_model.pkl").write_bytes(b"x" * 10**6)

    run = write(volume, "run1", "label", b"earlier")
    with (  # what it failed to read is not blamed on the volume
        pytest.raises(FileNotFoundError, match="elsewhere"),
        volume.workspace("run1").write("label", LabelConfig()) as out,
    ):
        shutil.copy(volume.root / "elsewhere", out.path("figures/half.png"))
    assert exit_codes(fill_the_disk) == [0]
    assert run.read("label").read_bytes("file") == b"earlier"
    assert [p.name for p in run.path.iterdir()] == ["label"]


def test_a_stage_killed_half_way_or_before_the_rename_is_not_there_and_can_be_run_again(
    volume, exit_codes, kill, monkeypatch
):
    def write_and_die(step):
        monkeypatch.setattr(*step, kill)
        write(volume, "run1", "train/forest", b"half")

    for step in ((StageWriter, "describe_files"), (runs, "put_in_place")):
        assert exit_codes(lambda step=step: write_and_die(step)) == [-signal.SIGKILL], step
        assert list(volume.run("run1").path.glob(".train.forest-*/file")), step
        assert (volume.run("run1").stages(), volume.run("run1").has(["train"])) == ([], False)
    assert list(volume.run("run1").path.glob(".train.forest-*/manifest.json"))
    with pytest.raises(ArtifactError, match="Run run1 has no train/forest; run that stage first"):
        volume.run("run1").read("train/forest")
    run = write(volume, "run1", "train/forest", b"again")
    assert run.read("train/forest").read_bytes("file") == b"again"


def test_two_writers_at_once_leave_one_whole_stage_and_no_scrap(volume, exit_codes):
    def write_often(content):
        for _ in range(15):
            with volume.workspace("run1").write("label", LabelConfig()) as out:
                for name in "abcd":
                    out.write_bytes(name, content)

    assert exit_codes(lambda: write_often(b"x"), lambda: write_often(b"y")) == [0, 0]
    label = volume.run("run1").read("label")
    contents = {label.read_bytes(name) for name in "abcd"}
    assert contents in ({b"x"}, {b"y"})
    assert [p.name for p in volume.run("run1").path.iterdir()] == ["label"]


def test_only_a_writable_volume_with_room_passes_the_check(volume, monkeypatch):
    volume.check_writable()
    assert list(volume.root.iterdir()) == []
    (volume.root / "file").write_text("in the way")
    blocked = Volume(volume.root / "file")
    with pytest.raises(VolumeError, match=r"Not a directory|File exists"):
        blocked.check_writable()
    with (
        pytest.raises(VolumeError, match=r"runs/run1: .*; check the path and the disk"),
        blocked.workspace("run1").write("label", LabelConfig()),
    ):
        pytest.fail("the block must not be entered")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=49 * 2**20))
    with pytest.raises(VolumeError, match="has less than 50 MiB free; free some space first"):
        volume.check_writable()


def test_the_environment_names_the_root_and_airflows_run_ids_folders_or_are_refused(
    volume, monkeypatch
):
    for found, root in (("/somewhere", Path("/somewhere")), ("", DEFAULT_ROOT)):
        monkeypatch.setenv(DATA_ENV, found)
        assert Volume.from_environment().root == root
    run_id = "scheduled__2025-01-05T00:00:00.5+00:00"
    assert volume.run(run_id).path == volume.root / "runs" / run_id
    for run_id in ("", ".", "..", ".hidden", "a/b", "../x", "a b", "a\n", "ä", "/" * 10_000):
        with pytest.raises(ConfigError, match="cannot name a folder; use letters, digits") as no:
            volume.run(run_id)
        assert len(str(no.value)) < 300


def test_runs_come_newest_first_and_the_newest_that_has_the_stages_is_found(volume):
    assert volume.runs() == []
    for stage in ("label", "train/forest", "train/svc"):
        whole = write(volume, "whole", stage, age=300)
    write(volume, "partial", "label", age=100)
    write(volume, "scratch__1", "label")
    (volume.root / "runs" / ".removed-x" / "run").mkdir(parents=True)
    assert [run.id for run in volume.runs()] == ["partial", "whole"]
    assert [run.id for run in volume.runs(scratch=True)] == ["scratch__1"]
    assert whole.stages() == ["label", "train/forest", "train/svc"]
    for stages in (["train", "label"], ["train/svc"]):
        assert volume.newest_run(stages) == whole, stages
    assert volume.newest_run(["label"]).id == "partial"
    assert not whole.has(["train/logistic"])
    with pytest.raises(ArtifactError, match=r"No run under .*/runs has select; run the whole"):
        volume.newest_run(["select"])
    with pytest.raises(ArtifactError, match=r"No run under .*/runs has any stage; run the whole"):
        Volume(volume.root / "none").newest_run(())


def test_a_dag_run_reads_its_own_and_a_scratch_run_those_of_the_newest_and_says_which(
    volume, caplog
):
    write(volume, "run1", "label", b"of run1")
    own = volume.workspace("run2", reads=["label"])
    assert (own.source, own.is_scratch) == (own.run, False)
    with pytest.raises(ArtifactError, match="Run run2 has no label"):
        own.read("label")
    with caplog.at_level(logging.INFO):
        workspace = volume.workspace("scratch__a", reads=["label"])
    assert workspace.is_scratch
    assert workspace.read("label").read_bytes("file") == b"of run1"
    assert "Scratch run scratch__a: reading label from run run1" in caplog.text
    assert not workspace.run.path.exists()


def test_old_finished_runs_are_removed_and_nothing_else(volume):
    (volume.root / "releases" / "v0001").mkdir(parents=True)
    (volume.root / "netflix_titles.csv").write_text("")
    for number in range(5):
        write(volume, f"run{number}", "publish", age=1000 - number)
    assert volume.remove_old_runs(2, protect=["run0"]) == ["run2", "run1"]
    assert sorted(p.name for p in (volume.root / "runs").iterdir()) == ["run0", "run3", "run4"]
    left = sorted(p.name for p in volume.root.iterdir())
    assert left == ["netflix_titles.csv", "releases", "runs"]


def test_an_unfinished_run_stays_for_a_day_and_a_scratch_run_for_an_hour(volume):
    write(volume, "waiting", "evaluate_slices", age=DAY / 2)  # for an approval, say
    write(volume, "given_up", "evaluate_slices", age=DAY + HOUR)
    write(volume, "finished", "publish", age=60)
    (volume.root / "runs" / "begun" / ".fetch-abc").mkdir(parents=True)
    write(volume, "newest", "publish")
    for name, age in (("a", 60), ("b", HOUR / 2), ("c", 2 * HOUR)):  # these are counted apart
        write(volume, f"scratch__{name}", "label", age=age)
    assert sorted(volume.remove_old_runs(1)) == ["finished", "given_up", "scratch__c"]


def test_a_finished_run_that_is_being_written_again_stays_unless_its_writer_was_killed(volume):
    write(volume, "cleared", "publish", age=HOUR)
    write(volume, "newest", "publish")
    with volume.workspace("cleared").write("label", LabelConfig()):
        (writing,) = volume.run("cleared").path.glob(".label-*")
        os.utime(writing, (0, time.time() - HOUR))
        assert volume.remove_old_runs(1) == []
    killed = volume.run("cleared").path / f".label-{HOST}-killed"
    killed.mkdir()
    os.utime(killed, (0, time.time() - HOUR))
    write(volume, "newest", "publish")
    assert volume.remove_old_runs(1) == ["cleared"]

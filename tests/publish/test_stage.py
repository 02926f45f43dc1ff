import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.config import PublishConfig
from tasks.errors import ArtifactError, ConfigError, PublishError, VolumeError
from tasks.publish.stage import publish
from tasks.volume.atomic import sha256

pytestmark = pytest.mark.usefixtures("in_this_process")

ROOT = Path(__file__).resolve().parents[2]
CONFIG = PublishConfig()
RELEASE_FILES = [
    "best_model.pkl",
    "best_model.skops",
    "blind_audit_predictions.csv",
    "figures/roc_curves.png",
    "figures/slices.png",
    "golden.json",
    "metrics.json",
    "model_card.html",
    "model_card.md",
    "netflix_augmented.csv",
    "netflix_labeled_family.csv",
    "predictions_test.csv",
]


@pytest.fixture
def bad(metrics):
    metrics["blind_audit"]["roc_auc"] = 0.6
    metrics["blind_audit"]["intervals"]["roc_auc"] = [0.5, 0.65]
    return metrics


FOUND = "blind_audit_roc_auc is 0.6 (0.5 to 0.65) on 1,690 titles"
STALE = (
    "compared with {}, while {} is the champion now; "
    "clear the task evaluate_slices and those after it."
)
REASON = f"{FOUND}; at least 0.75 is asked: failed."


def decision_of(workspace):
    return workspace.run.read("publish").read_json("decision.json")


def tree(folder):
    """Everything in a folder, by name: what must not change does not."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def events(lab):
    return [(e["event"], e["run_id"], e.get("version")) for e in lab.releases.history()]


# A pass


def test_a_pass_makes_a_release_of_every_file_and_moves_the_pointer(lab):
    workspace = lab.run()
    summary = publish(workspace, CONFIG)
    assert summary == {
        "published": True,
        "outcome": "published",
        "version": "v0001",
        "champion": "v0001",
        "is_sample": False,
        "reasons": [],
        "gates": {"passed": 14, "failed": 0, "insufficient evidence": 3},
        "removed_runs": [],
    }
    assert lab.releases.current() == "v0001"
    manifest = lab.releases.manifest("v0001")
    assert sorted(manifest["files"]) == RELEASE_FILES
    for name in ("best_model.pkl", "best_model.skops", "golden.json"):
        assert lab.releases.read_bytes("v0001", name) == workspace.read("select").read_bytes(name)
    lab.releases.verify("v0001")
    assert events(lab) == [("published", "run1", "v0001")]


def test_the_manifest_says_where_the_release_comes_from(lab):
    publish(lab.run(), CONFIG)
    manifest = lab.releases.manifest("v0001")
    assert manifest["run_id"] == "run1"
    assert manifest["is_sample"] is False
    assert manifest["catalog"]["sha256"] == "ab" * 32
    assert manifest["stages"]["select"]["seed"] == 7
    assert manifest["versions"].keys() >= {"python", "scikit-learn"}
    assert manifest["versions"].keys() >= {"skops", "scipy", "joblib"}
    assert {gate["outcome"] for gate in manifest["gates"]} == {"passed", "insufficient evidence"}


def test_metrics_and_history_name_each_gates_outcome_and_rule(lab, metrics):
    publish(lab.run(), CONFIG)
    released = json.loads(lab.releases.read_bytes("v0001", "metrics.json"))
    judged = {gate["gate"]: (gate["outcome"], gate["threshold"]) for gate in released.pop("gates")}
    assert released == metrics
    assert judged["blind_audit_roc_auc"] == ("passed", 0.75)
    (event,) = lab.releases.history()
    assert event["gates"]["blind_audit_roc_auc"] == "passed: at least 0.75"
    assert event["gates"].keys() == judged.keys()
    assert len(event["doubts"]) == 3


def test_history_holds_the_manifests_digest(lab):
    publish(lab.run(), CONFIG)
    (event,) = lab.releases.history()
    assert event["manifest_sha256"] == sha256(lab.releases.folder("v0001") / "manifest.json")


def test_the_decision_and_the_card_are_in_the_runs_folder(lab):
    workspace = lab.run()
    publish(workspace, CONFIG)
    decision = decision_of(workspace)
    assert decision["outcome"] == "published"
    assert decision["version"] == "v0001"
    assert decision["source_run_id"] == "run1"
    assert len(decision["gates"]) == 17
    card = workspace.run.read("publish").read_bytes("model_card.md")
    assert card == lab.releases.read_bytes("v0001", "model_card.md")
    assert set(workspace.run.read("publish").manifest["inputs"]) >= {"select", "evaluate_slices"}


def test_the_next_run_becomes_the_next_version(lab):
    for run_id in ("run1", "run2"):
        publish(lab.run(run_id), CONFIG)
    assert lab.releases.current() == "v0002"
    assert events(lab) == [("published", "run1", "v0001"), ("published", "run2", "v0002")]


# A refusal


def test_a_refusal_is_a_normal_end_that_touches_no_release(lab, bad, caplog):
    publish(lab.run("good"), CONFIG)
    before = tree(lab.releases.root)
    workspace = lab.run("bad", bad)
    with caplog.at_level(logging.WARNING):
        summary = publish(workspace, CONFIG)
    assert summary["published"] is False
    assert summary["outcome"] == "refused"
    assert summary["version"] is None
    assert summary["champion"] == "v0001"
    assert summary["reasons"] == [REASON]
    assert summary["gates"] == {"passed": 14, "failed": 1, "insufficient evidence": 2}
    assert f"refused: {REASON}" in caplog.text
    assert decision_of(workspace)["reasons"] == [REASON]
    assert b"**Refused:**" in workspace.run.read("publish").read_bytes("model_card.md")
    assert lab.releases.history()[-1]["reasons"] == [REASON]
    after = tree(lab.releases.root)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"history.jsonl"}


def test_a_refusal_is_recorded_once_and_another_one_anew(lab, bad):
    workspace = lab.run("bad", bad)
    for _ in range(3):
        publish(workspace, CONFIG)
    assert len(lab.releases.history()) == 1
    publish(workspace, PublishConfig(thresholds={"family_recall": 0.99}))
    assert [len(e["reasons"]) for e in lab.releases.history()] == [1, 2]


def test_lower_thresholds_let_a_refused_run_pass(lab, bad):
    workspace = lab.run("bad", bad)
    publish(workspace, CONFIG)
    summary = publish(workspace, PublishConfig(thresholds={"blind_audit_roc_auc": 0.5}))
    assert summary["published"] is True
    assert [event for event, *_ in events(lab)] == ["refused", "published"]


def test_a_threshold_for_no_gate_stops_before_anything_is_written(lab):
    workspace = lab.run()
    with pytest.raises(ConfigError, match=r"thresholds names roc_auc, which is no gate"):
        publish(workspace, PublishConfig(thresholds={"roc_auc": 0.5}))
    assert not workspace.run.has(["publish"])
    assert not lab.releases.root.exists()


# The embedded sample


def test_the_sample_is_published_but_marked_everywhere(lab, caplog):
    workspace = lab.run(is_sample=True)
    with caplog.at_level(logging.WARNING):
        summary = publish(workspace, CONFIG)
    assert summary["published"] is True
    assert summary["is_sample"] is True
    assert decision_of(workspace)["is_sample"] is True
    assert lab.releases.manifest("v0001")["is_sample"] is True
    assert b"Made from the embedded sample" in lab.releases.read_bytes("v0001", "model_card.md")
    assert "Made from the embedded sample: the figures mean nothing" in caplog.text


def test_the_sample_never_replaces_a_real_champion_but_a_sample_one(lab):
    publish(lab.run("sample1", is_sample=True), CONFIG)
    assert publish(lab.run("sample2", is_sample=True), CONFIG)["published"] is True
    assert publish(lab.run("real"), CONFIG)["version"] == "v0003"
    summary = publish(lab.run("sample3", is_sample=True), CONFIG)
    assert summary["outcome"] == "refused"
    assert summary["champion"] == "v0003"
    assert "while the champion v0003 is made from a real catalog" in summary["reasons"][0]


# Again


def test_published_again_it_is_one_release_and_one_line_of_history(lab):
    workspace = lab.run()
    first = publish(workspace, CONFIG)
    before = tree(lab.releases.root)
    assert publish(workspace, CONFIG) == first
    assert tree(lab.releases.root) == before


def test_other_content_of_the_same_run_is_another_release(lab, write_stage, metrics):
    workspace = lab.run()
    publish(workspace, CONFIG)
    metrics["seed_protocol"]["test"]["roc_auc"] = 0.9985
    metrics["comparison"] = {"champion_version": "v0001", "difference": 0.0}
    write_stage(workspace, "evaluate_slices", lab.files(metrics)["evaluate_slices"])
    assert publish(workspace, CONFIG)["version"] == "v0002"
    assert lab.releases.current() == "v0002"


def test_a_run_published_again_after_another_took_over_does_not_push_it_aside(lab):
    old = lab.run("old")
    publish(old, CONFIG)
    publish(lab.run("new"), CONFIG)
    before = tree(lab.releases.root)
    summary = publish(old, CONFIG)
    assert (summary["published"], summary["version"], summary["champion"]) == (
        False,
        "v0001",
        "v0002",
    )
    assert tree(lab.releases.root) == before


def test_a_roll_back_is_not_undone_by_a_retry(lab):
    publish(lab.run("run1"), CONFIG)
    second = lab.run("run2")
    publish(second, CONFIG)
    lab.releases.record("rolled back", "by hand", version="v0001")
    lab.releases.switch("v0001", "by hand")
    assert publish(second, CONFIG)["champion"] == "v0001"
    assert lab.releases.current() == "v0001"


def test_a_release_altered_since_is_released_anew(lab):
    workspace = lab.run()
    publish(workspace, CONFIG)
    path = lab.releases.folder("v0001") / "best_model.pkl"
    path.chmod(0o644)
    path.write_bytes(b"swapped in")
    summary = publish(workspace, CONFIG)
    assert (summary["version"], summary["champion"]) == ("v0002", "v0002")
    lab.releases.verify("v0002")


def test_a_lost_pointer_is_found_again(lab):
    workspace = lab.run()
    publish(workspace, CONFIG)
    (lab.releases.root / "current.json").unlink()
    assert publish(workspace, CONFIG)["champion"] == "v0001"
    assert len(lab.releases.history()) == 1


# Killed between two steps, and two at once

START = """
import os, signal, sys
from tasks.config import PublishConfig
from tasks.publish import canary, disposal, stage
from tasks.volume.releases import Releases
from tasks.volume import atomic
from tasks.volume import artifacts
from tasks.volume import volume
disposal.run_canary = canary.examine
workspace = volume.Volume(sys.argv[1]).workspace(sys.argv[2])
KILL = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
"""
PUBLISH = "stage.publish(workspace, PublishConfig())"
KILLS = {
    "before the release": "Releases.add = KILL",
    "before the canary": "disposal.run_canary = KILL",
    "before the rename": "Releases._claim_version = KILL",
    "before the history": "Releases.record = KILL",
    "before the pointer": "Releases.switch = KILL",
    "before the decision": "stage._write_decision = KILL",
    "before the stage is in place": "volume.put_in_place = KILL",
    "before the old runs": "stage._remove_old_runs = KILL",
}


def start_publishing(lab, run_id, sabotage=""):
    command = [sys.executable, "-c", f"{START}\n{sabotage}\n{PUBLISH}", lab.volume.root, run_id]
    return subprocess.Popen(
        [*map(str, command)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("when", KILLS)
def test_killed_anywhere_the_champion_is_whole_and_a_retry_ends_in_the_same_state(lab, when):
    publish(lab.run("champion"), CONFIG)
    workspace = lab.run("killed")
    process = start_publishing(lab, "killed", KILLS[when])
    _, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (-9, "")
    champion = lab.releases.current()
    lab.releases.verify(champion)
    moved = when in list(KILLS)[5:]
    assert champion == ("v0002" if moved else "v0001")
    summary = publish(workspace, CONFIG)
    assert summary["published"] is True
    assert summary["version"] == lab.releases.current() == "v0002"
    assert lab.releases.versions() == ["v0001", "v0002"]
    assert events(lab) == [("published", "champion", "v0001"), ("published", "killed", "v0002")]
    assert decision_of(workspace)["version"] == "v0002"


def test_of_two_runs_at_once_the_second_is_compared_with_the_first_before_it_is_released(lab):
    for run_id in ("a", "b"):
        lab.run(run_id)
    publishers = [start_publishing(lab, run_id) for run_id in ("a", "b")]
    said = [p.communicate(timeout=120)[1] for p in publishers]
    assert [p.returncode for p in publishers] == [0, 0]
    (_, first, _), (_, second, _) = events(lab)
    assert {first, second} == {"a", "b"}
    assert [event["event"] for event in lab.releases.history()] == ["published", "refused"]
    (reason,) = lab.releases.history()[-1]["reasons"]
    assert reason == STALE.format("no champion", "v0001")
    assert "".join(said) == f"refused: {reason}\n"
    assert publish(lab.run(second), CONFIG)["version"] == "v0002"  # cleared, as it says
    assert lab.releases.versions() == ["v0001", "v0002"]
    assert lab.releases.current() == "v0002"
    for version in lab.releases.versions():
        lab.releases.verify(version)


def test_the_same_run_twice_at_once_is_released_once(lab):
    lab.run()
    publishers = [start_publishing(lab, "run1") for _ in range(2)]
    assert [p.communicate(timeout=120)[1] for p in publishers] == ["", ""]
    assert lab.releases.versions() == ["v0001"]
    assert events(lab) == [("published", "run1", "v0001")]


# Sabotage


def test_a_mixture_of_two_runs_of_a_stage_is_not_published(lab, write_stage, metrics):
    workspace = lab.run()
    files = lab.files(metrics)["augment"] | {"augmented.parquet": b"another"}
    write_stage(workspace, "augment", files)
    with pytest.raises(PublishError, match=r"train/\w+ was made from .* clear the task train"):
        publish(workspace, CONFIG)
    assert not workspace.run.has(["publish"])
    assert not lab.releases.root.exists()


def test_a_pickle_swapped_in_is_not_published(lab):
    workspace = lab.run()
    (workspace.run.path / "select" / "best_model.pkl").write_bytes(b"swapped in")
    with pytest.raises(ArtifactError, match=r"best_model.pkl is missing or was altered"):
        publish(workspace, CONFIG)
    assert not lab.releases.root.exists()


@pytest.mark.parametrize("stage", ["label", "select", "evaluate_slices"])
def test_a_run_that_lacks_a_file_of_the_release_says_which(lab, write_stage, metrics, stage):
    files = lab.files(metrics)
    lacking = {
        "label": "netflix_labeled_family.csv",
        "select": "best_model.pkl",
        "evaluate_slices": "figures/",
    }[stage]
    files[stage] = {n: c for n, c in files[stage].items() if not n.startswith(lacking)}
    workspace = lab.volume.workspace("run1")
    for name, content in files.items():
        write_stage(workspace, name, content)
    with pytest.raises(PublishError, match=f"Run run1 has no {lacking}, which every release"):
        publish(workspace, CONFIG)


def test_a_worse_challenger_is_refused(lab, metrics):
    publish(lab.run("good"), CONFIG)
    metrics["comparison"] = {
        "champion_version": "v0001", "n": 1690, "status": "ok", "difference": -0.08,
        "intervals": {"difference": [-0.1, -0.06]}, "outcome": "worse",
    }  # fmt: skip
    summary = publish(lab.run("worse", metrics), CONFIG)
    assert (summary["outcome"], summary["champion"]) == ("refused", "v0001")
    found = "not_worse_than_champion is -0.08 (-0.1 to -0.06) on 1,690 titles"
    assert summary["reasons"] == [f"{found}; at least 0 is asked: failed."]
    assert lab.releases.history()[-1]["reasons"] == summary["reasons"]


def test_a_challenger_not_shown_to_differ_takes_over_and_the_doubt_is_kept(lab, metrics):
    publish(lab.run("good"), CONFIG)
    metrics["comparison"] = {
        "champion_version": "v0001", "n": 1690, "difference": -0.001,
        "intervals": {"difference": [-0.01, 0.008]}, "outcome": "not enough evidence",
    }  # fmt: skip
    assert publish(lab.run("same", metrics), CONFIG)["version"] == "v0002"
    doubts = lab.releases.history()[-1]["doubts"]
    assert any("not_worse_than_champion is -0.001 (-0.01 to 0.008)" in doubt for doubt in doubts)


def test_a_challenger_compared_with_an_earlier_champion_is_refused(lab):
    publish(lab.run("first"), CONFIG)
    late = lab.run("late")
    publish(lab.run("second"), CONFIG)
    summary = publish(late, CONFIG)
    assert summary["reasons"] == [STALE.format("v0001", "v0002")]


def test_a_model_that_is_not_the_golden_one_is_not_released(lab, write_stage, metrics):
    publish(lab.run("champion"), CONFIG)
    workspace = lab.run("swapped")
    files = lab.files(metrics)["select"]
    low = [(0.0).hex()] * len(files["golden.json"]["probability"])
    files["golden.json"] = {**files["golden.json"], "probability": low}
    write_stage(workspace, "select", files)
    metrics["comparison"] = {"champion_version": "v0001", "difference": 0.0}
    write_stage(workspace, "evaluate_slices", lab.files(metrics)["evaluate_slices"])
    for _ in range(2):
        with pytest.raises(PublishError, match=r"the canary refused the release: \d+ of \d+ gold"):
            publish(workspace, CONFIG)
    assert (lab.releases.versions(), lab.releases.current()) == (["v0001"], "v0001")
    assert [event for event, *_ in events(lab)] == ["published", "refused"]
    assert "golden predictions differ" in lab.releases.history()[-1]["reasons"][0]
    kept = [p.name for p in lab.releases.root.glob(".failed-*")]
    assert len(kept) == 2
    assert not workspace.run.has(["publish"])


def test_releases_that_cannot_be_written_leave_the_run_as_it_was(lab):
    workspace = lab.run()
    lab.releases.root.write_text("in the way")
    with pytest.raises(VolumeError, match=r"releases\S*: .*check the path and the disk"):
        publish(workspace, CONFIG)
    assert not workspace.run.has(["publish"])


# Try-outs and old runs


def test_a_scratch_run_says_what_it_would_do_and_does_nothing(lab):
    publish(lab.run("run1"), CONFIG)
    before = tree(lab.releases.root)
    source = tree(lab.volume.run("run1").path)
    scratch = lab.volume.workspace("scratch__x", reads=["evaluate_slices"])
    summary = publish(scratch, PublishConfig(keep_runs=1))
    assert (summary["published"], summary["outcome"]) == (False, "dry run")
    assert (summary["version"], summary["champion"]) == (None, "v0001")
    decision = decision_of(scratch)
    assert (decision["outcome"], decision["passed"]) == ("dry run", True)
    assert decision["source_run_id"] == "run1"
    assert tree(lab.releases.root) == before
    assert tree(lab.volume.run("run1").path) == source


def test_a_scratch_run_of_a_bad_challenger_gives_the_reasons(lab, bad):
    lab.run("bad", bad)
    scratch = lab.volume.workspace("scratch__x", reads=["evaluate_slices"])
    summary = publish(scratch, CONFIG)
    assert (summary["outcome"], summary["reasons"]) == ("dry run", [REASON])
    assert not lab.releases.root.exists()


def test_old_runs_are_removed_but_not_the_current_one_nor_one_in_progress(lab):
    for run_id in ("old1", "old2"):
        publish(lab.run(run_id), CONFIG)
    lab.run("in_progress")
    summary = publish(lab.run("now"), PublishConfig(keep_runs=1))
    assert sorted(summary["removed_runs"]) == ["old1", "old2"]
    assert sorted(run.id for run in lab.volume.runs()) == ["in_progress", "now"]
    assert lab.releases.versions() == ["v0001", "v0002", "v0003"]


def test_a_refusal_removes_old_runs_too(lab, bad):
    publish(lab.run("old"), CONFIG)
    assert publish(lab.run("bad", bad), PublishConfig(keep_runs=1))["removed_runs"] == ["old"]


def test_the_summary_is_small_json(lab):
    summary = publish(lab.run(), CONFIG)
    assert len(json.dumps(summary)) < 1000

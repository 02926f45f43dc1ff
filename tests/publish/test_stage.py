import json
import logging
import multiprocessing

import pytest

from tasks.config import PublishConfig
from tasks.errors import ArtifactError, ProcessError, PublishError
from tasks.pipeline import EVALUATE_SLICES, METRICS, OUTCOME
from tasks.publish import release
from tasks.publish.stage import publish
from tasks.volume import runs
from tasks.volume.releases import Releases

FORK = multiprocessing.get_context("fork")
STALE = (
    "compared with {}, while {} is the champion now; "
    "clear the task evaluate_slices and those after it."
)


def tree(folder):
    """Everything in a folder, by name: what must not change does not."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def bad(metrics):
    """Metrics that a gate refuses."""
    block = metrics["rating_hidden"]
    return {"rating_hidden": block | {"roc_auc": 0.4, "intervals": {"roc_auc": [0.35, 0.45]}}}


def test_a_pass_makes_a_release_of_every_file_and_says_where_it_comes_from(lab, metrics):
    workspace = lab.run()
    assert lab.publish(workspace) == {
        "published": True, "outcome": "published", "version": "v0001", "champion": "v0001",
        "reasons": [], "is_sample": False, "unproven": False, "approval": None,
        "removed_runs": [],
    }  # fmt: skip
    assert lab.releases.current() == "v0001"
    lab.releases.verify("v0001")
    manifest = lab.releases.manifest("v0001")
    figures = {name for name in manifest["files"] if name.startswith("figures/")}
    assert len(figures) >= 7
    for name in ("best_model.pkl", "best_model.skops", "golden.json"):
        assert lab.releases.read_bytes("v0001", name) == workspace.read("select").read_bytes(name)
    fetched = workspace.read("fetch").read_json("fetch.json")
    assert (manifest["run_id"], manifest["is_sample"]) == ("run1", False)
    assert manifest["catalog"]["sha256"] == fetched["sha256"]
    assert manifest["stages"]["select"]["config"]["folds"] == 2
    released = json.loads(lab.releases.read_bytes("v0001", METRICS))
    gates = released.pop("gates")
    assert (released, gates) == (metrics, manifest["gates"])
    assert lab.events() == [("published", "run1", "v0001")]
    (event,) = lab.releases.history()
    assert event["gates"]["label_coverage"] == "passed: at least 0.5"
    assert event["gates"].keys() == {gate["gate"] for gate in gates}
    assert event["doubts"]


def test_a_worse_challenger_is_refused_for_a_reason_kept_once_one_not_shown_to_differ_takes_over(
    lab, caplog
):
    lab.publish(lab.run("good"))
    before = tree(lab.releases.root)
    compared = {"champion_version": "v0001", "n": 300, "status": "ok"}
    worse = compared | {"difference": -0.08, "intervals": {"difference": [-0.1, -0.06]}}
    workspace = lab.run("worse", comparison=worse)
    for _ in range(2):
        with caplog.at_level(logging.WARNING):
            summary = lab.publish(workspace)
    (reason,) = summary["reasons"]
    found = "not_worse_than_champion is -0.0800 [-0.1000, -0.0600] on 300 titles"
    assert reason == f"{found}; at least -0.001 is asked: failed."
    assert (summary["published"], summary["outcome"]) == (False, "refused")
    assert (summary["version"], summary["champion"]) == (None, "v0001")
    assert f"Refused: {reason}" in caplog.text
    assert {**tree(lab.releases.root), "history.jsonl": before["history.jsonl"]} == before
    lab.decide(workspace, cv_roc_auc=1)
    publish(workspace, PublishConfig())
    assert [len(e.get("reasons", ())) for e in lab.releases.history()] == [0, 1, 2]
    lab.decide(workspace, cv_roc_auc=0.5, not_worse_than_champion=-0.2)
    assert publish(workspace, PublishConfig())["version"] == "v0002"
    compared = {"champion_version": "v0002", "n": 300, "status": "ok"}
    same = compared | {"difference": -0.001, "intervals": {"difference": [-0.01, 0.008]}}
    assert lab.publish(lab.run("same", comparison=same))["version"] == "v0003"
    doubts = lab.releases.history()[-1]["doubts"]
    assert any("not_worse_than_champion is -0.0010" in doubt for doubt in doubts)


def test_a_challenger_compared_with_an_earlier_champion_is_refused(lab):
    lab.publish(lab.run("first"))
    decided_before, compared_before = lab.run("late"), lab.run("later")
    lab.decide(decided_before)
    lab.publish(lab.run("second"))
    lab.decide(compared_before)
    for workspace in (decided_before, compared_before):
        summary = publish(workspace, PublishConfig())
        assert summary["reasons"] == [STALE.format("v0001", "v0002")], workspace.run.id


def test_the_sample_is_marked_everywhere_and_replaces_no_real_champion(lab, sample_run, caplog):
    with caplog.at_level(logging.WARNING):
        summary = lab.publish(lab.run("sample1", sample_run))
    assert (summary["published"], summary["is_sample"]) == (True, True)
    assert lab.releases.manifest("v0001")["is_sample"] is True
    assert b"Made from the embedded sample" in lab.releases.read_bytes("v0001", "model_card.md")
    assert "Made from the embedded sample: the figures mean nothing" in caplog.text
    assert lab.publish(lab.run("sample2", sample_run))["version"] == "v0002"
    assert lab.publish(lab.run("real"))["version"] == "v0003"
    summary = lab.publish(lab.run("sample3", sample_run))
    assert (summary["outcome"], summary["champion"]) == ("refused", "v0003")
    assert "while the champion v0003 is made from a real catalog" in summary["reasons"][0]


def answer(lab, workspace, **changed):
    digest = lab.decide(workspace)["challenger_sha256"]
    facts = {"answer": "approved", "by": "ada", "at": "2026-01-05T09:30:00+00:00",
             "comment": "Looked at <10> titles", "challenger_sha256": digest}  # fmt: skip
    return facts | changed


def test_who_approved_when_and_with_which_comment_is_kept_and_overrules_no_gate(lab, metrics):
    workspace = lab.run()
    approval = answer(lab, workspace)
    for _ in range(2):
        summary = publish(workspace, PublishConfig(approval=True), approval)
        assert (summary["version"], summary["approval"]) == ("v0001", approval)
    assert [e["approval"] for e in lab.releases.history()] == [approval]
    assert lab.releases.manifest("v0001")["approval"] == approval
    card = lab.releases.read_bytes("v0001", "model_card.md").decode()
    assert r"Approved by ada on 2026\-01\-05T09:30:00\+00:00: Looked at &lt;10\> titles" in card
    refused = lab.run("bad", **bad(metrics))
    for approval in (answer(lab, refused), None):
        summary = publish(refused, PublishConfig(approval=True), approval)
        assert summary["outcome"] == "refused", approval


def test_a_rejection_publishes_nothing_and_history_keeps_it_once(lab):
    workspace = lab.run()
    rejection = answer(lab, workspace, answer="rejected", comment="Not yet")
    for _ in range(2):
        summary = publish(workspace, PublishConfig(approval=True), rejection)
        assert (summary["published"], summary["outcome"]) == (False, "rejected")
        assert summary["reasons"] == ["ada rejected it: Not yet"]
    (event,) = lab.releases.history()
    assert (event["event"], event["approval"]) == ("rejected", rejection)
    assert lab.releases.versions() == []
    later = answer(lab, workspace)
    assert publish(workspace, PublishConfig(approval=True), later)["version"] == "v0001"


def test_no_answer_or_one_about_another_model_publishes_nothing(lab):
    workspace = lab.run()
    foreign = answer(lab, workspace, challenger_sha256="ab" * 32)
    with pytest.raises(PublishError, match=r"ada answered for another model than .* answer it aga"):
        publish(workspace, PublishConfig(), foreign)
    with pytest.raises(PublishError, match=r"run run1 asks for approval and has none; clear the"):
        publish(workspace, PublishConfig(approval=True))
    assert not lab.releases.versions()


def test_published_again_it_is_one_release_unless_it_or_the_release_was_altered_since(
    lab, metrics, rewrite
):
    workspace = lab.run()
    first, before = lab.publish(workspace), tree(lab.releases.root)
    assert publish(workspace, PublishConfig()) == lab.publish(workspace) == first
    assert tree(lab.releases.root) == before
    rewrite(workspace, EVALUATE_SLICES, {METRICS: {"labels": metrics["labels"] | {"tie": 1}}})
    assert lab.publish(workspace)["version"] == "v0002"
    path = lab.releases.folder("v0002") / "best_model.pkl"
    path.chmod(0o644)
    path.write_bytes(b"swapped in")
    assert publish(workspace, PublishConfig())["version"] == lab.releases.current() == "v0003"
    lab.releases.verify("v0003")


def test_a_run_published_again_does_not_push_aside_what_took_over_since(lab):
    old = lab.run("old")
    lab.publish(old)
    new = lab.run("new")
    lab.publish(new)
    before = tree(lab.releases.root)
    summary = publish(old, PublishConfig())
    assert (summary["published"], summary["version"]) == (False, "v0001")
    assert (summary["champion"], tree(lab.releases.root)) == ("v0002", before)
    lab.releases.record("rolled back", "by hand", version="v0001")
    lab.releases.switch("v0001", "by hand")
    assert publish(new, PublishConfig())["champion"] == "v0001"


def test_a_torn_pointer_is_restored_before_anything_is_compared(lab, caplog):
    lab.publish(lab.run("champion"))
    (lab.releases.root / "current.json").write_bytes(b"[" * 100_000)
    with caplog.at_level(logging.WARNING):
        summary = lab.publish(lab.run("worse", comparison={"status": "no champion yet"}))
    assert summary["reasons"] == [STALE.format("no champion", "v0001")]
    assert "current.json is lost; by history.jsonl it is v0001" in caplog.text
    assert lab.releases.pointer() == "v0001"
    assert lab.events()[-2][0] == "pointer restored"
    workspace = lab.run("next")
    lab.decide(workspace)
    for name in ("current.json", "history.jsonl"):
        (lab.releases.root / name).unlink()
    with pytest.raises(ArtifactError, match=r"v0001, but current.json and history.jsonl are l"):
        publish(workspace, PublishConfig())


KILLS = {
    "before the release": (Releases, "add"),
    "before the canary": (release, "run_canary"),
    "before the rename": (Releases, "_put_in_place"),
    "before the history": (Releases, "record"),
    "before the pointer": (Releases, "switch"),
    "before the outcome": (release, "describe_outcome"),
    "before the stage is in place": (runs, "put_in_place"),
    "before the old runs": (runs.Volume, "remove_old_runs"),
}


@pytest.mark.parametrize("when", KILLS)
def test_killed_anywhere_the_champion_is_whole_and_a_retry_ends_in_the_same_state(
    lab, killed_at, when
):
    lab.publish(lab.run("champion"))
    workspace = lab.run("killed")
    lab.decide(workspace)
    killed_at(lambda: publish(workspace, PublishConfig()), *KILLS[when])
    champion = lab.releases.current()
    lab.releases.verify(champion)
    assert champion == ("v0002" if when in list(KILLS)[5:] else "v0001")
    summary = publish(workspace, PublishConfig())
    assert summary["published"] is True
    assert summary["version"] == lab.releases.current() == "v0002"
    assert lab.releases.versions() == ["v0001", "v0002"]
    assert lab.events() == [("published", "champion", "v0001"), ("published", "killed", "v0002")]
    assert workspace.run.read("publish").read_json(OUTCOME)["version"] == "v0002"


def outcomes(volume, start, run_ids):
    start.wait(60)
    return [publish(volume.workspace(run_id), PublishConfig())["outcome"] for run_id in run_ids]


def test_of_two_publishers_at_once_one_is_first_and_the_same_run_is_released_once(lab):
    for run_id in ("a", "b"):
        lab.decide(lab.run(run_id))
    with FORK.Manager() as manager, FORK.Pool(2) as pool:
        start = manager.Barrier(2)
        both = [(lab.volume, start, ("a", "a")), (lab.volume, start, ("a", "b"))]
        said = sorted(pool.starmap(outcomes, both, chunksize=1))
    assert said == [["published", "published"], ["published", "refused"]]
    assert lab.events() == [("published", "a", "v0001"), ("refused", "b", None)]
    assert lab.releases.history()[-1]["reasons"] == [STALE.format("no champion", "v0001")]
    assert (lab.releases.versions(), lab.releases.current()) == (["v0001"], "v0001")
    lab.releases.verify("v0001")


def test_what_is_missing_is_not_published(lab):
    workspace = lab.run()
    path = workspace.run.path / "select" / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["best_model.pkl"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=r"select has no best_model.pkl; it has best_model.sk"):
        lab.publish(workspace)
    assert not workspace.run.has(["publish"])
    assert not lab.releases.root.exists()


def test_a_model_that_is_not_the_golden_one_is_not_released(lab, rewrite):
    lab.publish(lab.run("champion"))
    workspace = lab.run("swapped")
    golden = workspace.read("select").read_json("golden.json")
    low = [(0.0).hex()] * len(golden["probability"])
    rewrite(workspace, "select", {"golden.json": {"probability": low}})
    rewrite(workspace, EVALUATE_SLICES, {})
    for _ in range(2):
        with pytest.raises(PublishError, match=r"the canary refused the release: \d+ of \d+ gold"):
            lab.publish(workspace)
    assert (lab.releases.versions(), lab.releases.current()) == (["v0001"], "v0001")
    assert [event for event, *_ in lab.events()] == ["published", "refused"]
    assert "golden predictions differ" in lab.releases.history()[-1]["reasons"][0]
    assert len([*lab.releases.root.glob(".failed-*")]) == 2
    assert not workspace.run.has(["publish"])


def test_a_canary_without_an_answer_is_no_verdict(lab, monkeypatch):
    workspace = lab.run()
    lab.decide(workspace)

    def die(folder):
        raise ProcessError("the canary was killed by SIGTERM")

    with monkeypatch.context() as patched:
        patched.setattr(release, "run_canary", die)
        with pytest.raises(ProcessError, match="killed by SIGTERM"):
            publish(workspace, PublishConfig())
    assert lab.events() == []
    assert {p.name for p in lab.releases.root.iterdir()} == {".lock", "history.jsonl"}
    assert publish(workspace, PublishConfig())["published"] is True


def test_a_scratch_run_says_what_it_would_do_and_does_nothing(lab, metrics):
    lab.publish(lab.run("good"))
    bad_run = lab.run("bad", **bad(metrics))
    reasons = lab.decide(bad_run)["reasons"]
    before, source = tree(lab.releases.root), tree(bad_run.run.path)
    scratch = lab.volume.workspace("scratch__x", reads=["decide"])
    summary = publish(scratch, PublishConfig(keep_runs=1, approval=True))
    assert (summary["outcome"], summary["version"]) == ("dry run", None)
    assert (summary["champion"], summary["reasons"]) == ("v0001", reasons)
    assert scratch.run.read("publish").read_json(OUTCOME)["outcome"] == "dry run"
    assert (tree(lab.releases.root), tree(bad_run.run.path)) == (before, source)


def test_old_runs_are_removed_but_not_the_current_one_nor_one_in_progress(lab, metrics):
    for run_id in ("old1", "old2"):
        lab.publish(lab.run(run_id))
    lab.run("in_progress")
    summary = lab.publish(lab.run("now"), keep_runs=1)
    assert sorted(summary["removed_runs"]) == ["old1", "old2"]
    assert sorted(run.id for run in lab.volume.runs()) == ["in_progress", "now"]
    assert lab.releases.versions() == ["v0001", "v0002", "v0003"]
    assert lab.publish(lab.run("bad", **bad(metrics)), keep_runs=1)["removed_runs"] == ["now"]

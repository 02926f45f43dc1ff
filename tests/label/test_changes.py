"""The difference from the run before: found, said, and left alone where there is nothing to say."""

import logging

import pytest

from tasks.config import LabelConfig
from tasks.label.changes import compare_with_previous, find_changes
from tasks.volume.runs import Volume


def rules(**votes_cast):
    return [{"name": name, "votes_cast": n} for name, n in votes_cast.items()]


@pytest.fixture
def volume(tmp_path):
    return Volume(tmp_path)


@pytest.fixture
def make_run(volume):
    def make(run_id, catalog="one", **votes_cast):
        """Write a run's catalog and, if there are votes, its labels; return both stages."""
        workspace = volume.workspace(run_id)
        with workspace.write("fetch", LabelConfig()) as out:
            out.write_bytes("catalog.parquet", catalog.encode())
        fetch = workspace.read("fetch")
        fetch.read_bytes("catalog.parquet")
        if votes_cast:
            with workspace.write("label", LabelConfig(), inputs=[fetch]) as out:
                out.write_json("rules.json", rules(**votes_cast))
        return workspace, fetch

    return make


def test_rules_that_changed_come_largest_difference_first():
    before = rules(same=5, fewer=500, more=1, gone=3)
    assert find_changes(before, rules(new=2, same=5, fewer=288, more=2)) == [
        {"name": "fewer", "before": 500, "now": 288},
        {"name": "gone", "before": 3, "now": None},
        {"name": "new", "before": None, "now": 2},
        {"name": "more", "before": 1, "now": 2},
    ]


def test_the_difference_is_said_and_logged(make_run, caplog):
    make_run("week_1", kw_adult=1246, kw_old=3, rated=7)
    workspace, fetch = make_run("week_2")
    with caplog.at_level(logging.INFO):
        changes = compare_with_previous(workspace, fetch, rules(kw_adult=1034, kw_new=1, rated=7))
    assert (changes["run"], changes["same_catalog"]) == ("week_1", True)
    assert changes["messages"] == [
        "kw_adult votes on 212 titles fewer than in run week_1 (1,034, was 1,246)",
        "kw_old is gone since run week_1: it voted on 3 titles",
        "kw_new is new since run week_1: it votes on 1 title",
    ]
    assert [rule["name"] for rule in changes["rules"]] == ["kw_adult", "kw_old", "kw_new"]
    assert "Run week_1, on the same catalog: 3 rules differ" in caplog.text
    assert changes["messages"][0] in caplog.text


def test_another_catalog_is_said(make_run):
    make_run("week_1", rated=7)
    changes = compare_with_previous(*make_run("week_2", catalog="two"), rules(rated=8))
    assert changes["same_catalog"] is False
    assert changes["messages"] == ["rated votes on 1 title more than in run week_1 (8, was 7)"]


def test_the_first_run_has_nothing_to_compare_with(make_run):
    workspace, fetch = make_run("week_1", rated=7)  # its own labels, of an earlier try
    nothing = {"run": None, "finished_at": None, "same_catalog": None, "rules": [], "messages": []}
    assert compare_with_previous(workspace, fetch, rules(rated=8)) == nothing


def test_scratch_runs_and_runs_without_labels_are_passed_over(make_run):
    make_run("week_1", rated=7)
    make_run("week_2")
    make_run("scratch__1", rated=1)
    changes = compare_with_previous(*make_run("week_3"), rules(rated=7))
    assert (changes["run"], changes["messages"]) == ("week_1", [])


def test_a_run_that_cannot_be_read_is_passed_over(make_run, volume, caplog):
    make_run("week_1", rated=7)
    (volume.root / "runs" / "week_1" / "label" / "rules.json").write_text("[]")
    changes = compare_with_previous(*make_run("week_2"), rules(rated=7))
    assert changes["run"] is None
    assert "Run week_1 is not compared with" in caplog.text

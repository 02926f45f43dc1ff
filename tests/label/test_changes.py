"""The difference from the run before: found, said, and left alone where there is nothing to say."""

import pytest

from tasks.config import LabelConfig
from tasks.label.changes import compare_with_previous
from tasks.pipeline import CATALOG, FETCH, LABEL, RULES
from tasks.volume.runs import Volume


@pytest.fixture
def make_run(tmp_path):
    def rules(votes_cast):
        return [{"name": name, "votes_cast": n} for name, n in votes_cast.items()]

    def make(run_id, catalog="one", **votes_cast):
        """Write a run's catalog and, if there are votes, its labels; return what compares it."""
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write(FETCH, LabelConfig()) as out:
            out.write_bytes(CATALOG, catalog.encode())
        fetch = workspace.read(FETCH)
        fetch.read_bytes(CATALOG)
        if votes_cast:
            with workspace.write(LABEL, LabelConfig(), inputs=[fetch]) as out:
                out.write_json(RULES, rules(votes_cast))
        return lambda **now: compare_with_previous(workspace, fetch, rules(now))

    return make


def test_the_difference_is_said_of_each_rule_the_largest_first(make_run):
    make_run("week_1", kw_adult=1246, kw_old=3, rated=7)
    changes = make_run("week_2")(kw_adult=1034, kw_new=1, rated=7)
    assert (changes["run"], changes["same_catalog"]) == ("week_1", True)
    assert changes["rules"] == [
        {"name": "kw_adult", "before": 1246, "now": 1034},
        {"name": "kw_old", "before": 3, "now": None},
        {"name": "kw_new", "before": None, "now": 1},
    ]
    assert changes["messages"] == [
        "kw_adult votes on 212 titles fewer than in run week_1 (1,034, was 1,246)",
        "kw_old is gone since run week_1: it voted on 3 titles",
        "kw_new is new since run week_1: it votes on 1 title",
    ]
    other = make_run("week_3", catalog="two")(kw_adult=1247, kw_old=3, rated=7)
    assert other["same_catalog"] is False
    assert other["messages"] == [
        "kw_adult votes on 1 title more than in run week_1 (1,247, was 1,246)"
    ]


def test_runs_that_cannot_be_compared_with_are_passed_over(make_run, tmp_path, caplog):
    first = make_run("week_1", rated=7)  # its own labels, of an earlier try
    assert first(rated=8)["run"] is None
    make_run("week_2")
    make_run("scratch__1", rated=1)
    changes = make_run("week_3")(rated=7)
    assert (changes["run"], changes["messages"]) == ("week_1", [])
    (tmp_path / "runs" / "week_1" / LABEL / RULES).write_text("[]")
    assert make_run("week_3")(rated=7)["run"] is None
    assert "Run week_1 is not compared with" in caplog.text

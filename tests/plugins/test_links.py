"""Buttons on task instances lead to what the task left, inside Airflow's UI."""

from types import SimpleNamespace

from labeling_lab.links import LINKS, page_link
from labeling_lab.operators import StageOperator
from tasks.pipeline import DECIDE, EVALUATE_SLICES, FETCH, LABEL, PUBLISH

RUN = "/plugin/labeling-lab/labeling-lab/runs/manual__2026-01-01T00%3A00%3A00%2B00%3A00"


def test_four_tasks_have_a_button_to_the_part_of_the_report_that_is_theirs(monkeypatch):
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://lab.example/")
    ti = SimpleNamespace(run_id="manual__2026-01-01T00:00:00+00:00")
    for task, path in (
        (LABEL, "#rules"),
        (EVALUATE_SLICES, "#figures"),
        (DECIDE, "#gates"),
        (PUBLISH, "/file?stage=publish&name=model_card.html"),
    ):
        (link,) = StageOperator(task_id=task).operator_extra_links
        assert link == LINKS[task], task
        found = link.get_link(StageOperator(task_id=task), ti_key=ti)
        assert found == f"http://lab.example{RUN}{path}", task
    assert StageOperator(task_id=FETCH).operator_extra_links == ()
    assert page_link("releases/v0001").endswith("/plugin/labeling-lab/labeling-lab/releases/v0001")

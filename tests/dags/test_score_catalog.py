"""The DAG that scores: by hand with a form, and for the folder when the champion changes."""

import pytest
from airflow.sdk.exceptions import ParamValidationError

from labeling_lab.home import SCORE_DAG_ID
from labeling_lab.operators import RELEASE
from tasks.config import ScoreConfig, form

pytestmark = pytest.mark.airflow


@pytest.fixture
def dag(dags):
    return dags[SCORE_DAG_ID]


def test_it_finds_catalogs_and_scores_each_when_the_champion_changes_or_by_hand(dag):
    find, score = dag.get_task("find_catalogs"), dag.get_task("score")
    assert len(dag.tasks) == 2
    assert find.downstream_task_ids == {"score"}
    assert find.catalog == "{{ params.catalog }}"
    assert score.is_mapped
    assert score.map_index_template == "{{ task.catalog }}"
    assert (dag.schedule, dag.catchup) == ([RELEASE], False)
    for task in dag.tasks:
        assert (task.retries, bool(task.execution_timeout)) == (2, True), task.task_id
        assert task.has_on_failure_callback or task.on_failure_callback, task.task_id
    assert find.doc_md
    assert dag.doc_md
    assert dag.description


def test_the_form_is_the_configuration_and_refuses_what_it_refuses(dag):
    assert set(dag.params) == set(form(configs=[ScoreConfig]))
    assert ScoreConfig.from_params(dag.params.dump()) == ScoreConfig()
    for name in dag.params:
        schema = dag.params.get_param(name).schema
        assert {"title", "type", "section", "description_md"} <= set(schema), name
    for name, value in (("release", "latest"), ("release", "../v0001"), ("format", "xlsx")):
        with pytest.raises(ParamValidationError, match=r"does not match|is not one of"):
            dag.params.get_param(name).resolve(value)

from tasks.pipeline import CATALOG, FETCH, FETCH_REPORT
from tasks.publish import news
from tasks.publish.news import find_news

PARAMS = {"thresholds": {"rating_hidden_roc_auc": 0.5, "blind_audit_roc_auc": 0.5}}


def test_a_run_on_what_the_champion_was_made_of_has_no_news_and_any_difference_is_named(
    lab, sample_params, rewrite, monkeypatch
):
    workspace = lab.run()
    params = {**sample_params, **PARAMS}
    assert find_news(workspace, params) == ["there is no champion yet"]
    lab.publish(workspace)
    assert find_news(workspace, params) == []
    assert find_news(workspace, {**params, "source": "/elsewhere.csv", "keep_runs": 3}) == []
    for other in ({"folds": 4}, {"models": None}, {"thresholds": {}}, {"seed": 1}):
        assert find_news(workspace, {**params, **other}) == ["params"], other
    catalog = workspace.read(FETCH).read_table(CATALOG)
    said = [{"show_id": catalog["show_id"].iloc[0], "answer": "family"}]
    workspace.volume.answers.record(said, "anna", catalog)
    assert find_news(workspace, params) == ["answers"]
    workspace.volume.answers.record([{**said[0], "answer": "withdraw"}], "anna", catalog)
    rewrite(workspace, FETCH, {FETCH_REPORT: {"sha256": "0" * 64}})
    monkeypatch.setattr(news, "code_digest", lambda: "0" * 64)
    assert find_news(workspace, params) == ["catalog", "code"]

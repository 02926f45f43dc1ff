import json

import numpy as np
import pandas as pd
import pytest

from tasks.errors import EvaluationError
from tasks.evaluate_slices.label_issues import find_suspects, label_issues

RULES = [{"name": "rated", "group": "rating"}, {"name": "kw_kids", "group": "keyword"}]


def make_tables(n=60):
    """Titles of both classes that the model tells well, but for s3 and s10, which it denies."""
    ids = [f"s{i}" for i in range(n)]
    label = np.arange(n) % 2
    family = np.where(label == 1, 0.9, 0.1) + np.linspace(-0.05, 0.05, n)
    family[3], family[10] = 0.01, 0.97
    out_of_fold = pd.DataFrame({"show_id": ids, "label": label, "probability": family, "fold": 0})
    labeled = pd.DataFrame(
        {
            "show_id": ids,
            "title": [f"Title {i}" for i in range(n)],
            "label": pd.array(label, dtype="Int8"),
            "probability": np.where(label == 1, 0.8, 0.2),
        }
    )
    rated = np.where(np.arange(n) == 10, -1, label)  # s10 has no rating
    votes = pd.DataFrame({"show_id": ids, "rated": rated, "kw_kids": np.where(label == 1, 1, -1)})
    return out_of_fold, labeled, votes.assign(kw_war=np.where(label == 0, 0, -1))


def test_labels_that_the_model_denies_are_listed_those_that_rest_on_a_rating_last():
    found = label_issues(*make_tables(), RULES)
    assert [issue["show_id"] for issue in found] == ["s10", "s3"]
    assert [issue["rests_on"] for issue in found] == ["other rules", "rating"]


def test_an_issue_says_why_it_is_one():
    issue = label_issues(*make_tables(), RULES)[0]
    assert issue["title"] == "Title 10"
    assert issue["label"] == "not family"
    assert issue["probability"] == pytest.approx(0.97)
    assert issue["quality"] == pytest.approx(0.03)
    assert issue["label_probability"] == 0.2
    assert issue["votes"] == {"family": [], "not family": ["kw_war"]}
    assert issue["reason"] == (
        "labelled not family by other rules than a rating's, but a model that never saw this label "
        "gives P(family) = 0.97; titles labelled not family get 0.13 on average"
    )
    assert json.loads(json.dumps(issue, allow_nan=False)) == issue


def test_the_probability_with_the_rating_hidden_is_believed_where_there_is_one():
    out_of_fold, labeled, votes = make_tables()
    hidden = out_of_fold["probability"].copy()
    hidden[5] = 0.02
    both = out_of_fold.assign(probability_rating_hidden=hidden)
    found = label_issues(both, labeled, votes, RULES)
    assert [issue["show_id"] for issue in found] == ["s10", "s3", "s5"]
    assert "P(family) = 0.97 with the rating hidden" in found[0]["reason"]
    shown = label_issues(both, labeled, votes, RULES, column="probability")
    assert [issue["show_id"] for issue in shown] == ["s10", "s3"]


def test_the_list_is_cut_and_never_filled_up():
    assert len(label_issues(*make_tables(), RULES, top=1)) == 1
    out_of_fold, labeled, votes = make_tables()
    sure = out_of_fold.assign(probability=np.where(out_of_fold["label"] == 1, 0.9, 0.1))
    assert label_issues(sure, labeled, votes, RULES) == []


def test_the_order_of_rows_does_not_matter():
    tables = make_tables()
    shuffled = (table.sample(frac=1, random_state=i) for i, table in enumerate(tables))
    assert label_issues(*shuffled, RULES) == label_issues(*tables, RULES)


def test_with_few_titles_of_a_class_nothing_is_suspected():
    out_of_fold, labeled, votes = make_tables()
    few = out_of_fold[(out_of_fold["label"] == 0) | (out_of_fold.index < 12)]
    assert label_issues(few, labeled, votes, RULES) == []


def test_tables_that_do_not_fit_together_are_refused():
    out_of_fold, labeled, votes = make_tables()
    with pytest.raises(EvaluationError, match=r"no column probability; expected show_id, label"):
        label_issues(out_of_fold.drop(columns="probability"), labeled, votes, RULES)
    with pytest.raises(EvaluationError, match=r"10 of 60 out-of-fold titles are not among"):
        label_issues(out_of_fold, labeled.head(50), votes, RULES)


def test_flipped_labels_are_found():
    random = np.random.default_rng(7)
    truth = np.repeat([0, 1], 300)
    family = np.where(truth == 1, random.beta(6, 2, 600), random.beta(2, 6, 600))
    flipped = random.choice(600, 30, replace=False)
    label = truth.copy()
    label[flipped] = 1 - label[flipped]
    suspects = find_suspects(label, family)
    assert np.isin(suspects[:15], flipped).mean() > 0.9
    believed = np.where(label == 1, family, 1 - family)[suspects]
    assert (np.diff(believed) >= 0).all()

"""Labels that the model denies, and why they are listed."""

import json

import numpy as np
import pandas as pd
import pytest

from tasks.evaluate_slices.label_issues import COLUMNS, find_label_issues, find_suspects

RULES = [{"name": "rated", "group": "rating"}, {"name": "kw_kids", "group": "keyword"}]


def make_tables(n=60):
    """Titles of both classes that the model tells well, but for s3 and s10, which it denies."""
    label = np.arange(n) % 2
    family = np.where(label == 1, 0.9, 0.1) + np.linspace(-0.05, 0.05, n)
    family[3], family[10] = 0.01, 0.97
    titles = pd.DataFrame(
        {
            "show_id": [f"s{i}" for i in range(n)],
            "title": [f"Title {i}" for i in range(n)],
            "label": label,
            "model": family,
            "probability": np.where(label == 1, 0.8, 0.2),
        }
    )
    votes = titles[["show_id"]].assign(
        rated=np.where(np.arange(n) == 10, -1, label),  # s10 has no rating
        kw_kids=np.where(label == 1, 1, -1),
        kw_war=np.where(label == 0, 0, -1),
    )
    return titles, votes


def test_labels_that_the_model_denies_are_listed_with_why_those_that_rest_on_a_rating_last():
    found = find_label_issues(*make_tables(), RULES)
    listed = [(issue["show_id"], issue["rests_on"]) for issue in found]
    assert listed == [("s10", "other rules"), ("s3", "rating")]
    issue = found[0]
    assert tuple(issue) == COLUMNS
    assert issue == {
        "show_id": "s10",
        "title": "Title 10",
        "label": "not family",
        "rests_on": "other rules",
        "probability": pytest.approx(0.97),
        "label_probability": 0.2,
        "quality": pytest.approx(0.03),
        "reason": "labelled not family by other rules than a rating's, but a model that never saw "
        "this label gives P(family) = 0.97 with the rating hidden; titles labelled not family get "
        "0.13 on average",
        "votes_family": "",
        "votes_not_family": "kw_war",
    }
    assert json.loads(json.dumps(issue, allow_nan=False)) == issue


def test_nothing_is_suspected_where_the_model_agrees_or_a_class_has_few_titles():
    titles, votes = make_tables()
    sure = titles.assign(model=np.where(titles["label"] == 1, 0.9, 0.1))
    few = titles[(titles["label"] == 0) | (titles.index < 12)]
    assert find_label_issues(sure, votes, RULES) == []
    assert find_label_issues(few, votes, RULES) == []


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

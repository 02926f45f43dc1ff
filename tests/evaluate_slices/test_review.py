"""Whom people are asked about: the most worthwhile first, spread out, each once, and why."""

from dataclasses import replace

import numpy as np
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.config import EvaluateConfig
from tasks.evaluate_slices.review import COLUMNS, choose_titles, titles_to_review, worth
from tasks.evaluate_slices.slices import SLICES
from tasks.volume import atomic


def test_open_votes_and_labels_that_the_model_denies_are_worth_most():
    votes, model = (
        np.array([0.5, np.nan, 0.99, 0.99, 0.01]),
        np.array([0.5, np.nan, 0.01, 0.9, 0.0]),
    )
    found = worth(votes, model)
    assert found.round(2).tolist() == [1.0, 1.0, 1.06, 0.17, 0.09]


def make_titles(n=12):
    rows = [
        {
            "show_id": f"s{i:02}",
            "title": f"Film {'abcdefghijkl'[i] * 9}",
            "description": f"The {'mnopqrstuvwx'[i] * 9} tale.",
            "listed_in": "Horror Movies" if i < 6 else "Dramas",
        }
        for i in range(n)
    ]
    return pd.DataFrame(rows, dtype="str").reindex(columns=list(CATALOG_COLUMNS)).astype("str")


def test_titles_that_are_nearly_the_same_are_asked_about_once_and_no_slice_takes_all():
    titles = make_titles()
    value = np.linspace(1, 0, len(titles))
    assert choose_titles(titles, value, 4, share=1) == [0, 1, 2, 3]
    assert choose_titles(titles, value, 4, share=0.5) == [0, 1, 6, 7]
    again = titles.assign(description=titles["description"].mask(titles["show_id"] == "s01", "The"))
    again.loc[1, ["title", "description"]] = again.loc[0, ["title", "description"]]
    assert choose_titles(again, value, 3, share=1) == [0, 2, 3]
    # Equal ones by id, in whatever order they come.
    shuffled = titles.sample(frac=1, random_state=1)
    chosen = choose_titles(shuffled, np.ones(len(titles)), 3, share=1)
    assert shuffled["show_id"].iloc[chosen].to_list() == ["s00", "s01", "s02"]
    assert choose_titles(titles, value, 0, share=1) == []


def test_the_file_names_titles_nobody_answered_says_why_and_holds_no_formula(evidence, sample_run):
    config = EvaluateConfig(to_review=60)
    table = titles_to_review(evidence, config)
    assert list(table.columns) == list(COLUMNS)
    assert table["rank"].to_list() == list(range(1, 61))
    assert table[["answer", "note"]].isna().all(axis=None)
    of_test = table["split"] == "test"
    assert of_test.any()
    assert (table["why"].str.endswith("never teaches.") == of_test).all()
    assert table["why"].str.contains("For family: ").any()
    assert table["why"].str.contains("A model that did not see the label says 0.").all()
    members = evidence.titles[evidence.titles["show_id"].isin(table["show_id"])]
    assert max(rule(members).sum() for rule in SLICES) <= 30
    whole = atomic.from_csv(sample_run.read("evaluate_slices").read_bytes("to_review.csv"))
    assert len(whole) <= 500
    assert whole["show_id"].head(20).to_list() == table["show_id"].head(20).to_list()

    first, second = table["show_id"].head(2)
    hostile = evidence.titles.assign(
        title=evidence.titles["title"].mask(evidence.titles["show_id"] == second, '=cmd|"x"')
    )
    answers = pd.DataFrame({"show_id": [first], "answer": [1], "strength": [np.nan]})
    left = titles_to_review(replace(evidence, titles=hostile, answers=answers), config)
    assert left["show_id"].iloc[0] == second
    assert left["title"].iloc[0] == '\'=cmd|"x"'

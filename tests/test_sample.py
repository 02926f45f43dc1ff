"""The embedded sample: the committed file, and the script that wrote it."""

import runpy
from pathlib import Path

import pandas as pd
import pytest

from tasks.catalog.columns import FAMILY_RATINGS, NOT_FAMILY_RATINGS, UNRATED
from tasks.catalog.utilities import gold_labels
from tasks.evaluate_slices.slices import SLICES
from tasks.fetch.source import load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import apply_rules

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return load_netflix_data(DATA / "sample_titles.csv")


def test_the_committed_file_is_what_the_script_writes():
    written = runpy.run_path(str(DATA / "make_sample.py"))["sample_csv"]()
    assert written.encode() == (DATA / "sample_titles.csv").read_bytes()


def test_cells_and_shares_are_those_of_the_real_catalogue(sample):
    for column, pattern in {
        "type": r"Movie|TV Show",
        "date_added": r"[A-Z][a-z]+ \d{1,2}, 20[012]\d",
        "rating": r"[A-Z]+(?:-[A-Z0-9]+)*|\d+ min",
        "duration": r"\d+ min|1 Season|\d+ Seasons",
        "description": r"[A-ZÝ].*[.?]",
    }.items():
        assert sample[column].dropna().str.fullmatch(pattern).all(), column
    text = sample["title"] + " " + sample["description"]
    assert not text.str.contains(r"[{}<@]|  |\ba [aeio]|https?:|www\.|netflix", regex=True).any()
    movie = sample["type"] == "Movie"
    assert movie.mean() == pytest.approx(0.696, abs=0.01)
    assert gold_labels(sample["rating"]).mean() == pytest.approx(0.24, abs=0.01)
    for column, share in (("director", 0.3), ("cast", 0.09), ("country", 0.09), ("listed_in", 0)):
        assert sample[column].isna().mean() == pytest.approx(share, abs=0.05), column


def test_it_has_the_oddities_that_the_real_catalogue_is_known_for(sample):
    assert set(sample["rating"].dropna()) >= FAMILY_RATINGS | NOT_FAMILY_RATINGS | UNRATED
    assert {"NA", "None", "1994"} <= set(sample["title"])
    misplaced = sample[sample["duration"].isna()]
    assert misplaced["rating"].str.fullmatch(r"\d+ min").tolist() == [True] * 3
    assert sample["description"].duplicated().sum() == 6
    assert sample["title"].duplicated().sum() == 2
    assert sample["title"].str.casefold().duplicated().sum() == 3
    raw = pd.read_csv(DATA / "sample_titles.csv", dtype="str", keep_default_na=False)
    assert raw["date_added"].str.startswith(" ").sum() == 15
    for pattern in (r"[^\x00-\x7f]", '"', ",", "'"):
        assert sample["title"].str.contains(pattern).sum() >= 5, pattern


def test_every_slice_has_titles_of_both_classes_and_every_rule_but_brands_votes(sample):
    gold = gold_labels(sample["rating"])
    for one in SLICES:
        counts = gold[one(sample)].value_counts()
        assert counts.min() >= 3, (one.name, counts.to_dict())
    votes = apply_rules(sample, LABELING_FUNCTIONS)
    silent = [name for name in votes.columns if (votes[name] == -1).all()]
    assert silent == ["kw_brands"]

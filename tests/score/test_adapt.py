"""What a release learns from another catalogue: out of fold, in any order the same, or nothing."""

import numpy as np
import pandas as pd
import pytest

from tasks.config import ScoreConfig
from tasks.score import adapt as adapting
from tasks.score import scoring
from tasks.score.adapt import adapt, average, group_twins
from tasks.score.scoring import score_catalog
from tasks.score.titles import load_scorer, read_titles
from tests.catalogs import other_catalog

TWIN = {"title": "Zzyzx", "description": "A zzyzx, a zzyzx and a puppy."}


@pytest.fixture(scope="module")
def unrated():
    """Titles of another vocabulary without any rating."""
    return other_catalog("unrated").assign(rating=pd.Series(dtype="str"))


@pytest.fixture(scope="module")
def scorer(released_volume):
    return load_scorer(released_volume.releases)


def test_a_title_is_scored_by_the_model_that_saw_neither_it_nor_a_twin(scorer, unrated):
    titles = unrated.copy()
    titles.loc[0, list(TWIN)] = TWIN.values()
    titles.loc[0, "listed_in"] = "Children & Family Movies"
    learned, facts = adapt(scorer, titles, seed=1)
    assert facts["adapted"]
    assert facts["n"] == 1200
    fold = learned.fold_of["title"]["zzyzx"]
    word = learned.features.get_feature_names_out().tolist().index("text__zzyzx")
    assert np.flatnonzero(learned.coefficients[word] == 0).tolist() == [fold]

    twin = titles.iloc[[0, 0, 1]].reset_index(drop=True)
    twin.loc[1, "title"] = "Another title of the same words"
    twin.loc[2, list(TWIN)] = "Nobody learned from this one"
    features = read_titles(scorer, twin)
    each = learned.features.transform(features) @ learned.coefficients + learned.intercepts
    expected = [each[0, fold], each[1, fold], each[2].mean()]
    assert learned.log_odds(features, twin) == pytest.approx(expected)


def test_twins_are_one_group_however_they_are_linked():
    groups = group_twins([["a", "a", "b", "", ""], ["x", "y", "y", "z", "w"]])
    assert len(set(groups[:3])) == 1
    assert len(set(groups)) == 3


def test_the_average_is_of_log_odds_and_nothing_is_certain():
    assert average(np.array([0.5, 0.0]), np.array([2.0, 2.0])) == pytest.approx(
        [1 / (1 + np.exp(-1)), 1 / (1 + np.exp(0.5 * np.log(999_999) - 1))], rel=1e-6
    )


def test_a_foreign_catalog_is_adapted_to_whatever_the_order_and_the_chunks(
    released_volume, unrated, tmp_path, monkeypatch
):
    monkeypatch.setattr(adapting, "MOST_TITLES", 400)

    def score(titles, how):
        titles.to_csv(tmp_path / "titles.csv", index=False)
        config = ScoreConfig(catalog=str(tmp_path / "titles.csv"), adapt=how)
        report = score_catalog(released_volume, config, tmp_path / "scores.csv")
        scores = pd.read_csv(tmp_path / "scores.csv").set_index("show_id")
        return report["adapt"], scores["family_probability"].sort_index()

    facts, scores = score(unrated, "auto")
    assert (facts["asked"], facts["adapted"], facts["n"]) == ("auto", True, 400)
    plain_facts, plain = score(unrated, "false")
    assert (plain_facts["adapted"], plain_facts["why"]) == (False, "not asked for")
    assert (scores != plain).all()
    monkeypatch.setattr(scoring, "CHUNK", 300)
    again_facts, again = score(unrated.sample(frac=1, random_state=1), "auto")
    assert again_facts == facts
    pd.testing.assert_series_equal(again, scores, rtol=1e-12)


def test_at_home_or_with_too_little_to_learn_from_the_release_scores_alone(
    released_volume, scorer, unrated, write_catalog, tmp_path
):
    learned, facts = adapt(scorer, unrated.head(40), seed=1)
    assert learned is None
    assert facts["why"] == "fewer than 50 labelled titles of a class to learn from"
    config = ScoreConfig(catalog=str(write_catalog({}, {})))
    report = score_catalog(released_volume, config, tmp_path / "out.csv")
    assert report["adapt"]["why"] == "its genres have the lab's own names"

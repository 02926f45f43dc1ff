import io
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tasks.errors import LabError
from tasks.explain.explain import explain_titles, find_title, summarise, summary_figure
from tasks.train.features import CatalogFeatures, build_features


def make_catalog():
    family, other = ("puppy", "TV-Y", "45 min"), ("murder", "TV-MA", "2 Seasons")
    rows = [
        {
            "show_id": f"s{number:02d}",
            "type": "Movie",
            "title": f"{word.title()} {number}",
            "release_year": 2000,
            "rating": rating,
            "duration": duration,
            "listed_in": "Dramas",
            "description": f"A {word} story.",
        }
        for number, (word, rating, duration) in enumerate([family, other] * 10)
    ]
    return pd.DataFrame(rows), np.array([1, 0] * 10)


@pytest.fixture(scope="module")
def catalog():
    return make_catalog()[0]


def fit(estimator):
    steps = [("catalog", CatalogFeatures()), ("features", build_features()), ("model", estimator)]
    return Pipeline(steps).fit(*make_catalog())


@pytest.fixture(scope="module")
def model():
    return fit(LogisticRegression())


def test_each_title_gets_its_largest_contributions_first(model, catalog):
    puppy, murder = explain_titles(model, catalog.head(2), top=4)
    assert (puppy["show_id"], puppy["title"], puppy["unit"]) == ("s00", "Puppy 0", "log-odds")
    assert puppy["probability"] > 0.5 > murder["probability"]
    assert len(puppy["contributions"]) == 4
    sizes = [abs(item["contribution"]) for item in puppy["contributions"]]
    assert sizes == sorted(sizes, reverse=True)
    first = {item["feature"]: item["contribution"] for item in murder["contributions"]}
    assert first["rating = TV-MA"] < 0


def test_contributions_explain_the_probability(model, catalog):
    (title,) = explain_titles(model, catalog.head(1), top=10_000)
    total = title["base"] + sum(item["contribution"] for item in title["contributions"])
    assert 1 / (1 + np.exp(-total)) == pytest.approx(title["probability"])


def test_only_what_the_title_has_counts_without_a_background(model, catalog):
    (title,) = explain_titles(model, catalog.head(1), top=10_000)
    named = {item["feature"]: item["value"] for item in title["contributions"]}
    assert named["rating = TV-Y"] == 1
    assert "rating = TV-MA" not in named


def test_with_a_background_what_a_title_lacks_counts_too(model, catalog):
    (title,) = explain_titles(model, catalog.head(1), top=10_000, background=catalog)
    named = {item["feature"]: item for item in title["contributions"]}
    assert named["rating = TV-MA"]["value"] == 0
    assert named["rating = TV-MA"]["contribution"] > 0


def test_a_hidden_rating_is_a_feature_of_its_own(model, catalog):
    hidden = catalog.head(1).drop(columns="rating")
    (title,) = explain_titles(model, hidden, top=10_000)
    assert not [i for i in title["contributions"] if i["feature"].startswith("rating = TV")]


def test_no_titles_have_no_explanations(model, catalog):
    assert explain_titles(model, catalog.head(1), top=0)[0]["contributions"] == []


def test_the_summary_names_what_separates_the_titles(model, catalog):
    table = summarise(model, catalog, top=6)
    direction = dict(zip(table["feature"], table["direction"], strict=True))
    assert direction["rating = TV-Y"] == 1
    assert direction["rating = TV-MA"] == -1
    assert "release_year" not in direction  # the same for every title
    assert table["contribution"].is_monotonic_decreasing
    assert len(table) == 6


def test_the_summary_does_not_depend_on_row_order(model, catalog):
    shuffled = catalog.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(summarise(model, catalog), summarise(model, shuffled))


def test_the_figure_shows_every_feature_once(model, catalog):
    figure = summary_figure(model, catalog, top=5)
    (axes,) = figure.axes
    assert len(axes.get_yticklabels()) == 5
    assert len(axes.patches) == 5
    assert axes.get_xlabel() == "mean |contribution| (log-odds)"
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "towards family",
        "towards not family",
    ]
    figure.savefig(buffer := io.BytesIO(), format="png")
    assert buffer.getvalue().startswith(b"\x89PNG")


def test_a_title_is_found_by_id_and_by_name_in_any_case(catalog):
    assert find_title(catalog, "s03")["title"].tolist() == ["Murder 3"]
    assert find_title(catalog, "pUPPY 4")["show_id"].tolist() == ["s04"]


def test_titles_of_one_name_are_all_found(catalog):
    twice = pd.concat([catalog, catalog.head(1).assign(show_id="s99")])
    assert find_title(twice, "Puppy 0")["show_id"].tolist() == ["s00", "s99"]


def test_a_title_that_is_not_there_is_refused_with_the_nearest(catalog):
    with pytest.raises(LabError, match=r"name 'pupy 4'\. Did you mean .*Puppy 4"):
        find_title(catalog, "pupy 4")
    with pytest.raises(LabError, match=r"No title of the catalog has .* 'zzz'\.$"):
        find_title(catalog, "zzz")


def test_without_shap_a_linear_model_is_explained_all_the_same(monkeypatch, model, catalog):
    monkeypatch.setitem(sys.modules, "shap", None)
    assert explain_titles(model, catalog.head(1))
    with pytest.raises(LabError, match=r"can only be explained with shap, which is not installed"):
        explain_titles(fit(RandomForestClassifier(3, random_state=0)), catalog.head(1))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of shap's own imports
def test_with_shap_a_forest_is_explained_in_probability(catalog):
    pytest.importorskip("shap", reason="the extra shap is not installed")
    model = fit(RandomForestClassifier(30, random_state=0))
    (title,) = explain_titles(model, catalog.head(1), top=10_000)
    total = title["base"] + sum(item["contribution"] for item in title["contributions"])
    assert title["unit"] == "probability"
    assert total == pytest.approx(title["probability"], abs=1e-6)
    table = summarise(model, catalog)
    direction = dict(zip(table["feature"], table["direction"], strict=True))
    assert direction["rating = TV-Y"] == 1
    assert direction["rating = TV-MA"] == -1
    assert summary_figure(model, catalog).axes[0].get_xlabel().endswith("(probability)")

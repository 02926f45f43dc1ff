"""Features have readable names, and what they contribute adds up to what the model says."""

import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from scipy.special import logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from tasks.errors import LabError
from tasks.explain.contributions import (
    explain_titles,
    feature_names,
    forest_contributions,
    kept_values,
    linear_score,
)
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.train.features import CatalogFeatures, SharedColumns, build_features


def featurise(model, catalog):
    return kept_values(model, model[:-1].transform(catalog))


def make_catalog():
    """24 titles, half of them for families."""
    family = [("princess and puppy", "TV-Y", "45 min"), ("puppy school", "G", "2 Seasons")]
    other = [("murder at night", "TV-MA", "110 min"), ("night of blood", None, "1 Season")]
    kinds = pd.DataFrame((family + other) * 6, columns=["title", "rating", "duration"])
    catalog = kinds.assign(
        show_id=[f"s{n:02d}" for n in range(24)],
        type=np.where(kinds["duration"].str.contains("min"), "Movie", "TV Show"),
        cast=[None, "A, B", "A, B"] * 8,
        release_year=range(2000, 2024),
        listed_in="Dramas",
        description="A story of " + kinds["title"] + ".",
    )
    return catalog, np.array([1, 1, 0, 0] * 6)


def fit(estimator, feature_set="seed"):
    features = build_features(feature_set=feature_set)
    steps = [
        ("catalog", CatalogFeatures(LABELING_FUNCTIONS)),
        ("features", features),
        ("model", estimator),
    ]
    catalog, labels = make_catalog()
    return Pipeline(steps).fit(catalog, labels), catalog


def sums(opinions):
    return [one.base + sum(item["contribution"] for item in one.contributions) for one in opinions]


@pytest.fixture(scope="module")
def linear():
    return fit(LogisticRegression())


@pytest.fixture(scope="module")
def calibrated():
    return fit(CalibratedClassifierCV(LinearSVC(random_state=0), cv=3))


def test_names_are_readable_and_one_a_feature(linear):
    model, catalog = linear
    names = feature_names(model)
    assert len(names) == len(set(names)) == featurise(model, catalog).shape[1]
    assert {
        "word: princess", "word: murder at", "release_year", "rating = TV-MA", "rating = missing",
        "duration_unit = min", "type = TV Show",
    } <= set(names)  # fmt: skip
    rich, _ = fit(LogisticRegression(), "rich")
    names = feature_names(rich)
    assert {"word: princess", "genre: Dramas", "cast: A", "rating = TV-Y"} <= set(names)
    assert {"rule: rated_for_children", "rule: kw_violence"} <= set(names)
    assert len(names) == featurise(rich, catalog).shape[1]


def test_a_model_that_chooses_features_gets_the_names_of_those(linear):
    forest = RandomForestClassifier(5, random_state=0)
    model, catalog = fit(Pipeline([("shared", SharedColumns(min_rows=12)), ("forest", forest)]))
    seen = model[:-1].transform(catalog).toarray()
    shared = (seen != 0).sum(axis=0) >= 12
    full = feature_names(linear[0])
    assert feature_names(model) == [n for n, kept in zip(full, shared, strict=True) if kept]
    np.testing.assert_array_equal(featurise(model, catalog).toarray(), seen[:, shared])


def test_base_and_contributions_add_up_to_the_log_odds(linear, calibrated):
    model, catalog = linear
    opinions = explain_titles(model, catalog)
    chances = model.predict_proba(catalog)[:, 1]
    assert [one.probability for one in opinions] == chances.tolist()
    assert {one.unit for one in opinions} == {"log-odds"}
    np.testing.assert_allclose(sums(opinions), logit(chances))

    model, catalog = calibrated
    values = featurise(model, catalog)
    members = model.named_steps["model"].calibrated_classifiers_
    log_odds = [logit(member.predict_proba(values)[:, 1]) for member in members]
    np.testing.assert_allclose(sums(explain_titles(model, catalog)), np.mean(log_odds, axis=0))


def test_each_title_gets_what_it_has_largest_first_and_towards_family_positive(linear, calibrated):
    for model, catalog in (linear, calibrated):
        puppy, _, murder, _ = explain_titles(model, catalog.head(4))
        for one in (puppy, murder):
            sizes = [abs(item["contribution"]) for item in one.contributions]
            assert sizes == sorted(sizes, reverse=True)
        assert puppy.probability > 0.5 > murder.probability
        for_it = {item["feature"]: item for item in puppy.contributions}
        against = {item["feature"]: item for item in murder.contributions}
        assert for_it["word: puppy"]["contribution"] > 0 > against["word: night"]["contribution"]
        assert for_it["rating = TV-Y"]["value"] == 1
        assert "rating = TV-MA" not in for_it
        assert against["rating = TV-MA"]["contribution"] < 0
        (hidden,) = explain_titles(model, catalog.head(1).assign(rating=None))
        assert not [i for i in hidden.contributions if i["feature"].startswith("rating = TV")]


def test_a_calibrator_without_a_sigmoid_leaves_the_margins():
    model, _ = fit(CalibratedClassifierCV(LinearSVC(random_state=0), cv=3, method="isotonic"))
    members = model.named_steps["model"].calibrated_classifiers_
    assert isinstance(members[0].calibrators[0], IsotonicRegression)
    mean = np.mean([member.estimator.coef_[0] for member in members], axis=0)
    np.testing.assert_allclose(linear_score(model)[0], mean)


def test_a_model_that_is_neither_linear_nor_a_forest_is_refused():
    with pytest.raises(LabError, match="DummyClassifier cannot be explained: it is neither"):
        explain_titles(*fit(DummyClassifier()))


def test_without_shap_a_forest_says_what_to_install(monkeypatch, linear):
    monkeypatch.setitem(sys.modules, "shap", None)
    assert explain_titles(*linear)
    with pytest.raises(LabError, match=r"RandomForestClassifier can only .* \(pip install shap\)"):
        explain_titles(*fit(RandomForestClassifier(3, random_state=0)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of shap's own imports
def test_with_shap_a_forest_is_explained_in_probability_however_deep_its_trees(linear):
    shap = pytest.importorskip("shap", reason="the extra shap is not installed")
    model, catalog = linear
    score, values = linear_score(model), featurise(model, catalog).toarray()
    closed = shap.LinearExplainer(model.named_steps["model"], np.zeros_like(values[:1]))
    np.testing.assert_allclose(values * score[0], closed.shap_values(values), atol=1e-9)

    forest = RandomForestClassifier(20, random_state=0)
    model, catalog = fit(Pipeline([("shared", SharedColumns(min_rows=2)), ("forest", forest)]))
    opinions = explain_titles(model, catalog)
    assert opinions[0].unit == "probability"
    np.testing.assert_allclose(sums(opinions), [one.probability for one in opinions], atol=1e-6)

    rng = np.random.default_rng(0)
    values = (rng.random((1500, 300)) < 0.01) * rng.random((1500, 300))
    labels = (rng.random(1500) < 0.3).astype(int)
    forest = RandomForestClassifier(2, max_features=1, random_state=0).fit(values, labels)
    assert min(tree.get_depth() for tree in forest.estimators_) > 80
    deep = Pipeline([("model", forest)])
    base, contributions = forest_contributions(deep, sparse.csr_array(values[:3]))
    summed = base + contributions.sum(axis=1)
    np.testing.assert_allclose(summed, forest.predict_proba(values[:3])[:, 1], atol=1e-6)

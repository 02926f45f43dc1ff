import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.calibration import CalibratedClassifierCV
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from tasks.errors import LabError
from tasks.explain.contributions import (
    feature_names,
    featurise,
    forest_rows,
    linear_rows,
    linear_score,
    mean_deviation,
    pick_evenly,
)
from tasks.train.features import CatalogFeatures, SharedColumns, build_features


def make_catalog():
    """24 titles, half of them for families."""
    family = [("princess and puppy", "TV-Y", "45 min"), ("puppy school", "G", "2 Seasons")]
    other = [("murder at night", "TV-MA", "110 min"), ("night of blood", None, "1 Season")]
    rows = [
        {
            "show_id": f"s{number:02d}",
            "type": "Movie" if "min" in duration else "TV Show",
            "title": f"{text} {number % 5}",
            "cast": "A, B" if number % 3 else None,
            "release_year": 2000 + number,
            "rating": rating,
            "duration": duration,
            "listed_in": "Dramas",
            "description": f"A story of {text}.",
        }
        for number, (text, rating, duration) in enumerate((family + other) * 6)
    ]
    return pd.DataFrame(rows), np.array([1, 1, 0, 0] * 6)


def fit(estimator):
    catalog, labels = make_catalog()
    steps = [
        ("catalog", CatalogFeatures()),
        ("features", build_features()),
        ("model", estimator),
    ]
    return Pipeline(steps).fit(catalog, labels), catalog


def blank(model):
    """A title that has nothing."""
    return sparse.csr_array((1, len(feature_names(model))))


LINEAR = {
    "logistic regression": LogisticRegression(),
    "calibrated svc": CalibratedClassifierCV(LinearSVC(random_state=0), cv=3),
}


@pytest.fixture(params=LINEAR)
def linear(request):
    return fit(LINEAR[request.param])


def test_names_are_readable_and_one_a_feature():
    model, catalog = fit(LogisticRegression())
    names = feature_names(model)
    assert len(names) == featurise(model, catalog).shape[1]
    assert len(set(names)) == len(names)
    for name in ("word: princess", "word: murder at", "release_year", "rating = TV-MA",
                 "rating = missing", "duration_unit = min", "type = TV Show"):  # fmt: skip
        assert name in names


def test_a_model_that_chooses_features_gets_the_names_of_those():
    forest = RandomForestClassifier(5, random_state=0)
    model, catalog = fit(Pipeline([("shared", SharedColumns(min_rows=12)), ("forest", forest)]))
    names = feature_names(model)
    seen = model[:-1].transform(catalog).toarray()
    shared = (seen != 0).sum(axis=0) >= 12
    full = feature_names(fit(LogisticRegression())[0])
    assert names == [name for name, kept in zip(full, shared, strict=True) if kept]
    np.testing.assert_array_equal(featurise(model, catalog).toarray(), seen[:, shared])


def test_base_and_contributions_add_up_to_the_log_odds():
    model, catalog = fit(LogisticRegression())
    rows = linear_rows(linear_score(model), featurise(model, catalog), blank(model))
    probability = model.predict_proba(catalog)[:, 1]
    summed = [base + contribution.sum() for base, contribution in rows]
    np.testing.assert_allclose(summed, np.log(probability / (1 - probability)))


def test_with_a_background_they_add_up_too():
    model, catalog = fit(LogisticRegression())
    values = featurise(model, catalog)
    rows = linear_rows(linear_score(model), values, values)
    probability = model.predict_proba(catalog)[:, 1]
    summed = [base + contribution.sum() for base, contribution in rows]
    np.testing.assert_allclose(summed, np.log(probability / (1 - probability)))


def test_those_of_a_calibrated_model_add_up_to_the_mean_of_its_members_log_odds():
    model, catalog = fit(LINEAR["calibrated svc"])
    values = featurise(model, catalog)
    members = [
        member.predict_proba(values)[:, 1]
        for member in model.named_steps["model"].calibrated_classifiers_
    ]
    expected = np.mean([np.log(p / (1 - p)) for p in members], axis=0)
    rows = linear_rows(linear_score(model), values, blank(model))
    summed = [base + contribution.sum() for base, contribution in rows]
    np.testing.assert_allclose(summed, expected)


def test_what_speaks_for_a_family_title_is_positive(linear):
    model, _ = linear
    score = dict(zip(feature_names(model), linear_score(model).coefficients, strict=True))
    assert score["word: puppy"] > 0 > score["word: night"]
    assert score["rating = TV-Y"] > 0 > score["rating = TV-MA"]


def test_a_calibrator_without_a_sigmoid_leaves_the_margins():
    model, _ = fit(CalibratedClassifierCV(LinearSVC(random_state=0), cv=3, method="isotonic"))
    members = model.named_steps["model"].calibrated_classifiers_
    assert isinstance(members[0].calibrators[0], IsotonicRegression)
    mean = np.mean([member.estimator.coef_[0] for member in members], axis=0)
    np.testing.assert_allclose(linear_score(model).coefficients, mean)


def test_a_forest_is_not_linear_and_anything_else_is_refused():
    assert linear_score(fit(RandomForestClassifier(3, random_state=0))[0]) is None
    with pytest.raises(LabError, match="DummyClassifier cannot be explained: it is neither"):
        linear_score(fit(DummyClassifier())[0])


def test_the_mean_deviation_of_sparse_columns_is_that_of_dense_ones():
    dense = np.array([[0.0, 1.0, 0.0, 2.0], [0.0, -3.0, 0.5, 2.0], [0.0, 0.0, 0.0, 2.0]])
    expected = np.abs(dense - dense.mean(axis=0)).mean(axis=0)
    np.testing.assert_allclose(mean_deviation(sparse.csr_array(dense)), expected)


def test_without_shap_a_forest_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "shap", None)
    model, catalog = fit(RandomForestClassifier(3, random_state=0))
    with pytest.raises(LabError, match=r"RandomForestClassifier can only .* \(pip install shap\)"):
        next(forest_rows(model, featurise(model, catalog), blank(model)))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of shap's own imports
def test_the_closed_form_is_shaps_and_a_forests_values_add_up():
    shap = pytest.importorskip("shap", reason="the extra shap is not installed")
    model, catalog = fit(LogisticRegression())
    values = featurise(model, catalog)
    theirs = shap.LinearExplainer(model.named_steps["model"], values.toarray()).shap_values(
        values.toarray()
    )
    ours = [row for _, row in linear_rows(linear_score(model), values, values)]
    np.testing.assert_allclose(ours, theirs, atol=1e-9)

    forest = RandomForestClassifier(20, random_state=0)
    model, catalog = fit(Pipeline([("shared", SharedColumns(min_rows=2)), ("forest", forest)]))
    seen = featurise(model, catalog)
    for background in (seen, blank(model)):
        rows = forest_rows(model, seen, background)
        summed = [base + contribution.sum() for base, contribution in rows]
        np.testing.assert_allclose(summed, model.predict_proba(catalog)[:, 1], atol=1e-6)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # those of shap's own imports
def test_the_values_of_very_deep_trees_add_up_too():
    pytest.importorskip("shap", reason="the extra shap is not installed")
    rng = np.random.default_rng(0)
    values = (rng.random((1500, 300)) < 0.01) * rng.random((1500, 300))
    labels = (rng.random(1500) < 0.3).astype(int)
    forest = RandomForestClassifier(2, max_features=1, random_state=0).fit(values, labels)
    assert min(tree.get_depth() for tree in forest.estimators_) > 80
    model = Pipeline([("model", forest)])
    rows = forest_rows(model, sparse.csr_array(values[:3]), sparse.csr_array(values))
    summed = [base + contribution.sum() for base, contribution in rows]
    np.testing.assert_allclose(summed, forest.predict_proba(values[:3])[:, 1], atol=1e-6)


def test_rows_are_picked_evenly_and_all_where_there_are_few():
    rows = sparse.csr_array(np.arange(1.0, 11).reshape(-1, 1))
    assert pick_evenly(rows, 3).toarray().ravel().tolist() == [1, 5, 10]
    assert pick_evenly(rows, 99).toarray().ravel().tolist() == list(range(1, 11))


def test_features_that_list_names_say_what_they_name():
    catalog, labels = make_catalog()
    features = build_features(feature_set="rich")
    steps = [("catalog", CatalogFeatures()), ("features", features)]
    model = Pipeline([*steps, ("model", LogisticRegression())]).fit(catalog, labels)
    names = feature_names(model)
    assert {"word: princess", "genre: Dramas", "cast: A", "rating = TV-Y"} <= set(names)
    assert len(names) == featurise(model, catalog).shape[1]

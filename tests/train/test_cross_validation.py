import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tasks.errors import TrainingError
from tasks.train.cross_validation import (
    cross_validate,
    family_probability,
    fit_candidate,
    fold_of_rows,
    roc_auc_of_folds,
)
from tasks.train.folds import GroupedFolds
from tasks.train.models import MODELS, logistic_regression
from tasks.train.terms import TermCounts

every_model = pytest.mark.parametrize("candidate", MODELS, ids=lambda m: m.name)


def plain_pipeline(candidate, rows, seed):
    """The same model as anyone would write it in scikit-learn, sharing nothing."""
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categorical = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    features = ColumnTransformer(
        [
            ("text", TfidfVectorizer(ngram_range=(1, 2), max_features=60_000), "text"),
            (
                "numeric",
                numeric,
                ["duration_value", "release_year", "cast_count", "genre_count"],
            ),
            ("categorical", categorical, ["type", "rating", "duration_unit"]),
        ],
        sparse_threshold=1.0,
    )
    inner_folds = GroupedFolds(seed=seed, groups=rows["content_group"].to_numpy())
    return Pipeline([("features", features), ("model", candidate.build(seed, inner_folds))])


@every_model
def test_shared_counts_score_like_a_plain_pipeline_fitted_in_every_fold(candidate, training):
    counts = TermCounts.of(training["text"])
    found = cross_validate(candidate, training, n_folds=3, seed=5, counts=counts)
    for fold, titles in found.groupby("fold"):
        held_out = training["content_group"].isin(
            training.loc[training["show_id"].isin(titles["show_id"]), "content_group"]
        )
        rows = training[~held_out]
        plain = clone(plain_pipeline(candidate, rows, seed=5)).fit(rows, rows["label"])
        scored = training[training["show_id"].isin(titles["show_id"])]
        expected = plain.predict_proba(scored)[:, 1]
        np.testing.assert_allclose(titles["probability"], expected, atol=1e-6, err_msg=str(fold))


def test_only_real_titles_are_scored_each_once(training):
    found = cross_validate(logistic_regression, training, n_folds=3, seed=0)
    titles = training.loc[training["parent_id"].isna(), "show_id"]
    assert sorted(found["show_id"]) == sorted(titles)
    assert found["probability"].between(0, 1).all()
    assert list(found.columns) == ["show_id", "label", "probability", "fold"]


def test_no_copy_or_twin_is_on_another_side_than_its_title(training):
    fold = fold_of_rows(training, n_folds=3, seed=0)
    by_id = dict(zip(training["show_id"], fold, strict=True))
    copies = training[training["parent_id"].notna()]
    assert [by_id[i] for i in copies["show_id"]] == [by_id[i] for i in copies["parent_id"]]
    twins = training.loc[training["content_group"] == "g6", "show_id"]
    assert set(twins[~twins.str.contains("~")]) == {"s007", "s010"}
    assert len({by_id[i] for i in twins}) == 1
    assert set(fold) == {0, 1, 2}


def test_a_fold_knows_no_term_of_the_titles_it_scores(training, monkeypatch):
    seen = []

    def spy(model, rows, **settings):
        fitted = fit_candidate(model, rows, **settings)
        seen.append(set(fitted["features"].named_transformers_["text"].terms_))
        return fitted

    monkeypatch.setattr("tasks.train.cross_validation.fit_candidate", spy)
    counts = TermCounts.of(training["text"])
    found = cross_validate(logistic_regression, training, n_folds=3, seed=0, counts=counts)
    for fold, titles in found.groupby("fold"):
        own_words = {f"number{int(show_id[1:]) - 1}" for show_id in titles["show_id"]}
        assert not own_words & seen[fold]


def test_the_roc_auc_of_each_fold_is_that_of_its_titles(training):
    found = cross_validate(logistic_regression, training, n_folds=3, seed=0)
    first = found[found["fold"] == 0]
    assert roc_auc_of_folds(found)[0] == roc_auc_score(first["label"], first["probability"])
    assert len(roc_auc_of_folds(found)) == 3


def test_a_withheld_column_changes_no_probability(training):
    altered = training.assign(rating=training["rating"].to_numpy()[::-1])
    one, other = (
        cross_validate(logistic_regression, t, n_folds=3, seed=0, withhold=("rating",))
        for t in (training, altered)
    )
    np.testing.assert_array_equal(one["probability"], other["probability"])


def test_a_minority_of_three_titles_is_refused_and_says_what_to_lower(training):
    family = training.loc[training["label"] == 1, "content_group"].unique()[:3]
    few = training[(training["label"] == 0) | training["content_group"].isin(family)]
    expected = (
        r"3 distinct titles of \d+ labelled for training are family; 5-fold cross-validation "
        r"needs 5 or more of each class. Lower the parameter folds to 3 or less"
    )
    with pytest.raises(TrainingError, match=expected):
        fold_of_rows(few, n_folds=5, seed=0)
    assert set(fold_of_rows(few, n_folds=3, seed=0)) == {0, 1, 2}


@pytest.mark.parametrize("kept", [0, 1])
def test_one_class_is_refused(training, kept):
    with pytest.raises(TrainingError, match=r"^0 distinct titles .* Label more titles"):
        fold_of_rows(training[training["label"] == kept], n_folds=2, seed=0)


def test_a_copy_of_no_title_is_refused(training):
    lost = training.assign(
        content_group=training["content_group"].mask(training["show_id"] == "s001~swap~1", "gone")
    )
    with pytest.raises(TrainingError, match="The copy s001~swap~1 has the content group of no"):
        fold_of_rows(lost, n_folds=3, seed=0)


def test_no_rows_have_no_probabilities(training):
    fitted = fit_candidate(logistic_regression, training, seed=0)
    assert family_probability(fitted, training[:0]).shape == (0,)

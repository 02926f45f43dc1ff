"""Cross-validation scores what no model has seen, and evidence decides between feature sets."""

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tasks.train import competition
from tasks.train.competition import (
    HIDDEN,
    VISIBLE_TOLERANCE,
    choose_feature_set,
    cross_validate,
    describe_scores,
    drop_beaten,
    rank_by_evidence,
    roc_auc_of_folds,
)
from tasks.train.cross_validation import fit_candidate
from tasks.train.features import build_features
from tasks.train.folds import GroupedFolds
from tasks.train.models import MODELS, logistic_regression
from tasks.train.sample import Recipe
from tasks.train.terms import TermCounts

every_model = pytest.mark.parametrize("candidate", MODELS, ids=lambda m: m.name)
COLUMNS = ["show_id", "label", "probability", "probability_rating_hidden", "fold"]


def validate(model, table, **options):
    """The scores of the seed's feature set."""
    return cross_validate(model, table, **({"n_folds": 3, "seed": 0} | options))["seed"]


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
    found = validate(candidate, training, seed=5, counts=counts)
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
    found = validate(logistic_regression, training)
    titles = training.loc[training["parent_id"].isna(), "show_id"]
    assert sorted(found["show_id"]) == sorted(titles)
    assert found["probability"].between(0, 1).all()
    assert list(found.columns) == COLUMNS


def test_a_fold_knows_no_term_of_the_titles_it_scores(training, monkeypatch):
    seen = []

    def spy(*arguments):
        features = build_features(*arguments)
        seen.append(features)
        return features

    monkeypatch.setattr(competition, "build_features", spy)
    counts = TermCounts.of(training["text"])
    found = validate(logistic_regression, training, counts=counts)
    for fold, titles in found.groupby("fold"):
        own_words = {f"number{int(show_id[1:]) - 1}" for show_id in titles["show_id"]}
        assert not own_words & set(seen[fold].named_transformers_["text"].terms_)


def test_the_roc_auc_of_each_fold_is_that_of_its_titles(training):
    found = validate(logistic_regression, training)
    first = found[found["fold"] == 0]
    assert roc_auc_of_folds(found)[0] == roc_auc_score(first["label"], first["probability"])
    assert len(roc_auc_of_folds(found)) == 3


def test_a_withheld_column_changes_no_probability(training):
    altered = training.assign(rating=training["rating"].to_numpy()[::-1])
    one, other = (
        validate(logistic_regression, t, withhold=("rating",)) for t in (training, altered)
    )
    np.testing.assert_array_equal(one["probability"], other["probability"])
    np.testing.assert_array_equal(one["probability"], one[HIDDEN])


@every_model
def test_a_fold_scores_like_the_candidate_fitted_to_the_other_folds(candidate, training):
    recipe = Recipe(mask_rating=True, soft_labels=True)
    rows = training.assign(probability=np.where(training["label"] == 1, 0.9, 0.2))
    options = {"n_folds": 2, "seed": 5, "recipe": recipe, "feature_sets": ("seed", "rich")}
    found = cross_validate(candidate, rows, **options)
    for name, table in found.items():
        titles = table[table["fold"] == 0]
        scored = rows[rows["show_id"].isin(titles["show_id"])]
        others = rows[~rows["content_group"].isin(scored["content_group"])]
        own = Recipe(name, recipe.mask_rating, recipe.soft_labels)
        fitted = fit_candidate(candidate, others, seed=5, recipe=own)
        hidden = scored.assign(rating=pd.Series(None, index=scored.index, dtype="str"))
        for column, seen in (("probability", scored), (HIDDEN, hidden)):
            np.testing.assert_allclose(titles[column], fitted.predict_proba(seen)[:, 1], atol=1e-6)


def make_scores(visible, hidden):
    """Folds of one family title that ranks above so many of ten others."""
    parts = []
    for fold, (seen, unseen) in enumerate(zip(visible, hidden, strict=True)):
        others = np.arange(10) / 10
        parts.append(
            pd.DataFrame(
                {
                    "label": [1] + [0] * 10,
                    "probability": [(seen - 0.5) / 10, *others],
                    HIDDEN: [(unseen - 0.5) / 10, *others],
                    "fold": fold,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def test_the_figures_are_the_folds():
    found = describe_scores(make_scores([10, 8], [4, 6]))
    assert found["n_folds"] == 2
    assert found["roc_auc"] == {
        "mean": pytest.approx(0.9),
        "std": pytest.approx(0.1),
        "folds": [1.0, 0.8],
    }
    assert found["rating_hidden"]["folds"] == [0.4, 0.6]


@pytest.mark.parametrize(
    ("one", "other", "left"),
    [
        ([5, 6], [7, 8], ["other"]),
        ([9, 5], [5, 9], ["one", "other"]),
        ([9, 9], [9, 8], ["one"]),
    ],
)
def test_a_set_that_is_clearly_behind_is_dropped(one, other, left):
    scores = {"one": make_scores([10, 10], one), "other": make_scores([10, 10], other)}
    assert drop_beaten(scores) == left


def test_a_dropped_set_is_not_fitted_any_more(training, monkeypatch):
    monkeypatch.setattr(competition, "drop_beaten", lambda scores: [list(scores)[-1]])
    found = cross_validate(
        logistic_regression, training, n_folds=3, seed=0, feature_sets=("seed", "rich")
    )
    assert {name: table["fold"].nunique() for name, table in found.items()} == {
        "seed": 1,
        "rich": 3,
    }
    assert choose_feature_set(found) == "rich"


def figures(visible, hidden):
    return {"roc_auc": {"mean": visible}, "rating_hidden": {"mean": hidden}}


def test_of_those_as_good_with_the_rating_the_best_without_it_wins():
    almost = 0.999 - VISIBLE_TOLERANCE / 2
    ranked = rank_by_evidence(
        {
            "sighted": figures(0.999, 0.6),
            "blind": figures(0.95, 0.95),
            "both": figures(almost, 0.9),
            "same": figures(almost, 0.9),
        }
    )
    assert ranked == ["both", "same", "sighted", "blind"]

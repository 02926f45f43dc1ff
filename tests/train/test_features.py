import pickle
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone

from tasks.catalog.columns import VOTE_COLUMNS
from tasks.catalog.utilities import FEATURE_COLUMNS, FEATURE_READS
from tasks.errors import ConfigError
from tasks.label import functions
from tasks.train.features import (
    CatalogFeatures,
    SharedColumns,
    TextFeatures,
    build_features,
)
from tasks.volume.model_file import TRUSTED, import_skops


def test_the_limit_keeps_the_most_frequent_terms():
    texts = pd.Series(["dog cat", "dog cat ant", "dog"])
    assert list(TextFeatures(3).fit(texts).terms_) == ["cat", "dog", "dog cat"]


def test_the_columns_are_the_seeds(training):
    features = build_features().fit(training)
    names = [n for n in features.get_feature_names_out() if not n.startswith("text__")]
    assert names == [
        "numeric__duration_value",
        "numeric__release_year",
        "numeric__cast_count",
        "numeric__genre_count",
        "categorical__type_Movie",
        "categorical__type_TV Show",
        "categorical__rating_TV-MA",
        "categorical__rating_TV-Y",
        "categorical__rating_missing",
        "categorical__duration_unit_min",
        "categorical__duration_unit_season",
    ]


def test_the_rich_columns_are_the_seeds_and_then_names_and_pairs(training):
    seed, rich = build_features().fit(training), build_features(feature_set="rich").fit(training)
    n = len(seed.get_feature_names_out())
    names = rich.get_feature_names_out().tolist()
    assert names[:n] == seed.get_feature_names_out().tolist()
    assert (sparse.csr_matrix(rich.transform(training))[:, :n] != seed.transform(training)).nnz == 0
    assert [name for name in names if name.startswith("listed_in__")] == [
        "listed_in__Children & Family Movies",
        "listed_in__Dramas",
        "listed_in__Thrillers",
    ]
    assert {"genres__Dramas + Thrillers", "cast__Actor 2"} <= set(names)
    voted = {name for name in names if "votes__" in name}
    assert voted == {
        *("votes__thrilling", "votes__deadly", "votes__homely"),
        *("rating_votes__rated_child", "rating_votes__rated_adult"),
    }


def test_a_model_votes_by_its_own_rules_whatever_becomes_of_the_rulebook(labeled, monkeypatch):
    rules = functions.LABELING_FUNCTIONS
    features = CatalogFeatures(rules)
    expected = features.transform(labeled)
    assert expected[list(VOTE_COLUMNS)].notna().any().all()
    skops_io = import_skops()
    pickled, closed = pickle.dumps(features), skops_io.dumps(features)
    for other in (rules[:1], None):
        monkeypatch.setattr(functions, "LABELING_FUNCTIONS", other)
        if other is None:
            monkeypatch.setitem(sys.modules, functions.__name__, None)
        opened = skops_io.loads(closed, trusted=list(TRUSTED))
        for loaded in (pickle.loads(pickled), opened, clone(features)):
            assert loaded.rules == rules
            pd.testing.assert_frame_equal(loaded.transform(labeled), expected)


def test_a_missing_category_is_its_own_and_an_unseen_one_is_none(training):
    features = build_features(("title", "duration")).fit(training)
    names = features.get_feature_names_out()
    ratings = [i for i, name in enumerate(names) if "rating" in name]
    rows = training.iloc[:3].assign(rating=pd.Series([None, "X-NEW", "TV-Y"], dtype="str"))
    found = sparse.csr_matrix(features.transform(rows)).toarray()[:, ratings]
    assert found.tolist() == [[0, 0, 1], [0, 0, 0], [0, 1, 0]]


def test_features_of_withheld_columns_are_left_out(training):
    for withhold, gone in {
        ("rating",): {"rating", "rating_votes"},
        ("description",): {"text"},
        ("title", "duration"): {"text", "duration_value", "duration_unit"},
        ("director",): {"director"},
        ("cast",): {"cast", "cast_count"},
        ("listed_in", "date_added"): {"listed_in", "genre_count"},
    }.items():
        features = build_features(withhold, feature_set="rich")
        features.fit(training.drop(columns=list(gone)))
        left = {c for _, _, columns in features.transformers for c in np.atleast_1d(columns)}
        assert left == {*FEATURE_COLUMNS, *VOTE_COLUMNS} - gone, withhold


def test_withholding_everything_is_refused():
    columns = tuple(sorted({c for read in FEATURE_READS.values() for c in read}))
    with pytest.raises(ConfigError, match="leaves no feature to train on"):
        build_features(columns)


def test_columns_that_are_all_missing_are_no_obstacle(training):
    nothing = pd.Series(None, index=training.index, dtype="str")
    rows = training.assign(rating=nothing, duration_unit=nothing, duration_value=np.nan)
    assert np.isfinite(build_features().fit_transform(rows).data).all()


def test_shared_columns_are_those_of_several_rows():
    matrix = sparse.csr_matrix([[1, 0, 0, 2], [1, 1, 0, 0], [1, 1, 0, 0]])
    assert SharedColumns(min_rows=2).fit(matrix).columns_.tolist() == [0, 1]
    assert SharedColumns(min_rows=9).fit(matrix).columns_.tolist() == [0]
    found = SharedColumns(min_rows=2).fit_transform(matrix.toarray())
    assert found.tolist() == [[1, 0], [1, 1], [1, 1]]

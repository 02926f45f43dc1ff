import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tasks.train.features import build_features
from tasks.train.sample import COPY, HALF, Recipe, draw_half, draw_sample, soften


@pytest.fixture
def fitted(training):
    features = build_features()
    return features, sparse.csr_matrix(features.fit_transform(training))


def rating_columns(features):
    names = features.get_feature_names_out()
    return [i for i, name in enumerate(names) if "__rating_" in name and "missing" not in name]


def draw(fitted, training, masking=COPY, **recipe):
    return draw_sample(*fitted, training, Recipe(**recipe), masking, seed=7)


def test_the_seeds_way_is_the_rows_as_they_are(fitted, training):
    sample = draw(fitted, training)
    assert (sample.matrix != fitted[1]).nnz == 0
    assert sample.labels.tolist() == training["label"].tolist()
    assert sample.groups.tolist() == training["content_group"].tolist()
    assert set(sample.weights) == {1.0}


def test_each_row_comes_with_its_rating_and_without_at_half_the_weight(fitted, training):
    sample, n = draw(fitted, training, mask_rating=True), len(training)
    assert sample.matrix.shape[0] == 2 * n
    assert set(sample.weights) == {0.5}
    assert (sample.matrix[:n] != fitted[1]).nnz == 0
    hidden = training.assign(rating=pd.Series(None, index=training.index, dtype="str"))
    assert (sample.matrix[n:] != fitted[0].transform(hidden)).nnz == 0
    assert sample.matrix[n:, rating_columns(fitted[0])].nnz == 0
    assert sample.labels[:n].tolist() == sample.labels[n:].tolist() == training["label"].tolist()
    assert sample.groups[n:].tolist() == training["content_group"].tolist()


def test_half_of_the_rows_without_their_rating(fitted, training):
    sample = draw(fitted, training, HALF, mask_rating=True)
    half = draw_half(training["show_id"], 7).astype(bool)
    columns = rating_columns(fitted[0])
    assert sample.matrix[half][:, columns].nnz == 0
    assert (sample.matrix[~half] != fitted[1][~half]).nnz == 0
    assert set(sample.weights) == {1.0}


def test_the_random_half_depends_on_id_and_seed_alone():
    ids = [f"s{i}" for i in range(400)]
    half = dict(zip(ids, draw_half(ids, 1), strict=True))
    assert [half[i] for i in ids[::-1]] == draw_half(ids[::-1], 1).tolist()
    assert 160 < sum(half.values()) < 240
    assert draw_half(ids, 2).tolist() != draw_half(ids, 1).tolist()


def test_a_probability_weighs_both_sides():
    labels = np.array([1, 0, 0, 1])
    rows, sides, weights = soften(labels, pd.Series([0.75, 0.25, np.nan, 0.999]))
    assert list(zip(rows.tolist(), sides.tolist(), weights.tolist(), strict=True)) == [
        (0, 1, 0.75),
        (1, 1, 0.25),
        (3, 1, 0.999),
        (0, 0, 0.25),
        (1, 0, 0.75),
        (2, 0, 1.0),
    ]


@pytest.mark.parametrize("masking", [COPY, HALF])
def test_soft_labels_are_masked_too_and_weigh_as_much_as_the_rows(fitted, training, masking):
    rows = training.assign(probability=np.where(training["label"] == 1, 0.9, 0.2))
    sample = draw(fitted, rows, masking, mask_rating=True, soft_labels=True)
    assert sample.weights.sum() == pytest.approx(len(rows))
    family = sample.weights[sample.labels == 1].sum()
    assert family == pytest.approx(rows["probability"].sum())
    by_group = pd.Series(sample.weights).groupby(sample.groups).sum()
    expected = rows.groupby("content_group").size()
    np.testing.assert_allclose(by_group[expected.index], expected)


def test_without_a_probability_the_label_counts(fitted, training):
    sample = draw(fitted, training.drop(columns="probability"), soft_labels=True)
    assert sample.labels.tolist() == training["label"].tolist()


def test_a_withheld_rating_is_not_masked(training):
    features = build_features(("rating",))
    matrix = sparse.csr_matrix(features.fit_transform(training))
    sample = draw_sample(features, matrix, training, Recipe(mask_rating=True), COPY, seed=7)
    assert sample.matrix.shape[0] == len(training)

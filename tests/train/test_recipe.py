import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tasks.train.features import build_features
from tasks.train.prepared import prepare
from tasks.train.recipe import (
    COPY,
    HALF,
    Recipe,
    draw_half,
    hide_rating,
    mask_rating,
    reads_rating,
    soften,
    weigh_rows,
    weights_of_titles,
)


@pytest.fixture(scope="module")
def prepared(training):
    return prepare(training, "seed")


def weigh(prepared, rows, masking=COPY, **recipe):
    masked = prepared.masked if recipe.get("mask_rating") else None
    return weigh_rows(prepared.matrix, masked, rows, Recipe(**recipe), masking, seed=7)


def test_the_seeds_way_is_the_rows_as_they_are(prepared, training):
    found = weigh(prepared, training)
    assert (found.matrix != prepared.matrix).nnz == 0
    assert found.labels.tolist() == training["label"].tolist()
    assert found.groups.tolist() == training["content_group"].tolist()
    assert found.weights.tolist() == weights_of_titles(training).tolist()


def test_copies_share_the_weight_of_their_title_and_shift_no_class(training):
    rows = pd.DataFrame({"show_id": ["a", "b", "a~1", "a~2"], "parent_id": [None, None, "a", "a"]})
    assert weights_of_titles(rows.astype("str")).tolist() == [1 / 3, 1, 1 / 3, 1 / 3]
    weights = pd.Series(weights_of_titles(training), index=training.index)
    titles = training[training["parent_id"].isna()]
    expected = titles["label"].value_counts().to_dict()
    assert weights.groupby(training["label"]).sum().to_dict() == pytest.approx(expected)


def test_masking_the_rating_is_as_if_it_were_missing(training):
    for withhold in ((), ("listed_in", "type")):
        features = build_features(withhold, feature_set="rich")
        matrix = sparse.csr_matrix(features.fit_transform(training))
        assert reads_rating(features)
        assert hide_rating(training)[["rating", "rating_votes"]].isna().all(axis=None)
        masked = mask_rating(features, matrix, training)
        assert (masked != features.transform(hide_rating(training))).nnz == 0, withhold
        for block in ("categorical", "rating_votes"):
            place = features.output_indices_[block]
            assert (masked[:, place] != matrix[:, place]).nnz > 0, (withhold, block)


def test_each_row_comes_with_its_rating_and_without_or_half_of_them_without(prepared, training):
    hidden = prepared.features.transform(hide_rating(training))
    found, n = weigh(prepared, training, mask_rating=True), len(training)
    of_titles = weights_of_titles(training).tolist()
    assert found.weights.tolist() == [weight / 2 for weight in 2 * of_titles]
    assert (found.matrix[:n] != prepared.matrix).nnz == 0
    assert (found.matrix[n:] != hidden).nnz == 0
    assert found.labels.tolist() == 2 * training["label"].tolist()
    assert found.groups.tolist() == 2 * training["content_group"].tolist()
    found, half = (
        weigh(prepared, training, HALF, mask_rating=True),
        draw_half(training["show_id"], 7),
    )
    assert (found.matrix[half == 1] != hidden[half == 1]).nnz == 0
    assert (found.matrix[half == 0] != prepared.matrix[half == 0]).nnz == 0
    assert found.weights.tolist() == of_titles


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


def test_soft_labels_are_masked_too_and_weigh_as_much_as_the_titles(prepared, training):
    rows = training.assign(probability=np.where(training["label"] == 1, 0.9, 0.2))
    for masking in (COPY, HALF):
        found = weigh(prepared, rows, masking, mask_rating=True, soft_labels=True)
        family = found.weights[found.labels == 1].sum()
        titles = rows[rows["parent_id"].isna()]
        assert family == pytest.approx(titles["probability"].sum()), masking
        by_group = pd.Series(found.weights).groupby(found.groups).sum()
        expected = titles.groupby("content_group").size()
        np.testing.assert_allclose(by_group[expected.index], expected, err_msg=masking)

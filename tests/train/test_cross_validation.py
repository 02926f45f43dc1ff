"""Cross-validation scores what no model has seen, and evidence ranks the candidates."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from tasks.errors import TrainingError
from tasks.train import cross_validation
from tasks.train.cross_validation import (
    HIDDEN,
    VISIBLE,
    VISIBLE_TOLERANCE,
    cross_validate,
    describe_scores,
    fold_of_rows,
    rank_by_evidence,
)
from tasks.train.models import MODELS, logistic_regression
from tasks.train.prepared import Prepared, prepare
from tasks.train.recipe import Recipe

LEARNED = ("label", "probability")


def test_a_fold_depends_on_no_label_and_no_copy_of_the_titles_it_scores(training):
    recipe = Recipe("seed", mask_rating=True, soft_labels=True)
    rows = training.assign(probability=np.where(training["label"] == 1, 0.9, 0.2))
    prepared = prepare(rows, recipe.features)
    fold = fold_of_rows(rows, n_folds=2, seed=5)
    is_copy = rows["parent_id"].notna().to_numpy()
    for model in MODELS:
        found = cross_validate(model, prepared, recipe, n_folds=2, seed=5)
        assert list(found.columns) == ["show_id", "label", VISIBLE, HIDDEN, "fold"]
        assert found["show_id"].tolist() == rows.loc[~is_copy, "show_id"].tolist()
        for held_out, scored in found.groupby("fold"):
            ours = fold == held_out
            flipped = {name: (1 - rows[name]).where(ours, rows[name]) for name in LEARNED}
            kept = sparse.diags_array((~(ours & is_copy)).astype(float))
            blanked = (sparse.csr_matrix(kept @ m) for m in (prepared.matrix, prepared.masked))
            other = Prepared(rows.assign(**flipped), prepared.features, *blanked)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(cross_validation, "fold_of_rows", lambda *_: fold)
                again = cross_validate(model, other, recipe, n_folds=2, seed=5)
            again = again[again["fold"] == held_out]
            both = (some[[VISIBLE, HIDDEN]] for some in (scored, again))
            np.testing.assert_allclose(*both, rtol=1e-12, err_msg=model.name)
            assert (scored["label"] != again["label"]).all()


def test_hidden_is_the_rating_of_the_titles_scored_and_no_other(training):
    options = {"recipe": Recipe(), "n_folds": 3, "seed": 0}
    one = cross_validate(logistic_regression, prepare(training, "seed"), **options)
    ours = one.loc[one["fold"] == 0, "show_id"]
    swapped = training["rating"].map({"TV-Y": "TV-MA", "TV-MA": "TV-Y"})
    altered = training.assign(
        rating=training["rating"].mask(training["show_id"].isin(ours), swapped)
    )
    other = cross_validate(logistic_regression, prepare(altered, "seed"), **options)
    same = (one == other)[one["fold"] == 0]
    assert same[HIDDEN].all()
    assert not same[VISIBLE].all()


def test_no_copy_or_twin_is_on_another_side_than_its_title(training):
    fold = pd.Series(fold_of_rows(training, n_folds=3, seed=0), index=training["show_id"])
    copies = training[training["parent_id"].notna()]
    assert fold[copies["show_id"]].tolist() == fold[copies["parent_id"]].tolist()
    assert fold["s007"] == fold["s010"]
    assert set(fold) == {0, 1, 2}


def test_too_few_titles_of_a_class_are_refused_with_what_to_lower(training):
    family = training.loc[training["label"] == 1, "content_group"].unique()[:3]
    few = training[(training["label"] == 0) | training["content_group"].isin(family)]
    expected = (
        r"3 distinct titles of \d+ labelled for training are family; 5-fold cross-validation "
        r"needs 5 or more of each class. Lower the parameter folds to 3 or less"
    )
    with pytest.raises(TrainingError, match=expected):
        fold_of_rows(few, n_folds=5, seed=0)
    assert set(fold_of_rows(few, n_folds=3, seed=0)) == {0, 1, 2}
    for kept in (0, 1):
        with pytest.raises(TrainingError, match=r"^0 distinct titles .* Label more titles"):
            fold_of_rows(training[training["label"] == kept], n_folds=2, seed=0)


def test_a_copy_of_no_title_is_refused(training):
    groups = training["content_group"].mask(training["show_id"] == "s001~swap~1", "gone")
    with pytest.raises(TrainingError, match="The copy s001~swap~1 has the content group of no"):
        fold_of_rows(training.assign(content_group=groups), n_folds=3, seed=0)


def test_the_figures_are_those_of_the_folds():
    scores = pd.DataFrame(
        {
            "label": [1, 0, 0, 1, 0, 0],
            VISIBLE: [0.9, 0.2, 0.3, 0.5, 0.4, 0.6],
            HIDDEN: [0.1, 0.2, 0.3, 0.7, 0.7, 0.7],
            "fold": [0, 0, 0, 1, 1, 1],
        }
    )
    assert describe_scores(scores) == {
        "n_folds": 2,
        "roc_auc": {"mean": 0.75, "std": 0.25, "folds": [1.0, 0.5]},
        "rating_hidden": {"mean": 0.25, "std": 0.25, "folds": [0.0, 0.5]},
    }


def test_of_those_as_good_with_the_rating_the_best_without_it_wins():
    almost = 0.999 - VISIBLE_TOLERANCE / 2
    figures = {
        "reads the rating": (0.999, 0.6),
        "bad with the rating": (0.95, 0.95),
        "good at both": (almost, 0.9),
        "equal, but later": (almost, 0.9),
    }
    candidates = [
        {"model": name, "roc_auc": {"mean": visible}, "rating_hidden": {"mean": hidden}}
        for name, (visible, hidden) in figures.items()
    ]
    ranked = [found["model"] for found in rank_by_evidence(candidates)]
    assert ranked == [
        *("good at both", "equal, but later"),
        *("reads the rating", "bad with the rating"),
    ]

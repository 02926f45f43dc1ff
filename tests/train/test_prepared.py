"""What models read is what plain scikit-learn gives, and is computed once a process."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tasks.config import FEATURE_SETS, StageConfig
from tasks.errors import ArtifactError
from tasks.pipeline import AUGMENT, LABEL
from tasks.train import prepared as memory
from tasks.train.folds import GroupedFolds
from tasks.train.models import MODELS, logistic_regression
from tasks.train.prepared import prepare, read_prepared
from tasks.train.recipe import Recipe, hide_rating


def plain_pipeline(model, rows, seed):
    """The same model as anyone would write it in scikit-learn, sharing nothing."""
    numeric = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    categorical = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    numbers = ["duration_value", "release_year", "cast_count", "genre_count"]
    features = ColumnTransformer(
        [
            ("text", TfidfVectorizer(ngram_range=(1, 2), max_features=60_000), "text"),
            ("numeric", numeric, numbers),
            ("categorical", categorical, ["type", "rating", "duration_unit"]),
        ],
        sparse_threshold=1.0,
    )
    inner_folds = GroupedFolds(seed=seed, groups=rows["content_group"].to_numpy())
    return Pipeline([("features", features), ("model", model.build(seed, len(rows), inner_folds))])


def test_words_are_weighed_by_the_chosen_titles_as_scikit_learn_weighs_them(training):
    """Copies teach no words: which rare words are known would tell a held-out title's class."""
    titles = training["parent_id"].isna().to_numpy()
    assert not titles.all()
    chosen = np.flatnonzero(np.arange(len(training)) % 3)
    vectorizer = CountVectorizer(ngram_range=(1, 2)).fit(training.loc[titles, "text"])
    counts = vectorizer.transform(training["text"])
    words = TfidfTransformer().fit(counts[chosen[titles[chosen]]]).transform(counts)
    n = words.shape[1]
    for feature_set in FEATURE_SETS:
        whole = prepare(training, feature_set)
        weighed = whole.weighed_by(chosen)
        assert abs(weighed.matrix[:, :n] - whole.matrix[:, :n]).max() > 0.01
        for found, seen in ((weighed.matrix, training), (weighed.hidden, hide_rating(training))):
            others = sparse.csr_matrix(whole.features.transform(seen))[:, n:]
            expected = sparse.hstack([words, others])
            assert abs(found - expected).max() < 1e-14, feature_set


def test_other_titles_become_rows_at_the_end_of_which_nothing_is_learned(training):
    n = len(training)
    for feature_set in FEATURE_SETS:
        whole = prepare(training, feature_set)
        more = whole.with_others(training[:5])
        assert more.rows["show_id"].tolist() == [*training["show_id"], *training["show_id"][:5]]
        for before, after in ((whole.matrix, more.matrix), (whole.hidden, more.hidden)):
            assert abs(after - before[[*range(n), *range(5)]]).max() < 1e-14, feature_set
        assert whole.with_others(training[:0]) is whole


def test_what_is_withheld_is_neither_read_nor_hidden(training):
    unrated = prepare(training, "rich", ("rating",))
    assert unrated.masked is None
    assert unrated.hidden is unrated.matrix
    wordless = prepare(training, "seed", ("title",))
    assert wordless.weighed_by(np.arange(9)) is wordless


def test_the_whole_fit_is_a_plain_pipeline_fitted_to_the_whole_table(training):
    titles = training[training["parent_id"].isna()]  # copies are the lab's own way
    for model in MODELS:
        found = prepare(titles, "seed").fit_all(model, Recipe(), seed=5)
        plain = plain_pipeline(model, titles, seed=5).fit(titles, titles["label"])
        for seen in (training, hide_rating(training)):
            both = (fitted.predict_proba(seen) for fitted in (found, plain))
            np.testing.assert_allclose(*both, atol=1e-6, err_msg=model.name)


def test_rows_without_their_rating_are_learned_from_if_the_recipe_says_so(training):
    whole, chosen = prepare(training, "seed"), np.arange(30)
    rated = replace(whole, masked=whole.matrix)
    for mask_rating in (True, False):
        recipe = Recipe(mask_rating=mask_rating)
        one, other = (p.fit(logistic_regression, chosen, recipe, seed=5) for p in (whole, rated))
        assert (one.coef_ != other.coef_).any() == mask_rating


def test_a_table_is_prepared_once_noted_by_all_that_read_it_and_read_anew_if_changed(
    write_run, training
):
    def read(workspace, feature_set="seed"):
        augment, label = workspace.read(AUGMENT), workspace.read(LABEL)
        found = read_prepared(augment, label, feature_set)
        with workspace.write("train/x", StageConfig(), inputs=[label, augment]):
            pass
        inputs = workspace.read("train/x").manifest["inputs"]
        assert {name: sorted(used["files"]) for name, used in inputs.items()} == {
            "augment": ["augmented.parquet"],
            "label": ["labeled.parquet", "near_duplicates.parquet"],
        }
        return found

    workspace = write_run()
    first = read(workspace)
    assert read(workspace) is first
    for other in (read(workspace, "rich"), read(write_run(training=training[:-1]))):
        assert other is not first
    assert len(other.rows) == len(training) - 1
    assert [*memory._prepared.values()] == [other], "it holds one table"
    workspace.read(AUGMENT).path.joinpath("augmented.parquet").write_bytes(b"another")
    with pytest.raises(ArtifactError, match=r"augmented.parquet is missing or was altered"):
        read(workspace)

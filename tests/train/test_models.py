"""A contract over every model of the rulebook."""

import numpy as np
import pytest
from scipy import sparse

from tasks.errors import RuleError
from tasks.train.model import model
from tasks.train.models import MODELS, ROWS_OF_A_TREE, random_forest

# A new model gets one row here: its name, and the class of what it builds.
BUILDS = {
    "logistic_regression": "LogisticRegression",
    "random_forest": "Pipeline",
    "calibrated_linear_svc": "CalibratedClassifierCV",
}


def test_every_model_is_documented_and_builds_what_the_table_says():
    assert [m.name for m in MODELS] == list(BUILDS)
    for candidate in MODELS:
        assert candidate.doc.endswith("."), candidate.name
        assert "\n" not in candidate.doc, candidate.name
        assert type(candidate.build(seed=0, n_rows=9)).__name__ == BUILDS[candidate.name]


def test_every_model_ranks_an_obvious_signal_always_alike_and_leaves_its_input_alone():
    random = np.random.default_rng(0)
    noise = random.random((300, 12)) * (random.random((300, 12)) < 0.5)
    labels, groups = random.integers(0, 2, 300), np.arange(300) // 2
    noise[:, 0] = labels
    matrix = sparse.csr_matrix(noise)
    for candidate in MODELS:
        found, again = (
            candidate.fit(matrix, labels, groups, seed=7).predict_proba(matrix) for _ in range(2)
        )
        assert found.shape == (300, 2), candidate.name
        np.testing.assert_allclose(found.sum(axis=1), 1, err_msg=candidate.name)
        assert found[labels == 1, 1].min() > found[labels == 0, 1].max(), candidate.name
        np.testing.assert_array_equal(found, again, err_msg=candidate.name)
        np.testing.assert_array_equal(matrix.toarray(), noise, err_msg=candidate.name)


def test_a_tree_gets_no_more_rows_however_many_there_are():
    for n_rows, expected in ((9, 9), (2 * ROWS_OF_A_TREE, ROWS_OF_A_TREE)):
        assert random_forest.build(seed=0, n_rows=n_rows)["forest"].max_samples == expected


def test_a_builder_without_a_docstring_or_with_other_arguments_is_refused():
    with pytest.raises(RuleError, match="undocumented needs a docstring of one line"):

        @model()
        def undocumented(seed):
            return seed

    with pytest.raises(
        RuleError, match="greedy takes table; expected some of seed, inner_folds, n_r"
    ):

        @model()
        def greedy(table):
            """Wants the table."""
            return table

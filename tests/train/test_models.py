"""A contract over every model of the rulebook."""

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy import sparse

from tasks.errors import RuleError
from tasks.train.model import Model, model
from tasks.train.models import MODELS

# A new model gets one row here: its name, and the class of what it builds.
BUILDS = {
    "logistic_regression": "LogisticRegression",
    "random_forest": "Pipeline",
    "calibrated_linear_svc": "CalibratedClassifierCV",
}

every_model = pytest.mark.parametrize("candidate", MODELS, ids=lambda m: m.name)


def rows(n=300, n_features=12):
    random = np.random.default_rng(0)
    noise = random.random((n, n_features)) * (random.random((n, n_features)) < 0.5)
    labels = random.integers(0, 2, n)
    noise[:, 0] = labels
    return sparse.csr_matrix(noise), labels, np.arange(n) // 2


def probabilities(candidate, seed=7):
    matrix, labels, groups = rows()
    return candidate.fit(matrix, labels, groups, seed).predict_proba(matrix)


def test_every_model_has_a_row_in_the_table():
    assert [m.name for m in MODELS] == list(BUILDS)


@every_model
def test_it_is_documented_in_one_line(candidate):
    assert candidate.doc.endswith(".")
    assert "\n" not in candidate.doc


@every_model
def test_it_builds_what_the_table_says(candidate):
    assert type(candidate.build(seed=0)).__name__ == BUILDS[candidate.name]


@every_model
def test_it_gives_probabilities_that_rank_an_obvious_signal(candidate):
    _, labels, _ = rows()
    probability = probabilities(candidate)
    assert probability.shape == (300, 2)
    np.testing.assert_allclose(probability.sum(axis=1), 1)
    assert probability[labels == 1, 1].min() > probability[labels == 0, 1].max()


@every_model
def test_one_seed_gives_one_result_to_the_last_digit(candidate):
    np.testing.assert_array_equal(probabilities(candidate), probabilities(candidate))


@every_model
def test_a_fit_does_not_change_its_input(candidate):
    matrix, labels, groups = rows()
    before = matrix.copy()
    candidate.fit(matrix, labels, groups, seed=0)
    assert (before != matrix).nnz == 0


def test_the_rulebook_imports_nothing_heavy():
    heavy = "numpy", "pandas", "scipy", "sklearn", "joblib"
    code = (
        "import json, sys; from tasks.train.models import MODELS; "
        f"print(json.dumps([n for n in {heavy} if n in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_the_decorator_offers_what_a_builder_asks_for():
    @model()
    def asks(seed, inner_folds):
        """Asks for both."""
        return seed, inner_folds

    assert isinstance(asks, Model)
    assert asks.build(seed=3, inner_folds="folds") == (3, "folds")


def test_a_builder_without_a_docstring_is_refused():
    with pytest.raises(RuleError, match="undocumented needs a docstring of one line"):

        @model()
        def undocumented(seed):
            return seed


def test_a_builder_that_takes_anything_else_is_refused():
    with pytest.raises(RuleError, match="greedy takes table; expected some of seed, inner_folds"):

        @model()
        def greedy(table):
            """Wants the table."""
            return table

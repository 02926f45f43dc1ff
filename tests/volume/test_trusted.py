"""The list of types: complete for every candidate, closed to anything else."""

import importlib
import inspect
import io
import pkgutil
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.pipeline import Pipeline

import tasks.train
from tasks.config import FEATURE_SETS
from tasks.errors import PublishError
from tasks.train.features import CatalogFeatures, build_features
from tasks.train.models import MODELS
from tasks.volume.load import parse_model
from tasks.volume.model_file import to_skops
from tasks.volume.trusted import TRUSTED, found_types


@pytest.fixture
def fit(titles):
    """Fit a candidate of the rulebook to a small catalog, as it would be published."""
    catalog = titles(40)
    labels = np.arange(len(catalog)) % 2

    def fit(model, feature_set):
        steps = [
            ("catalog", CatalogFeatures()),
            ("features", build_features((), None, feature_set)),
        ]
        rows = Pipeline(steps).fit_transform(catalog)
        classifier = model.fit(rows, labels, np.arange(len(catalog)), seed=7)
        return Pipeline([*steps, ("model", classifier)])

    return fit


@pytest.mark.parametrize("feature_set", FEATURE_SETS)
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_every_candidate_is_made_of_trusted_types_and_predicts_the_same_to_the_bit(
    model, feature_set, fit, titles
):
    published = fit(model, feature_set)
    loaded = parse_model(to_skops(published), model.name)
    for catalog in (titles(40), titles(40).assign(rating=None)):
        assert np.array_equal(loaded.predict_proba(catalog), published.predict_proba(catalog))


def test_every_transformer_of_the_lab_is_listed():
    found = set()
    for info in pkgutil.iter_modules(tasks.train.__path__, "tasks.train."):
        for name, value in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(value, BaseEstimator) and value.__module__ == info.name:
                found.add(f"{info.name}.{name}")
    assert found
    assert found <= TRUSTED


@pytest.mark.parametrize("name", sorted(TRUSTED))
def test_every_type_exists(name):
    module, _, type_name = name.rpartition(".")
    assert isinstance(getattr(importlib.import_module(module), type_name), type)


def test_types_that_skops_would_trust_are_refused_unless_they_are_listed():
    content = to_skops(GaussianProcessClassifier())
    assert skops.io.get_untrusted_types(data=content) == []
    foreign = r"swapped holds sklearn.gaussian_process._gpc.GaussianProcessClassifier, which may"
    with pytest.raises(PublishError, match=foreign):
        parse_model(content, "swapped")


def test_a_function_that_could_run_code_is_refused_before_anything_is_imported():
    raw = io.BytesIO()
    node = '{"__class__": "system", "__module__": "no_such_module", "__loader__": "FunctionNode"}'
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("schema.json", f'{{"content": [{node}]}}')
    assert found_types(raw.getvalue(), "x") == ["no_such_module.system"]
    with pytest.raises(PublishError, match=r"x holds no_such_module.system, which may not be load"):
        parse_model(raw.getvalue(), "x")


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"PK"])
def test_a_pickle_in_its_place_is_not_read(content):
    with pytest.raises(PublishError, match=r"best_model.skops is not a skops file \("):
        parse_model(content, "best_model.skops")

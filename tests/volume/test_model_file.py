"""A published model: complete lists of types, the same bytes, closed to anything else."""

import importlib
import inspect
import io
import json
import pkgutil
import zipfile

import numpy as np
import pytest
import skops.io
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline

import tasks.train
from tasks.config import FEATURE_SETS
from tasks.errors import ArtifactError, PublishError
from tasks.fetch.source import SAMPLE, load_netflix_data
from tasks.pipeline import MODEL
from tasks.train.features import CatalogFeatures, build_features
from tasks.train.models import MODELS
from tasks.volume.atomic import sha256
from tasks.volume.model_file import TRUSTED, load_model, parse_model, to_skops
from tasks.volume.releases import File, Releases


@pytest.fixture(scope="module")
def titles():
    return load_netflix_data(SAMPLE).head(60)


@pytest.fixture(scope="module")
def fit(titles):
    """Fit a candidate of the rulebook to some titles, as it would be published."""
    labels = np.arange(len(titles)) % 2

    def fit(model=MODELS[0], feature_set="rich"):
        features = build_features((), None, feature_set)
        steps = [("catalog", CatalogFeatures()), ("features", features)]
        rows = Pipeline(steps).fit_transform(titles)
        classifier = model.fit(rows, labels, np.arange(len(titles)), seed=7)
        return Pipeline([*steps, ("model", classifier)])

    return fit


def test_every_candidate_is_made_of_trusted_types_and_predicts_the_same_to_the_bit(fit, titles):
    for model in MODELS:
        for feature_set in FEATURE_SETS:
            published = fit(model, feature_set)
            loaded = parse_model(to_skops(published), model.name)
            for catalog in (titles, titles.assign(rating=None)):
                same = loaded.predict_proba(catalog) == published.predict_proba(catalog)
                assert same.all(), (model.name, feature_set)


def test_the_list_of_types_has_every_transformer_of_the_lab_and_each_exists_once():
    found = set()
    for info in pkgutil.iter_modules(tasks.train.__path__, "tasks.train."):
        for name, value in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if issubclass(value, BaseEstimator) and value.__module__ == info.name:
                found.add(f"{info.name}.{name}")
    assert set() < found <= set(TRUSTED)
    assert len(set(TRUSTED)) == len(TRUSTED)
    for name in TRUSTED:
        module, _, type_name = name.rpartition(".")
        assert isinstance(getattr(importlib.import_module(module), type_name), type), name


def test_the_same_model_gives_the_same_bytes_without_names_or_dates_of_this_moment(fit):
    content = to_skops(fit())
    assert content == to_skops(fit())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert sorted(archive.namelist())[:2] == ["0.npy", "1.npy"]
    shared = np.arange(3.0)
    first, second = skops.io.loads(to_skops([shared, shared]))
    assert first is second


def archive_of(schema):
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("schema.json", schema)
    return raw.getvalue()


def test_what_could_run_code_or_is_no_skops_file_is_refused_whatever_is_wrong_with_it():
    node = {"__class__": "system", "__module__": "no_such_module", "__loader__": "FunctionNode"}
    content = archive_of(json.dumps({**node, "protocol": 2, "content": {}}))
    with pytest.raises(PublishError, match=r"x holds no_such_module.system, which may not be load"):
        parse_model(content, "x")
    node = {"__class__": "Pipeline", "__module__": "sklearn.pipeline", "__loader__": "NoSuchNode"}
    no_files = io.BytesIO()
    zipfile.ZipFile(no_files, "w").close()
    for content in (
        b"", b"\x80\x04K\x01.", b"PK", no_files.getvalue(), archive_of("{"), archive_of("[]"),
        archive_of("null"), archive_of(json.dumps(node)), archive_of("[" * 100_000),
        archive_of(json.dumps({**node, "protocol": 2})), archive_of(json.dumps({"protocol": 2})),
        archive_of('{"protocol": 2, "content": ' + '{"content": ' * 2000 + "1" + "}" * 2001),
    ):  # fmt: skip
        with pytest.raises(PublishError, match=r"best_model.skops is not a skops file \(") as found:
            parse_model(content, "best_model.skops")
        assert len(str(found.value)) < 400, content[:40]


@pytest.fixture
def released(fit, tmp_path):
    releases = Releases(tmp_path / "releases")
    path = tmp_path / MODEL
    path.write_bytes(to_skops(fit()))
    for version in ("v0001", "v0002"):
        releases.add(version, {MODEL: File(path, sha256(path))}, {"run_id": "run1"})
        digest = sha256(releases.folder(version) / "manifest.json")
        releases.record("published", "run1", version=version, manifest_sha256=digest)
        releases.switch(version, "run1")
    return releases


def test_the_champion_or_a_named_release_predicts_as_the_model_did(released, titles, fit, tmp_path):
    expected = fit().predict_proba(titles)
    for version in (None, "v0001"):
        assert np.array_equal(load_model(released, version).predict_proba(titles), expected)
    with pytest.raises(PublishError, match=r"nothing has no release yet; run the workflow"):
        load_model(Releases(tmp_path / "nothing"))


def test_a_model_altered_or_swapped_in_with_its_manifest_is_not_read(released):
    model, manifest = (released.folder("v0002") / name for name in (MODEL, "manifest.json"))
    old = sha256(model)
    for path in (model, manifest):
        path.chmod(0o644)
    model.write_bytes(b"another model")
    with pytest.raises(ArtifactError, match=r"best_model.skops is missing or altered: it is not"):
        load_model(released)
    load_model(released, "v0001")
    manifest.write_text(manifest.read_text().replace(old, sha256(model)))
    for step in (lambda: load_model(released), lambda: released.switch("v0002", "by hand")):
        with pytest.raises(ArtifactError, match=r"manifest.json was altered: its digest is not"):
            step()

"""A published model: a complete list of types, the same bytes, closed to anything else."""

import io
import json
import sys
import zipfile

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from tasks.config import FEATURE_SETS
from tasks.errors import ArtifactError, LabError, PublishError
from tasks.fetch.source import SAMPLE, load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.pipeline import MODEL
from tasks.train.features import CatalogFeatures, build_features
from tasks.train.models import MODELS
from tasks.volume import model_file
from tasks.volume.atomic import sha256
from tasks.volume.model_file import TRUSTED, import_skops, load_model, parse_model, to_skops
from tasks.volume.releases import File, Releases


@pytest.fixture(scope="module")
def titles():
    return load_netflix_data(SAMPLE).head(60)


@pytest.fixture(scope="module")
def fit(titles):
    """Fit a candidate of the rulebook to some titles, as it would be published."""
    labels = np.arange(len(titles)) % 2

    def fit(model=MODELS[0], feature_set="rich"):
        features = build_features((), feature_set)
        steps = [("catalog", CatalogFeatures(LABELING_FUNCTIONS)), ("features", features)]
        rows = Pipeline(steps).fit_transform(titles)
        classifier = model.fit(rows, labels, np.arange(len(titles)), seed=7)
        return Pipeline([*steps, ("model", classifier)])

    return fit


def test_candidates_are_made_of_just_the_trusted_types_and_predict_the_same_to_the_bit(fit, titles):
    types = set()
    for model in MODELS:
        for feature_set in FEATURE_SETS:
            published = fit(model, feature_set)
            content = to_skops(published)
            types |= set(import_skops().get_untrusted_types(data=content))
            loaded = parse_model(content, model.name)
            for catalog in (titles, titles.assign(rating=None)):
                same = loaded.predict_proba(catalog) == published.predict_proba(catalog)
                assert same.all(), (model.name, feature_set)
    assert list(TRUSTED) == sorted(types)


def test_an_estimator_that_no_candidate_is_made_of_is_refused():
    with pytest.raises(
        PublishError, match=r"^x holds sklearn.dummy.DummyClassifier, which may not"
    ):
        parse_model(to_skops(DummyClassifier()), "x")


def test_a_version_of_skops_that_asks_for_other_lists_is_refused(monkeypatch):
    for name in [name for name in sys.modules if name.startswith("skops.io")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(model_file, "_LISTS", model_file._LISTS[:-1])
    with pytest.raises(
        LabError, match=r"of the version that the lab knows \(.*INTERNAL_TYPE_NAMES"
    ):
        import_skops()


def test_a_model_from_before_models_carried_their_rules_says_so(fit, monkeypatch):
    monkeypatch.setattr(CatalogFeatures, "__getstate__", lambda self: {})
    message = r"^x: the model was made by an earlier version .* its rules; run the workflow again"
    with pytest.raises(PublishError, match=message):
        parse_model(to_skops(fit()), "x")


def test_the_same_model_gives_the_same_bytes_without_names_or_dates_of_this_moment(fit):
    content = to_skops(fit())
    assert content == to_skops(fit())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert sorted(archive.namelist())[:2] == ["0.npy", "1.npy"]
    shared = np.arange(3.0)
    first, second = import_skops().loads(to_skops([shared, shared]))
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


def test_the_champion_or_a_named_release_predicts_as_the_model_did_unless_altered(
    fit, titles, tmp_path
):
    releases, path, model = Releases(tmp_path / "releases"), tmp_path / MODEL, fit()
    with pytest.raises(PublishError, match=r"releases has no release yet; run the workflow"):
        load_model(releases)
    path.write_bytes(to_skops(model))
    for version in ("v0001", "v0002"):
        releases.add(version, {MODEL: File(path, sha256(path))}, {"run_id": "run1"})
        releases.switch(version, "run1")
    for version in (None, "v0001"):
        found = load_model(releases, version).predict_proba(titles)
        assert np.array_equal(found, model.predict_proba(titles))
    altered = releases.folder("v0002") / MODEL
    altered.chmod(0o644)
    altered.write_bytes(b"another model")
    with pytest.raises(ArtifactError, match=r"best_model.skops is missing or altered: it is not"):
        load_model(releases)
    load_model(releases, "v0001")

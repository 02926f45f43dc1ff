import numpy as np
import pytest

from tasks.config import PublishConfig
from tasks.errors import ArtifactError, PublishError
from tasks.publish.stage import publish
from tasks.volume.load import load_model

pytestmark = pytest.mark.usefixtures("in_this_process")


@pytest.fixture
def released(lab):
    for run_id in ("run1", "run2"):
        publish(lab.run(run_id), PublishConfig())
    return lab.releases


def alter(path, content=None):
    path.chmod(0o644)
    old = path.read_bytes()
    path.write_bytes(content or bytes([old[0] ^ 1]) + old[1:])


@pytest.mark.parametrize("version", [None, "v0001"])
def test_the_champion_or_a_named_release_predicts_as_the_model_did(
    released, version, titles, fitted
):
    loaded = load_model(released, version)
    expected = fitted().predict_proba(titles())
    assert np.array_equal(loaded.predict_proba(titles()), expected)


def test_without_a_release_there_is_nothing_to_load(lab):
    with pytest.raises(PublishError, match=r"releases has no release yet; run the workflow"):
        load_model(lab.releases)


def test_an_altered_model_is_not_read(released):
    alter(released.folder("v0002") / "best_model.skops")
    with pytest.raises(ArtifactError, match=r"best_model.skops is not the file that was released"):
        load_model(released)
    load_model(released, "v0001")


def test_a_model_swapped_in_with_its_manifest_is_found_out_by_the_history(released):
    folder = released.folder("v0002")
    old = released.manifest("v0002")["files"]["best_model.skops"]["sha256"]
    alter(folder / "best_model.skops", b"another model")
    new = __import__("hashlib").sha256(b"another model").hexdigest()
    text = (folder / "manifest.json").read_text().replace(old, new)
    alter(folder / "manifest.json", text.encode())
    with pytest.raises(
        ArtifactError, match=r"manifest.json was altered: its digest is not the one"
    ):
        load_model(released)
    with pytest.raises(ArtifactError, match=r"manifest.json was altered"):
        released.switch("v0002", "by hand")

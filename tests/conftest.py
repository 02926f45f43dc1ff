"""What every test shares: an Airflow home of its own, the catalogue, a finished run."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

# Before anything imports Airflow, which reads its configuration on import.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="labeling-lab-airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"
os.environ["LABELING_LAB_OFFLINE"] = "1"

REPO = Path(__file__).resolve().parents[1]
os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(REPO / "plugins")


def pytest_collection_modifyitems(items):
    """Keep a file's tests, and those of all pages, to one worker; begin with the slow ones."""
    for item in items:
        group = item.path.parent if item.path.parent.name == "pages" else item.path
        item.add_marker(pytest.mark.xdist_group(str(group.relative_to(REPO))))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's root."""
    return REPO


@pytest.fixture(scope="session")
def shared(tmp_path_factory):
    """A folder that all workers of the tests share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def prepared_home(shared):
    """An Airflow home as ``make setup`` prepares it, to be copied."""
    from labeling_lab.home import HOME_ENV
    from tasks.volume import atomic

    home = shared / "airflow_home"
    paths = os.pathsep.join([str(REPO), str(REPO / "plugins")])
    with atomic.exclusive(home.with_suffix(".lock")):
        if not (home / ".prepared").exists():
            command = [sys.executable, "-m", "labeling_lab.home"]
            own = {HOME_ENV: str(home), "PYTHONPATH": paths}
            subprocess.run(command, env=os.environ | own, check=True)
    return home


@pytest.fixture(scope="session")
def real_catalog() -> Path:
    """The real catalogue's path; it is not part of the repository."""
    path = os.environ.get("NETFLIX_TITLES_CSV")
    if not path:
        pytest.skip("set NETFLIX_TITLES_CSV to the real netflix_titles.csv to run this test")
    return Path(path)


# What the stages up to evaluate_slices need, as quick as it gets: one model, no WordNet.
SAMPLE_PARAMS = {
    "source": "sample",
    "models": ["logistic_regression"],
    "folds": 2,
    "audit_folds": 2,
    "draws": 1,
    "resamples": 100,
    "operations": ["random_swap", "random_deletion"],
}


def run_stages(workspace, params, until, only=None):
    """Run the stages up to and including `until`, or `only` some, with the first model."""
    from tasks.pipeline import STAGES, TRAIN, load

    names = [stage.name for stage in STAGES]
    for stage in STAGES[: names.index(until) + 1]:
        if only is None or stage.name in only:
            mapped = {"model": params["models"][0]} if stage.name == TRAIN else {}
            load(stage.function)(workspace, stage.config.from_params(params), **mapped)


@pytest.fixture(scope="session")
def run_once(shared):
    """Run up to evaluate_slices, once for all workers of the tests: ``run_once(name, catalog)``."""
    from tasks.pipeline import EVALUATE_SLICES
    from tasks.volume import atomic
    from tasks.volume.runs import Volume

    def run(name, catalog):
        root = shared / f"run_once_{name}"
        workspace = Volume(root).workspace(name)
        with atomic.exclusive(root.with_suffix(".lock")):
            if not workspace.run.has([EVALUATE_SLICES]):
                run_stages(workspace, {**SAMPLE_PARAMS, "source": str(catalog)}, EVALUATE_SLICES)
        return workspace

    return run


@pytest.fixture(scope="session")
def sample_params():
    """The params of these runs, but for the source."""
    return SAMPLE_PARAMS


@pytest.fixture(scope="session")
def sample_run(run_once):
    """A run on the embedded sample, finished up to evaluate_slices: its workspace, to read only.

    A test that alters or publishes takes `sample_copy`.
    """
    return run_once("sample", "sample")


@pytest.fixture(scope="session")
def finished(run_once, shuffled, tmp_path_factory):
    """As `sample_run`, but on titles that count as real: those of the sample in another order."""
    from tasks.fetch.source import SAMPLE

    return run_once("finished", shuffled(SAMPLE, tmp_path_factory.mktemp("finished")))


@pytest.fixture(scope="session")
def shuffled():
    """Write a catalog's rows in another order: ``shuffled(catalog, folder)``."""

    def write(catalog, folder):
        table = pd.read_csv(catalog, dtype="str", keep_default_na=False)
        path = folder / catalog.name
        table.sample(frac=1, random_state=1).to_csv(path, index=False, lineterminator="\n")
        return path

    return write


@pytest.fixture(scope="session")
def run_on():
    """Run as `sample_run` does, on a catalog: ``run_on(root, catalog, until, **params)``.

    Returns the workspace. With `stages`, only these are run.
    """
    from tasks.volume.runs import Volume

    def run(root, catalog, until, stages=None, **params):
        workspace = Volume(root).workspace("r1")
        run_stages(workspace, {**SAMPLE_PARAMS, "source": str(catalog), **params}, until, stages)
        return workspace

    return run


@pytest.fixture
def sample_copy(sample_run, tmp_path):
    """A copy of the finished run on the sample, on a volume of its own: its workspace."""
    from tasks.volume.runs import Volume

    shutil.copytree(sample_run.volume.root, tmp_path / "volume", symlinks=True)
    return Volume(tmp_path / "volume").workspace(sample_run.run.id)


@pytest.fixture(scope="session")
def released_volume(sample_run, tmp_path_factory):
    """A volume with one release of the run on the sample: what scores, labels and metrics."""
    from tasks.pipeline import EVALUATE_SLICES, LABEL, LABELED_CSV, METRICS, MODEL, PROFILE, SELECT
    from tasks.volume import atomic
    from tasks.volume.releases import File
    from tasks.volume.runs import Volume

    volume = Volume(tmp_path_factory.mktemp("released") / "volume")
    made = (
        (LABEL, PROFILE),
        (LABEL, LABELED_CSV),
        (EVALUATE_SLICES, METRICS),
        (SELECT, MODEL),
    )
    paths = {name: sample_run.read(stage).file(name) for stage, name in made}
    files = {name: File(path, atomic.sha256(path)) for name, path in paths.items()}
    volume.releases.add("v0001", files, {"run_id": "run_1"})
    volume.releases.switch("v0001", "run_1")
    return volume

"""A lab of hostile titles, finished and released twice, behind Airflow's own API server."""

import logging
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from labeling_lab.home import REPO
from labeling_lab.pages import PREFIX
from tasks.volume.runs import DATA_ENV, Volume

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://evil.example")'
RUN = "manual__2026-01-01T00:00:00+00:00"
LOW = {"rating_hidden_roc_auc": 0.5, "blind_audit_roc_auc": 0.5}


@pytest.fixture(scope="session")
def finished_lab(run_once, tmp_path_factory):
    """A volume with a run that published v0001, and v0002, which is the same; to read only."""
    from tasks.fetch.source import SAMPLE

    catalog = tmp_path_factory.mktemp("hostile") / "titles.csv"
    titles = pd.read_csv(SAMPLE, dtype="str", keep_default_na=False)
    titles.loc[0, ["title", "description"]] = [SCRIPT, f"A puppy {SCRIPT} reads."]
    titles.loc[1, "title"] = FORMULA
    titles.to_csv(catalog, index=False)
    root = tmp_path_factory.mktemp("lab") / "volume"
    shutil.copytree(run_once(RUN, catalog).volume.root, root, symlinks=True)
    volume = Volume(root)
    with pytest.MonkeyPatch.context() as patch:
        release_twice(volume, patch)
    return volume


def release_twice(volume, patch):
    from tasks.config import DecideConfig, PublishConfig
    from tasks.publish import release
    from tasks.publish.canary import examine
    from tasks.publish.decision import decide
    from tasks.publish.stage import publish
    from tasks.volume.releases import PUBLISHED, File

    patch.setattr(release, "run_canary", examine)  # in this process: a fresh one takes seconds
    workspace = volume.workspace(RUN)
    assert decide(workspace, DecideConfig(thresholds=LOW))["passed"]
    assert publish(workspace, PublishConfig())["version"] == "v0001"
    releases = volume.releases
    facts = releases.manifest("v0001")
    described, folder = facts.pop("files"), releases.folder("v0001")
    files = {name: File(folder / name, d["sha256"]) for name, d in described.items()}
    releases.add("v0002", files, facts)
    releases.record(PUBLISHED, RUN, version="v0002", approval={"by": SCRIPT, "comment": FORMULA})
    releases.switch("v0002", RUN)


@pytest.fixture(scope="session")
def airflow_app():
    """Airflow's API server with a database, the DAGs, the plugin, and a user of each role."""
    logging.disable(logging.INFO)
    os.environ["AIRFLOW__CORE__DAGS_FOLDER"] = str(REPO / "dags")
    os.environ["AIRFLOW__API_AUTH__JWT_SECRET"] = "no secret at all " * 4
    os.environ["AIRFLOW__API__HOST"] = "127.0.0.1"
    users = ",".join(f"ada_{role}:{role}" for role in ("viewer", "op", "admin"))
    os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"] = users
    from airflow.api_fastapi.app import create_app
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.utils.db import initdb

    initdb()
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(DagBag(str(REPO / "dags")), "dags-folder", None)
    yield create_app("core")
    logging.disable(logging.NOTSET)


@pytest.fixture
def browser(airflow_app, monkeypatch):
    """Open pages as a user: ``browser(volume, role)``; without a role as nobody."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from starlette.testclient import TestClient

    def open_as(volume, role="viewer"):
        monkeypatch.setenv(DATA_ENV, str(volume.root))
        cookies = {}
        if role:
            user = SimpleAuthManagerUser(username=f"ada_{role}", role=role)
            cookies["_token"] = get_auth_manager().generate_jwt(user)
        base = f"http://testserver{PREFIX}"
        return TestClient(
            airflow_app, base_url=base, cookies=cookies, raise_server_exceptions=False
        )

    return open_as


@pytest.fixture
def lab_copy(finished_lab, tmp_path):
    """A copy of the lab, to be damaged."""
    return copy_lab(finished_lab, tmp_path / "volume")


def copy_lab(finished_lab, root):
    shutil.copytree(finished_lab.root, root, symlinks=True)
    for folder in (root / "releases").glob("v*"):
        Path(folder).chmod(0o755)
    return Volume(root)

"""A lab of one's own: a volume, an Airflow home, and the commands behind the Makefile."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from labeling_lab.home import HOME_ENV, REPO
from tasks.volume.runs import DATA_ENV, Volume


class Lab:
    """A volume and an Airflow of its own, driven by the commands that the Makefile uses."""

    def __init__(self, folder: Path, airflow_home: Path, catalog: Path | None = None) -> None:
        shutil.copytree(airflow_home, folder / "airflow")
        self.volume = Volume(folder / "data")
        self.volume.root.mkdir()
        for shared in ("nltk_data", "cache"):
            place = Volume.from_environment().root / shared
            if place.is_dir():
                (self.volume.root / shared).symlink_to(place)
        self.environment = {
            **os.environ,
            DATA_ENV: str(self.volume.root),
            HOME_ENV: str(folder / "airflow"),
            "LABELING_LAB_OFFLINE": "1",
            "PYTHONPATH": os.pathsep.join([str(REPO), str(REPO / "plugins")]),
        }
        self.environment.pop("NETFLIX_TITLES_CSV", None)
        if catalog:
            self.environment["NETFLIX_TITLES_CSV"] = str(catalog)

    def call(self, command: str, *arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", f"labeling_lab.{command}", *arguments],
            env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr

    def released(self) -> Path:
        return self.volume.releases.folder(self.volume.releases.current())

    def metrics(self) -> dict:
        return json.loads((self.released() / "metrics.json").read_text())


@pytest.fixture(scope="session")
def make_lab(prepared_home):
    """Make a lab in a folder: ``make_lab(folder, catalog=None)``."""
    return lambda folder, catalog=None: Lab(folder, prepared_home, catalog)

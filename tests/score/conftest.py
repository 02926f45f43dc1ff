import csv

import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.pipeline import EVALUATE_SLICES, METRICS, MODEL, SELECT
from tasks.volume import atomic
from tasks.volume.releases import File
from tasks.volume.runs import Volume

CELLS = ("s1", "Movie", "One", "", "", "", "", "2020", "", "90 min", "Dramas", "A puppy reads.")
TITLE = dict(zip(CATALOG_COLUMNS, CELLS, strict=True))


@pytest.fixture(scope="session")
def volume(sample_run, tmp_path_factory):
    """A volume with one release, of what the run on the sample has made."""
    volume = Volume(tmp_path_factory.mktemp("volume"))
    made = ((EVALUATE_SLICES, METRICS), (SELECT, MODEL))
    paths = {name: sample_run.read(stage).file(name) for stage, name in made}
    files = {name: File(path, atomic.sha256(path)) for name, path in paths.items()}
    volume.releases.add("v0001", files, {"run_id": "run_1"})
    volume.releases.switch("v0001", "run_1")
    return volume


@pytest.fixture
def write_catalog(tmp_path):
    """Writes a catalog: one title a mapping of the cells that differ from `TITLE`, or are more."""

    def write(*titles, name="titles.csv"):
        rows = [{**TITLE, "show_id": f"s{n}", **title} for n, title in enumerate(titles, start=1)]
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (tmp_path / name).open("w", newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return tmp_path / name

    return write

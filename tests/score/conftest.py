import csv

import pytest

from tasks.catalog.columns import CATALOG_COLUMNS

CELLS = ("s1", "Movie", "One", "", "", "", "", "2020", "", "90 min", "Dramas", "A puppy reads.")
TITLE = dict(zip(CATALOG_COLUMNS, CELLS, strict=True))


@pytest.fixture
def volume(released_volume):
    """A volume with one release, of what the run on the sample has made."""
    return released_volume


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

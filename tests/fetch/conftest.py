import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.volume.runs import Volume

CELLS = ("s1", "Movie", "One", "", "", "", "", "2020", "PG", "90 min", "Dramas", "A.")
TITLE = dict(zip(CATALOG_COLUMNS, CELLS, strict=True))


@pytest.fixture
def volume(tmp_path):
    return Volume(tmp_path / "volume")


@pytest.fixture
def catalog_csv():
    """Makes a catalog file: one title a mapping of the cells that differ from `TITLE`."""

    def make(*titles):
        rows = [",".join({**TITLE, **title}.values()) for title in titles]
        return "\n".join([",".join(CATALOG_COLUMNS), *rows, ""]).encode()

    return make

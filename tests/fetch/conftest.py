import pytest

from tasks.catalog.columns import CATALOG_COLUMNS

TITLE = {
    "show_id": "s1",
    "type": "Movie",
    "title": "One",
    "director": "",
    "cast": "",
    "country": "",
    "date_added": "",
    "release_year": "2020",
    "rating": "PG",
    "duration": "90 min",
    "listed_in": "Dramas",
    "description": "A.",
}


@pytest.fixture
def catalog_csv():
    """Makes a catalog file: one title a mapping of the cells that differ from `TITLE`."""

    def make(*titles):
        rows = [",".join({**TITLE, **title}.values()) for title in titles]
        return "\n".join([",".join(CATALOG_COLUMNS), *rows, ""]).encode()

    return make

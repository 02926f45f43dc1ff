import json

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS
from tasks.volume.golden import BARE, HIDDEN, SHOWN, golden_catalog, record_golden, replay_golden


class Model:
    """Says a third to everybody but TV-Y."""

    def predict_proba(self, catalog):
        family = np.where(catalog["rating"].fillna("none") == "TV-Y", 0.9, 1 / 3)
        return np.column_stack([1 - family, family])


@pytest.fixture
def catalog():
    rows = [
        {**dict.fromkeys(CATALOG_COLUMNS, "NA"), "show_id": f"s{n:02d}", "rating": "TV-Y",
         "release_year": 2000 + n}
        for n in range(40)
    ]  # fmt: skip
    return pd.DataFrame(rows).astype({"release_year": "Int64"})


def test_titles_are_spread_and_shown_hidden_and_bare(catalog):
    golden = record_golden(Model(), catalog.sample(frac=1, random_state=1), titles=4)
    assert golden["kinds"] == [SHOWN] * 4 + [HIDDEN] * 4 + [BARE] * 2
    assert [row[0] for row in golden["rows"]] == [
        "s00", "s13", "s26", "s39", "s00", "s13", "s26", "s39", "s00", "s13",
    ]  # fmt: skip
    assert golden["probability"] == [(0.9).hex()] * 4 + [(1 / 3).hex()] * 6


def test_a_small_catalog_is_taken_whole(catalog):
    assert len(record_golden(Model(), catalog.head(3), titles=24)["rows"]) == 8


def test_rows_survive_json_as_a_raw_catalog(catalog):
    golden = json.loads(json.dumps(record_golden(Model(), catalog, titles=2)))
    table = golden_catalog(golden)
    assert list(table.columns) == list(CATALOG_COLUMNS)
    assert table["title"].tolist() == ["NA"] * 6
    assert table["release_year"].tolist()[:4] == [2000, 2039, 2000, 2039]
    assert table["rating"].isna().tolist() == [False, False, True, True, True, True]
    assert table.loc[4:, list(OPTIONAL_COLUMNS)].isna().all(axis=None)
    assert replay_golden(Model(), golden) == golden["probability"]

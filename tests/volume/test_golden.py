import json

import numpy as np
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS
from tasks.volume.golden import BARE, HIDDEN, SHOWN, golden_catalog, record_golden, replay_golden


class Model:
    """Says a third to everybody but TV-Y."""

    def predict_proba(self, catalog):
        family = np.where(catalog["rating"].fillna("none") == "TV-Y", 0.9, 1 / 3)
        return np.column_stack([1 - family, family])


def test_spread_titles_are_shown_hidden_and_bare_and_survive_json_as_a_raw_catalog():
    rows = [
        {**dict.fromkeys(CATALOG_COLUMNS, "NA"), "show_id": f"s{n:02d}", "rating": "TV-Y",
         "title": "\u201cÉ\u201d/\\\U0001f600", "release_year": 2000 + n if n else None}
        for n in range(40)
    ]  # fmt: skip
    catalog = pd.DataFrame(rows).astype({"release_year": "Int64"})
    golden = record_golden(Model(), catalog.sample(frac=1, random_state=1), titles=4)
    assert golden["kinds"] == [SHOWN] * 4 + [HIDDEN] * 4 + [BARE] * 2
    ids = ["s00", "s13", "s26", "s39"]
    assert [row[0] for row in golden["rows"]] == [*ids, *ids, *ids[:2]]
    assert golden["probability"] == [(0.9).hex()] * 4 + [(1 / 3).hex()] * 6

    again = json.loads(json.dumps(golden))
    table = golden_catalog(again)
    assert set(table["title"]) == {"\u201cÉ\u201d/\\\U0001f600"}
    assert table["cast"].fillna("-").tolist() == ["NA"] * 8 + ["-"] * 2
    assert table["release_year"].tolist()[:4] == [pd.NA, 2013, 2026, 2039]
    assert table["rating"].isna().tolist() == [False] * 4 + [True] * 6
    assert table.loc[8:, list(OPTIONAL_COLUMNS)].isna().all(axis=None)
    assert replay_golden(Model(), again) == golden["probability"]
    assert len(record_golden(Model(), catalog.head(3), titles=24)["rows"]) == 8

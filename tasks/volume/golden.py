"""Golden predictions: what a model said when it was fitted, to the bit, to be replayed later."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS

TITLES = 24
BARE_TITLES = 2
SHOWN, HIDDEN, BARE = "rating shown", "rating hidden", "optional columns empty"


def record_golden(model: Any, catalog: pd.DataFrame, titles: int = TITLES) -> dict[str, Any]:
    """Let a model predict some titles as they are, without their rating, and with little else.

    Returns JSON values: ``columns``, ``kinds`` (what was done to each row), ``rows``, and
    ``probability``, P(family) of each row as hexadecimal floats.
    """
    places = np.linspace(0, len(catalog) - 1, min(titles, len(catalog))).round().astype(int)
    picked = catalog.sort_values("show_id").iloc[np.unique(places)][list(CATALOG_COLUMNS)]
    parts = {
        SHOWN: picked,
        HIDDEN: picked.assign(rating=None),
        BARE: picked.head(BARE_TITLES).assign(**dict.fromkeys(OPTIONAL_COLUMNS)),
    }
    rows = {kind: json.loads(part.to_json(orient="values")) for kind, part in parts.items()}
    golden = {
        "columns": list(CATALOG_COLUMNS),
        "kinds": [kind for kind, part in rows.items() for _ in part],
        "rows": [row for part in rows.values() for row in part],
    }
    return {**golden, "probability": replay_golden(model, golden)}


def replay_golden(model: Any, golden: Mapping[str, Any]) -> list[str]:
    """Return what a model says of the golden rows: P(family) as hexadecimal floats."""
    if not golden["rows"]:
        return []
    probability = model.predict_proba(golden_catalog(golden))[:, 1]
    return [float(value).hex() for value in probability]


def golden_catalog(golden: Mapping[str, Any]) -> pd.DataFrame:
    """Return the golden rows as a raw catalog."""
    table = pd.DataFrame(golden["rows"], columns=golden["columns"], dtype="object")
    return table.astype({**dict.fromkeys(table.columns, "str"), "release_year": "Int64"})

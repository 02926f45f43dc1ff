"""Golden predictions: what a model said when it was fitted, to the bit, to be replayed later."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, OPTIONAL_COLUMNS

TITLES = 24
BARE_TITLES = 2
SHOWN, HIDDEN, BARE = "rating shown", "rating hidden", "optional columns empty"


def record_golden(model: Any, catalog: pd.DataFrame, titles: int = TITLES) -> dict[str, Any]:
    """Let a model predict some titles, as they are, without their rating, and with little else.

    Returns JSON values: ``columns``, ``kinds`` (what was done to each row), ``rows``, and
    ``probability``, P(family) of each row as hexadecimal floats.
    """
    places = np.linspace(0, len(catalog) - 1, min(titles, len(catalog))).round().astype(int)
    picked = catalog.sort_values("show_id").iloc[np.unique(places)][list(CATALOG_COLUMNS)]
    parts = {SHOWN: picked, HIDDEN: _without(picked, ("rating",))}
    parts[BARE] = _without(picked.head(BARE_TITLES), OPTIONAL_COLUMNS)
    golden = {
        "columns": list(CATALOG_COLUMNS),
        "kinds": [kind for kind, part in parts.items() for _ in range(len(part))],
        "rows": [row for part in parts.values() for row in _to_rows(part)],
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
    text = {name: "str" for name in table.columns if name != "release_year"}
    return table.astype(text | {"release_year": "Int64"})


def _without(catalog: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    return catalog.astype("object").assign(**dict.fromkeys(columns))


def _to_rows(catalog: pd.DataFrame) -> list[list[Any]]:
    """Return rows of JSON values: text, whole numbers, null."""
    return [
        [None if pd.isna(v) else int(v) if isinstance(v, np.integer | int) else v for v in row]
        for row in catalog.astype("object").to_numpy().tolist()
    ]

"""The split into train and test: by content, so that it never leaks and never moves.

Two guarantees:

1. Twins are on the same side: titles whose normalised titles, or whose normalised descriptions, are
   equal (see `tasks.catalog.text.normalise_text`; an empty text makes no twins).
2. A title stays on its side when the catalog grows, whatever the run's seed or the rows' order.

A title without twins is easy: a hash of its content decides. With twins the guarantees are at odds,
for a newcomer may be the twin of two titles that are already on different sides. So twins are
settled in the order in which the catalog grew (``date_added``, missing dates first, then the
hash): a title takes the side of the earlier titles that it is a twin of, and decides by its own
hash only where there are none. A newcomer with twins on both sides gets no side: it stays out of
training and test, is counted and logged, and moves nobody.

The order of growth is known as well as ``date_added`` tells it: a title that comes later but bears
no date, an earlier date than its twin, or the same, may be taken for the older of the two.
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.text import content_digests, normalise_texts

log = logging.getLogger(__name__)

TEST_SHARE = 0.25
DATE_FORMAT = "%B %d, %Y"


def split_by_content(
    catalog: pd.DataFrame, test_share: float = TEST_SHARE, salt: str = ""
) -> pd.DataFrame:
    """Assign every title to train or test by its content.

    Returns ``split`` (train, test, or missing for a title with twins on both sides) and
    ``content_group`` (the same for twins on the same side: the oldest one's content hash). Any
    text as `salt` gives another split of the same kind; the lab's own has none.
    """
    titles, descriptions = (normalise_texts(catalog[c]) for c in ("title", "description"))
    hashes = content_digests(catalog, salt)
    own_sides = [TEST if int(found, 16) / 2**64 < test_share else TRAIN for found in hashes]
    has_twins = _duplicated(titles) | _duplicated(descriptions)
    rows = _oldest_first(catalog, np.flatnonzero(has_twins).tolist(), hashes)
    sides, oldest = _settle_twins(rows, own_sides, titles, descriptions)
    columns = {"split": sides, "content_group": [hashes[row] for row in oldest]}
    if n_none := sides.count(None):
        log.warning("%d titles have twins in train and in test: they stay out of both", n_none)
    return pd.DataFrame(columns, index=catalog.index, dtype="str")


def _duplicated(texts: Sequence[str]) -> np.ndarray:
    column = pd.Series(texts, dtype="str")
    return (column.duplicated(keep=False) & (column != "")).to_numpy()


def _oldest_first(catalog: pd.DataFrame, rows: list[int], hashes: Sequence[str]) -> list[int]:
    """Return the rows in the order in which the catalog grew."""
    added = pd.Series(pd.NaT, index=rows, dtype="datetime64[s]")
    if "date_added" in catalog.columns:
        cells = catalog["date_added"].iloc[rows].astype("str").str.strip()
        added = pd.to_datetime(cells, format=DATE_FORMAT, errors="coerce").set_axis(rows)
    growth = pd.DataFrame({"added": added, "hash": [hashes[row] for row in rows]}, index=rows)
    return growth.sort_values(["added", "hash"], na_position="first", kind="stable").index.tolist()


def _settle_twins(
    rows: Sequence[int], own_sides: Sequence[str], *columns: Sequence[str]
) -> tuple[list[str | None], list[int]]:
    """Give each of the rows, oldest first, the side of its older twins, or none if they disagree.

    Returns every row's side, and the oldest row of its group.
    """
    sides: list[str | None] = list(own_sides)
    older = list(range(len(sides)))  # another row of the group, up to the oldest
    age = {row: place for place, row in enumerate(rows)}
    first_with: dict[tuple[int, str], int] = {}

    def oldest(row: int) -> int:
        while older[row] != row:
            row = older[row]
        return row

    for row in rows:
        texts = [(place, column[row]) for place, column in enumerate(columns) if column[row]]
        twins = {oldest(first_with[text]) for text in texts if text in first_with}
        if len({sides[twin] for twin in twins}) > 1:
            sides[row] = None
            continue
        first = min(twins | {row}, key=age.__getitem__)
        sides[row] = sides[first]
        for twin in twins | {row}:
            older[twin] = first
        for text in texts:
            first_with.setdefault(text, row)
    return sides, [oldest(row) for row in range(len(sides))]

"""The split into train and test: by content, so that it never leaks and never moves.

Two guarantees:

1. Twins are on the same side: titles whose normalised titles, or whose normalised descriptions, are
   equal (NFKC, case folded, punctuation and white space collapsed; an empty text makes no twins).
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

import hashlib
import logging
import time
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from tasks.catalog.columns import TEST, TRAIN

log = logging.getLogger(__name__)

TEST_SHARE = 0.25
DATE_FORMAT = "%B %d, %Y"


def split_by_content(
    catalog: pd.DataFrame, test_share: float = TEST_SHARE, salt: str = ""
) -> pd.DataFrame:
    """Assign every title to train or test by its content.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        Has ``title`` and ``description``, and ``date_added`` where the order of growth is known.
    test_share : float
        The expected share of test titles, 0 to 1.
    salt : str
        Any text gives another split of the same kind, to see how far figures depend on it; the
        lab's own has none.

    Returns
    -------
    DataFrame of str, shape (n_titles, 2)
        ``split`` (train, test, or missing for a title with twins on both sides) and
        ``content_group`` (the same for twins on the same side: the oldest one's content hash).
    """
    started = time.perf_counter()
    titles, descriptions = (normalise_texts(catalog[c]) for c in ("title", "description"))
    hashes = [_content_hash(salt + t, d) for t, d in zip(titles, descriptions, strict=True)]
    sides = [_side(content_hash, test_share) for content_hash in hashes]
    has_twins = _duplicated(titles) | _duplicated(descriptions)
    settlement = _Settlement(sides, hashes)
    for row in _order_of_growth(catalog, has_twins, hashes):
        settlement.settle(row, title=titles[row], description=descriptions[row])
    result = settlement.to_frame(catalog.index)
    _report(result["split"], time.perf_counter() - started)
    return result


def _report(split: pd.Series, seconds: float) -> None:
    n_train, n_test, n_none = (int(n.sum()) for n in (split == TRAIN, split == TEST, split.isna()))
    log.info("Split %d titles in %.3f s: train %d, test %d", len(split), seconds, n_train, n_test)
    if n_none:
        log.warning("%d titles have twins in train and in test: they stay out of both", n_none)


class _KeptCharacters(dict[int, str]):
    """A table for `str.translate` that fills itself: all but letters, marks, digits is a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = unicodedata.category(character)[0] in "LMN"
        self[code] = character if kept else " "
        return self[code]


_KEPT = _KeptCharacters()


def normalise_texts(texts: pd.Series) -> list[str]:
    """Return the texts as twins have them in common; a missing one is empty."""
    return [_normalise(text) for text in texts.astype("str").fillna("").tolist()]


def _normalise(text: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_KEPT).split())


def _content_hash(title: str, description: str) -> str:
    return hashlib.blake2b(f"{title}\n{description}".encode(), digest_size=8).hexdigest()


def _side(content_hash: str, test_share: float) -> str:
    return TEST if int(content_hash, 16) / 2**64 < test_share else TRAIN


def _duplicated(texts: Sequence[str]) -> np.ndarray:
    column = pd.Series(texts, dtype="str")
    return (column.duplicated(keep=False) & (column != "")).to_numpy()


def _order_of_growth(
    catalog: pd.DataFrame, chosen: np.ndarray, hashes: Sequence[str]
) -> Iterable[int]:
    """Return the chosen rows, oldest first."""
    rows = np.flatnonzero(chosen).tolist()
    added = pd.Series(pd.NaT, index=rows, dtype="datetime64[s]")
    if "date_added" in catalog.columns:
        cells = catalog["date_added"].iloc[rows].astype("str").str.strip()
        added = pd.to_datetime(cells, format=DATE_FORMAT, errors="coerce").set_axis(rows)
    growth = pd.DataFrame({"added": added, "hash": [hashes[row] for row in rows]}, index=rows)
    return growth.sort_values(["added", "hash"], na_position="first", kind="stable").index.tolist()


class _Settlement:
    """Settles titles one by one; who came first decides the side of the twins that follow.

    Parameters
    ----------
    sides : sequence of str
        The side that each row's own hash gives it.
    hashes : sequence of str
        The rows' content hashes.
    """

    def __init__(self, sides: Sequence[str], hashes: Sequence[str]) -> None:
        self.hashes = hashes
        self.sides: list[str | None] = list(sides)
        self.first_with: dict[tuple[str, str], int] = {}
        self.older: dict[int, int] = {}
        self.age: dict[int, int] = {}

    def settle(self, row: int, **texts: str) -> None:
        """Give a row the side of its older twins and join their groups, or leave it out."""
        keys = [(column, text) for column, text in texts.items() if text]
        oldest = {self._oldest(self.first_with[key]) for key in keys if key in self.first_with}
        sides = {self.sides[twin] for twin in oldest}
        if len(sides) > 1:
            self.sides[row] = None
            return
        self.age[row] = len(self.age)
        root = min(oldest, key=self.age.__getitem__, default=row)
        self.sides[row] = self.sides[root]
        self.older.update(dict.fromkeys(oldest | {row}, root))
        for key in keys:
            self.first_with.setdefault(key, row)

    def _oldest(self, row: int) -> int:
        while self.older[row] != row:
            row = self.older[row]
        return row

    def to_frame(self, index: pd.Index) -> pd.DataFrame:
        """Return the sides and groups."""
        groups = list(self.hashes)
        for row in self.older:
            groups[row] = self.hashes[self._oldest(row)]
        split = pd.array(self.sides, dtype="str")
        columns = {"split": split, "content_group": pd.array(groups, dtype="str")}
        return pd.DataFrame(columns, index=index)

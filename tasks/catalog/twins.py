"""Which titles are nearly the same: by the words that their texts have in common."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import count, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.text import normalise_texts
from tasks.catalog.utilities import title_text

# From this share of words in common on, two texts are the same one, edited. In the real catalogue
# all such pairs are versions or seasons of one work; at 0.3 any two stand-up shows are a pair.
NEAR = 0.5
_BAND = 1.4  # so many times as long, at most, are texts that are looked up together
_PRODUCTS_AT_ONCE = 5_000_000

Indices = NDArray[np.intp]


def near_duplicates(labeled: pd.DataFrame) -> pd.DataFrame:
    """Find the train titles that are nearly a test title: ``show_id``, ``test_id`` and ``why``.

    A train title is listed once, with the test title that it is nearest to: it has the same title,
    the same description, or `NEAR` or more of the words of both.
    """
    titles = labeled.sort_values("show_id")
    train, test = (titles[titles["split"] == side] for side in (TRAIN, TEST))
    found: dict[int, tuple[int, str]] = {}
    for column in ("title", "description"):
        others = normalise_texts(test[column])
        first = {text: place for place, text in reversed(list(enumerate(others))) if text}
        for row, text in enumerate(normalise_texts(train[column])):
            if text in first:
                found.setdefault(row, (first[text], f"the same {column}"))
    mine, theirs = (normalise_texts(title_text(side)) for side in (train, test))
    pairs = similar_pairs(mine, theirs, NEAR).sort_values(
        ["similarity", "other"], ascending=[False, True]
    )
    for row, other, similarity in pairs.itertuples(index=False):
        found.setdefault(row, (other, f"{similarity:.0%} of the words"))
    rows = [
        (train["show_id"].iloc[row], test["show_id"].iloc[other], why)
        for row, (other, why) in sorted(found.items())
    ]
    return pd.DataFrame(rows, columns=["show_id", "test_id", "why"]).astype("str")


def similar_pairs(texts: Sequence[str], others: Sequence[str], threshold: float) -> pd.DataFrame:
    """Find the pairs of normalised texts that share `threshold` or more of their words (Jaccard).

    Texts of n and m words are such a pair if they share threshold / (1 + threshold) (n + m) words,
    the least. Two of these are then among the n - least + 2 rarest of the one and the m - least + 2
    rarest of the other, and only pairs that have two there are compared (prefix filtering;
    S. Chaudhuri, V. Ganti and R. Kaushik, ICDE 2006; with more than one word, J. Wang, G. Li and
    J. Feng, SIGMOD 2012). Texts of nearly the same length are looked up together.

    Returns the positions, ``text`` and ``other``, and the ``similarity``, sorted by position. An
    empty text is similar to none.
    """
    words = _words_by_rarity([*texts, *others])
    n_words = np.diff(words.indptr)
    band = np.floor(np.log1p(n_words) / np.log(_BAND))
    found = [np.empty((3, 0))]
    for mine, theirs in product(np.unique(band[: len(texts)]), np.unique(band[len(texts) :])):
        rows = np.flatnonzero(band[: len(texts)] == mine)
        columns = np.flatnonzero(band[len(texts) :] == theirs) + len(texts)
        for text, other in _candidates(words, rows, columns, threshold):
            both = words[text].multiply(words[other]).sum(axis=1).A1
            similarity = both / (n_words[text] + n_words[other] - both)
            near = similarity >= threshold
            found.append(np.array([text[near], other[near] - len(texts), similarity[near]]))
    table = pd.DataFrame(np.hstack(found).T, columns=["text", "other", "similarity"])
    table = table.astype({"text": "int64", "other": "int64"})
    return table.sort_values(["text", "other"], ignore_index=True)


def _words_by_rarity(texts: list[str]) -> sparse.csr_matrix:
    """Return which words each text has, one a column, the rarest first."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    found, ends = array("i"), [0]
    for text in texts:
        found.extend({numbers[word] for word in text.split()})
        ends.append(len(found))
    rank = np.empty(len(numbers), dtype=np.int32)
    rank[np.argsort(np.bincount(found), kind="stable")] = np.arange(len(numbers))
    ones = np.ones(len(found), dtype=np.int32)
    words = sparse.csr_matrix((ones, rank[found], ends), shape=(len(texts), len(numbers)))
    words.sort_indices()
    return words


def _candidates(
    words: sparse.csr_matrix, rows: Indices, columns: Indices, threshold: float
) -> Iterator[tuple[Indices, Indices]]:
    """Yield the pairs of a row and a column's text that share two of the rarest words of each."""
    mine, theirs = words[rows], words[columns]
    n_mine, n_theirs = np.diff(mine.indptr), np.diff(theirs.indptr)
    if n_theirs.max() < threshold * n_mine.min() or n_mine.max() < threshold * n_theirs.min():
        return
    share = threshold / (1 + threshold)
    least = np.ceil(share * (n_mine + n_theirs.min()) - 1e-9)
    their_least = np.ceil(share * (n_theirs + n_mine.min()) - 1e-9)
    n_shared = min(2, least.min())  # words that are shared if but one has to be
    mine = _first_words(mine, n_mine - least + n_shared)
    theirs = _first_words(theirs, n_theirs - their_least + n_shared).T.tocsr()
    n_products = int(mine.sum(axis=0).A1 @ theirs.sum(axis=1).A1)
    for part in np.array_split(np.arange(len(rows)), 1 + n_products // _PRODUCTS_AT_ONCE):
        shared = (mine[part] @ theirs).tocoo()
        enough = shared.data >= n_shared
        yield rows[part][shared.row[enough]], columns[shared.col[enough]]


def _first_words(words: sparse.csr_matrix, n: NDArray[np.float64]) -> sparse.csr_matrix:
    """Keep the first n words of each text."""
    sizes = np.diff(words.indptr)
    position = np.arange(words.nnz) - np.repeat(words.indptr[:-1], sizes)
    kept = position < np.repeat(n, sizes)
    ends = np.append(0, np.cumsum(kept))[words.indptr]
    return sparse.csr_matrix((words.data[kept], words.indices[kept], ends), shape=words.shape)


def shared_words(text: str, other: str) -> float:
    """Return the share of the words of two normalised texts that both have (Jaccard), 0 to 1."""
    mine, theirs = set(text.split()), set(other.split())
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0

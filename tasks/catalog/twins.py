"""Which titles are nearly the same: by the words that their texts have in common."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.text import normalise_texts
from tasks.catalog.utilities import title_text

# From this share of words in common on, two texts are the same one, edited. In the real catalogue
# all such pairs are versions or seasons of one work; at 0.3 any two stand-up shows are a pair.
NEAR = 0.5
_ROWS_AT_ONCE = 1000


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

    Two texts that share so many words share one of the rarest of each: of n words the first
    n - threshold n + 1. Only pairs that do are compared (prefix filtering; S. Chaudhuri, V. Ganti
    and R. Kaushik, ICDE 2006).

    Returns the positions, ``text`` and ``other``, and the ``similarity``, sorted by position. An
    empty text is similar to none.
    """
    counter = CountVectorizer(
        tokenizer=str.split, token_pattern=None, lowercase=False, binary=True, dtype=np.int32
    )
    found = [np.empty((3, 0))]
    if any(texts) and any(others):
        words = counter.fit_transform([*texts, *others])
        words = words[:, np.argsort(np.bincount(words.indices), kind="stable")]  # the rarest first
        n_words = words.sum(axis=1).A1
        rarest = _first_words(words, n_words - np.ceil(threshold * n_words - 1e-9) + 1)
        theirs = rarest[len(texts) :].T.tocsr()
        for start in range(0, len(texts), _ROWS_AT_ONCE):
            stop = min(start + _ROWS_AT_ONCE, len(texts))
            candidates = (rarest[start:stop] @ theirs).tocoo()
            text, other = candidates.row + start, candidates.col
            both = words[text].multiply(words[len(texts) + other]).sum(axis=1).A1
            similarity = both / (n_words[text] + n_words[len(texts) + other] - both)
            near = similarity >= threshold
            found.append(np.array([text[near], other[near], similarity[near]]))
    table = pd.DataFrame(np.hstack(found).T, columns=["text", "other", "similarity"])
    table = table.astype({"text": "int64", "other": "int64"})
    return table.sort_values(["text", "other"], ignore_index=True)


def _first_words(words: sparse.csr_matrix, n: NDArray[np.float64]) -> sparse.csr_matrix:
    """Keep the first n words of each text."""
    words.sort_indices()
    sizes = np.diff(words.indptr)
    position = np.arange(words.nnz) - np.repeat(words.indptr[:-1], sizes)
    kept = (position < np.repeat(n, sizes)).astype(np.int32)
    first = sparse.csr_matrix((kept, words.indices, words.indptr), shape=words.shape, copy=True)
    first.eliminate_zeros()
    return first


def shared_words(text: str, other: str) -> float:
    """Return the share of the words of two normalised texts that both have (Jaccard), 0 to 1."""
    mine, theirs = set(text.split()), set(other.split())
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0

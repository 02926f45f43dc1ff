"""Which titles are nearly the same: by their texts, and by the runs of words that these share.

Comparing every text with every other is not needed. Two texts that share most of their shingles
share at least one of their rarest, so only texts that meet there are compared (prefix filtering:
S. Chaudhuri, V. Ganti and R. Kaushik, "A Primitive Operator for Similarity Joins in Data Cleaning",
ICDE 2006). The answer is exact, and boilerplate that thousands of texts share costs nothing.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.text import normalise_texts

NEAR = 0.8
SHINGLE_WORDS = 5
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def near_duplicates(labeled: pd.DataFrame) -> pd.DataFrame:
    """Find the train titles that are nearly a test title.

    Parameters
    ----------
    labeled : DataFrame, shape (n_titles, n_columns)
        Has ``show_id``, ``title``, ``description`` and ``split``.

    Returns
    -------
    DataFrame of str, shape (n_found, 3)
        ``show_id`` of the train title, ``test_id`` of the test title that it is nearest to, and
        ``why``: the same title, the same description, or the share of the runs of five words
        that the descriptions have in common, `NEAR` or more. Sorted by ``show_id``.
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
    mine, theirs = (normalise_texts(side["description"]) for side in (train, test))
    pairs = similar_pairs(mine, theirs, NEAR).sort_values("similarity", ascending=False)
    for row, other, similarity in pairs.itertuples(index=False):
        found.setdefault(row, (other, f"{similarity:.0%} of the description"))
    rows = [
        (train["show_id"].iloc[row], test["show_id"].iloc[other], why)
        for row, (other, why) in sorted(found.items())
    ]
    return pd.DataFrame(rows, columns=["show_id", "test_id", "why"]).astype("str")


def similar_pairs(
    texts: Sequence[str], others: Sequence[str], threshold: float, words: int = SHINGLE_WORDS
) -> pd.DataFrame:
    """Find the pairs of texts that share most of their shingles.

    Parameters
    ----------
    texts, others : sequence of str
        Normalised texts.
    threshold : float
        The least Jaccard similarity of a pair, in (0, 1]: shingles shared, of all of the two.
    words : int
        Words of a shingle; a shorter text is one shingle, an empty one has none and no pairs.

    Returns
    -------
    DataFrame, shape (n_pairs, 3)
        ``text`` and ``other``, the positions in the sequences, and ``similarity``; sorted.
    """
    found = _shingles([*texts, *others], words)
    n_of = found.groupby("row")["shingle"].size()
    rare = _rarest(found, n_of, threshold)
    is_text = rare["row"] < len(texts)
    met = rare[is_text].merge(rare[~is_text], on="shingle", suffixes=("", "_other"))
    pairs = met[["row", "row_other"]].drop_duplicates(ignore_index=True)
    sides = pairs.reset_index(names="pair").merge(found, on="row")
    others_too = found.rename(columns={"row": "row_other"})
    shared = sides.merge(others_too, on=["row_other", "shingle"])["pair"].value_counts()
    both = shared.reindex(pairs.index, fill_value=0).to_numpy()
    n = n_of.reindex(pairs["row"]).to_numpy() + n_of.reindex(pairs["row_other"]).to_numpy()
    similarity = np.asarray(both / np.maximum(n - both, 1), dtype=np.float64)
    table = pd.DataFrame({"text": pairs["row"], "other": pairs["row_other"] - len(texts)})
    near = table.assign(similarity=similarity)[similarity >= threshold - 1e-9]
    return near.sort_values(["text", "other"], ignore_index=True)


def _shingles(texts: Sequence[str], words: int) -> pd.DataFrame:
    """Return each text's distinct shingles as hashes: columns ``row`` and ``shingle``."""
    split = [text.split() for text in texts]
    lengths = np.array([len(tokens) for tokens in split], dtype=np.int64)
    codes, _ = pd.factorize(np.array([t for tokens in split for t in tokens], dtype=object))
    codes = np.append(codes.astype(np.uint64) + np.uint64(1), np.zeros(words, dtype=np.uint64))
    counts = np.where(lengths, np.maximum(lengths - words + 1, 1), 0)
    row = np.repeat(np.arange(len(texts)), counts)
    place = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = (np.cumsum(lengths) - lengths)[row] + place
    shingle = np.zeros(len(row), dtype=np.uint64)
    for ahead in range(words):
        inside = place + ahead < lengths[row]
        word = np.where(inside, codes[start + ahead], np.uint64(0))
        shingle = (shingle ^ (shingle >> np.uint64(29))) * _FACTOR + word
    return pd.DataFrame({"row": row, "shingle": shingle}).drop_duplicates(ignore_index=True)


def _rarest(found: pd.DataFrame, n_of: pd.Series, threshold: float) -> pd.DataFrame:
    """Return so many of each text's rarest shingles that a similar text has one of them too."""
    rarity = found.groupby("shingle")["row"].transform("size")
    ordered = found.assign(rarity=rarity).sort_values(["row", "rarity", "shingle"])
    rank = ordered.groupby("row").cumcount()
    n = ordered["row"].map(n_of)
    wanted = n - np.ceil(threshold * n - 1e-9) + 1
    return ordered.loc[rank < wanted, ["row", "shingle"]]


def shared_words(text: str, other: str) -> float:
    """Return the share of the words of two normalised texts that both have (Jaccard), 0 to 1."""
    mine, theirs = set(text.split()), set(other.split())
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0

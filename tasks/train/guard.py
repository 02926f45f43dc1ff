"""The training guard: nothing of what the lab is judged by is trained on.

Two questions, each asked of the real tables and none of anybody's intentions:

- Is a training row a test title, whatever its id says? `check_training_rows`
- Is a train title nearly a test title? The stage label says which are, the stage that makes the
  training table leaves them out, and `check_training_rows` fails where one is in.
"""

import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.text import normalise_texts
from tasks.catalog.twins import shared_words, similar_pairs
from tasks.catalog.utilities import title_text
from tasks.errors import LeakageError

log = logging.getLogger(__name__)

KIN = 0.5
_MAX_NAMED = 3


def check_training_rows(
    training: pd.DataFrame, labeled: pd.DataFrame, near: pd.DataFrame
) -> dict[str, Any]:
    """Fail if a test title, nearly one, or a copy of one is among the rows to train on.

    A row may call itself anything. So its text is compared too: with that of the train title that
    it names, and where it has little of that, with those of all test titles.

    Parameters
    ----------
    training : DataFrame, shape (n_rows, n_columns)
        Has ``show_id``, and where known ``text`` and ``parent_id`` (missing on originals).
    labeled : DataFrame, shape (n_titles, n_columns)
        Every title: ``show_id``, ``title``, ``description`` and ``split``.
    near : DataFrame, shape (n_found, 3)
        Its `tasks.catalog.twins.near_duplicates`.

    Returns
    -------
    dict
        ``status`` ``clean``, and the number of ``training_rows``, ``test_titles`` and
        ``near_duplicates_left_out`` (train titles that are nearly test titles, none of them here).

    Raises
    ------
    LeakageError
        Naming the row and the test title; or the row, if it comes from no title of the train side.
    """
    started = time.perf_counter()
    nothing = pd.Series(None, index=training.index, dtype="str")
    parents = training["parent_id"] if "parent_id" in training.columns else nothing
    rows = training[["show_id"]].assign(parent_id=parents)
    rows["source"] = rows["parent_id"].fillna(rows["show_id"])
    titles = labeled.drop_duplicates("show_id").set_index("show_id")
    rows["split"] = rows["source"].map(titles["split"]).to_numpy()

    _refuse(_named_test_titles(rows))
    if "text" in training.columns:
        _refuse(_disguised(rows.assign(text=training["text"].fillna("")), titles))
    _refuse(_unknown(rows))
    _refuse(_nearly_test_titles(rows, near))
    log.info(
        "Quarantine: %d training rows have nothing of %d test titles, in %.2f s",
        *(len(rows), int((labeled["split"] == TEST).sum()), time.perf_counter() - started),
    )
    return {
        "status": "clean",
        "training_rows": len(rows),
        "test_titles": int((labeled["split"] == TEST).sum()),
        "near_duplicates_left_out": len(near),
    }


def _refuse(found: Sequence[str]) -> None:
    if found:
        more = len(found) - _MAX_NAMED
        raise LeakageError(
            "; ".join(found[:_MAX_NAMED])
            + (f"; and {more} rows more" if more > 0 else "")
            + ". Training must see nothing of what it is scored on, so nothing was trained. Find "
            "out how the row came into the training table; clear the task augment to make it anew."
        )


def _called(show_id: str, source: str) -> str:
    copied = f", a copy of {source}," if source != show_id else ""
    return f"Training row {show_id}{copied}"


def _named_test_titles(rows: pd.DataFrame) -> list[str]:
    found = rows[(rows["split"] == TEST).fillna(False)]
    return [
        f"Training row {show_id} is "
        + ("a test title" if source == show_id else f"an augmented copy of the test title {source}")
        for show_id, source in _names(found)
    ]


def _names(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return zip(rows["show_id"].tolist(), rows["source"].tolist(), strict=True)


def _disguised(rows: pd.DataFrame, titles: pd.DataFrame) -> list[str]:
    """Describe the rows that look less like the title that they name than like a test title."""
    own = rows["source"].map(title_text(titles)).fillna("")
    suspects = rows[(rows["text"] != own).to_numpy()].copy()
    suspects["text"] = normalise_texts(suspects["text"])
    own_texts = normalise_texts(own[suspects.index])
    pairs = zip(suspects["text"], own_texts, strict=True)
    suspects["kinship"] = [shared_words(text, own_text) for text, own_text in pairs]
    suspects = suspects[suspects["kinship"] < KIN]
    if suspects.empty:
        return []
    test = titles[titles["split"] == TEST]
    kin = similar_pairs(suspects["text"].tolist(), normalise_texts(title_text(test)), KIN, 1)
    kin = kin.sort_values("similarity", ascending=False).drop_duplicates("text").sort_values("text")
    found = []
    for place, other, similarity in kin.itertuples(index=False):
        row = suspects.iloc[place]
        if similarity > row["kinship"]:
            found.append(
                f"{_called(row['show_id'], row['source'])} has {similarity:.0%} of its words in "
                f"common with the test title {test.index[other]} ({test['title'].iloc[other]!r})"
            )
    return found


def _unknown(rows: pd.DataFrame) -> list[str]:
    found = rows[~(rows["split"] == TRAIN).fillna(False)]
    return [f"{_called(*names)} comes from no title on the train side" for names in _names(found)]


def _nearly_test_titles(rows: pd.DataFrame, near: pd.DataFrame) -> list[str]:
    known = {str(show_id): (test_id, why) for show_id, test_id, why in near.to_numpy()}
    return [
        f"{_called(show_id, source)} is a near-duplicate of the test title {{}} ({{}})".format(
            *known[source]
        )
        for show_id, source in _names(rows)
        if source in known
    ]

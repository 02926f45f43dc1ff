"""The training guard: nothing of what the lab is judged by is trained on.

It asks the real tables and trusts nobody's intentions. The stage label says which train titles are
nearly test titles, the stage that makes the training table leaves them out, and
`check_training_rows` fails where one of them, a test title or a copy of either is in.
"""

import logging
import time
from collections.abc import Iterable

import numpy as np
import pandas as pd

from tasks.catalog.columns import TEST, TRAIN
from tasks.catalog.text import normalise_texts
from tasks.catalog.twins import NEAR, shared_words, similar_pairs
from tasks.catalog.utilities import title_text
from tasks.errors import LeakageError
from tasks.pipeline import AUGMENTED, LABELED, NEAR_DUPLICATES
from tasks.volume.artifacts import Artifacts

log = logging.getLogger(__name__)

_MAX_NAMED = 3


def read_training_table(augment: Artifacts, label: Artifacts) -> pd.DataFrame:
    """Return the training table in one fixed order of rows, after `check_training_rows`."""
    table = augment.read_table(AUGMENTED).sort_values("show_id", ignore_index=True)
    check_training_rows(table, label.read_table(LABELED), label.read_table(NEAR_DUPLICATES))
    return table


def check_training_rows(training: pd.DataFrame, labeled: pd.DataFrame, near: pd.DataFrame) -> None:
    """Fail if a test title, nearly one, or a copy of one is among the rows to train on.

    A row may call itself anything. So its text is compared too: with that of the train title that
    it names, and where it has little of that, with those of all test titles. `near` are the
    `tasks.catalog.twins.near_duplicates` of the titles.
    """
    started = time.perf_counter()
    titles = labeled.set_index("show_id")
    source = training["parent_id"].fillna(training["show_id"])
    rows = training[["show_id", "text"]].assign(source=source, split=source.map(titles["split"]))
    test = titles[titles["split"] == TEST]
    _refuse(
        f"Training row {show_id} is "
        + ("a test title" if show_id == source else f"an augmented copy of the test title {source}")
        for show_id, source in _names(rows[rows["split"] == TEST])
    )
    _refuse(_disguised(rows, titles, test))
    _refuse(
        f"{_called(*names)} comes from no title on the train side"
        for names in _names(rows[rows["split"] != TRAIN])
    )
    known = {show_id: f"{test_id} ({why})" for show_id, test_id, why in near.to_numpy()}
    _refuse(
        f"{_called(*names)} is a near-duplicate of the test title {known[names[1]]}"
        for names in _names(rows[rows["source"].isin(list(known))])
    )
    log.info(
        "Training guard: %d training rows have nothing of %d test titles, in %.2f s",
        *(len(rows), len(test), time.perf_counter() - started),
    )


def _refuse(findings: Iterable[str]) -> None:
    if found := list(findings):
        more = len(found) - _MAX_NAMED
        raise LeakageError(
            "; ".join(found[:_MAX_NAMED])
            + (f"; and {more} rows more" if more > 0 else "")
            + ". Training must see nothing of what it is scored on, so nothing was trained. Find "
            "out how the row came into the training table; clear the task augment to make it anew."
        )


def _names(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["show_id"], rows["source"], strict=True))


def _called(show_id: str, source: str) -> str:
    copied = f", a copy of {source}," if source != show_id else ""
    return f"Training row {show_id}{copied}"


def _disguised(rows: pd.DataFrame, titles: pd.DataFrame, test: pd.DataFrame) -> list[str]:
    """Describe the rows that look less like the title that they name than like a test title."""
    own = rows["source"].map(title_text(titles)).fillna("")
    suspects = rows[rows["text"] != own]
    texts, own_texts = normalise_texts(suspects["text"]), normalise_texts(own[suspects.index])
    kinship = np.array([shared_words(*pair) for pair in zip(texts, own_texts, strict=True)])
    strange = np.flatnonzero(kinship < NEAR)
    kin = similar_pairs([texts[i] for i in strange], normalise_texts(title_text(test)), NEAR)
    kin = kin.sort_values("similarity", ascending=False).drop_duplicates("text").sort_values("text")
    names = _names(suspects.iloc[strange])
    return [
        f"{_called(*names[place])} has {similarity:.0%} of its words in common "
        f"with the test title {test.index[other]} ({test['title'].iloc[other]!r})"
        for place, other, similarity in kin.itertuples(index=False)
        if similarity > kinship[strange[place]]
    ]

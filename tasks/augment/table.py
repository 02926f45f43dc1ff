"""The training table: labelled train titles, then copies of the minority class's."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from tasks.augment.copies import Copies, Copy, make_copies
from tasks.augment.transform import Transform
from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY, TRAIN
from tasks.catalog.text import normalise_texts
from tasks.catalog.utilities import derive_features, title_text
from tasks.config import AugmentConfig
from tasks.errors import LabelingError
from tasks.label.rule import LabelingFunction

RAW_COLUMNS = ("cast", "director", "country", "listed_in")


def training_titles(labeled: pd.DataFrame, left_out: Collection[str] = ()) -> pd.DataFrame:
    """Return the train titles that have a label, as features, with empty copy columns.

    Parameters
    ----------
    labeled : DataFrame, shape (n_titles, n_columns)
        Catalog columns, ``label``, ``probability``, ``split``, ``content_group``.
    left_out : collection of str
        Ids of titles that must not be trained on.

    Returns
    -------
    DataFrame, shape (n_chosen, n_columns)
        ``show_id``, ``text``, ``label``, ``parent_id``, ``operation``, ``probability``, the
        features, the catalog's `RAW_COLUMNS` that richer features read, ``content_group``.
    """
    chosen = (labeled["split"] == TRAIN).fillna(False) & labeled["label"].notna()
    titles = labeled.loc[chosen & ~labeled["show_id"].isin(left_out)].reset_index(drop=True)
    features = derive_features(titles)
    nothing = pd.Series(None, index=titles.index, dtype="str")
    titles = titles.assign(label=titles["label"].astype("int8"), parent_id=nothing)
    titles = titles.assign(text=features.pop("text"), operation=nothing)
    front = ["show_id", "text", "label", "parent_id", "operation", "probability"]
    raw = [c for c in RAW_COLUMNS if c in titles.columns and c not in features.columns]
    return pd.concat([titles[front], features, titles[[*raw, "content_group"]]], axis=1)


def copies_needed(labels: pd.Series, balance: float) -> tuple[int, int]:
    """Return the less frequent label and how many copies bring it to the target ratio.

    Raises
    ------
    LabelingError
        If a label does not occur at all.
    """
    counts = {label: int((labels == label).sum()) for label in (FAMILY, NOT_FAMILY)}
    minority, majority = sorted(counts, key=lambda label: counts[label])
    if not counts[minority]:
        raise LabelingError(
            f"None of the {len(labels)} labelled train titles is {CLASS_NAMES[minority]}; "
            "expected both classes. Look at the votes, then change rules or tie policy."
        )
    return minority, max(0, round(balance * counts[majority]) - counts[minority])


def copy_minority(
    originals: pd.DataFrame,
    labeled: pd.DataFrame,
    operations: Sequence[Transform],
    synonyms: Mapping[str, Sequence[str]],
    rules: Sequence[LabelingFunction],
    config: AugmentConfig,
) -> Copies:
    """Make the copies that the training table's originals need; see `make_copies`.

    No copy gets the text of any title of the catalog, `labeled`.
    """
    minority, needed = copies_needed(originals["label"], config.balance)
    parents = originals.loc[originals["label"] == minority, "show_id"]
    titles = labeled[labeled["show_id"].isin(parents)]
    taken = set(normalise_texts(title_text(labeled)))
    return make_copies(titles, needed, operations, synonyms, rules, config, taken)


def add_copies(originals: pd.DataFrame, copies: Sequence[Copy]) -> pd.DataFrame:
    """Return originals, then copies sorted by parent, operation and number.

    A copy has its parent's label, probability, features and content group.
    """
    made = pd.DataFrame(sorted(copies), columns=list(Copy._fields))
    parents = pd.Index(originals["show_id"]).get_indexer(made["parent_id"])
    rows = np.concatenate([np.arange(len(originals)), parents])
    training = originals.take(rows).reset_index(drop=True)
    ids = [f"{copy.parent_id}~{copy.operation}~{copy.number}" for copy in sorted(copies)]
    for column, values in {"show_id": ids, **made.drop(columns="number")}.items():
        column_values = np.r_[originals[column].to_numpy(object), np.asarray(values, object)]
        training[column] = pd.array(column_values, dtype="str")
    return training

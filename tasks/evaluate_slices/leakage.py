"""What could be cheating: answers that features read, and test titles that training has seen.

This is a check of its own: with the split and the augmentation that it checks it shares nothing but
what makes two texts the same (`tasks.catalog.text.normalise_text`).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, TEST, TRAIN, VOTE_COLUMNS
from tasks.catalog.text import normalise_texts
from tasks.catalog.utilities import FEATURE_READS

MAX_EXAMPLES = 5
NOT_FEATURES = frozenset(
    {"show_id", "label", "probability", "parent_id", "operation", "content_group"}
)
DECLARED = frozenset({*FEATURE_READS, *VOTE_COLUMNS})  # a rule declares what its votes have read


def find_leakage(
    titles: pd.DataFrame,
    training: pd.DataFrame,
    near_duplicates: pd.DataFrame,
    rules: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Look for leakage in the split, in the training table and in the columns.

    Each kind is counted, with at most five ids or pairs of ids as ``examples``. A copy counts as
    ``augmented_in_test`` if its parent, or a twin of its parent, is a test title.
    """
    keyed = titles.sort_values("show_id")
    keyed = keyed.assign(**{c: normalise_texts(keyed[c]) for c in ("title", "description")})
    train, test = (keyed[keyed["split"] == side] for side in (TRAIN, TEST))
    rows = training.sort_values(["show_id", "operation"], kind="stable")
    test_texts = set((test["title"] + " " + test["description"]).str.strip()) - {""}
    texts = pd.Series(normalise_texts(rows["text"]), index=rows.index)
    twins = twins_among(test, train)
    twins_of_test = {train_id for train_id, _ in twins_among(train, test)}
    copies = rows[rows["parent_id"].isin(twins_of_test.union(test["show_id"]))]
    origins = rows["parent_id"].fillna(rows["show_id"])
    found: dict[str, Sequence[Any]] = {
        "near_duplicates_in_training": _ids(rows, origins.isin(near_duplicates["show_id"])),
        "twins_across_split": twins,
        "augmented_in_test": list(zip(copies["show_id"], copies["parent_id"], strict=True)),
        "test_titles_in_training": _ids(rows, rows["show_id"].isin(test["show_id"])),
        "test_texts_in_training": _ids(rows, texts.isin(test_texts)),
        "duplicate_texts_in_train": _ids(train, _is_repeated(train["description"])),
        "duplicate_texts_in_test": _ids(test, _is_repeated(test["description"])),
    }
    return {
        "n": len(titles),
        "n_training_rows": len(training),
        "columns": list_readers(rules, training.columns),
        "undeclared_features": sorted(set(training.columns) - NOT_FEATURES - DECLARED),
        "near_duplicates": len(near_duplicates),
        **{name: len(items) for name, items in found.items()},
        "examples": {
            name: [list(item) if isinstance(item, tuple) else item for item in items[:MAX_EXAMPLES]]
            for name, items in found.items()
        },
    }


def list_readers(
    rules: Sequence[Mapping[str, Any]], features: Collection[str]
) -> list[dict[str, Any]]:
    """List, for each catalog column, the rules and the features that read it.

    ``both``: the model may read what a rule read. Features not in `FEATURE_READS` are left out.
    """
    declared = {name: reads for name, reads in FEATURE_READS.items() if name in features}
    table = []
    for column in CATALOG_COLUMNS:
        rule_names = [rule["name"] for rule in rules if column in rule["reads"]]
        used = [name for name, reads in declared.items() if column in reads]
        both = bool(rule_names and used)
        table.append({"column": column, "rules": rule_names, "features": used, "both": both})
    return table


def twins_among(these: pd.DataFrame, others: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (id, other id) of each of these whose title or description is another's too."""
    twins: dict[str, str] = {}
    for column in ("description", "title"):
        first = others.drop_duplicates(column)
        other_ids = dict(zip(first[column], first["show_id"], strict=True))
        for show_id, text in zip(these["show_id"], these[column], strict=True):
            if text and text in other_ids:
                twins.setdefault(show_id, other_ids[text])
    return sorted(twins.items())


def _is_repeated(texts: pd.Series) -> pd.Series:
    return texts.duplicated(keep=False) & (texts != "")


def _ids(rows: pd.DataFrame, chosen: pd.Series) -> list[str]:
    return rows.loc[chosen, "show_id"].tolist()

"""What could be cheating: answers that features read, and test titles that training has seen.

This is a check of its own: it shares no code with the split and the augmentation that it checks.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, TEST, TRAIN

MAX_EXAMPLES = 5
FEATURE_READS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": ("title", "description"),
        "duration_value": ("duration",),
        "duration_unit": ("duration",),
        "release_year": ("release_year",),
        "cast_count": ("cast",),
        "genre_count": ("listed_in",),
        "type": ("type",),
        "rating": ("rating",),
        "cast": ("cast",),
        "director": ("director",),
        "country": ("country",),
        "listed_in": ("listed_in",),
    }
)
NOT_FEATURES = frozenset(
    {"show_id", "label", "probability", "parent_id", "operation", "content_group"}
)

_NOT_WORD = re.compile(r"[\W_]+")


def find_leakage(
    titles: pd.DataFrame, training: pd.DataFrame, rules: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Look for leakage in the split, in the training table and in the columns.

    Parameters
    ----------
    titles : DataFrame, shape (n_titles, n_columns)
        Every title: ``show_id``, ``title``, ``description``, ``split``.
    training : DataFrame, shape (n_rows, n_columns)
        The training table: ``show_id``, ``text``, ``parent_id``, ``operation`` and features.
    rules : sequence of mapping
        The labeling functions: ``name`` and ``reads``.

    Returns
    -------
    dict
        ``n`` titles, ``n_training_rows``, ``columns`` (who reads what), ``undeclared_features``,
        the number found of each of ``twins_across_split``, ``augmented_in_test`` (copies whose
        parent, or a twin of it, is a test title), ``test_titles_in_training``,
        ``test_texts_in_training``, ``duplicate_texts_in_train`` and ``duplicate_texts_in_test``;
        and ``examples`` {name: at most five ids or pairs of ids}.
    """
    keyed = titles.sort_values("show_id").assign(
        title=lambda t: normalise(t["title"]), description=lambda t: normalise(t["description"])
    )
    train, test = (keyed[keyed["split"] == side] for side in (TRAIN, TEST))
    rows = training.sort_values(["show_id", "operation"], kind="stable")
    found: dict[str, Sequence[Any]] = {
        "twins_across_split": _twins(test, train),
        "augmented_in_test": _copies_of_test(rows, test, train),
        "test_titles_in_training": _ids(rows[_is_in(rows["show_id"], test["show_id"])]),
        "test_texts_in_training": _ids(_rows_with_test_text(rows, test)),
        "duplicate_texts_in_train": _ids(_duplicates(train)),
        "duplicate_texts_in_test": _ids(_duplicates(test)),
    }
    return {
        "n": len(titles),
        "n_training_rows": len(training),
        "columns": list_readers(rules, training.columns),
        "undeclared_features": sorted(set(training.columns) - NOT_FEATURES - set(FEATURE_READS)),
        **{name: len(items) for name, items in found.items()},
        "examples": {name: _examples(items) for name, items in found.items()},
    }


def normalise(texts: pd.Series) -> pd.Series:
    """Reduce texts to case-folded words, so that what differs in looks only becomes equal.

    Returns
    -------
    Series of str, shape (n_texts,)
        A text without any letter or digit is only stripped and case-folded; missing is empty.
    """
    return pd.Series([_normalise(text) for text in texts.fillna("")], texts.index, dtype="str")


def list_readers(
    rules: Sequence[Mapping[str, Any]], features: Collection[str]
) -> list[dict[str, Any]]:
    """List, for each catalog column, the rules and the features that read it.

    Parameters
    ----------
    rules : sequence of mapping
        The labeling functions: ``name`` and ``reads``.
    features : collection of str
        The features in use; those not in `FEATURE_READS` are left out.

    Returns
    -------
    list of dict
        ``column``, ``rules``, ``features``, and ``both``: a model may read the rule's answer.
    """
    declared = {name: reads for name, reads in FEATURE_READS.items() if name in features}
    table = []
    for column in CATALOG_COLUMNS:
        rule_names = [rule["name"] for rule in rules if column in rule["reads"]]
        used = [name for name, reads in declared.items() if column in reads]
        both = bool(rule_names and used)
        table.append({"column": column, "rules": rule_names, "features": used, "both": both})
    return table


def _twins(these: pd.DataFrame, others: pd.DataFrame) -> list[tuple[str, str]]:
    """Return (id, other id) of each of these whose title or description is another's too."""
    twins: dict[str, str] = {}
    for column in ("description", "title"):
        first = others.drop_duplicates(column)
        other_ids = dict(zip(first[column], first["show_id"], strict=True))
        for show_id, text in zip(these["show_id"], these[column], strict=True):
            if text and text in other_ids:
                twins.setdefault(show_id, other_ids[text])
    return sorted(twins.items())


def _normalise(text: str) -> str:
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()
    return _NOT_WORD.sub(" ", folded).strip() or folded.strip()


def _copies_of_test(
    rows: pd.DataFrame, test: pd.DataFrame, train: pd.DataFrame
) -> list[tuple[str, str]]:
    """Return (copy, parent) of copies whose parent is a test title or has a twin among them."""
    twin_parents = {train_id for train_id, _ in _twins(train, test)}
    copies = rows[rows["parent_id"].notna()]
    suspects = copies[_is_in(copies["parent_id"], twin_parents.union(test["show_id"]))]
    return list(zip(suspects["show_id"], suspects["parent_id"], strict=True))


def _rows_with_test_text(rows: pd.DataFrame, test: pd.DataFrame) -> pd.DataFrame:
    known = set((test["title"] + " " + test["description"]).str.strip())
    return rows[_is_in(normalise(rows["text"]), known - {""})]


def _duplicates(titles: pd.DataFrame) -> pd.DataFrame:
    text = titles["description"]
    return titles[text.duplicated(keep=False) & (text != "")]


def _is_in(values: pd.Series, known: Iterable[str]) -> pd.Series:
    return values.isin(set(known))


def _ids(rows: pd.DataFrame) -> list[str]:
    return rows["show_id"].tolist()


def _examples(found: Sequence[Any]) -> list[Any]:
    return [list(item) if isinstance(item, tuple) else item for item in found[:MAX_EXAMPLES]]

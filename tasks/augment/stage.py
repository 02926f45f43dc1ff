"""The stage: augmented copies of the minority class, up to the target ratio."""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tasks.augment.copies import Copies, make_copies, normalise
from tasks.augment.core import Context
from tasks.augment.synonyms import load_synonyms
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog import derive_features, title_text
from tasks.config import AugmentConfig
from tasks.errors import LabelingError
from tasks.rulebook import choose
from tasks.schema import CLASS_NAMES, FAMILY, NOT_FAMILY, TRAIN
from tasks.volume import Workspace

log = logging.getLogger(__name__)


def augment(workspace: Workspace, config: AugmentConfig) -> dict[str, Any]:
    """Write the training table: labelled train titles, then copies of the minority class's.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``label``.
    config : AugmentConfig
        Operations, target ratio, the most copies, seed.

    Returns
    -------
    dict
        The counts of ``augment.json``.

    Raises
    ------
    LabelingError
        If no train title of one class has a label.
    WordNetError
        If synonyms are to be replaced and WordNet is not installed.
    """
    started = time.perf_counter()
    operations = choose(TRANSFORMS, config.operations, "operations")
    label = workspace.read("label")
    labeled = label.read_table("labeled.parquet").sort_values("show_id", ignore_index=True)
    critical = critical_words(label.read_json("rules.json"))
    originals = training_titles(labeled)
    minority, needed = copies_needed(originals["label"], config.balance)
    copies, wordnet = Copies(), None
    if needed and operations:
        table: Mapping[str, Sequence[str]] = {}
        if any(operation.needs_synonyms for operation in operations):
            table, wordnet = load_synonyms(workspace.volume.root)
        chosen = originals.loc[originals["label"] == minority]
        texts = dict(zip(chosen["show_id"], chosen["text"], strict=True))
        taken = {normalise(text) for text in title_text(labeled)}
        context = Context(critical, table)
        copies = make_copies(texts, taken, needed, operations, context, config)
    training = merge(originals, copies)
    summary = summarise(training, copies, minority, needed, wordnet)
    with workspace.write("augment", config, inputs=[label]) as out:
        out.write_table("augmented.parquet", training)
        out.write_table("netflix_augmented.csv", training.drop(columns="content_group"))
        out.write_json("augment.json", summary)
    _report(summary, time.perf_counter() - started)
    return summary


def critical_words(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keywords of all labeling functions, each once."""
    return sorted({word for rule in rules for word in rule.get("keywords") or ()})


def training_titles(labeled: pd.DataFrame) -> pd.DataFrame:
    """Return the train titles that have a label, as features, with empty copy columns."""
    chosen = (labeled["split"] == TRAIN).fillna(False) & labeled["label"].notna()
    titles = labeled.loc[chosen].reset_index(drop=True)
    features = derive_features(titles)
    nothing = pd.Series(None, index=titles.index, dtype="str")
    titles = titles.assign(label=titles["label"].astype("int8"), parent_id=nothing)
    titles = titles.assign(text=features.pop("text"), operation=nothing)
    front = titles[["show_id", "text", "label", "parent_id", "operation"]]
    return pd.concat([front, features, titles["content_group"]], axis=1)


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


def merge(originals: pd.DataFrame, copies: Copies) -> pd.DataFrame:
    """Return originals, then copies sorted by parent, operation and copy.

    A copy has its parent's label, features and content group.
    """
    keys = zip(copies.parent_id, copies.operation, copies.copy, copies.text, strict=True)
    made = pd.DataFrame(sorted(keys), columns=["parent_id", "operation", "copy", "text"])
    parents = pd.Index(originals["show_id"]).get_indexer(made["parent_id"])
    rows = np.concatenate([np.arange(len(originals)), parents])
    training = originals.take(rows).reset_index(drop=True)
    ids = [f"{parent}~{operation}~{copy}" for parent, operation, copy, _ in made.to_numpy()]
    for column, values in {"show_id": ids, **made.drop(columns="copy")}.items():
        column_values = np.r_[originals[column].to_numpy(object), np.asarray(values, object)]
        training[column] = pd.array(column_values, dtype="str")
    return training


def summarise(
    training: pd.DataFrame, copies: Copies, minority: int, needed: int, wordnet: str | None
) -> dict[str, Any]:
    """Count what was there, what was made and what was dropped."""
    is_copy = training["parent_id"].notna()
    return {
        "minority": CLASS_NAMES[minority],
        "before": _class_counts(training.loc[~is_copy, "label"]),
        "after": _class_counts(training["label"]),
        "copies_wanted": needed,
        "copies": dict(sorted(Counter(copies.operation).items())),
        "titles_copied": len(set(copies.parent_id)),
        "duplicates_dropped": copies.duplicates,
        "not_applicable": dict(sorted(copies.not_applicable.items())),
        "target_reached": len(copies.text) == needed,
        "wordnet": wordnet,
    }


def _class_counts(labels: pd.Series) -> dict[str, int]:
    return {
        "family": int((labels == FAMILY).sum()),
        "not_family": int((labels == NOT_FAMILY).sum()),
    }


def _report(summary: Mapping[str, Any], seconds: float) -> None:
    made = sum(summary["copies"].values())
    log.info(
        "Made %d of %d copies of %s titles (%s), dropped %d duplicates, in %.2f s",
        made,
        summary["copies_wanted"],
        summary["minority"],
        summary["copies"] or "the classes are balanced or no operation is chosen",
        summary["duplicates_dropped"],
        seconds,
    )
    if not summary["target_reached"]:
        log.warning(
            "The target ratio is not reached: %d copies are missing; "
            "raise max_copies or choose more operations.",
            summary["copies_wanted"] - made,
        )

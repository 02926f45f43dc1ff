"""The stage: augmented copies of the minority class, up to the target ratio."""

import logging
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tasks import pipeline
from tasks.augment.copies import Copy, copies_needed, make_copies
from tasks.augment.synonyms import load_synonyms
from tasks.augment.transform import Synonyms, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY, TRAIN, VOTE_COLUMNS
from tasks.catalog.formats import count, counts_in_words
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import derive_features
from tasks.config import AugmentConfig
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

FRONT = ["show_id", "text", "label", "parent_id", "operation", "probability"]
RAW_COLUMNS = ("cast", "director", "country", "listed_in", *VOTE_COLUMNS)


def augment(workspace: Workspace, config: AugmentConfig) -> dict[str, Any]:
    """Write the training table: labelled train titles, then copies of the minority class's.

    Returns the content of ``augment.json``. Without WordNet `WordNetError`, if synonyms are to be
    replaced; without an audit `ArtifactError`, if harmful operations are to be dropped.
    """
    started = time.perf_counter()
    inputs = [label := workspace.read(pipeline.LABEL)]
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)
    near = label.read_table(pipeline.NEAR_DUPLICATES)
    voted = {rule["name"] for rule in label.read_json(pipeline.RULES)}
    rules = tuple(rule for rule in LABELING_FUNCTIONS if rule.name in voted)
    operations, dropped = choose(TRANSFORMS, config.operations, "operations"), []
    if config.drop_harmful_operations:
        inputs.append(audit := workspace.read(pipeline.AUGMENTATION_AUDIT))
        harmful = audit.read_json(pipeline.AUGMENTATION_AUDIT_REPORT)["harmful"]
        dropped = [operation.name for operation in operations if operation.name in harmful]
        operations = tuple(o for o in operations if o.name not in harmful)
    synonyms, wordnet = synonyms_for(operations, workspace)

    training, counts = make_training_table(labeled, near, operations, synonyms, rules, config)
    summary = counts | {
        "wordnet": wordnet,
        "near_duplicates_left_out": len(near),
        "operations_dropped": dropped,
    }

    with workspace.write(pipeline.AUGMENT, config, inputs=inputs) as out:
        out.write_table(pipeline.AUGMENTED, training)
        out.write_table(pipeline.AUGMENTED_CSV, training.drop(columns="content_group"))
        out.write_json(pipeline.AUGMENT_REPORT, summary)
    _report(summary, near, time.perf_counter() - started)
    return summary


def synonyms_for(
    operations: Sequence[Transform], workspace: Workspace
) -> tuple[Synonyms, str | None]:
    """Return the synonyms and WordNet's digest, if an operation needs them."""
    if not any(operation.needs_synonyms for operation in operations):
        return {}, None
    return load_synonyms(workspace.volume.root)


def make_training_table(
    labeled: pd.DataFrame,
    near: pd.DataFrame,
    operations: Sequence[Transform],
    synonyms: Synonyms,
    rules: Sequence[LabelingFunction],
    config: AugmentConfig,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the training table and its counts, of what the stage ``label`` wrote.

    `near` has the ``show_id`` of train titles that are nearly a test title, and left out. The rest
    is as `make_copies` takes it.
    """
    originals = training_titles(labeled, left_out=set(near["show_id"]))
    copies = make_copies(originals, labeled, operations, synonyms, rules, config)
    training = add_copies(originals, copies.made)
    minority, needed = copies_needed(originals["label"], config.balance)
    return training, {
        "minority": CLASS_NAMES[minority],
        "before": count_classes(originals["label"]),
        "after": count_classes(training["label"]),
        "copies_wanted": needed,
        "copies": dict(sorted(Counter(copy.operation for copy in copies.made).items())),
        "titles_copied": len({copy.parent_id for copy in copies.made}),
        "duplicates_dropped": copies.duplicates,
        "votes_changed": copies.votes_changed,
        "not_applicable": dict(sorted(copies.not_applicable.items())),
        "target_reached": len(copies.made) == needed,
    }


def training_titles(labeled: pd.DataFrame, left_out: Collection[str] = ()) -> pd.DataFrame:
    """Return the labelled train titles that are not `left_out`, with empty copy columns.

    The columns are those of `FRONT`, the features, `RAW_COLUMNS`, which richer features
    read, and ``content_group``.
    """
    chosen = (labeled["split"] == TRAIN).fillna(False) & labeled["label"].notna()
    titles = labeled.loc[chosen & ~labeled["show_id"].isin(left_out)].reset_index(drop=True)
    features = derive_features(titles)
    nothing = pd.Series(None, index=titles.index, dtype="str")
    titles = titles.assign(label=titles["label"].astype("int8"), parent_id=nothing)
    titles = titles.assign(text=features.pop("text"), operation=nothing)
    raw = [c for c in RAW_COLUMNS if c in titles.columns and c not in features.columns]
    return pd.concat([titles[FRONT], features, titles[[*raw, "content_group"]]], axis=1)


def count_classes(labels: pd.Series) -> dict[str, int]:
    """Count the titles of each class."""
    classes = {"family": FAMILY, "not_family": NOT_FAMILY}
    return {name: int((labels == value).sum()) for name, value in classes.items()}


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


def _report(summary: Mapping[str, Any], near: pd.DataFrame, seconds: float) -> None:
    made, wanted = sum(summary["copies"].values()), summary["copies_wanted"]
    how = counts_in_words(summary["copies"]) or "the classes are balanced or no operation is chosen"
    log.info(
        "Made %s of %s copies of %s titles (%s) in %.2f s; dropped %d duplicates and %d on which "
        "a rule votes otherwise than on the parent",
        *(count(made), count(wanted), summary["minority"], how, seconds),
        *(summary["duplicates_dropped"], summary["votes_changed"]),
    )
    if dropped := ", ".join(summary["operations_dropped"]):
        log.warning("Dropped, because the audit found them harmful: %s", dropped)
    if len(near):
        log.warning(
            "Left out %d train titles that are nearly test titles, such as %s (of %s: %s)",
            *(len(near), *near.iloc[0]),
        )
    if not summary["target_reached"]:
        log.warning(
            "The target ratio is not reached: %d copies are missing; "
            "raise max_copies or choose more operations.",
            wanted - made,
        )

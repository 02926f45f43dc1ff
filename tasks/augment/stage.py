"""The stage: augmented copies of the minority class, up to the target ratio."""

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tasks import pipeline
from tasks.augment.copies import Copies
from tasks.augment.synonyms import load_synonyms
from tasks.augment.table import add_copies, copies_needed, copy_minority, training_titles
from tasks.augment.transform import Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.catalog.rulebook import choose
from tasks.config import AugmentConfig
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)


def augment(workspace: Workspace, config: AugmentConfig) -> dict[str, Any]:
    """Write the training table: labelled train titles, then copies of the minority class's.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``label``, and ``augmentation_audit`` if harmful operations are to be dropped.
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
    ArtifactError
        If harmful operations are to be dropped and no audit says which they are.
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
) -> tuple[Mapping[str, Sequence[str]], str | None]:
    """Return the synonyms and WordNet's digest, if an operation needs them."""
    if not any(operation.needs_synonyms for operation in operations):
        return {}, None
    return load_synonyms(workspace.volume.root)


def make_training_table(
    labeled: pd.DataFrame,
    near: pd.DataFrame,
    operations: Sequence[Transform],
    synonyms: Mapping[str, Sequence[str]],
    rules: Sequence[LabelingFunction],
    config: AugmentConfig,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the training table and its counts, of what the stage ``label`` wrote.

    `near` has the ``show_id`` of train titles that are nearly a test title, and left out. The rest
    is as `make_copies` takes it.
    """
    originals = training_titles(labeled, left_out=set(near["show_id"]))
    copies = copy_minority(originals, labeled, operations, synonyms, rules, config)
    training = add_copies(originals, copies.made)
    minority, needed = copies_needed(originals["label"], config.balance)
    return training, {
        "minority": CLASS_NAMES[minority],
        "before": _count_classes(originals["label"]),
        "after": _count_classes(training["label"]),
        "copies_wanted": needed,
        **_count_copies(copies),
        "target_reached": len(copies.made) == needed,
    }


def _count_classes(labels: pd.Series) -> dict[str, int]:
    return {
        "family": int((labels == FAMILY).sum()),
        "not_family": int((labels == NOT_FAMILY).sum()),
    }


def _count_copies(copies: Copies) -> dict[str, Any]:
    return {
        "copies": dict(sorted(Counter(copy.operation for copy in copies.made).items())),
        "titles_copied": len({copy.parent_id for copy in copies.made}),
        "duplicates_dropped": copies.duplicates,
        "votes_changed": copies.votes_changed,
        "not_applicable": dict(sorted(copies.not_applicable.items())),
    }


def _report(summary: Mapping[str, Any], near: pd.DataFrame, seconds: float) -> None:
    made = sum(summary["copies"].values())
    log.info(
        "Made %d of %d copies of %s titles (%s) in %.2f s; dropped %d duplicates and %d on which "
        "a rule votes otherwise than on the parent",
        made,
        summary["copies_wanted"],
        summary["minority"],
        summary["copies"] or "the classes are balanced or no operation is chosen",
        seconds,
        summary["duplicates_dropped"],
        summary["votes_changed"],
    )
    if summary["operations_dropped"]:
        dropped = ", ".join(summary["operations_dropped"])
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
            summary["copies_wanted"] - made,
        )

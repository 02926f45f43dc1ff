"""The stage: augmented copies of the minority class, up to the target ratio."""

import logging
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tasks.augment.copies import Copies, make_copies, normalise
from tasks.augment.referee import RuleReferee, rules_on_text
from tasks.augment.summary import describe_kept, summarise
from tasks.augment.synonyms import load_synonyms
from tasks.augment.table import copies_needed, merge, training_titles
from tasks.augment.transform import Context, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import title_text
from tasks.config import AugmentConfig
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

AUDIT_STAGE = "augmentation_audit"
AUDIT_FILE = "audit.json"


def augment(workspace: Workspace, config: AugmentConfig) -> dict[str, Any]:
    """Write the training table: labelled train titles, then copies of the minority class's.

    A train title that is nearly a test title is left out. A copy on which a labeling function
    votes otherwise than on its parent is not kept.

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
    label = workspace.read("label")
    inputs = [label]
    operations = choose(TRANSFORMS, config.operations, "operations")
    dropped: list[str] = []
    if config.drop_harmful_operations:
        audit = workspace.read(AUDIT_STAGE)
        inputs.append(audit)
        operations, dropped = without_harmful(operations, audit)
    labeled = label.read_table("labeled.parquet").sort_values("show_id", ignore_index=True)
    near = label.read_table("near_duplicates.parquet")
    originals = training_titles(labeled, left_out=set(near["show_id"]))
    minority, needed = copies_needed(originals["label"], config.balance)
    copies, wordnet = Copies(), None
    if needed and operations:
        synonyms, wordnet = synonyms_for(operations, workspace)
        rules = label.read_json("rules.json")
        context = Context(critical_words(rules), synonyms)
        parents = originals[originals["label"] == minority]
        names = [rule["name"] for rule in rules]
        copies = copy_titles(parents, needed, labeled, names, operations, context, config)
    training = merge(originals, copies)
    summary = summarise(training, copies, minority, needed, wordnet) | {
        "near_duplicates_left_out": len(near),
        "operations_dropped": dropped,
    }
    with workspace.write("augment", config, inputs=inputs) as out:
        out.write_table("augmented.parquet", training)
        out.write_table("netflix_augmented.csv", training.drop(columns="content_group"))
        out.write_json("augment.json", summary)
    _report(summary, near, time.perf_counter() - started)
    return summary


def without_harmful(
    operations: Sequence[Transform], audit: Artifacts
) -> tuple[tuple[Transform, ...], list[str]]:
    """Return the operations that the audit did not find harmful, and the names of the others."""
    harmful = set(audit.read_json(AUDIT_FILE)["harmful"])
    dropped = [operation.name for operation in operations if operation.name in harmful]
    if dropped:
        log.warning("Dropped, because the audit found them harmful: %s", ", ".join(dropped))
    return tuple(operation for operation in operations if operation.name not in harmful), dropped


def synonyms_for(
    operations: Sequence[Transform], workspace: Workspace
) -> tuple[Mapping[str, Sequence[str]], str | None]:
    """Return the synonyms and WordNet's digest, if an operation needs them."""
    if not any(operation.needs_synonyms for operation in operations):
        return {}, None
    return load_synonyms(workspace.volume.root)


def copy_titles(
    parents: pd.DataFrame,
    needed: int,
    labeled: pd.DataFrame,
    rule_names: Sequence[str],
    operations: Sequence[Transform],
    context: Context,
    config: AugmentConfig,
) -> Copies:
    """Make the copies that the rules let pass.

    Parameters
    ----------
    parents : DataFrame
        The minority class's rows of `training_titles`.
    needed : int
        How many copies are wanted.
    labeled : DataFrame
        Every title of the catalog: no copy gets the text of another title.
    rule_names : sequence of str
        The rules that voted.
    operations : sequence of Transform
        The transforms to use.
    context : Context
        What they may know.
    config : AugmentConfig
        The most copies of a title, and the seed.
    """
    texts = dict(zip(parents["show_id"], parents["text"], strict=True))
    titles = labeled[labeled["show_id"].isin(set(texts))]
    referee = RuleReferee(titles, rules_on_text(set(rule_names)))
    taken = {normalise(text) for text in title_text(labeled)}
    return make_copies(texts, taken, needed, operations, context, config, referee)


def critical_words(rules: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the keywords of all labeling functions, each once."""
    return sorted({word for rule in rules for word in rule.get("keywords") or ()})


def _report(summary: Mapping[str, Any], near: pd.DataFrame, seconds: float) -> None:
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
    log.info(
        "Copies on which every rule votes as on the parent, and so kept: %s",
        describe_kept(summary["kept_rates"]),
    )
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

"""The stage: read the catalog, let the rules vote, add up, split, and write it all down."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, CLASS_NAMES, NO_VOTES, TEST, TIE, TRAIN, VOTED
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import gold_labels
from tasks.config import LabelConfig
from tasks.errors import LabelingError
from tasks.label.analysis import analyse_rules
from tasks.label.changes import compare_with_previous
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.split import split_by_content
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.train.guard import check_rules
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)


def label(workspace: Workspace, config: LabelConfig) -> dict[str, Any]:
    """Turn the fetched catalog into weak labels, split into train and test.

    Gold is read for the analysis of the rules and nothing else. They are judged, by gold and by the
    labels, on train titles only: whoever mends a rule after reading it has not seen test titles.

    Parameters
    ----------
    workspace : Workspace
        Its run has the stage ``fetch``.
    config : LabelConfig
        The aggregator, the tie policy, and the columns that no rule may read.

    Returns
    -------
    dict
        The counts that ``label.json`` holds.

    Raises
    ------
    LabelingError
        If no rule is left, nothing is labelled, or the train titles have one class only.
    LeakageError
        If a rule's votes show that it reads gold without saying so.
    """
    fetch = workspace.read("fetch")
    catalog = fetch.read_table("catalog.parquet").sort_values("show_id", ignore_index=True)
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    if not rules:
        raise LabelingError(
            f"No labeling function is left without {', '.join(config.withhold)}; expected at least "
            "one of each class. Withhold fewer columns, or add rules that read others."
        )
    votes = apply_rules(catalog, rules)
    weak = aggregate(votes, rules, config.aggregator, config.tie_policy)
    split = split_by_content(catalog)
    labeled = pd.concat([catalog, weak, split], axis=1)
    check_classes(labeled)
    in_train = split["split"] == TRAIN
    gold, labels = gold_labels(catalog["rating"]), weak["label"]
    check_rules(votes, rules, gold)
    analysis = analyse_rules(votes, rules, gold.where(in_train), labels.where(in_train))
    changes = compare_with_previous(workspace, fetch, analysis)
    counts = count_labels(labeled) | {
        "rules": len(rules),
        "aggregator": config.aggregator,
        "tie_policy": config.tie_policy,
        "findings": list_findings(analysis),
        "changes": changes["messages"],
    }

    with workspace.write("label", config, inputs=[fetch]) as out:
        out.write_table("labeled.parquet", labeled)
        out.write_table("near_duplicates.parquet", near_duplicates(labeled))
        out.write_table("votes.parquet", pd.concat([catalog[["show_id"]], votes], axis=1))
        columns = [*CATALOG_COLUMNS, "label", "probability", "reason", "split"]
        out.write_table("netflix_labeled_family.csv", labeled[columns])
        out.write_json("rules.json", analysis)
        out.write_json("changes.json", changes)
        out.write_json("label.json", counts)
    return counts


def list_findings(analysis: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with rules, one sentence each, and log it."""
    found = [f"{rule['name']} is {finding}" for rule in analysis for finding in rule["findings"]]
    for sentence in found:
        log.info("%s", sentence)
    return found


def count_labels(labeled: pd.DataFrame) -> dict[str, Any]:
    """Count the titles by what their votes came to, in all and on each side of the split."""
    reasons = labeled["reason"]
    sides = {side: labeled.loc[labeled["split"] == side, "label"] for side in (TRAIN, TEST)}
    counts = {
        "titles": len(labeled),
        "labels": _count_classes(labeled["label"]),
        "reasons": {reason: int((reasons == reason).sum()) for reason in (VOTED, TIE, NO_VOTES)},
        "split": {side: _count_classes(labels) for side, labels in sides.items()},
        "twins_on_both_sides": int(labeled["split"].isna().sum()),
    }
    log.info("Labelled %d titles: %s; %s", len(labeled), counts["labels"], counts["reasons"])
    return counts


def _count_classes(labels: pd.Series) -> dict[str, int]:
    classes = {name: int((labels == value).sum()) for value, name in CLASS_NAMES.items()}
    return classes | {"unlabelled": int(labels.isna().sum())}


def check_classes(labeled: pd.DataFrame) -> None:
    """Refuse labels that no model can learn from; how many it needs is the train stage's business.

    Raises
    ------
    LabelingError
        If nothing is labelled, or only one class is left among the train titles.
    """
    labels = labeled.loc[labeled["label"].notna(), ["label", "split"]]
    if labels.empty:
        raise LabelingError(
            f"None of the {len(labeled)} titles got a label: {_describe_reasons(labeled)}. "
            "Check the columns that the rules read (rating, listed_in, title, description)."
        )
    for side in (TRAIN, TEST):
        found = _count_classes(labels.loc[labels["split"] == side, "label"])
        missing = [name for name in CLASS_NAMES.values() if not found[name]]
        if missing and side == TRAIN:
            raise LabelingError(
                f"Only one class after labelling: the train titles have {found['family']} family "
                f"and {found['not family']} not family; expected at least 1 of each. Check the "
                "columns that the rules read, the columns withheld and the tie policy."
            )
        if missing:
            log.warning("No %s among the labelled test titles: few figures are defined", missing)


def _describe_reasons(labeled: pd.DataFrame) -> str:
    counts = labeled["reason"].value_counts()
    return ", ".join(f"{counts.get(reason, 0)} with {reason}" for reason in (NO_VOTES, TIE))

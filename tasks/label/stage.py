"""The stage: read the catalog, let the rules vote, add up and split, and write it all down."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS, CLASS_NAMES, NO_VOTES, TEST, TIE, TRAIN, VOTED
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import gold_labels
from tasks.config import LabelConfig
from tasks.errors import LabelingError
from tasks.label.analysis import analyse_rules
from tasks.label.changes import compare_with, read_previous
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.gold_check import check_rules
from tasks.label.split import split_by_content
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.pipeline import (
    CATALOG,
    FETCH,
    LABEL,
    LABEL_REPORT,
    LABELED,
    LABELED_CSV,
    NEAR_DUPLICATES,
    RULE_CHANGES,
    RULES,
    VOTES,
)
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

CSV_COLUMNS = [*CATALOG_COLUMNS, "label", "probability", "reason", "split"]


class LabeledCatalog(NamedTuple):
    """What labelling a catalog gives: the titles, the votes on them, and the rules' analysis."""

    titles: pd.DataFrame
    votes: pd.DataFrame
    rules: list[dict[str, Any]]


def label(workspace: Workspace, config: LabelConfig) -> dict[str, Any]:
    """Read the fetched catalog, label it and write the labels; return what the report holds."""
    fetch = workspace.read(FETCH)
    catalog = fetch.read_table(CATALOG).sort_values("show_id", ignore_index=True)
    previous = read_previous(workspace)

    titles, votes, rules = label_catalog(catalog, config)
    changes = compare_with(previous, fetch, rules)
    report = count_labels(titles) | {
        "rules": len(rules),
        "aggregator": config.aggregator,
        "tie_policy": config.tie_policy,
        "findings": list_findings(rules),
        "changes": changes["messages"],
    }

    with workspace.write(LABEL, config, inputs=[fetch]) as out:
        out.write_table(LABELED, titles)
        out.write_table(NEAR_DUPLICATES, near_duplicates(titles))
        out.write_table(VOTES, pd.concat([catalog[["show_id"]], votes], axis=1))
        out.write_table(LABELED_CSV, titles[CSV_COLUMNS])
        out.write_json(RULES, rules)
        out.write_json(RULE_CHANGES, changes)
        out.write_json(LABEL_REPORT, report)
    return report


def label_catalog(catalog: pd.DataFrame, config: LabelConfig) -> LabeledCatalog:
    """Turn a catalog into weak labels, split into train and test.

    Gold is read for the analysis of the rules and nothing else. They are judged, by gold and by the
    labels, on train titles only: whoever mends a rule after reading it has not seen test titles.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        As the stage ``fetch`` writes it.
    config : LabelConfig
        The aggregator, the tie policy, and the columns that no rule may read.

    Returns
    -------
    LabeledCatalog
        The catalog with ``label``, ``probability``, ``reason``, ``split`` and ``content_group``;
        the votes, a column a rule; the analysis, see `tasks.label.analysis.analyse_rules`.

    Raises
    ------
    LabelingError
        If no rule is left, nothing is labelled, or the train titles have one class only.
    LeakageError
        If a rule's votes show that it reads gold without saying so.
    """
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    if not rules:
        raise LabelingError(
            f"No labeling function is left without {', '.join(config.withhold)}; expected at least "
            "one of each class. Withhold fewer columns, or add rules that read others."
        )
    votes = apply_rules(catalog, rules)
    weak = aggregate(votes, rules, config.aggregator, config.tie_policy)
    split = split_by_content(catalog)
    titles = pd.concat([catalog, weak, split], axis=1)
    check_classes(titles)
    in_train = split["split"] == TRAIN
    gold = gold_labels(catalog["rating"])
    check_rules(votes, rules, gold)
    analysis = analyse_rules(votes, rules, gold.where(in_train), weak["label"].where(in_train))
    return LabeledCatalog(titles, votes, analysis)


def list_findings(analysis: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what is wrong with rules, one sentence each, and log it."""
    found = [f"{rule['name']} is {finding}" for rule in analysis for finding in rule["findings"]]
    for sentence in found:
        log.info("%s", sentence)
    return found


def count_labels(titles: pd.DataFrame) -> dict[str, Any]:
    """Count the titles by what their votes came to, in all and on each side of the split."""
    reasons = titles["reason"]
    sides = {side: titles.loc[titles["split"] == side, "label"] for side in (TRAIN, TEST)}
    counts = {
        "titles": len(titles),
        "labels": _count_classes(titles["label"]),
        "reasons": {reason: int((reasons == reason).sum()) for reason in (VOTED, TIE, NO_VOTES)},
        "split": {side: _count_classes(labels) for side, labels in sides.items()},
        "twins_on_both_sides": int(titles["split"].isna().sum()),
    }
    log.info("Labelled %d titles: %s; %s", len(titles), counts["labels"], counts["reasons"])
    return counts


def _count_classes(labels: pd.Series) -> dict[str, int]:
    classes = {name: int((labels == value).sum()) for value, name in CLASS_NAMES.items()}
    return classes | {"unlabelled": int(labels.isna().sum())}


def check_classes(titles: pd.DataFrame) -> None:
    """Refuse labels that no model can learn from; how many it needs is the train stage's business.

    `LabelingError` if nothing is labelled, or only one class is left among the train titles.
    """
    labels = titles.loc[titles["label"].notna(), ["label", "split"]]
    if labels.empty:
        reasons = titles["reason"].value_counts()
        counts = ", ".join(f"{reasons.get(reason, 0)} with {reason}" for reason in (NO_VOTES, TIE))
        raise LabelingError(
            f"None of the {len(titles)} titles got a label: {counts}. "
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

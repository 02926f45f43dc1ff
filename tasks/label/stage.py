"""The stage: read the catalog, let the rules vote, add up and split, and write it all down."""

import logging
from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from tasks import pipeline
from tasks.catalog.columns import (
    CATALOG_COLUMNS,
    CLASS_NAMES,
    NO_VOTES,
    TEST,
    TIE,
    TRAIN,
    VOTE_COLUMNS,
    VOTED,
)
from tasks.catalog.formats import count, counts_in_words
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import derive_features, known_gold
from tasks.config import LabelConfig
from tasks.errors import LabelingError
from tasks.label.analysis import analyse_rules, refuse_gold_readers
from tasks.label.answers import GROUP, answer_rules, describe_answers, weigh_answers
from tasks.label.changes import compare_with_previous
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.profile import profile
from tasks.label.rule import LabelingFunction, rules_to_json
from tasks.label.split import split_by_content
from tasks.label.vote import aggregate, apply_rules, name_votes, rules_without
from tasks.volume.answers import digest
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

CSV_COLUMNS = [*CATALOG_COLUMNS, "label", "probability", "reason", "split"]
MOST_LOGGED = 5


class LabeledCatalog(NamedTuple):
    """What labelling a catalog gives: titles, counts, votes, the rules' analysis, answers."""

    titles: pd.DataFrame  # the catalog with labels, split and `VOTE_COLUMNS`
    counts: dict[str, Any]
    votes: pd.DataFrame  # a column a rule
    rules: list[dict[str, Any]]  # what `analyse_rules` gives
    answers: pd.DataFrame  # what `weigh_answers` gives


def label(workspace: Workspace, config: LabelConfig) -> dict[str, Any]:
    """Read the fetched catalog, label it and write the labels; return what the report holds."""
    fetch = workspace.read(pipeline.FETCH)
    catalog = fetch.read_table(pipeline.CATALOG).sort_values("show_id", ignore_index=True)

    settled = workspace.volume.answers.settled(catalog)
    titles, counts, votes, rules, answers = label_catalog(catalog, config, settled)
    changes = compare_with_previous(workspace, fetch, rules)
    findings = [f"{rule['name']} is {found}" for rule in rules for found in rule["findings"]]
    for sentence in (*findings, *changes["messages"][:MOST_LOGGED]):
        log.info("%s", sentence)
    counts["answers"]["sha256"] = digest(settled)
    report = counts | {
        "rules": sum(rule["group"] != GROUP for rule in rules),
        "aggregator": config.aggregator,
        "tie_policy": config.tie_policy,
        "findings": findings,
        "changes": changes["messages"],
    }

    with workspace.write(pipeline.LABEL, config, inputs=[fetch]) as out:
        out.write_table(pipeline.LABELED, titles)
        out.write_table(pipeline.NEAR_DUPLICATES, near_duplicates(titles))
        out.write_table(pipeline.VOTES, pd.concat([catalog[["show_id"]], votes], axis=1))
        out.write_table(pipeline.ANSWERS, answers)
        out.write_table(pipeline.LABELED_CSV, titles[CSV_COLUMNS])
        out.write_json(pipeline.RULES, rules)
        out.write_bytes(pipeline.RULEBOOK, rules_to_json(rules_that_vote(config)).encode())
        out.write_json(pipeline.RULE_CHANGES, changes)
        features = pd.concat([derive_features(catalog), titles[list(VOTE_COLUMNS)]], axis=1)
        out.write_json(pipeline.PROFILE, profile(features, catalog).to_json())
        out.write_json(pipeline.LABEL_REPORT, report)
    return report


def label_catalog(
    catalog: pd.DataFrame, config: LabelConfig, settled: pd.DataFrame | None = None
) -> LabeledCatalog:
    """Turn a catalog, as ``fetch`` writes it, into weak labels, split into train and test.

    `settled` is what people's answers come to (`tasks.volume.answers.Answers.settled`).

    Gold is read for the analysis of the rules and nothing else. They are judged, by gold and by the
    labels, on train titles only: whoever mends a rule after reading it has not seen test titles.
    """
    split = split_by_content(catalog)
    answers = weigh_answers(settled, catalog["show_id"], split["split"], config.answers == "vote")
    rulebook = rules_that_vote(config)
    rules = (*rulebook, *answer_rules(answers))
    votes = apply_rules(catalog, rules)
    weak, by_rules = (
        aggregate(votes[[rule.name for rule in some]], some, config.aggregator, config.tie_policy)
        for some in (rules, rulebook)
    )
    titles = pd.concat([catalog, weak, split, name_votes(votes, rules)], axis=1)
    counts = count_labels(titles)
    counts["answers"] = describe_answers(answers, weak["label"], by_rules["label"])
    check_classes(counts)
    gold = known_gold(catalog, answers)
    refuse_gold_readers(votes, rules, gold)
    in_train = titles["split"] == TRAIN
    analysis = analyse_rules(votes, rules, gold.where(in_train), weak["label"].where(in_train))
    return LabeledCatalog(titles, counts, votes, analysis, answers)


def rules_that_vote(config: LabelConfig) -> tuple[LabelingFunction, ...]:
    """Return the rules that read no withheld column; `LabelingError` if there are none."""
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    if not rules:
        raise LabelingError(
            f"No labeling function is left without {', '.join(config.withhold)}; expected at least "
            "one of each class. Withhold fewer columns, or add rules that read others."
        )
    return rules


def count_labels(titles: pd.DataFrame) -> dict[str, Any]:
    """Count the titles by what their votes came to, in all and on each side of the split."""
    reasons, split = titles["reason"], titles["split"]
    counts: dict[str, Any] = {
        "titles": len(titles),
        "labels": _count_classes(titles["label"]),
        "reasons": {reason: int((reasons == reason).sum()) for reason in (VOTED, TIE, NO_VOTES)},
        "split": {s: _count_classes(titles.loc[split == s, "label"]) for s in (TRAIN, TEST)},
        "twins_on_both_sides": int(split.isna().sum()),
    }
    found = (counts_in_words(counts[kind]) for kind in ("labels", "reasons"))
    log.info("Labelled %s: %s; %s", count(len(titles), "title"), *found)
    return counts


def _count_classes(labels: pd.Series) -> dict[str, int]:
    classes = {name: int((labels == value).sum()) for value, name in CLASS_NAMES.items()}
    return classes | {"unlabelled": int(labels.isna().sum())}


def check_classes(counts: Mapping[str, Any]) -> None:
    """Refuse labels that no model can learn from; how many it needs is the train stage's affair."""
    if counts["labels"]["unlabelled"] == counts["titles"]:
        reasons = ", ".join(f"{counts['reasons'][why]} with {why}" for why in (NO_VOTES, TIE))
        raise LabelingError(
            f"None of the {counts['titles']} titles got a label: {reasons}. "
            "Check the columns that the rules read (rating, listed_in, title, description)."
        )
    train, test = counts["split"][TRAIN], counts["split"][TEST]
    if not (train["family"] and train["not family"]):
        raise LabelingError(
            f"Only one class after labelling: the train titles have {train['family']} family "
            f"and {train['not family']} not family; expected at least 1 of each. Check the "
            "columns that the rules read, the columns withheld and the tie policy."
        )
    if missing := [name for name in CLASS_NAMES.values() if not test[name]]:
        log.warning("No %s among the labelled test titles: few figures are defined", missing)

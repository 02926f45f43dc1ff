"""The augmentation audit: whether augmentation helps, and each of its operations.

The protocol is blind: rules and features that read a withheld column, such as the rating, sit out.
The train titles are dealt out to folds, twins together; a model learns from the weak labels of all
folds but one, once without copies, once with those of every operation, once with those of each
alone, and ranks the titles of the fold held out. Gold scores these rankings at the end. It is the
gold of train titles: no test title is read, so nothing that is decided here spoils the test.

Copies balance the classes, and balance alone may help. So there is a control: as many copies, but
each the very text of its parent. Only what an operation brings beyond that is owed to its words.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks import pipeline
from tasks.audits.blind import hide
from tasks.augment.copies import Copy, copies_needed, make_copies
from tasks.augment.stage import add_copies, synonyms_for, training_titles
from tasks.augment.transform import Synonyms, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TRAIN
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import derive_features, gold_labels
from tasks.config import AugmentationAuditConfig
from tasks.evaluate_slices.comparison import WORSE, PairedRocAuc
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.train.cross_validation import family_probability, fit_candidate
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.models import logistic_regression
from tasks.train.recipe import Recipe
from tasks.train.terms import TermCounts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

OK = "ok"
WITHOUT, WITH, REPEATED = "without", "with", "repeated"


def augmentation_audit(workspace: Workspace, config: AugmentationAuditConfig) -> dict[str, Any]:
    """Measure what the copies bring, in all and by operation; return the content of the report."""
    started = time.perf_counter()
    label = workspace.read(pipeline.LABEL)
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)
    near = label.read_table(pipeline.NEAR_DUPLICATES)
    operations = choose(TRANSFORMS, config.operations, "operations")
    synonyms, _ = synonyms_for(operations, workspace)

    audit = compare_copies(labeled, near["show_id"], operations, synonyms, config)

    with workspace.write(pipeline.AUGMENTATION_AUDIT, config, inputs=[label]) as out:
        out.write_json(pipeline.AUGMENTATION_AUDIT_REPORT, audit)
    _report(audit, time.perf_counter() - started)
    return audit


def compare_copies(
    labeled: pd.DataFrame,
    left_out: Collection[str],
    operations: Sequence[Transform],
    synonyms: Synonyms,
    config: AugmentationAuditConfig,
) -> dict[str, Any]:
    """Return the content of ``audit.json``; nothing is learnt from the titles in `left_out`.

    ROC-AUC ``without`` copies, ``with`` them, with parents ``repeated`` word by word, and with each
    of the ``operations`` alone; each one's difference ``against_without`` and ``against_repeated``,
    by the paired bootstrap over titles; ``harmful``, the operations that are worse than no copies.
    ``status`` is not ``ok`` where there is nothing to compare.
    """
    train = label_train_titles(labeled, left_out, config)
    facts = {
        "withhold": list(config.withhold),
        "rules": len(train.rules),
        "aggregator": config.aggregator,
        "model": logistic_regression.name,
        **asdict(recipe_of(config)),
        "folds": config.audit_folds,
        "n_labelled": int(train.titles["label"].notna().sum()),
        "n": int(train.gold.notna().sum()),
        "n_family": int((train.gold == FAMILY).sum()),
    }
    if status := what_is_lacking(train, operations, config):
        return {"status": status, **facts, "operations": {}, "harmful": []}
    arms = make_arms(train, operations, synonyms, config)
    return {"status": OK, **facts, **compare_arms(train, arms, config)}


class TrainTitles(NamedTuple):
    """The train titles without the withheld columns, weakly labelled by the rules; their gold."""

    titles: pd.DataFrame
    gold: pd.Series
    rules: Sequence[LabelingFunction]


def label_train_titles(
    labeled: pd.DataFrame, left_out: Collection[str], config: AugmentationAuditConfig
) -> TrainTitles:
    """Label the train titles by the rules that do not read a withheld column."""
    in_train = (labeled["split"] == TRAIN).fillna(False) & ~labeled["show_id"].isin(left_out)
    train = labeled[in_train].reset_index(drop=True)
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    titles = hide(train, config.withhold)
    weak = aggregate(apply_rules(titles, rules), rules, config.aggregator, config.tie_policy)
    titles = titles.assign(label=weak["label"], probability=weak["probability"])
    return TrainTitles(titles, gold_labels(train["rating"]), rules)


def what_is_lacking(
    train: TrainTitles, operations: Sequence[Transform], config: AugmentationAuditConfig
) -> str:
    """Say why there is nothing to compare, or not enough to compare it on; nothing if there is."""
    if not operations:
        return "no operation is chosen"
    labelled = train.titles[train.titles["label"].notna()]
    labels, groups = labelled["label"].to_numpy(dtype=int), labelled["content_group"].to_numpy()
    fewest = min(groups_per_class(labels, groups).values())
    if fewest < config.audit_folds:
        return f"{fewest} distinct titles of a class for {config.audit_folds} folds"
    if train.gold.dropna().nunique() < 2:
        return "gold of both classes is lacking"
    if not copies_needed(labelled["label"], config.balance)[1]:
        return "the classes are balanced as they are"
    return ""


def make_arms(
    train: TrainTitles,
    operations: Sequence[Transform],
    synonyms: Synonyms,
    config: AugmentationAuditConfig,
) -> dict[str, pd.DataFrame]:
    """Return the rows that the models learn from: each arm of the comparison, by name."""
    originals = training_titles(train.titles)
    repeated = repeat_minority(originals, config.balance)
    arms = {WITHOUT: originals, REPEATED: add_copies(originals, repeated)}
    chosen = {WITH: tuple(operations), **{operation.name: (operation,) for operation in operations}}
    for name, used in chosen.items():
        copies = make_copies(originals, train.titles, used, synonyms, train.rules, config)
        arms[name] = add_copies(originals, copies.made)
    return arms


def repeat_minority(originals: pd.DataFrame, balance: float) -> list[Copy]:
    """Return copies that change nothing, each title once before any title twice."""
    minority, needed = copies_needed(originals["label"], balance)
    titles = originals[originals["label"] == minority].sort_values("show_id")
    texts = list(zip(titles["show_id"], titles["text"], strict=True))
    turns = [divmod(number, len(texts)) for number in range(needed)]
    return [Copy(texts[place][0], REPEATED, turn + 1, texts[place][1]) for turn, place in turns]


def compare_arms(
    train: TrainTitles, arms: Mapping[str, pd.DataFrame], config: AugmentationAuditConfig
) -> dict[str, Any]:
    """Score every arm on the gold of titles that its models have not seen."""
    features = derive_features(train.titles)
    texts = pd.concat([features["text"], *(rows["text"] for rows in arms.values())])
    counts = TermCounts.of(texts)
    known = train.gold.notna().to_numpy()
    ranked = {
        name: rank_held_out(train.titles, features, rows, counts, config)[known]
        for name, rows in arms.items()
    }
    gold = train.gold[known].to_numpy(dtype=int)
    paired = PairedRocAuc(gold, ranked, seed=config.seed, resamples=config.resamples)
    blocks = {name: describe_arm(name, rows, paired) for name, rows in arms.items()}
    whole = {name: blocks.pop(name) for name in (WITHOUT, REPEATED, WITH)}
    operations = dict(sorted(blocks.items()))
    harmful = [n for n, b in operations.items() if b["against_without"]["outcome"] == WORSE]
    return {**whole, "operations": operations, "harmful": harmful}


def rank_held_out(
    titles: pd.DataFrame,
    features: pd.DataFrame,
    rows: pd.DataFrame,
    counts: TermCounts,
    config: AugmentationAuditConfig,
) -> NDArray[np.float64]:
    """Return each train title's P(family) by a model fitted without it, its twins and copies."""
    groups = titles["content_group"]
    strata = titles["label"].fillna(NOT_FAMILY).to_numpy(dtype=int)
    fold = assign_folds(strata, groups.to_numpy(), config.audit_folds, config.seed)
    of_row = rows["content_group"].map(dict(zip(groups, fold, strict=True))).to_numpy()
    probability = np.full(len(titles), np.nan)
    for held_out in range(config.audit_folds):
        fitted = fit_candidate(
            logistic_regression,
            rows[of_row != held_out],
            seed=config.seed,
            withhold=config.withhold,
            counts=counts,
            recipe=recipe_of(config),
        )
        scored = fold == held_out
        probability[scored] = family_probability(fitted, features[scored])
    return probability


def recipe_of(config: AugmentationAuditConfig) -> Recipe:
    """Return how the rows are trained on: as the lab does, but there is no rating to mask."""
    return Recipe(features=config.features, soft_labels=config.soft_labels)


def describe_arm(name: str, rows: pd.DataFrame, paired: PairedRocAuc) -> dict[str, Any]:
    """Return what an arm was and how it did, alone and against the arms without new words."""
    others = {WITHOUT: (), REPEATED: (WITHOUT,)}.get(name, (WITHOUT, REPEATED))
    used = set(rows["operation"].dropna())
    return {
        "made_by": [operation.name for operation in TRANSFORMS if operation.name in used],
        "copies": int(rows["parent_id"].notna().sum()),
        **paired.describe(name),
        **{f"against_{other}": paired.compare(name, other) for other in others},
    }


def _report(audit: Mapping[str, Any], seconds: float) -> None:
    if audit["status"] != OK:
        log.warning("Nothing to audit about augmentation: %s", audit["status"])
        return
    figures = (audit[WITHOUT]["roc_auc"], audit["n"], seconds)
    log.info("Without copies: blind ROC-AUC %.4f on %d train titles; compared in %.1f s", *figures)
    blocks = {"Parents repeated": audit[REPEATED], "Every operation": audit[WITH]}
    for name, block in {**blocks, **audit["operations"]}.items():
        log.info("%s, %d copies: %s", name, block["copies"], _in_words(block))
    if harmful := ", ".join(audit["harmful"]):
        advice = "Leave them out of operations, or set drop_harmful_operations."
        log.warning("These operations hurt: %s. %s", harmful, advice)


def _in_words(block: Mapping[str, Any]) -> str:
    parts = []
    for other in (WITHOUT, REPEATED):
        if found := block.get(f"against_{other}"):
            low, high = found["intervals"]["difference"] or (np.nan, np.nan)
            change = f"{found['difference']:+.4f} [{low:+.4f}, {high:+.4f}]"
            parts.append(f"against {other} {change}, {found['outcome']}")
    return "; ".join(parts)

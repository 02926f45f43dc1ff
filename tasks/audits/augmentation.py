"""The augmentation audit: whether augmentation helps, and each of its operations.

The protocol is blind: rules and features that read a withheld column, such as the rating, sit out.
The train titles are dealt out to folds, twins together; a model learns from the weak labels of all
folds but one, once without copies, once with all that are made, once with those of each operation
alone, and ranks the titles of the fold held out. Gold scores these rankings at the end. It is the
gold of train titles: no test title is read, so nothing that is decided here spoils the test.

A title counts once in training, however many copies of it there are. So copies bring nothing by
balancing the classes: what they bring or cost is owed to their words.
"""

import logging
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks import pipeline
from tasks.audits.relabel import Relabeled, recipe_of, relabel
from tasks.augment.copies import copies_needed, make_copies
from tasks.augment.stage import add_copies, synonyms_for, training_titles
from tasks.augment.transform import Synonyms, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TRAIN
from tasks.catalog.intervals import MATTERS
from tasks.catalog.rulebook import choose
from tasks.config import AugmentationAuditConfig
from tasks.evaluate_slices.comparison import WORSE, PairedRocAuc
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.models import logistic_regression
from tasks.train.prepared import prepare
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

OK = "ok"
WITHOUT, WITH = "without", "with"


def augmentation_audit(workspace: Workspace, config: AugmentationAuditConfig) -> dict[str, Any]:
    """Measure what the copies bring, in all and by operation; return the content of the report."""
    started = time.perf_counter()
    label = workspace.read(pipeline.LABEL)
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)
    near = label.read_table(pipeline.NEAR_DUPLICATES)
    answers = label.read_table(pipeline.ANSWERS)
    operations = choose(TRANSFORMS, config.operations, "operations")
    synonyms, wordnet = synonyms_for(operations, workspace)

    before = workspace.answered_before(pipeline.AUGMENTATION_AUDIT, config, [label])
    audit = before.read_json(pipeline.AUGMENTATION_AUDIT_REPORT) if before else {}
    if not audit or audit["wordnet"] != wordnet:
        audit = compare_copies(labeled, near["show_id"], operations, synonyms, config, answers)
        audit["wordnet"] = wordnet

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
    answers: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the content of ``audit.json``; nothing is learnt from the titles in `left_out`.

    ROC-AUC ``without`` copies, ``with`` them, and with each of the ``operations`` alone; each one's
    difference ``against_without``, by the paired bootstrap over titles; ``harmful``, the operations
    that are worse than no copies, by more than `MATTERS`. ``status`` is not ``ok`` where there is
    nothing to compare.
    """
    train = label_train_titles(labeled, left_out, config, answers)
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


def label_train_titles(
    labeled: pd.DataFrame,
    left_out: Collection[str],
    config: AugmentationAuditConfig,
    answers: pd.DataFrame | None = None,
) -> Relabeled:
    """Label the train titles by the rules that do not read a withheld column."""
    in_train = (labeled["split"] == TRAIN).fillna(False) & ~labeled["show_id"].isin(left_out)
    return relabel(labeled[in_train].reset_index(drop=True), config, answers)


def what_is_lacking(
    train: Relabeled, operations: Sequence[Transform], config: AugmentationAuditConfig
) -> str:
    """Say why there is nothing to compare, or not enough to compare it on; nothing if there is."""
    if not operations:
        return "no operation is chosen"
    labelled = train.titles[train.titles["label"].notna()]
    labels, groups = labelled["label"].to_numpy(dtype=int), labelled["content_group"].to_numpy()
    fewest = min(groups_per_class(labels, groups).values())
    if fewest < config.audit_folds:
        return f"{fewest} distinct titles of a class for {config.audit_folds} folds"
    if not train.gold.notna().any():
        return "no gold"
    if train.gold.dropna().nunique() < 2:
        return "gold of both classes is lacking"
    if not copies_needed(labelled["label"], config.balance)[1]:
        return "the classes are balanced as they are"
    return ""


def make_arms(
    train: Relabeled,
    operations: Sequence[Transform],
    synonyms: Synonyms,
    config: AugmentationAuditConfig,
) -> dict[str, pd.DataFrame]:
    """Return the rows that the models learn from: each arm of the comparison, by name."""
    originals = training_titles(train.titles)
    made = make_copies(originals, train.titles, operations, synonyms, train.rules, config).made
    arms = {WITHOUT: originals, WITH: add_copies(originals, made)}
    for operation in operations:
        own = [copy for copy in made if copy.operation == operation.name]
        arms[operation.name] = add_copies(originals, own)
    return arms


def compare_arms(
    train: Relabeled, arms: Mapping[str, pd.DataFrame], config: AugmentationAuditConfig
) -> dict[str, Any]:
    """Score every arm on the gold of titles that its models have not seen."""
    rankings = rank_held_out(train, arms, config)
    known = train.gold.notna().to_numpy()
    gold = train.gold[known].to_numpy(dtype=int)
    ranked = {name: ranking[known] for name, ranking in rankings.items()}
    paired = PairedRocAuc(gold, ranked, seed=config.seed, resamples=config.resamples)
    blocks = {name: describe_arm(name, rows, paired) for name, rows in arms.items()}
    whole = {name: blocks.pop(name) for name in (WITHOUT, WITH)}
    operations = dict(sorted(blocks.items()))
    return {**whole, "operations": operations, "harmful": find_harmful(operations)}


def find_harmful(operations: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the operations that are worse than no copies, by as much as matters."""
    against = {name: block["against_without"] for name, block in operations.items()}
    return [
        name
        for name, found in against.items()
        if found["outcome"] == WORSE and found["difference"] < -MATTERS
    ]


def rank_held_out(
    train: Relabeled, arms: Mapping[str, pd.DataFrame], config: AugmentationAuditConfig
) -> dict[str, NDArray[np.float64]]:
    """Return by arm each title's P(family) by a model fitted without it, its twins and copies.

    What models read of the titles and of the copies is computed once for all arms and folds.
    """
    titles = train.titles
    rows = titles[["show_id", "content_group", "label", "probability"]].join(train.features())
    copies = pd.concat(arms.values()).drop_duplicates("show_id").dropna(subset="parent_id")
    every = pd.concat([rows, copies], ignore_index=True)
    prepared = prepare(every, config.features, config.withhold)
    place = pd.Index(prepared.rows["show_id"])
    learned = {name: place.get_indexer(pd.Index(arm["show_id"])) for name, arm in arms.items()}
    fold = prepared.rows["content_group"].map(folds_of_groups(titles, config)).to_numpy()
    probabilities = {name: np.full(len(titles), np.nan) for name in arms}
    for held_out in range(config.audit_folds):
        weighed = prepared.weighed_by(np.flatnonzero(fold[: len(titles)] != held_out))
        scored = np.flatnonzero(fold[: len(titles)] == held_out)
        for name, of_arm in learned.items():
            chosen = of_arm[fold[of_arm] != held_out]
            model = weighed.fit(logistic_regression, chosen, recipe_of(config), config.seed)
            probabilities[name][scored] = model.predict_proba(weighed.matrix[scored])[:, 1]
    return probabilities


def folds_of_groups(titles: pd.DataFrame, config: AugmentationAuditConfig) -> dict[str, int]:
    """Deal the content groups of the titles out to folds."""
    groups = titles["content_group"].to_numpy()
    strata = titles["label"].fillna(NOT_FAMILY).to_numpy(dtype=int)
    fold = assign_folds(strata, groups, config.audit_folds, config.seed)
    return dict(zip(groups, fold.tolist(), strict=True))


def describe_arm(name: str, rows: pd.DataFrame, paired: PairedRocAuc) -> dict[str, Any]:
    """Return what an arm was and how it did, alone and against the one without copies."""
    used = set(rows["operation"].dropna())
    against = {} if name == WITHOUT else {"against_without": paired.compare(name, WITHOUT)}
    return {
        "made_by": [operation.name for operation in TRANSFORMS if operation.name in used],
        "copies": int(rows["parent_id"].notna().sum()),
        **paired.describe(name),
        **against,
    }


def _report(audit: Mapping[str, Any], seconds: float) -> None:
    if audit["status"] != OK:
        log.warning("Nothing to audit about augmentation: %s", audit["status"])
        return
    figures = (audit[WITHOUT]["roc_auc"], audit["n"], seconds)
    log.info("Without copies: blind ROC-AUC %.4f on %d train titles; compared in %.1f s", *figures)
    for name, block in {"Every operation": audit[WITH], **audit["operations"]}.items():
        log.info("%s, %d copies: %s", name, block["copies"], _in_words(block))
    if harmful := ", ".join(audit["harmful"]):
        advice = "Leave them out of operations, or set drop_harmful_operations."
        log.warning("These operations hurt: %s. %s", harmful, advice)


def _in_words(block: Mapping[str, Any]) -> str:
    found = block["against_without"]
    low, high = found["intervals"]["difference"] or (np.nan, np.nan)
    change = f"{found['difference']:+z.4f} [{low:+z.4f}, {high:+z.4f}]"
    return f"against {WITHOUT} {change}, {found['outcome']}"

"""The augmentation audit: whether augmentation helps, and each of its operations.

It composes the pure parts of label, augment, train and evaluate_slices. The protocol is blind:
rules and features that read a withheld column, such as the rating, sit out. Then the train titles
are dealt out to folds, twins together; a model learns from the weak labels of all folds but one,
once without copies, once with those of every operation, once with those of each operation alone,
and ranks the titles of the fold held out. Gold scores these rankings at the end. It is the gold of
train titles: no test title is read, so nothing that is decided here spoils the test.

Copies balance the classes, and balance alone may help. So there is a control: as many copies, but
each the very text of its parent. Only what an operation brings beyond that is owed to the change
of the words.
"""

import logging
import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.audits.blind_parts import hide
from tasks.augment.copies import repeat
from tasks.augment.stage import copy_titles, critical_words, synonyms_for
from tasks.augment.summary import kept_rates
from tasks.augment.table import copies_needed, merge, training_titles
from tasks.augment.transform import Context, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TRAIN
from tasks.catalog.rulebook import choose
from tasks.catalog.utilities import derive_features, gold_labels
from tasks.config import AugmentationAuditConfig
from tasks.evaluate_slices.comparison import WORSE, PairedRocAuc
from tasks.label.functions import LABELING_FUNCTIONS
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


@dataclass(frozen=True)
class Blind:
    """The train titles as the audit sees them.

    Parameters
    ----------
    titles : DataFrame, shape (n_titles, n_columns)
        The train titles without the withheld columns, with blind ``label`` and ``probability``.
    gold : Series of Int8, shape (n_titles,)
        What the ratings say; scores at the end.
    rules : tuple of str
        The names of the rules that voted.
    critical : list of str
        Their keywords.
    """

    titles: pd.DataFrame
    gold: pd.Series
    rules: tuple[str, ...]
    critical: list[str]


def augmentation_audit(workspace: Workspace, config: AugmentationAuditConfig) -> dict[str, Any]:
    """Measure what the copies bring, in all and by operation, and write ``audit.json``.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``label``.
    config : AugmentationAuditConfig
        Operations, withheld columns, folds, seed, resamples.

    Returns
    -------
    dict
        The content of ``audit.json``: what was compared; the ROC-AUC ``without`` and ``with``
        copies, with parents ``repeated`` word by word, and with each of the ``operations`` alone;
        of each its difference ``against_without`` and ``against_repeated`` with interval (paired
        bootstrap over titles) and outcome (better, worse or not enough evidence); ``harmful``, the
        operations that are worse than no copies. ``status`` is not ``ok`` where there is nothing
        to compare.
    """
    started = time.perf_counter()
    label = workspace.read("label")
    near = label.read_table("near_duplicates.parquet")
    blind = read_blind(label.read_table("labeled.parquet"), set(near["show_id"]), config)
    operations = choose(TRANSFORMS, config.operations, "operations")
    facts = {
        "withhold": list(config.withhold),
        "rules": len(blind.rules),
        "aggregator": config.aggregator,
        "model": logistic_regression.name,
        **asdict(recipe_of(config)),
        "folds": config.audit_folds,
        "n_labelled": int(blind.titles["label"].notna().sum()),
        "n": int(blind.gold.notna().sum()),
        "n_family": int((blind.gold == FAMILY).sum()),
    }
    status = describe_enough(blind, operations, config)
    figures: dict[str, Any] = {"operations": {}, "harmful": []}
    with workspace.write("augmentation_audit", config, inputs=[label]) as out:
        if status == OK:
            synonyms, _ = synonyms_for(operations, workspace)
            arms = make_arms(blind, operations, Context(blind.critical, synonyms), config)
            figures = compare_arms(blind, arms, config)
        audit = {"status": status, **facts, **figures}
        out.write_json("audit.json", audit)
    _report(audit, time.perf_counter() - started)
    return audit


def read_blind(labeled: pd.DataFrame, left_out: Set[str], config: AugmentationAuditConfig) -> Blind:
    """Label the train titles by the rules that do not read a withheld column."""
    labeled = labeled.sort_values("show_id", ignore_index=True)
    in_train = (labeled["split"] == TRAIN).fillna(False) & ~labeled["show_id"].isin(left_out)
    train = labeled[in_train].reset_index(drop=True)
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    titles = hide(train, config.withhold)
    weak = aggregate(apply_rules(titles, rules), rules, config.aggregator, config.tie_policy)
    titles = titles.assign(label=weak["label"], probability=weak["probability"])
    keywords = [{"keywords": rule.keywords.words} for rule in rules if rule.keywords]
    names = tuple(rule.name for rule in rules)
    return Blind(titles, gold_labels(train["rating"]), names, critical_words(keywords))


def describe_enough(
    blind: Blind, operations: Sequence[Transform], config: AugmentationAuditConfig
) -> str:
    """Say whether there is anything to compare, and enough to compare it on: ``ok`` if so."""
    if not operations:
        return "no operation is chosen"
    labelled = blind.titles[blind.titles["label"].notna()]
    labels, groups = labelled["label"].to_numpy(dtype=int), labelled["content_group"].to_numpy()
    fewest = min(groups_per_class(labels, groups).values())
    if fewest < config.audit_folds:
        return f"{fewest} distinct titles of a class for {config.audit_folds} folds"
    if blind.gold.dropna().nunique() < 2:
        return "gold of both classes is lacking"
    if not copies_needed(labelled["label"], config.balance)[1]:
        return "the classes are balanced as they are"
    return OK


@dataclass(frozen=True)
class Arm:
    """What one model of the comparison learns from: rows, and what was done to make them."""

    operations: tuple[str, ...]
    rows: pd.DataFrame
    kept_rates: Mapping[str, Any]


def make_arms(
    blind: Blind,
    operations: Sequence[Transform],
    context: Context,
    config: AugmentationAuditConfig,
) -> dict[str, Arm]:
    """Return the training rows ``without`` and ``with`` copies, and with each operation's alone."""
    originals = training_titles(blind.titles)
    minority, needed = copies_needed(originals["label"], config.balance)
    parents = originals[originals["label"] == minority]
    texts = dict(zip(parents["show_id"], parents["text"], strict=True))
    chosen = {WITH: tuple(operations)} | {o.name: (o,) for o in operations}
    arms = {
        WITHOUT: Arm((), originals, {}),
        REPEATED: Arm((), merge(originals, repeat(texts, needed, REPEATED)), {}),
    }
    for name, used in chosen.items():
        copies = copy_titles(parents, needed, blind.titles, blind.rules, used, context, config)
        names = tuple(operation.name for operation in used)
        arms[name] = Arm(names, merge(originals, copies), kept_rates(copies))
    return arms


def compare_arms(
    blind: Blind, arms: Mapping[str, Arm], config: AugmentationAuditConfig
) -> dict[str, Any]:
    """Score every arm on the gold of titles that its models have not seen."""
    features = derive_features(blind.titles)
    texts = pd.concat([features["text"], *(arm.rows["text"] for arm in arms.values())])
    counts = TermCounts.of(texts)
    known = blind.gold.notna().to_numpy()
    gold = blind.gold[known].to_numpy(dtype=int)
    ranked = {
        name: rank_held_out(blind.titles, features, arm.rows, counts, config)[known]
        for name, arm in arms.items()
    }
    paired = PairedRocAuc(gold, ranked, seed=config.seed, resamples=config.resamples)
    blocks = {name: describe_arm(name, arm, paired) for name, arm in arms.items()}
    operations = {n: blocks[n] for n in sorted(arms.keys() - {WITHOUT, REPEATED, WITH})}
    harmful = [n for n, b in operations.items() if b["against_without"]["outcome"] == WORSE]
    whole = {name: blocks[name] for name in (WITHOUT, REPEATED, WITH)}
    return {**whole, "operations": operations, "harmful": harmful}


def rank_held_out(
    titles: pd.DataFrame,
    features: pd.DataFrame,
    rows: pd.DataFrame,
    counts: TermCounts,
    config: AugmentationAuditConfig,
) -> NDArray[np.float64]:
    """Return each train title's P(family) by a model fitted without it, its twins and copies.

    Parameters
    ----------
    titles : DataFrame, shape (n_titles, n_columns)
        Every train title, labelled or not: ``label`` and ``content_group``.
    features : DataFrame, shape (n_titles, n_features)
        As `derive_features` gives them.
    rows : DataFrame, shape (n_rows, n_columns)
        The training rows of an arm.
    counts : TermCounts
        Of the texts of titles and rows.
    config : AugmentationAuditConfig
        Folds, withheld columns, seed.
    """
    groups = titles["content_group"]
    strata = titles["label"].fillna(NOT_FAMILY).to_numpy(dtype=int)
    fold = assign_folds(strata, groups.to_numpy(), config.audit_folds, config.seed)
    of_group = dict(zip(groups, fold, strict=True))
    of_row = rows["content_group"].map(of_group).to_numpy()
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
    features = config.features
    return Recipe(features=features, soft_labels=config.soft_labels)


def describe_arm(name: str, arm: Arm, paired: PairedRocAuc) -> dict[str, Any]:
    """Return what an arm was and how it did, alone and against the arms without new words."""
    others = {WITHOUT: (), REPEATED: (WITHOUT,)}.get(name, (WITHOUT, REPEATED))
    return {
        "made_by": list(arm.operations),
        "copies": int(arm.rows["parent_id"].notna().sum()),
        "kept_rates": dict(arm.kept_rates),
        **paired.describe(name),
        **{f"against_{other}": paired.compare(name, other) for other in others},
    }


def _report(audit: Mapping[str, Any], seconds: float) -> None:
    if audit["status"] != OK:
        log.warning("Nothing to audit about augmentation: %s", audit["status"])
        return
    log.info(
        "Without copies: blind ROC-AUC %.4f on %d train titles; compared in %.1f s",
        *(audit[WITHOUT]["roc_auc"], audit["n"], seconds),
    )
    blocks = {"Parents repeated": audit[REPEATED], "Every operation": audit[WITH]}
    for name, block in {**blocks, **audit["operations"]}.items():
        log.info("%s, %d copies: %s", name, block["copies"], _in_words(block))
    if audit["harmful"]:
        log.warning(
            "These operations hurt: %s. Leave them out of operations, or set "
            "drop_harmful_operations.",
            ", ".join(audit["harmful"]),
        )


def _in_words(block: Mapping[str, Any]) -> str:
    parts = []
    for other in (WITHOUT, REPEATED):
        if found := block.get(f"against_{other}"):
            low, high = found["intervals"]["difference"] or (np.nan, np.nan)
            change = f"{found['difference']:+.4f} [{low:+.4f}, {high:+.4f}]"
            parts.append(f"against {other} {change}, {found['outcome']}")
    return "; ".join(parts)

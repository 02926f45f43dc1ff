"""The augmentation audit: whether augmentation helps, and each of its operations.

The protocol is blind: rules and features that read a withheld column, such as the rating, sit out.
The train titles are dealt out to folds, twins together; a model learns from the weak labels of all
folds but one, once without copies, once with all that are made, once with those of each operation
alone, and ranks the titles of the fold held out. Gold scores these rankings at the end. It is the
gold of train titles: that of test titles is not read, so nothing that is decided here spoils the
test.

A title counts once in training, however many copies of it there are. So copies bring nothing by
balancing the classes: what they bring or cost is owed to their words.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks import pipeline
from tasks.audits.blind_run import BlindRun, audit_once
from tasks.audits.relabel import recipe_of
from tasks.augment.copies import copies_needed
from tasks.augment.transform import Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TRAIN
from tasks.catalog.intervals import MATTERS
from tasks.config import AugmentationAuditConfig
from tasks.evaluate_slices.comparison import WORSE, PairedRocAuc
from tasks.train.folds import assign_folds, groups_per_class
from tasks.train.models import logistic_regression
from tasks.train.prepared import is_title
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

Mask = NDArray[np.bool_]

OK = "ok"
WITHOUT, WITH = "without", "with"


def augmentation_audit(workspace: Workspace, config: AugmentationAuditConfig) -> dict[str, Any]:
    """Measure what the copies bring, in all and by operation; return the content of the report."""
    started = time.perf_counter()
    audit = audit_once(workspace, pipeline.AUGMENTATION_AUDIT, config, compare_copies)
    _report(audit, time.perf_counter() - started)
    return audit


def compare_copies(
    blind_run: BlindRun, config: AugmentationAuditConfig
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Return the content of ``audit.json``, and no tables.

    ROC-AUC ``without`` copies, ``with`` them, and with each of the ``operations`` alone; each one's
    difference ``against_without``, by the paired bootstrap over titles; ``harmful``, the operations
    that are worse than no copies, by more than `MATTERS`. ``status`` is not ``ok`` where there is
    nothing to compare.
    """
    titles = train_titles(blind_run)
    facts = {
        "withhold": list(config.withhold),
        "rules": len(blind_run.again.rules),
        "aggregator": config.aggregator,
        "model": logistic_regression.name,
        **asdict(recipe_of(config)),
        "folds": config.audit_folds,
        "n_labelled": int(titles["label"].notna().sum()),
        "n": int(titles["gold"].notna().sum()),
        "n_family": int((titles["gold"] == FAMILY).sum()),
    }
    if status := what_is_lacking(titles, blind_run.operations, config):
        return {"status": status, **facts, "operations": {}, "harmful": []}, {}
    compared = compare_arms(
        blind_run, titles, arms_of(blind_run.rows, blind_run.operations), config
    )
    return {"status": OK, **facts, **compared}, {}


def train_titles(blind_run: BlindRun) -> pd.DataFrame:
    """Return the train titles that are not nearly a test title, labelled or not, and their gold."""
    again = blind_run.again
    titles = again.titles.assign(gold=again.gold)
    in_train = (titles["split"] == TRAIN).fillna(False)
    return titles[in_train & ~titles["show_id"].isin(blind_run.near["show_id"])]


def what_is_lacking(
    titles: pd.DataFrame, operations: Sequence[Transform], config: AugmentationAuditConfig
) -> str:
    """Say why there is nothing to compare, or not enough to compare it on; nothing if there is."""
    if not operations:
        return "no operation is chosen"
    labelled = titles[titles["label"].notna()]
    labels, groups = labelled["label"].to_numpy(dtype=int), labelled["content_group"].to_numpy()
    fewest = min(groups_per_class(labels, groups).values())
    if fewest < config.audit_folds:
        return f"{fewest} distinct titles of a class for {config.audit_folds} folds"
    if not titles["gold"].notna().any():
        return "no gold"
    if titles["gold"].dropna().nunique() < 2:
        return "gold of both classes is lacking"
    if not copies_needed(labelled["label"], config.balance)[1]:
        return "the classes are balanced as they are"
    return ""


def arms_of(rows: pd.DataFrame, operations: Sequence[Transform]) -> dict[str, Mask]:
    """Say which rows of the training table the models of each arm learn from, by its name."""
    titles, made_by = is_title(rows), rows["operation"]
    arms = {WITHOUT: titles, WITH: np.ones(len(rows), dtype=np.bool_)}
    names = sorted(operation.name for operation in operations)
    return arms | {name: titles | (made_by == name).to_numpy() for name in names}


def compare_arms(
    blind_run: BlindRun,
    titles: pd.DataFrame,
    arms: Mapping[str, Mask],
    config: AugmentationAuditConfig,
) -> dict[str, Any]:
    """Score every arm on the gold of titles that its models have not seen."""
    rankings = rank_held_out(blind_run, titles, arms, config)
    known = titles["gold"].notna().to_numpy()
    gold = titles.loc[known, "gold"].to_numpy(dtype=int)
    ranked = {name: ranking[known] for name, ranking in rankings.items()}
    paired = PairedRocAuc(gold, ranked, seed=config.seed, resamples=config.resamples)
    blocks = {name: describe_arm(name, blind_run.rows[arm], paired) for name, arm in arms.items()}
    whole = {name: blocks.pop(name) for name in (WITHOUT, WITH)}
    return {**whole, "operations": blocks, "harmful": find_harmful(blocks)}


def find_harmful(operations: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the operations that are worse than no copies, by as much as matters."""
    against = {name: block["against_without"] for name, block in operations.items()}
    return [
        name
        for name, found in against.items()
        if found["outcome"] == WORSE and found["difference"] < -MATTERS
    ]


def rank_held_out(
    blind_run: BlindRun,
    titles: pd.DataFrame,
    arms: Mapping[str, Mask],
    config: AugmentationAuditConfig,
) -> dict[str, NDArray[np.float64]]:
    """Return by arm each title's P(family) by a model fitted without it, its twins and copies."""
    unlabelled = titles["label"].isna()
    others = blind_run.again.features().loc[titles.index[unlabelled]]
    others[["show_id", "content_group"]] = titles.loc[unlabelled, ["show_id", "content_group"]]
    prepared = blind_run.prepared.with_others(others)
    rows = prepared.rows
    fold = rows["content_group"].map(folds_of_groups(titles, config)).to_numpy()
    place = pd.Index(titles["show_id"]).get_indexer(pd.Index(rows["show_id"]))  # -1: a copy
    probabilities = {name: np.full(len(titles), np.nan) for name in arms}
    for held_out in range(config.audit_folds):
        fitted_to = fold != held_out
        weighed = prepared.weighed_by(np.flatnonzero(fitted_to))
        scored = np.flatnonzero(~fitted_to & (place >= 0))
        for name, arm in arms.items():
            chosen = np.flatnonzero(arm & fitted_to[: len(arm)])
            model = weighed.fit(logistic_regression, chosen, recipe_of(config), config.seed)
            ranking = model.predict_proba(weighed.matrix[scored])[:, 1]
            probabilities[name][place[scored]] = ranking
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

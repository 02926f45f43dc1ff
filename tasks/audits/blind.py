"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

Gold scores the test titles at the very end; no label, no feature and no choice before that has seen
it. Beside the figure stand those that tell what it is worth: what each step on the way brings, and
the same end model trained on all of the gold (the ceiling) and on little (how many hand labels the
rules save).
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks import pipeline
from tasks.audits.hand_labels import labels_needed, learning_curve
from tasks.augment.stage import count_classes
from tasks.catalog.columns import CATALOG_COLUMNS, FAMILY, NOT_FAMILY, OPTIONAL_COLUMNS, TEST, TRAIN
from tasks.catalog.formats import figure
from tasks.catalog.utilities import derive_features, gold_labels
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.train.features import RICH, build_features
from tasks.train.models import logistic_regression
from tasks.train.recipe import soften
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
END_MODEL = logistic_regression
LEAST = 1e-6  # no votes are more certain than this


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns; return the content of the report."""
    started = time.perf_counter()
    label = workspace.read(pipeline.LABEL)
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)

    predictions, summary = audit(labeled, config)

    with workspace.write(pipeline.BLIND_AUDIT, config, inputs=[label]) as out:
        out.write_table(pipeline.BLIND_AUDIT_PREDICTIONS, predictions)
        out.write_json(pipeline.BLIND_AUDIT_REPORT, summary)
    _report(summary, time.perf_counter() - started)
    return summary


def audit(labeled: pd.DataFrame, config: BlindAuditConfig) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the blind predictions of the test titles with gold, and the report.

    `labeled` has the catalog's columns, ``split`` and ``content_group``, in a fixed order.
    """
    blind = prepare(labeled, config)
    counts = count_labels(blind, config)
    rankings = rank_test_titles(blind, config)
    *_, probability = rankings.values()
    figures = rank_figures(blind.test_gold, probability)
    with_gold = np.flatnonzero(~np.isnan(blind.train_gold))
    curve, scores = learning_curve(
        with_gold, lambda chosen: learn_gold(blind, chosen)["roc_auc"], config.draws, config.seed
    )
    known = ~np.isnan(blind.test_gold)
    gold = blind.test_gold[known].astype(int)
    summary = {
        "withhold": list(config.withhold),
        "rules": [rule.name for rule in blind.rules],
        "aggregator": config.aggregator,
        "model": END_MODEL.name,
        "n_train": counts["family"] + counts["not_family"],
        "n_test": len(known),
        "n_gold": len(gold),
        "n_gold_family": int(gold.sum()),
        "label_counts": counts,
        **figures,
        "ceiling": {"n_train": len(with_gold), **learn_gold(blind, with_gold)},
        "learning_curve": curve,
        "hand_labels_needed": labels_needed(curve, scores, figures["roc_auc"]),
        "ladder": [{"step": s, **rank_figures(blind.test_gold, r)} for s, r in rankings.items()],
    }
    columns = {"show_id": blind.test_ids[known], "gold": pd.array(gold, dtype="Int8")}
    return pd.DataFrame(columns | {"probability": probability[known]}), summary


@dataclass(frozen=True)
class Blind:
    """The titles as the audit sees them; gold is kept apart, for the end: 1, 0, or NaN.

    The votes are on the train titles, then on the test titles. The features, `train` and `test`,
    are fitted to all train titles, labelled or not. Only the ceiling and the learning curve learn
    from gold of train titles; nothing learns from that of test titles.
    """

    rules: tuple[LabelingFunction, ...]
    votes: pd.DataFrame
    train: sparse.csr_matrix
    test: sparse.csr_matrix
    groups: NDArray[Any]
    test_ids: NDArray[Any]
    train_gold: Floats
    test_gold: Floats
    seed: int


def prepare(labeled: pd.DataFrame, config: BlindAuditConfig) -> Blind:
    """Let the rules that are left vote, and compute the features that are left."""
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    catalog = hide(labeled, config.withhold)
    train, test = (catalog[(catalog["split"] == side).fillna(False)] for side in (TRAIN, TEST))
    gold = gold_labels(labeled["rating"])
    groups = train["content_group"].to_numpy()
    features = build_features(config.withhold, feature_set=RICH, titles=groups)
    train_features = sparse.csr_matrix(features.fit_transform(derive_features(train)))
    test_features = sparse.csr_matrix((0, train_features.shape[1]))
    if len(test):
        test_features = sparse.csr_matrix(features.transform(derive_features(test)))
    return Blind(
        rules=rules,
        votes=apply_rules(pd.concat([train, test], ignore_index=True), rules),
        train=train_features,
        test=test_features,
        groups=groups,
        test_ids=test["show_id"].to_numpy(),
        train_gold=gold[train.index].to_numpy(dtype=np.float64),
        test_gold=gold[test.index].to_numpy(dtype=np.float64),
        seed=config.seed,
    )


def hide(labeled: pd.DataFrame, withhold: Sequence[str]) -> pd.DataFrame:
    """Return the catalog's columns, split and groups, without the withheld optional columns.

    Rules and features that declare a withheld column are left out anyway; with the column gone,
    one that reads more than it declares gains nothing by it.
    """
    kept = [*CATALOG_COLUMNS, "split", "content_group"]
    return labeled[kept].drop(columns=[c for c in withhold if c in OPTIONAL_COLUMNS])


def add_up(blind: Blind, aggregator: str, tie_policy: str) -> list[pd.DataFrame]:
    """Return the weak labels of the train titles, numbered from 0, and those of the test titles."""
    weak = aggregate(blind.votes, blind.rules, aggregator, tie_policy)
    n_train = len(blind.train_gold)
    return [weak.iloc[:n_train], weak.iloc[n_train:]]


def count_labels(blind: Blind, config: BlindAuditConfig) -> dict[str, int]:
    """Count the labels of the train titles; `TrainingError` if there are none of one class."""
    labels = add_up(blind, config.aggregator, config.tie_policy)[0]["label"]
    counts = count_classes(labels)
    if not all(counts.values()):
        raise TrainingError(
            f"Without {', '.join(config.withhold)}, {len(blind.rules)} rules label "
            f"{counts['family']} of {len(labels)} train titles family and {counts['not_family']} "
            "not family; expected titles of both. Withhold fewer columns or add rules that read "
            "others."
        )
    return {**counts, "unlabelled": int(labels.isna().sum())}


def rank_test_titles(blind: Blind, config: BlindAuditConfig) -> dict[str, Floats]:
    """Return how each step on the way ranks the test titles; the last one is the audit's answer.

    The others are for the report only: nothing is chosen by them.
    """
    rankings: dict[str, Floats] = {}
    for name in dict.fromkeys(["majority", config.aggregator]):
        train, test = add_up(blind, name, config.tie_policy)
        if all(count_classes(train["label"]).values()):
            hard = train["label"].dropna()
            model = learn(blind, hard.index.to_numpy(), hard.to_numpy())
            rankings[f"{name} vote, hard labels, model"] = model
            rankings[f"{name} vote, soft labels, model"] = model = learn_soft(blind, train)
    votes = logit(test["probability"].clip(LEAST, 1 - LEAST))
    rankings[f"{name} vote alone"] = votes.fillna(votes.mean()).to_numpy()
    rankings[f"{name} vote and model averaged"] = average(votes.to_numpy(), model)
    return rankings


def learn(
    blind: Blind, chosen: NDArray[np.intp], labels: NDArray[Any], weights: Floats | None = None
) -> Floats:
    """Fit the end model to train titles, by number; return the test titles' log-odds of family."""
    if not len(blind.test_ids):
        return np.empty(0)
    fitted = END_MODEL.fit(
        blind.train[chosen], labels.astype(np.int64), blind.groups[chosen], blind.seed, weights
    )
    return np.asarray(fitted.decision_function(blind.test), dtype=np.float64)


def learn_soft(blind: Blind, weak: pd.DataFrame) -> Floats:
    """Learn from probabilities as weights.

    Titles without a vote are left out: their probability is the prior's, and no evidence.
    """
    probability = weak["probability"].dropna()
    labels = np.where(probability > 0.5, FAMILY, NOT_FAMILY).astype(np.int64)
    rows, labels, weights = soften(labels, probability)
    return learn(blind, probability.index.to_numpy()[rows], labels, weights)


def learn_gold(blind: Blind, chosen: NDArray[np.intp]) -> dict[str, float | None]:
    """Return the figures of the end model trained on the gold of the chosen train titles."""
    labels = blind.train_gold[chosen]
    if len(set(labels)) < 2:
        return {"roc_auc": None, "average_precision": None}
    return rank_figures(blind.test_gold, learn(blind, chosen, labels))


def average(votes: Floats, model: Floats) -> Floats:
    """Return the probability whose log-odds are the mean of both; the model's where no vote is.

    The rules know what no training row repeats, the model what no rule looks at. Both claim to be
    calibrated, so neither gets more weight: a better one could only be found on gold.
    """
    return np.asarray(expit(np.where(np.isnan(votes), model, (votes + model) / 2)))


def rank_figures(gold: Floats, ranking: Floats) -> dict[str, float | None]:
    """Return ROC-AUC and average precision where there is gold; None without both classes."""
    known = ~np.isnan(gold)
    truth, score = gold[known].astype(int), ranking[known]
    both = len(set(truth)) == 2
    return {
        "roc_auc": float(roc_auc_score(truth, score)) if both else None,
        "average_precision": float(average_precision_score(truth, score)) if both else None,
    }


def _report(summary: dict[str, Any], seconds: float) -> None:
    needed = summary["hand_labels_needed"]["n"]
    log.info(
        "Without %s: %d rules labelled %d train titles; ROC-AUC %s on %d test titles, %s if "
        "trained on gold; worth %s hand labels; in %.1f s",
        *(", ".join(summary["withhold"]) or "nothing", len(summary["rules"]), summary["n_train"]),
        *(figure(summary["roc_auc"]), summary["n_gold"], figure(summary["ceiling"]["roc_auc"])),
        *("an unknown number of" if needed is None else f"about {needed}", seconds),
    )

"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

It composes the pure parts of those stages. Gold scores the test titles at the very end; no label,
no feature and no choice before that has seen it. Beside the figure stand those that tell what it is
worth: what each step on the way brings, and the same end model trained on gold, on all of it (the
ceiling) and on little (how many hand labels the rules save).
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


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns, and score against gold.

    Parameters
    ----------
    workspace : Workspace
        Has the stage ``label``, whose split it keeps.
    config : BlindAuditConfig
        Withheld columns, aggregator, tie policy, draws, seed.

    Returns
    -------
    dict
        The content of ``blind_audit.json``.

    Raises
    ------
    TrainingError
        If the rules that are left label no train title of one class.
    """
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
    """Return the blind predictions, and the content of ``blind_audit.json``.

    `labeled` has the catalog's columns, ``split`` and ``content_group``, in a fixed order. The
    predictions are of the test titles with gold: ``show_id``, ``gold`` and ``probability``.
    """
    blind = prepare(labeled, config)
    weak = vote(blind, config)
    model = learn_soft(blind, weak)
    probability = average(log_odds_of_votes(blind.sides(weak)[1]), model)
    figures = rank_figures(blind.test_gold, probability)
    with_gold = np.flatnonzero(~np.isnan(blind.train_gold))
    curve, scores = learning_curve(
        with_gold, lambda chosen: learn_gold(blind, chosen)["roc_auc"], config.draws, config.seed
    )
    sizes = [point["n_labels"] for point in curve]
    summary = {
        "withhold": list(config.withhold),
        "rules": [rule.name for rule in blind.rules],
        "aggregator": config.aggregator,
        "model": END_MODEL.name,
        **count_titles(blind, weak),
        **figures,
        "ceiling": {"n_train": len(with_gold), **learn_gold(blind, with_gold)},
        "learning_curve": curve,
        "hand_labels_needed": labels_needed(sizes, scores, figures["roc_auc"]),
        "ladder": compare_steps(blind, weak, model, config) if len(model) else [],
    }
    known = ~np.isnan(blind.test_gold)
    gold = pd.array(blind.test_gold[known].astype(int), dtype="Int8")
    columns = {"show_id": blind.test_ids[known], "gold": gold, "probability": probability[known]}
    return pd.DataFrame(columns), summary


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

    def sides(self, weak: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rows of train titles, and those of test titles, each numbered from 0."""
        n_train = self.train.shape[0]
        train, test = weak.iloc[:n_train], weak.iloc[n_train:]
        return train.reset_index(drop=True), test.reset_index(drop=True)


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
        votes=apply_rules(pd.concat([train, test]), rules),
        train=train_features,
        test=test_features,
        groups=groups,
        test_ids=test["show_id"].to_numpy(),
        train_gold=_to_floats(gold[train.index]),
        test_gold=_to_floats(gold[test.index]),
        seed=config.seed,
    )


def hide(labeled: pd.DataFrame, withhold: Sequence[str]) -> pd.DataFrame:
    """Return the catalog's columns, split and groups, without the withheld optional columns.

    Rules and features that declare a withheld column are left out anyway; with the column gone,
    one that reads more than it declares gains nothing by it.
    """
    kept = [*CATALOG_COLUMNS, "split", "content_group"]
    return labeled[kept].drop(columns=[c for c in withhold if c in OPTIONAL_COLUMNS])


def vote(blind: Blind, config: BlindAuditConfig) -> pd.DataFrame:
    """Return the weak labels of train and test titles.

    Raises
    ------
    TrainingError
        If the rules label no train title of one class.
    """
    weak = aggregate(blind.votes, blind.rules, config.aggregator, config.tie_policy)
    counts = count_titles(blind, weak)["label_counts"]
    if not counts["family"] or not counts["not_family"]:
        raise TrainingError(
            f"Without {', '.join(config.withhold)}, {len(blind.rules)} rules label "
            f"{counts['family']} of {sum(counts.values())} train titles family and "
            f"{counts['not_family']} not family; expected titles of both. Withhold fewer columns "
            "or add rules that read others."
        )
    return weak


def count_titles(blind: Blind, weak: pd.DataFrame) -> dict[str, Any]:
    """Count the titles of either side, their labels and their gold."""
    labels = blind.sides(weak)[0]["label"]
    known = blind.test_gold[~np.isnan(blind.test_gold)]
    return {
        "n_train": int(labels.notna().sum()),
        "n_test": len(blind.test_gold),
        "n_gold": len(known),
        "n_gold_family": int(known.sum()),
        "label_counts": {
            "family": int((labels == FAMILY).sum()),
            "not_family": int((labels == NOT_FAMILY).sum()),
            "unlabelled": int(labels.isna().sum()),
        },
    }


def learn(
    blind: Blind, chosen: NDArray[np.intp], labels: NDArray[Any], weights: Floats | None = None
) -> Floats:
    """Fit the end model to train titles and return the test titles' log-odds of family.

    `chosen` has the numbers of the train titles, `labels` and `weights` the label and the weight of
    each; soft labels name a title twice.
    """
    if not blind.test.shape[0]:
        return np.empty(0)
    fitted = END_MODEL.fit(
        blind.train[chosen], labels.astype(np.int64), blind.groups[chosen], blind.seed, weights
    )
    return np.asarray(fitted.decision_function(blind.test), dtype=np.float64)


def learn_soft(blind: Blind, weak: pd.DataFrame) -> Floats:
    """Return the test titles' log-odds by the end model, trained on probabilities as weights.

    Titles without a vote are left out: their probability is the prior's, and no evidence.
    """
    probability = blind.sides(weak)[0]["probability"].dropna()
    labels = np.where(probability > 0.5, FAMILY, NOT_FAMILY).astype(np.int64)
    rows, labels, weights = soften(labels, probability)
    return learn(blind, probability.index.to_numpy()[rows], labels, weights)


def learn_hard(blind: Blind, weak: pd.DataFrame) -> Floats:
    """Return the test titles' log-odds by the end model, trained on labels alone."""
    labels = blind.sides(weak)[0]["label"].dropna()
    return learn(blind, labels.index.to_numpy(), labels.to_numpy(dtype=np.int64))


def learn_gold(blind: Blind, chosen: NDArray[np.intp]) -> dict[str, float | None]:
    """Return the figures of the end model trained on the gold of the chosen train titles."""
    labels = blind.train_gold[chosen]
    if len(set(labels)) < 2 or not blind.test.shape[0]:
        return {"roc_auc": None, "average_precision": None}
    return rank_figures(blind.test_gold, learn(blind, chosen, labels))


def log_odds_of_votes(weak: pd.DataFrame) -> Floats:
    """Return what the votes say as log-odds, bounded; NaN where there is no vote."""
    certain = 1e-6
    return np.asarray(logit(np.clip(_to_floats(weak["probability"]), certain, 1 - certain)))


def _to_floats(values: pd.Series) -> Floats:
    return np.asarray(values.to_numpy(dtype=np.float64, na_value=np.nan))


def average(votes: Floats, model: Floats) -> Floats:
    """Return the probability whose log-odds are the mean of both; the model's where no vote is.

    The rules know what no training row repeats, the model what no rule looks at. Both are log-odds
    that claim to be calibrated, so neither gets more weight: a better one could only be found on
    gold.
    """
    both = np.where(np.isnan(votes), model, (votes + model) / 2)
    return np.asarray(expit(both))


def rank_figures(gold: Floats, ranking: Floats) -> dict[str, float | None]:
    """Return ROC-AUC and average precision where there is gold; None without both classes."""
    known = ~np.isnan(gold)
    truth, score = gold[known].astype(int), ranking[known]
    if len(set(truth)) < 2:
        return {"roc_auc": None, "average_precision": None}
    return {
        "roc_auc": float(roc_auc_score(truth, score)),
        "average_precision": float(average_precision_score(truth, score)),
    }


def compare_steps(
    blind: Blind, weak: pd.DataFrame, model: Floats, config: BlindAuditConfig
) -> list[dict[str, Any]]:
    """Return what each step on the way brings, for the report only: nothing is chosen by it.

    `model` has the end model's log-odds, trained on the probabilities of the weak labels, `weak`.
    """
    votes = log_odds_of_votes(blind.sides(weak)[1])
    rankings: dict[str, Floats] = {}
    equal = aggregate(blind.votes, blind.rules, "majority", config.tie_policy)
    if {FAMILY, NOT_FAMILY} <= set(blind.sides(equal)[0]["label"].dropna()):
        rankings["majority vote, hard labels, model"] = learn_hard(blind, equal)
        rankings["majority vote, soft labels, model"] = learn_soft(blind, equal)
    name = config.aggregator
    rankings[f"{name} vote, hard labels, model"] = learn_hard(blind, weak)
    rankings[f"{name} vote, soft labels, model"] = model
    rankings[f"{name} vote alone"] = np.where(np.isnan(votes), np.nanmean(votes), votes)
    rankings[f"{name} vote and model averaged"] = average(votes, model)
    return [
        {"step": step, **rank_figures(blind.test_gold, ranking)}
        for step, ranking in rankings.items()
    ]


def _report(summary: dict[str, Any], seconds: float) -> None:
    needed = summary["hand_labels_needed"]["n"]
    log.info(
        "Without %s: %d rules labelled %d train titles; ROC-AUC %s on %d test titles, %s if "
        "trained on gold; worth %s hand labels; in %.1f s",
        ", ".join(summary["withhold"]) or "nothing",
        len(summary["rules"]),
        summary["n_train"],
        figure(summary["roc_auc"]),
        summary["n_gold"],
        figure(summary["ceiling"]["roc_auc"]),
        "an unknown number of" if needed is None else f"about {needed}",
        seconds,
    )

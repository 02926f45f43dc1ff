"""The blind audit: label and train repeated as if columns, such as the rating, did not exist.

What is trained is what would be published then: the same features, votes, copies and weights. Gold
scores the test titles at the very end; no label, no feature and no choice before that has seen it.
Beside the figure stand those that tell what it is worth: what each step on the way brings, and the
end model trained on all of the gold (the ceiling) and on little of it, without any rule (how many
hand labels the rules save).
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks import pipeline
from tasks.audits.hand_labels import labels_needed, learning_curve
from tasks.audits.relabel import Relabeled, recipe_of, relabel
from tasks.augment.stage import count_classes, make_training_table, synonyms_for
from tasks.augment.transform import Synonyms, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TEST, TRAIN, VOTE_COLUMNS
from tasks.catalog.formats import figure
from tasks.catalog.rulebook import choose
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.answers import GROUP
from tasks.label.rule import LabelingFunction
from tasks.label.vote import aggregate
from tasks.train.models import logistic_regression
from tasks.train.prepared import Prepared, is_title
from tasks.train.prepared import prepare as prepare_rows
from tasks.train.recipe import soften
from tasks.volume import atomic
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
END_MODEL = logistic_regression
LEAST = 1e-6  # no votes are more certain than this
VOTES_READ = "soft labels, model that reads the votes"
COPIES_TOO = "the same with copies, as published"


def blind_audit(workspace: Workspace, config: BlindAuditConfig) -> dict[str, Any]:
    """Relabel and retrain without the withheld columns; return the content of the report."""
    started = time.perf_counter()
    label = workspace.read(pipeline.LABEL)
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)
    near = label.read_table(pipeline.NEAR_DUPLICATES)
    answers = label.read_table(pipeline.ANSWERS)
    operations = choose(TRANSFORMS, config.operations, "operations")
    synonyms, wordnet = synonyms_for(operations, workspace)

    before = workspace.answered_before(pipeline.BLIND_AUDIT, config, [label])
    summary = before.read_json(pipeline.BLIND_AUDIT_REPORT) if before else {}
    if before and summary["wordnet"] == wordnet:
        predictions = before.read_bytes(pipeline.BLIND_AUDIT_PREDICTIONS)
    else:
        scored, summary = audit(labeled, near, operations, synonyms, config, answers)
        predictions, summary["wordnet"] = atomic.to_csv(scored), wordnet

    with workspace.write(pipeline.BLIND_AUDIT, config, inputs=[label]) as out:
        out.write_bytes(pipeline.BLIND_AUDIT_PREDICTIONS, predictions)
        out.write_json(pipeline.BLIND_AUDIT_REPORT, summary)
    _report(summary, time.perf_counter() - started)
    return summary


def audit(
    labeled: pd.DataFrame,
    near: pd.DataFrame,
    operations: Sequence[Transform],
    synonyms: Synonyms,
    config: BlindAuditConfig,
    answers: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the blind predictions of the test titles with gold, and the report.

    `labeled` has the catalog's columns, ``split`` and ``content_group``, in a fixed order; the rest
    is as `tasks.augment.stage.make_training_table` and `tasks.audits.relabel.relabel` take it.
    """
    again = relabel(labeled, config, answers)
    counts = count_labels(again, config)
    rows, _ = make_training_table(again.titles, near, operations, synonyms, again.rules, config)
    blind = prepare(rows, again, config)
    probability = predict_blind(blind, config)
    rankings = rank_test_titles(blind, config) | {COPIES_TOO: probability}
    figures = rank_figures(blind.test_gold, probability)
    with_gold = np.flatnonzero(~np.isnan(blind.train_gold))
    curve, scores = learning_curve(
        with_gold, lambda chosen: learn_gold(blind, chosen)["roc_auc"], config.draws, config.seed
    )
    known = ~np.isnan(blind.test_gold)
    gold = blind.test_gold[known].astype(int)
    summary = {
        "withhold": list(config.withhold),
        "rules": [rule.name for rule in again.rules if rule.group != GROUP],
        "aggregator": config.aggregator,
        "model": END_MODEL.name,
        **asdict(recipe_of(config)),
        "n_train": counts["family"] + counts["not_family"],
        "n_copies": int(rows["parent_id"].notna().sum()),
        "n_test": len(known),
        "n_gold": len(gold),
        "n_gold_family": int(gold.sum()),
        "label_counts": counts,
        **figures,
        "ceiling": {"n_train": len(with_gold), **learn_gold(blind, with_gold, with_votes=True)},
        "learning_curve": curve,
        "hand_labels_needed": labels_needed(curve, scores, figures["roc_auc"]),
        "ladder": [{"step": s, **rank_figures(blind.test_gold, r)} for s, r in rankings.items()],
    }
    columns = {"show_id": blind.test_ids[known], "gold": pd.array(gold, dtype="Int8")}
    return pd.DataFrame(columns | {"probability": probability[known]}), summary


@dataclass(frozen=True)
class Blind:
    """What is learned from, and gold: 1, 0, or NaN.

    `prepared` is the training table; `groups`, the votes and the matrices are of its rows that are
    no copies, and of the test titles; `unruled` has both matrices without the votes. Only the
    ceiling and the learning curve learn from gold of train titles; nothing learns from that of
    test titles.
    """

    rules: tuple[LabelingFunction, ...]
    votes: pd.DataFrame
    prepared: Prepared
    groups: NDArray[Any]
    train: sparse.csr_matrix
    test: sparse.csr_matrix
    unruled: tuple[sparse.csr_matrix, sparse.csr_matrix]
    test_ids: NDArray[Any]
    train_gold: Floats
    test_gold: Floats
    seed: int


def prepare(rows: pd.DataFrame, again: Relabeled, config: BlindAuditConfig) -> Blind:
    """Compute what is read of the training table's rows and of the test titles."""
    prepared = prepare_rows(rows, config.features, config.withhold)
    titles = is_title(rows)
    train = pd.Index(again.titles["show_id"]).get_indexer(pd.Index(rows.loc[titles, "show_id"]))
    test = np.flatnonzero((again.titles["split"] == TEST).fillna(False))
    matrix = prepared.matrix[titles]
    features = sparse.csr_matrix((0, matrix.shape[1]))
    if len(test):
        features = sparse.csr_matrix(prepared.features.transform(again.features().iloc[test]))
    is_vote = np.zeros(matrix.shape[1], dtype=bool)
    for name, place in prepared.features.output_indices_.items():
        is_vote[place] |= name in VOTE_COLUMNS
    gold = again.gold.to_numpy(dtype=np.float64, na_value=np.nan)
    return Blind(
        rules=again.rules,
        votes=again.votes.iloc[np.concatenate([train, test])].reset_index(drop=True),
        prepared=prepared,
        groups=rows.loc[titles, "content_group"].to_numpy(),
        train=matrix,
        test=features,
        unruled=(matrix[:, ~is_vote], features[:, ~is_vote]),
        test_ids=again.titles["show_id"].to_numpy()[test],
        train_gold=gold[train],
        test_gold=gold[test],
        seed=config.seed,
    )


def predict_blind(blind: Blind, config: BlindAuditConfig) -> Floats:
    """Train what would be published; return P(family) of the test titles."""
    if not len(blind.test_ids):
        return np.empty(0)
    every = np.arange(len(blind.prepared.rows))
    fitted = blind.prepared.fit(END_MODEL, every, recipe_of(config), config.seed)
    return np.asarray(fitted.predict_proba(blind.test)[:, 1], dtype=np.float64)


def add_up(blind: Blind, aggregator: str, tie_policy: str) -> list[pd.DataFrame]:
    """Return the weak labels of the train titles, numbered from 0, and those of the test titles."""
    weak = aggregate(blind.votes, blind.rules, aggregator, tie_policy)
    n_train = len(blind.train_gold)
    return [weak.iloc[:n_train], weak.iloc[n_train:]]


def count_labels(again: Relabeled, config: BlindAuditConfig) -> dict[str, int]:
    """Count the labels of the train titles; `TrainingError` if there are none of one class."""
    labels = again.titles.loc[(again.titles["split"] == TRAIN).fillna(False), "label"]
    counts = count_classes(labels)
    if not all(counts.values()):
        raise TrainingError(
            f"Without {', '.join(config.withhold)}, {len(again.rules)} rules label "
            f"{counts['family']} of {len(labels)} train titles family and {counts['not_family']} "
            "not family; expected titles of both. Withhold fewer columns or add rules that read "
            "others."
        )
    return {**counts, "unlabelled": int(labels.isna().sum())}


def rank_test_titles(blind: Blind, config: BlindAuditConfig) -> dict[str, Floats]:
    """Return how each step on the way to the audit's answer ranks the test titles.

    They are for the report only: nothing is chosen by them.
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
    rankings[VOTES_READ] = learn_soft(blind, train, with_votes=True)
    return rankings


def learn(
    blind: Blind,
    chosen: NDArray[np.intp],
    labels: NDArray[Any],
    weights: Floats | None = None,
    *,
    with_votes: bool = False,
) -> Floats:
    """Fit the end model to train titles, by number; return the test titles' log-odds of family."""
    if not len(blind.test_ids):
        return np.empty(0)
    train, test = (blind.train, blind.test) if with_votes else blind.unruled
    labels, groups = labels.astype(np.int64), blind.groups[chosen]
    fitted = END_MODEL.fit(train[chosen], labels, groups, blind.seed, weights)
    return np.asarray(fitted.decision_function(test), dtype=np.float64)


def learn_soft(blind: Blind, weak: pd.DataFrame, *, with_votes: bool = False) -> Floats:
    """Learn from probabilities as weights.

    Titles without a vote are left out: their probability is the prior's, and no evidence.
    """
    probability = weak["probability"].dropna()
    labels = np.where(probability > 0.5, FAMILY, NOT_FAMILY).astype(np.int64)
    rows, labels, weights = soften(labels, probability)
    chosen = probability.index.to_numpy()[rows]
    return learn(blind, chosen, labels, weights, with_votes=with_votes)


def learn_gold(
    blind: Blind, chosen: NDArray[np.intp], *, with_votes: bool = False
) -> dict[str, float | None]:
    """Return the figures of the end model trained on the gold of the chosen train titles."""
    labels = blind.train_gold[chosen]
    if len(set(labels)) < 2:
        return {"roc_auc": None, "average_precision": None}
    return rank_figures(blind.test_gold, learn(blind, chosen, labels, with_votes=with_votes))


def average(votes: Floats, model: Floats) -> Floats:
    """Return the probability whose log-odds are the mean of both; the model's where no vote is."""
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

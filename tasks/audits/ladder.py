"""What the blind audit learns from, and how each model on the way to its answer ranks titles."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.audits.relabel import Relabeled
from tasks.augment.stage import count_classes
from tasks.catalog.columns import FAMILY, NOT_FAMILY, TEST, VOTE_COLUMNS
from tasks.config import BlindAuditConfig
from tasks.label.rule import LabelingFunction
from tasks.label.vote import aggregate
from tasks.train.models import logistic_regression
from tasks.train.prepared import Prepared, is_title
from tasks.train.recipe import soften

Floats = NDArray[np.float64]
END_MODEL = logistic_regression
LEAST = 1e-6  # no votes are more certain than this
VOTES_READ = "soft labels, model that reads the votes"


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


def take_apart(prepared: Prepared, again: Relabeled, seed: int) -> Blind:
    """Return what is read of the training table's titles and of the test titles."""
    rows = prepared.rows
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
        seed=seed,
    )


def add_up(blind: Blind, aggregator: str, tie_policy: str) -> list[pd.DataFrame]:
    """Return the weak labels of the train titles, numbered from 0, and those of the test titles."""
    weak = aggregate(blind.votes, blind.rules, aggregator, tie_policy)
    n_train = len(blind.train_gold)
    return [weak.iloc[:n_train], weak.iloc[n_train:]]


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

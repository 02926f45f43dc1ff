"""From a catalog without the withheld columns to the probability of each test title."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, logit
from sklearn.metrics import average_precision_score, roc_auc_score

from tasks.catalog.columns import CATALOG_COLUMNS, FAMILY, NOT_FAMILY, OPTIONAL_COLUMNS, TEST, TRAIN
from tasks.catalog.utilities import derive_features, gold_labels
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import LabelingFunction
from tasks.label.vote import aggregate, apply_rules, rules_without
from tasks.train.features import RICH, build_features
from tasks.train.models import logistic_regression
from tasks.train.recipe import soften

Floats = NDArray[np.float64]
END_MODEL = logistic_regression


@dataclass(frozen=True)
class Blind:
    """The titles as the audit sees them; gold is kept apart, for the end.

    Parameters
    ----------
    rules : tuple of LabelingFunction
        Those that read no withheld column.
    votes : DataFrame of int8, shape (n_train + n_test, n_rules)
        Their votes on the train titles, then on the test titles.
    train : sparse matrix, shape (n_train, n_features)
        The train titles' features. They are fitted to all train titles, labelled or not.
    test : sparse matrix, shape (n_test, n_features)
        The test titles' features.
    groups : array, shape (n_train,)
        The content groups of the train titles.
    train_gold : array of float, shape (n_train,)
        1, 0, or NaN where there is none. Only the ceiling and the learning curve learn from it.
    test_gold : array of float, shape (n_test,)
        Likewise; nothing learns from it.
    seed : int
    """

    rules: tuple[LabelingFunction, ...]
    votes: pd.DataFrame
    train: sparse.csr_matrix
    test: sparse.csr_matrix
    groups: NDArray[Any]
    train_gold: Floats
    test_gold: Floats
    seed: int

    def train_part(self, weak: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of train titles."""
        return weak.iloc[: self.train.shape[0]]

    def test_part(self, weak: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of test titles."""
        return weak.iloc[self.train.shape[0] :]


def prepare(labeled: pd.DataFrame, config: BlindAuditConfig) -> Blind:
    """Let the rules that are left vote, and compute the features that are left.

    Parameters
    ----------
    labeled : DataFrame, shape (n_titles, n_columns)
        The catalog's columns, ``split`` and ``content_group``; in a fixed order.
    config : BlindAuditConfig
        Withheld columns, seed.
    """
    rules = rules_without(LABELING_FUNCTIONS, config.withhold)
    catalog = hide(labeled, config.withhold)
    sides = [
        catalog[(catalog["split"] == side).fillna(False).astype(bool)] for side in (TRAIN, TEST)
    ]
    both = pd.concat(sides)
    gold = gold_labels(labeled["rating"]).astype("Float64")
    train_gold, test_gold = (_to_floats(gold[side.index]) for side in sides)
    groups = sides[0]["content_group"].to_numpy()
    features = build_features(config.withhold, feature_set=RICH, titles=groups)
    train = sparse.csr_matrix(features.fit_transform(derive_features(sides[0])))
    test = sparse.csr_matrix((0, train.shape[1]))
    if len(sides[1]):
        test = sparse.csr_matrix(features.transform(derive_features(sides[1])))
    votes = apply_rules(both, rules)
    return Blind(rules, votes, train, test, groups, train_gold, test_gold, config.seed)


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
    labels = blind.train_part(weak)["label"]
    family, not_family = (int((labels == side).sum()) for side in (FAMILY, NOT_FAMILY))
    if not family or not not_family:
        raise TrainingError(
            f"Without {', '.join(config.withhold)}, {len(blind.rules)} rules label {family} of "
            f"{len(labels)} train titles family and {not_family} not family; expected titles of "
            "both. Withhold fewer columns or add rules that read others."
        )
    return weak


def fit_and_score(
    blind: Blind, chosen: NDArray[np.intp], labels: NDArray[Any], weights: Floats | None = None
) -> Floats:
    """Fit the end model to train titles and return the test titles' log-odds of family.

    Parameters
    ----------
    blind : Blind
    chosen : array of int
        Which train titles, by number; soft labels name a title twice.
    labels : array of int
        The label of each.
    weights : array of float, optional
        The weight of each.
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
    probability = blind.train_part(weak)["probability"].reset_index(drop=True).dropna()
    sides = np.where(probability > 0.5, FAMILY, NOT_FAMILY).astype(np.int64)
    rows, labels, weights = soften(sides, probability)
    return fit_and_score(blind, probability.index.to_numpy()[rows], labels, weights)


def learn_hard(blind: Blind, weak: pd.DataFrame) -> Floats:
    """Return the test titles' log-odds by the end model, trained on labels alone."""
    labels = blind.train_part(weak)["label"].reset_index(drop=True).dropna()
    return fit_and_score(blind, labels.index.to_numpy(), labels.to_numpy(dtype=np.int64))


def log_odds_of_votes(probability: pd.Series) -> Floats:
    """Return what the votes say as log-odds, bounded; NaN where there is no vote."""
    certain = 1e-6
    values = _to_floats(probability)
    return np.asarray(logit(np.clip(values, certain, 1 - certain)))


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

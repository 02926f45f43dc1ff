"""The ladder: what each step of the blind way brings, on the test titles that have gold.

For the report only. Nothing is chosen by it.
"""

from typing import Any

import numpy as np
import pandas as pd

from tasks.audits.blind_parts import (
    Blind,
    Floats,
    average,
    learn_hard,
    learn_soft,
    log_odds_of_votes,
    rank_figures,
)
from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.config import BlindAuditConfig
from tasks.label.vote import aggregate


def climb(blind: Blind, weak: pd.DataFrame, model: Floats, config: BlindAuditConfig) -> list[Any]:
    """Return ROC-AUC and average precision of each step, each with its name.

    Parameters
    ----------
    blind : Blind
    weak : DataFrame
        The weak labels of the audit.
    model : array of float, shape (n_test,)
        The end model's log-odds, trained on their probabilities.
    config : BlindAuditConfig
    """
    votes = log_odds_of_votes(blind.test_part(weak)["probability"])
    rankings: dict[str, Floats] = {}
    equal = aggregate(blind.votes, blind.rules, "majority", config.tie_policy)
    sides = set(blind.train_part(equal)["label"].dropna())
    if {FAMILY, NOT_FAMILY} <= sides:
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

"""Does a rule know the gold? Asked of its votes, and not of what it declares."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from tasks.catalog.columns import CLASS_NAMES
from tasks.errors import LeakageError
from tasks.label.analysis import GOLD_COLUMN
from tasks.label.rule import LabelingFunction

MIN_GOLD = 500
MIN_RECALL = 0.5
MAX_ERROR = 0.005  # the share of votes that gold contradicts, at most
MAX_ERROR_OF_CHANCE = 0.02  # the same, as a share of what voting on all titles would err


def check_rules(votes: pd.DataFrame, rules: Sequence[LabelingFunction], gold: pd.Series) -> None:
    """Fail if a rule knows the gold without saying so.

    A rule that does not declare ``rating`` guesses. One that is right nearly always, and on half
    of its class or more, does not guess: it reads gold by some other way. A rule from prior
    knowledge may be as right, but then on few titles.

    `LeakageError` names the rule. Gold of fewer than `MIN_GOLD` titles, or of one class, proves
    nothing.
    """
    truth = gold.to_numpy(dtype=np.float64, na_value=np.nan)
    n_gold = int((~np.isnan(truth)).sum())
    for rule in rules:
        is_class = truth == rule.votes
        by_chance = 1 - is_class.sum() / max(n_gold, 1)
        if GOLD_COLUMN in rule.reads or n_gold < MIN_GOLD or by_chance in (0, 1):
            continue
        fired = (votes[rule.name] == rule.votes).to_numpy() & ~np.isnan(truth)
        right = int((fired & is_class).sum())
        n_fired, recall = int(fired.sum()), right / int(is_class.sum())
        error = 1 - right / max(n_fired, 1)
        if recall >= MIN_RECALL and error <= min(MAX_ERROR, MAX_ERROR_OF_CHANCE * by_chance):
            raise LeakageError(
                f"Rule {rule.name} reads gold: {right} of the {n_fired} titles that it votes "
                f"{CLASS_NAMES[rule.votes]} on are so by their rating, and they are {recall:.0%} "
                f"of that class, though it declares to read {', '.join(rule.reads)} only. No rule "
                f"from prior knowledge does that: take it out, or declare {GOLD_COLUMN} in its "
                "reads."
            )

"""The lab's rules written a row at a time, as a notebook has them: one function of a row each."""

import re
from collections.abc import Callable
from typing import Any

from tasks.catalog.columns import ABSTAIN
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import HINT_BELOW

Row = Any


def row_rule(rule: Any) -> Callable[[Row], int]:
    """Return the rule as a function of one row, made of the data that the rule declares."""
    if rule.keywords:
        words = (re.escape(w).replace(r"\*", r"\w*") for w in rule.keywords.words)
        pattern = re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE | re.ASCII)
        return lambda row: (
            rule.votes if pattern.search(row["title"] + ". " + row["description"]) else ABSTAIN
        )
    if rule.cells is None:
        raise NotImplementedError(f"{rule.name} is code, not data; write its row-wise twin here.")
    return lambda row: (
        rule.votes if all(t(str(row[column])) for column, t in rule.cells.items()) else ABSTAIN
    )


ROW_RULES = {rule.name: row_rule(rule) for rule in LABELING_FUNCTIONS}
MAJORITY_RULES = [  # where every vote counts the same, hints do not
    ROW_RULES[rule.name] for rule in LABELING_FUNCTIONS if rule.trust >= HINT_BELOW
]

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
    if rule.fires:
        raise NotImplementedError(f"{rule.name} is code, not data; write its row-wise twin here.")
    wanted, unwanted = pattern_of(rule.keywords), pattern_of(rule.without)

    def vote(row: Row) -> int:
        text = row["title"] + ". " + row["description"]
        fires = (
            all(test(str(row[column])) for column, test in rule.cells.items())
            and not (wanted and not wanted.search(text))
            and not (unwanted and unwanted.search(text))
        )
        return rule.votes if fires else ABSTAIN

    return vote


def pattern_of(keywords: Any) -> re.Pattern[str] | None:
    """Return the pattern of any of the keywords, if there are some."""
    if not keywords:
        return None
    words = (re.escape(w).replace(r"\*", r"\w*") for w in keywords.words)
    return re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE | re.ASCII)


ROW_RULES = {rule.name: row_rule(rule) for rule in LABELING_FUNCTIONS}
MAJORITY_RULES = [  # where every vote counts the same, hints do not
    ROW_RULES[rule.name] for rule in LABELING_FUNCTIONS if rule.trust >= HINT_BELOW
]

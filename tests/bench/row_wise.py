"""The lab's rules written a row at a time, as a notebook has them: one function of a row each."""

import re
from collections.abc import Callable
from typing import Any

from tasks.label import functions
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.schema import ABSTAIN

Row = Any

RATINGS = {
    "rated_for_families": functions.FOR_CHILDREN | functions.FOR_EVERYONE | functions.WITH_GUIDANCE,
    "rated_for_children": functions.FOR_CHILDREN,
    "rated_for_everyone": functions.FOR_EVERYONE,
    "rated_with_guidance": functions.WITH_GUIDANCE,
    "rated_beyond_families": functions.FOR_TEENS | functions.FOR_ADULTS,
    "rated_for_teens": functions.FOR_TEENS,
    "rated_for_adults": functions.FOR_ADULTS,
}
GENRES = {
    "genre_children": {"Children & Family Movies", "Kids' TV"},
    "genre_faith": {"Faith & Spirituality"},
    "genre_nature": {"Science & Nature TV"},
    "genre_horror": {"Horror Movies", "TV Horror"},
    "genre_thriller": {"Thrillers", "TV Thrillers"},
    "genre_crime": {"Crime TV Shows"},
    "genre_stand_up": {"Stand-Up Comedy", "Stand-Up Comedy & Talk Shows"},
}


def row_rule(rule: Any) -> Callable[[Row], int]:
    """Return the rule as a function of one row."""
    if rule.name in RATINGS:
        return lambda row: rule.votes if row["rating"] in RATINGS[rule.name] else ABSTAIN
    if rule.name in GENRES:
        wanted = GENRES[rule.name]
        return lambda row: (
            rule.votes
            if any(genre.strip() in wanted for genre in row["listed_in"].split(","))
            else ABSTAIN
        )
    words = (re.escape(w).replace(r"\*", r"\w*") for w in rule.keywords.words)
    pattern = re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE | re.ASCII)
    return lambda row: (
        rule.votes if pattern.search(row["title"] + ". " + row["description"]) else ABSTAIN
    )


ROW_RULES = {rule.name: row_rule(rule) for rule in LABELING_FUNCTIONS}

"""What is wrong with a rule, told from votes and weak labels: gold itself is not asked.

Where rules that read the rating vote, though, the labels are mostly theirs: a finding asks for a
second thought about a rule, not for one that is tuned until the finding is gone. The four faults,
each said in a sentence that names what to look at:

- dead: it votes on nothing;
- too broad: it votes on a quarter or more of the titles that got the other class;
- redundant: another rule votes the same on (nearly) the same titles;
- worse than chance: where it votes, fewer titles got its class than elsewhere. The label counts its
  own vote too, so this errs on its side.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.catalog.columns import CLASS_NAMES
from tasks.label.rule import LabelingFunction

BROAD_FROM = 0.25
SAME_FROM = 0.9  # Jaccard: the titles of both, as a share of the titles of either
LEAST_VOTES = 20  # fewer may coincide by chance
ERRORS = 1.96  # standard errors that make a difference

Matrix = npt.NDArray[np.int8]
Masks = npt.NDArray[np.bool_]


def find_faults(
    votes: Matrix, rules: Sequence[LabelingFunction], labels: pd.Series
) -> list[list[str]]:
    """Return the faults of every rule.

    Parameters
    ----------
    votes : ndarray of int8, shape (n_titles, n_rules)
    rules : sequence of LabelingFunction
        The rules of the columns.
    labels : Series of Int8, shape (n_titles,)
        The weak labels; ``<NA>`` where there is none.

    Returns
    -------
    list of list of str
        One list a rule; an empty one if nothing was found, or there are no titles.
    """
    if not len(votes):
        return [[] for _ in rules]
    fires = votes == np.array([rule.votes for rule in rules], dtype=np.int8)
    twins = _twins(fires, rules)
    got = labels.fillna(-1).to_numpy(dtype=np.int8)
    return [
        [
            finding
            for finding in (
                "dead: votes on no title" if not fired.any() else None,
                _broad(rule, fired, got),
                f"redundant: votes on the same titles as {', '.join(twin)}" if twin else None,
                _contrary(rule, fired, got),
            )
            if finding
        ]
        for rule, fired, twin in zip(rules, fires.T, twins, strict=True)
    ]


def _broad(rule: LabelingFunction, fired: Masks, got: Matrix) -> str | None:
    others = fired[got == 1 - rule.votes]
    if len(others) < LEAST_VOTES or others.mean() < BROAD_FROM:
        return None
    share, other = others.mean(), CLASS_NAMES[1 - rule.votes]
    return f"too broad: votes on {share:.0%} of the {len(others):,} titles labelled {other}"


def _contrary(rule: LabelingFunction, fired: Masks, got: Matrix) -> str | None:
    inside, outside = got[fired & (got >= 0)], got[~fired & (got >= 0)]
    if min(len(inside), len(outside)) < LEAST_VOTES:
        return None
    share, elsewhere = (inside == rule.votes).mean(), (outside == rule.votes).mean()
    variance = share * (1 - share) / len(inside) + elsewhere * (1 - elsewhere) / len(outside)
    if share >= elsewhere - ERRORS * np.sqrt(variance):
        return None
    return (
        f"worse than chance: {share:.0%} of the {len(inside):,} titles that it votes on are "
        f"labelled {CLASS_NAMES[rule.votes]}, elsewhere {elsewhere:.0%}"
    )


def _twins(fires: Masks, rules: Sequence[LabelingFunction]) -> list[list[str]]:
    """Return for every rule the others of its class that fire on the same titles."""
    counts = fires.sum(axis=0)
    both = fires.T.astype(np.float32) @ fires.astype(np.float32)
    jaccard = both / np.maximum(counts[:, None] + counts - both, 1)
    sides = np.array([rule.votes for rule in rules])
    enough = counts >= LEAST_VOTES
    same = (jaccard >= SAME_FROM) & (sides[:, None] == sides) & np.outer(enough, enough)
    np.fill_diagonal(same, val=False)
    return [[rules[j].name for j in np.flatnonzero(row).tolist()] for row in same]

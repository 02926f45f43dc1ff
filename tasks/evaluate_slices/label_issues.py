"""Titles whose weak label is probably wrong, by confident learning (C. Northcutt et al., 2021).

A model that never saw a title's label disagrees with it, and more firmly than models usually do
about titles of that label. Such a label is worth a look, with the title's vote card. One that rests
on a rating comes last: there, people who saw the title have spoken, and more often than the label
it is the title that is unusual.
"""

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import ABSTAIN, CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.errors import EvaluationError

log = logging.getLogger(__name__)

TOP = 25
LEAST_OF_A_CLASS = 10  # fewer say nothing about what models usually think of a label
VISIBLE, HIDDEN = "probability", "probability_rating_hidden"
RATING, OTHER_RULES = "rating", "other rules"

Votes = dict[str, list[str]]


def label_issues(
    out_of_fold: pd.DataFrame,
    labeled: pd.DataFrame,
    votes: pd.DataFrame,
    rules: Sequence[Mapping[str, Any]],
    top: int = TOP,
    column: str | None = None,
) -> list[dict[str, Any]]:
    """List the train titles whose label is probably wrong, the most suspicious first.

    Parameters
    ----------
    out_of_fold : DataFrame
        ``show_id``, ``label`` and the out-of-fold probability of family, as the stage train
        writes them.
    labeled, votes : DataFrame
        As the stage label writes them.
    rules : sequence of mapping
        The analysis of the rules that voted: ``name`` and ``group``.
    top : int
        The most titles to list. Titles that are not suspicious never fill the list up.
    column : str, optional
        Which out-of-fold probability to believe; by default the one with the rating hidden where
        there is one. A model that sees the rating repeats what the rules read off it.

    Returns
    -------
    list of dict
        ``show_id``, ``title``; ``label`` in words; ``rests_on``: ``rating`` or ``other rules``;
        ``probability`` (of family, out of fold); ``label_probability`` (of family, by the votes);
        ``quality``: the model's probability of the label; ``reason``: why it is listed, in a
        sentence; ``votes``: the rules that voted, by class. Empty if a class has fewer than
        `LEAST_OF_A_CLASS` titles.

    Raises
    ------
    EvaluationError
        If the tables are not about the same titles, or lack a column.
    """
    chosen = column or (HIDDEN if HIDDEN in out_of_fold.columns else VISIBLE)
    titles = _joined(out_of_fold, labeled, chosen)
    label, family = titles["label"].to_numpy(np.int64), titles["model"].to_numpy(np.float64)
    if np.bincount(label, minlength=2).min() < LEAST_OF_A_CLASS:
        log.info("Too few titles of one class to look for wrong labels")
        return []
    titles["usual"] = np.where(
        label == FAMILY, family[label == FAMILY].mean(), family[label == NOT_FAMILY].mean()
    )
    suspects = titles.iloc[find_suspects(label, family)]
    ratings = frozenset(rule["name"] for rule in rules if rule["group"] == RATING)
    cast = votes.set_index("show_id")
    found = [
        _describe(row, _votes_of(cast.loc[row["show_id"]]), ratings, chosen)
        for _, row in suspects.iterrows()
    ]
    ordered = sorted(found, key=lambda issue: issue["rests_on"] == RATING)  # stable
    unrated = sum(issue["rests_on"] != RATING for issue in found)
    log.info(
        "%d of %d labels look wrong; %d of them do not rest on a rating",
        *(len(found), len(titles), unrated),
    )
    return ordered[:top]


def find_suspects(label: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Return the positions of labels that are probably wrong, the least believed first.

    Parameters
    ----------
    label : ndarray of int, shape (n_titles,)
    family : ndarray of float, shape (n_titles,)
        P(family), of models that did not see the title.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what cleanlab's own imports say is not the user's affair
        from cleanlab.filter import find_label_issues
    probability = np.column_stack([1 - family, family])
    # One process: the work takes a fraction of a second, and a task had better not fork.
    suspicious = find_label_issues(label, probability, filter_by="both", n_jobs=1)
    positions = np.flatnonzero(suspicious)
    believed = probability[positions, label[positions]]
    return positions[np.lexsort((positions, believed))]


def _joined(out_of_fold: pd.DataFrame, labeled: pd.DataFrame, column: str) -> pd.DataFrame:
    wanted = ("show_id", "label", column)
    if lacking := [name for name in wanted if name not in out_of_fold.columns]:
        raise EvaluationError(
            f"The out-of-fold titles have no column {', '.join(lacking)}; expected "
            f"{', '.join(wanted)}. Clear the task train and those after it."
        )
    scores = out_of_fold[list(wanted)].rename(columns={column: "model"})
    joined = scores.merge(labeled[["show_id", "title", "probability"]], on="show_id")
    if lost := len(out_of_fold) - len(joined):
        raise EvaluationError(
            f"{lost} of {len(out_of_fold)} out-of-fold titles are not among the labelled ones; "
            "clear the task train and those after it, so that all read the same labels."
        )
    return joined.sort_values("show_id", ignore_index=True)


def _describe(row: pd.Series, votes: Votes, ratings: frozenset[str], column: str) -> dict[str, Any]:
    label = int(row["label"])
    name, model, by_votes = CLASS_NAMES[label], float(row["model"]), row["probability"]
    rated = not ratings.isdisjoint(votes[name])
    return {
        "show_id": str(row["show_id"]),
        "title": str(row["title"]),
        "label": name,
        "rests_on": RATING if rated else OTHER_RULES,
        "probability": model,
        "label_probability": None if pd.isna(by_votes) else float(by_votes),
        "quality": model if label == FAMILY else 1 - model,
        "reason": _reason(name, model, float(row["usual"]), rated, column),
        "votes": votes,
    }


def _reason(name: str, model: float, usual: float, rated: bool, column: str) -> str:
    hidden = " with the rating hidden" if column == HIDDEN else ""
    ground = "by its rating" if rated else "by other rules than a rating's"
    return (
        f"labelled {name} {ground}, but a model that never saw this label gives "
        f"P(family) = {model:.2f}{hidden}; titles labelled {name} get {usual:.2f} on average"
    )


def _votes_of(cast: pd.Series) -> Votes:
    cast = cast[cast != ABSTAIN]
    return {name: cast.index[cast == value].tolist() for value, name in CLASS_NAMES.items()}

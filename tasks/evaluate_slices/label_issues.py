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

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY

log = logging.getLogger(__name__)

LEAST_OF_A_CLASS = 10  # fewer say nothing about what models usually think of a label
RATING, OTHER_RULES = "rating", "other rules"
COLUMNS = (
    *("show_id", "title", "label", "rests_on", "probability", "label_probability", "quality"),
    *("reason", "votes_family", "votes_not_family"),
)


def find_label_issues(
    titles: pd.DataFrame, votes: pd.DataFrame, rules: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """List the train titles whose label is probably wrong, the most suspicious first.

    `titles` is what `tasks.evaluate_slices.evidence.join_out_of_fold` gives. Of the `COLUMNS`,
    ``probability`` is the model's P(family), ``label_probability`` the votes', and ``quality`` the
    model's probability of the label. Empty if a class has fewer than `LEAST_OF_A_CLASS` titles.
    """
    label, family = titles["label"].to_numpy(np.int64), titles["model"].to_numpy(np.float64)
    if np.bincount(label, minlength=2).min() < LEAST_OF_A_CLASS:
        log.info("Too few titles of one class to look for wrong labels")
        return []
    usual = {value: float(family[label == value].mean()) for value in CLASS_NAMES}
    ratings = {rule["name"] for rule in rules if rule["group"] == RATING}
    cast = votes.set_index("show_id").loc[titles["show_id"]]
    names, matrix = cast.columns.to_numpy(), cast.to_numpy()
    found = []
    for place in find_suspects(label, family):
        voters = {value: names[matrix[place] == value] for value in CLASS_NAMES}
        of_label, model = int(label[place]), float(family[place])
        is_rated = not ratings.isdisjoint(voters[of_label])
        title = titles.iloc[place]
        values = (
            *(title["show_id"], title["title"], CLASS_NAMES[of_label]),
            *(RATING if is_rated else OTHER_RULES, model, float(title["probability"])),
            model if of_label == FAMILY else 1 - model,
            explain(of_label, model, usual[of_label], is_rated),
            *(", ".join(voters[value]) for value in (FAMILY, NOT_FAMILY)),
        )
        found.append(dict(zip(COLUMNS, values, strict=True)))
    found.sort(key=lambda issue: issue["rests_on"] == RATING)  # keeps the order of each
    unrated = sum(issue["rests_on"] != RATING for issue in found)
    log.info(
        "%d of %d labels look wrong; %d of them do not rest on a rating",
        *(len(found), len(titles), unrated),
    )
    return found


def find_suspects(label: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Return the positions of labels that are probably wrong, the least believed first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what cleanlab's own imports say is not the user's affair
        from cleanlab.filter import find_label_issues as find_issues
    probability = np.column_stack([1 - family, family])
    # One process: the work takes a fraction of a second, and a task had better not fork.
    suspicious = find_issues(label, probability, filter_by="both", n_jobs=1)
    positions = np.flatnonzero(suspicious)
    believed = probability[positions, label[positions]]
    return positions[np.lexsort((positions, believed))]


def explain(label: int, model: float, usual: float, is_rated: bool) -> str:
    """Say why a label is listed."""
    name = CLASS_NAMES[label]
    ground = "by its rating" if is_rated else "by other rules than a rating's"
    return (
        f"labelled {name} {ground}, but a model that never saw this label gives P(family) = "
        f"{model:.2f} with the rating hidden; titles labelled {name} get {usual:.2f} on average"
    )

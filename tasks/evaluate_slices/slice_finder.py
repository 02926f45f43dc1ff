"""Slices where the model fails that nobody named, proposed as code for the rulebook of slices.

All subsets that one or two facts describe are ranked by the score of SliceLine (S. Sagadeeva and M.
Boehm, 2021), which weighs their error rate against their size; at two facts, two matrix products
score them all. Whoever looks at thousands of subsets finds some that are bad by chance, so the
search gets only half of the titles. What it finds counts only if the other half, from which all
figures come, confirms it (S. Holm, 1979, on the slices put to the test).

Errors are those of out-of-fold predictions of train titles against weak labels: test titles and
gold are not asked.
"""

import hashlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.errors import EvaluationError
from tasks.evaluate_slices.slice_facts import Fact, describe_slice, facts_of, to_code

log = logging.getLogger(__name__)

TOP = 5
TESTED = 12  # slices put to the test
LEAST_TITLES = 30  # of a slice, in each half
SIGNIFICANCE = 0.05
SAME_FROM = 0.9  # Jaccard: the titles of both, as a share of the titles of either
OVERLAP_FROM = 0.5
ERROR_WEIGHT = 0.98  # SliceLine's alpha: how much more a high error rate counts than many titles
VISIBLE, HIDDEN = "probability", "probability_rating_hidden"

Mask = npt.NDArray[np.bool_]


class Slice(Protocol):
    """A slice that somebody named already."""

    def __call__(self, catalog: pd.DataFrame) -> Mask:
        """Find its titles."""


@dataclass(frozen=True)
class Candidate:
    """A slice that may be worth a name: the facts that describe it, and the titles it has."""

    facts: tuple[Fact, ...]
    mask: Mask


def propose_slices(
    out_of_fold: pd.DataFrame,
    labeled: pd.DataFrame,
    known: Sequence[Slice] = (),
    top: int = TOP,
    column: str | None = None,
) -> list[dict[str, Any]]:
    """Find slices of the train titles on which the model errs more than elsewhere.

    Parameters
    ----------
    out_of_fold : DataFrame
        ``show_id``, ``label`` and the out-of-fold probability of family, as the stage train
        writes them.
    labeled : DataFrame
        As the stage label writes it: the catalog's columns and ``content_group``.
    known : sequence of slicing functions
        What has a name already and is not proposed again: the rulebook ``SLICES``.
    top : int
        The most slices to propose.
    column : str, optional
        Which out-of-fold probability to judge; by default the one with the rating hidden where
        there is one.

    Returns
    -------
    list of dict
        The worst first: ``name``; ``predicate``, in words; ``n`` and ``error_rate`` on the titles
        that were not searched, with its Wilson ``interval`` (95 %) and ``overall_error``, that of
        all those; ``missed``: the errors by weak label; ``p_value`` (Holm's) and ``n_tested``;
        ``n_all``: its train titles in both halves; ``code``: a function to paste.

    Raises
    ------
    EvaluationError
        If the tables are not about the same titles, or lack a column.
    """
    started = time.perf_counter()
    chosen = column or (HIDDEN if HIDDEN in out_of_fold.columns else VISIBLE)
    titles = _joined(out_of_fold, labeled, chosen)
    wrong = ((titles["model"] > 0.5) != (titles["weak"] == FAMILY)).to_numpy()
    searched = _is_searched(titles)
    found = search(titles, wrong, searched, known)
    proposed = confirm(found, titles["weak"].to_numpy(), wrong, ~searched)
    log.info(
        "Slices that fail: %d put to the test, %d confirmed, in %.1f s (%s)",
        *(len(found), len(proposed), time.perf_counter() - started, chosen),
    )
    return proposed[:top]


def search(
    titles: pd.DataFrame, wrong: Mask, searched: Mask, known: Sequence[Slice] = ()
) -> list[Candidate]:
    """Return the slices that look worst on the searched titles: different ones, and unnamed.

    Parameters
    ----------
    titles : DataFrame, shape (n_titles, n_columns)
        The catalog's columns.
    wrong, searched : ndarray of bool, shape (n_titles,)
    known : sequence of slicing functions
    """
    features = facts_of(titles, LEAST_TITLES)
    if not wrong[searched].any() or not features:
        return []
    named = [np.asarray(slice_(titles)) for slice_ in known]
    taken: list[Candidate] = []
    for facts in _worst(features, wrong, searched):
        mask = np.logical_and.reduce([fact.holds for fact in facts])
        enough = min((mask & searched).sum(), (mask & ~searched).sum()) >= LEAST_TITLES
        if enough and not _is_known(mask, named) and not _overlaps(mask, taken):
            taken.append(Candidate(facts, mask))
        if len(taken) == TESTED:
            break
    return taken


def confirm(
    candidates: Sequence[Candidate], weak: np.ndarray, wrong: Mask, unseen: Mask
) -> list[dict[str, Any]]:
    """Return the candidates that unseen titles confirm, the highest error rate first.

    One is confirmed if its errors are more than chance gives at the rate outside of it.
    """
    chances = [_chance(candidate.mask & unseen, wrong, unseen) for candidate in candidates]
    described = [
        _describe(candidate, weak, wrong, unseen, chance, len(candidates))
        for candidate, chance in zip(candidates, _holm(chances), strict=True)
        if chance < SIGNIFICANCE
    ]
    return sorted(described, key=lambda found: (-found["error_rate"], found["name"]))


def _worst(
    features: Sequence[Sequence[Fact]], wrong: Mask, searched: Mask
) -> Iterator[tuple[Fact, ...]]:
    """Yield the slices of one or two facts, the highest SliceLine score first.

    A second fact that leaves nearly all titles where they are does not make another slice.
    """
    facts = [fact for feature in features for fact in feature]
    holds = np.stack([fact.holds[searched] for fact in facts], axis=1).astype(np.float32)
    errors = holds.T @ (holds * wrong[searched, None])
    sizes = holds.T @ holds  # on the diagonal, the slices of one fact
    overall = wrong[searched].mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        lift, spread = errors / sizes / overall - 1, len(holds) / sizes - 1
        score = ERROR_WEIGHT * lift - (1 - ERROR_WEIGHT) * spread
    smaller = np.minimum.outer(sizes.diagonal(), sizes.diagonal())
    narrows = (sizes < SAME_FROM * smaller) | np.eye(len(facts), dtype=np.bool_)
    firsts, seconds = np.nonzero(np.triu((sizes >= LEAST_TITLES) & (score > 0) & narrows))
    for place in np.argsort(-score[firsts, seconds].round(6), kind="stable"):
        yield tuple(facts[i] for i in dict.fromkeys((firsts[place], seconds[place])))


def _is_searched(titles: pd.DataFrame) -> Mask:
    """Pick one half of the titles, by content, so that twins stay together in any row order."""
    groups = titles["content_group"].fillna(titles["show_id"]).astype("str")
    digests = (hashlib.blake2b(group.encode(), digest_size=1).digest()[0] for group in groups)
    return np.fromiter((digest % 2 == 0 for digest in digests), dtype=np.bool_, count=len(titles))


def _is_known(mask: Mask, named: Sequence[Mask]) -> bool:
    return any((mask & other).sum() >= SAME_FROM * (mask | other).sum() for other in named)


def _overlaps(mask: Mask, taken: Sequence[Candidate]) -> bool:
    return any(
        (mask & other.mask).sum() >= OVERLAP_FROM * min(mask.sum(), other.mask.sum())
        for other in taken
    )


def _chance(inside: Mask, wrong: Mask, unseen: Mask) -> float:
    """Return how probable at least as many errors are at the error rate outside of a slice."""
    outside = unseen & ~inside
    rate = (wrong[outside].sum() + 1) / (outside.sum() + 2)
    errors, n = int(wrong[inside].sum()), int(inside.sum())
    return float(binomtest(errors, n, rate, alternative="greater").pvalue)


def _holm(chances: Sequence[float]) -> list[float]:
    """Adjust p-values for how many there are."""
    adjusted, worst = [1.0] * len(chances), 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=lambda i: chances[i])):
        worst = max(worst, min(1.0, (len(chances) - rank) * chances[place]))
        adjusted[place] = worst
    return adjusted


def _describe(
    candidate: Candidate, weak: np.ndarray, wrong: Mask, unseen: Mask, chance: float, tested: int
) -> dict[str, Any]:
    inside = candidate.mask & unseen
    errors, n = int(wrong[inside].sum()), int(inside.sum())
    low, high = binomtest(errors, n).proportion_ci(0.95, method="wilson")
    missed = {
        CLASS_NAMES[value]: int((inside & wrong & (weak == value)).sum())
        for value in (FAMILY, NOT_FAMILY)
    }
    name, predicate = describe_slice(candidate.facts)
    return {
        "name": name,
        "predicate": predicate,
        "n": n,
        "error_rate": errors / n,
        "interval": [float(low), float(high)],
        "overall_error": float(wrong[unseen].mean()),
        "missed": missed,
        "p_value": chance,
        "n_tested": tested,
        "n_all": int(candidate.mask.sum()),
        "code": to_code(candidate.facts),
    }


def _joined(out_of_fold: pd.DataFrame, labeled: pd.DataFrame, column: str) -> pd.DataFrame:
    wanted = ("show_id", "label", column)
    if lacking := [name for name in wanted if name not in out_of_fold.columns]:
        raise EvaluationError(
            f"The out-of-fold titles have no column {', '.join(lacking)}; expected "
            f"{', '.join(wanted)}. Clear the task train and those after it."
        )
    scores = out_of_fold[list(wanted)].rename(columns={column: "model", "label": "weak"})
    titles = labeled.drop(columns=["label", "probability"]).merge(scores, on="show_id")
    if lost := len(out_of_fold) - len(titles):
        raise EvaluationError(
            f"{lost} of {len(out_of_fold)} out-of-fold titles are not among the labelled ones; "
            "clear the task train and those after it, so that all read the same labels."
        )
    return titles.sort_values("show_id", ignore_index=True)

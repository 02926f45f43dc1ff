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
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import CLASS_NAMES, FAMILY
from tasks.catalog.intervals import wilson_interval
from tasks.evaluate_slices.slice import Mask, SlicingFunction
from tasks.evaluate_slices.slice_facts import Fact, describe_slice, facts_of, to_code

log = logging.getLogger(__name__)

TOP = 5
TESTED = 12  # slices put to the test
LEAST_TITLES = 30  # of a slice, in each half
SIGNIFICANCE = 0.05
SAME_FROM = 0.9  # Jaccard: the titles of both, as a share of the titles of either
OVERLAP_FROM = 0.5
ERROR_WEIGHT = 0.98  # SliceLine's alpha: how much more a high error rate counts than many titles


WeakSlice = tuple[tuple[Fact, ...], Mask]  # what describes a slice, and its titles


def propose_slices(titles: pd.DataFrame, known: Sequence[SlicingFunction]) -> list[dict[str, Any]]:
    """Find slices of the train titles on which the model errs more than elsewhere.

    `titles` is what `tasks.evaluate_slices.evidence.join_out_of_fold` gives; what is `known` has a
    name already. Returns at most `TOP`, the worst first. ``n``, ``error_rate``, its Wilson
    ``interval`` and ``missed``, the errors by weak label, are of the titles that were not searched,
    ``overall_error`` is that of all those, ``n_all`` counts its titles in both halves.
    """
    wrong = ((titles["model"] > 0.5) != (titles["label"] == FAMILY)).to_numpy()
    searched = _is_searched(titles)
    found = search(titles, wrong, searched, known)
    proposed = confirm(found, titles["label"].to_numpy(), wrong, ~searched)
    log.info("Slices that fail: %d put to the test, %d confirmed", len(found), len(proposed))
    return proposed[:TOP]


def search(
    titles: pd.DataFrame, wrong: Mask, searched: Mask, known: Sequence[SlicingFunction]
) -> list[WeakSlice]:
    """Return the slices that look worst on the searched titles: different ones, and unnamed."""
    features = facts_of(titles, LEAST_TITLES)
    if not wrong[searched].any() or not features:
        return []
    named = [slicing_function(titles) for slicing_function in known]
    taken: list[WeakSlice] = []
    for facts in _worst(features, wrong, searched):
        mask = np.logical_and.reduce([fact.holds for fact in facts])
        enough = min((mask & searched).sum(), (mask & ~searched).sum()) >= LEAST_TITLES
        is_known = any((mask & m).sum() >= SAME_FROM * (mask | m).sum() for m in named)
        overlaps = any(
            (mask & other).sum() >= OVERLAP_FROM * min(mask.sum(), other.sum())
            for _, other in taken
        )
        if enough and not is_known and not overlaps:
            taken.append((facts, mask))
        if len(taken) == TESTED:
            break
    return taken


def confirm(
    found: Sequence[WeakSlice], label: np.ndarray, wrong: Mask, unseen: Mask
) -> list[dict[str, Any]]:
    """Return the slices that unseen titles confirm, the highest error rate first.

    One is confirmed if its errors are more than chance gives at the rate outside of it.
    """
    chances = _holm([_chance(mask & unseen, wrong, unseen) for _, mask in found])
    described = [
        _describe(weak_slice, label, wrong, unseen) | {"p_value": chance, "n_tested": len(found)}
        for weak_slice, chance in zip(found, chances, strict=True)
        if chance < SIGNIFICANCE
    ]
    return sorted(described, key=lambda block: (-block["error_rate"], block["name"]))


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


def _chance(inside: Mask, wrong: Mask, unseen: Mask) -> float:
    """Return how probable at least as many errors are at the error rate outside of a slice."""
    from scipy.stats import binomtest

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
    weak_slice: WeakSlice, label: np.ndarray, wrong: Mask, unseen: Mask
) -> dict[str, Any]:
    facts, mask = weak_slice
    inside = mask & unseen
    errors, n = int(wrong[inside].sum()), int(inside.sum())
    name, predicate = describe_slice(facts)
    return {
        "name": name,
        "predicate": predicate,
        "n": n,
        "error_rate": errors / n,
        "interval": wilson_interval(errors, n),
        "overall_error": float(wrong[unseen].mean()),
        "missed": {
            word: int((inside & wrong & (label == value)).sum())
            for value, word in CLASS_NAMES.items()
        },
        "n_all": int(mask.sum()),
        "code": to_code(facts),
    }

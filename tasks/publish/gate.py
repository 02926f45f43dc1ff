"""GATES: what a challenger must show before it is published.

To add a gate, add one entry to `GATES` and one row to the tests. A gate reads one number of
``metrics.json``; a ``*`` in its path stands for every slice, each judged on its own. It judges the
number's interval, not the number: passed if all of it is on the right side of the threshold,
failed if none of it is, and insufficient evidence otherwise or with too few titles.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tasks.catalog.intervals import MATTERS
from tasks.catalog.rulebook import rulebook

Interval = tuple[float, float] | None

AT_LEAST = "at least"
AT_MOST = "at most"
BLOCKS = "blocks"
ALLOWS = "allows"
COUNT = (0, 1_000_000)


def reported(block: Mapping[str, Any], key: str) -> Interval:
    """Return the 95 % interval that ``metrics.json`` gives beside the number."""
    low, high = (block.get("intervals") or {}).get(key) or (None, None)
    return None if low is None or high is None else (low, high)


def exact(block: Mapping[str, Any], key: str) -> Interval:
    """Return the number itself: it counts all there is, nothing was sampled."""
    value = number(block.get(key))
    return None if value is None else (value, value)


def folds(block: Mapping[str, Any], _key: str) -> Interval:
    """Return the range of the folds.

    The range of k independent values holds their median with probability 1 - 2 ** (1 - k): 94 %
    for five folds, whatever their distribution.
    """
    values = block.get("folds") or ()
    return (min(values), max(values)) if len(values) > 1 else None


def number(value: float | None) -> float | None:
    """Return a number of ``metrics.json``; None for NaN, too."""
    return None if value is None or value != value else value


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One declared threshold.

    Insufficient evidence blocks the challenger where it has to show something, unless the param
    ``publish_unproven`` waives that; it allows where only proven harm counts. A number that
    ``metrics.json`` has no place for at all blocks in any case.
    """

    name: str  # in params, files and the model card
    metric: str  # the number's path in ``metrics.json``, such as ``blind_audit.roc_auc``
    threshold: float  # the param ``thresholds`` replaces it by name
    because: str  # why there is such a gate, in one sentence
    bound: str = AT_LEAST  # or AT_MOST
    minimum_n: int = 0  # with a smaller ``n`` beside the number there is not enough evidence
    interval: Callable[[Mapping[str, Any], str], Interval] = reported  # how far it may be off
    insufficient: str = BLOCKS  # or ALLOWS
    per_slice: Mapping[str, float] = field(default_factory=dict)  # thresholds that differ
    limits: tuple[float, float] = (0, 1)  # between which a threshold makes sense


def no_leak(name: str, because: str) -> Gate:
    """Return a gate that one case of a kind of leak is enough to fail."""
    return Gate(
        name=name,
        metric=f"leakage.{name}",
        threshold=0,
        limits=COUNT,
        bound=AT_MOST,
        interval=exact,
        because=because,
    )


GATES = rulebook(
    Gate(
        name="cv_roc_auc",
        metric="seed_protocol.cv_roc_auc.mean",
        threshold=0.95,
        interval=folds,
        because="The seed's protocol gives 0.99 and more; far less means that something broke.",
    ),
    Gate(
        name="test_roc_auc",
        metric="seed_protocol.test.roc_auc",
        threshold=0.95,
        minimum_n=100,
        because="The same on held-out titles; circular, hence a smoke alarm, no measure of worth.",
    ),
    Gate(
        name="family_precision",
        metric="seed_protocol.test.precision",
        threshold=0.85,
        minimum_n=100,
        because="Calling a title family-friendly against its label is the worse mistake.",
    ),
    Gate(
        name="family_recall",
        metric="seed_protocol.test.recall",
        threshold=0.50,
        minimum_n=100,
        because="A model that hardly ever says family is precise and of no use. Labels that rest "
        "on no rating are less sure, and a costly false alarm (false_alarm_cost) leaves the unsure "
        "ones uncalled, by intent: 0.75 on the public catalog without its ratings.",
    ),
    Gate(
        name="slice_average_accuracy",
        metric="seed_protocol.slices_weighed.accuracy",
        threshold=0.85,
        because="The seed claims 0.93 over its five slices. Here each weighs by its titles: one of "
        "two titles decides nothing. slice_accuracy looks at each.",
    ),
    Gate(
        name="slice_accuracy",
        metric="seed_protocol.slices.*.accuracy",
        threshold=0.80,
        minimum_n=30,
        insufficient=ALLOWS,
        per_slice={"kids_and_family_genres": 0.90},
        because="No slice may be shown to be much worse than the rest, least of all the titles "
        "made for children; a small slice shows little.",
    ),
    Gate(
        name="slice_rating_hidden",
        metric="rating_hidden.slices.*.roc_auc",
        threshold=0.50,
        minimum_n=30,
        insufficient=ALLOWS,
        because="Without a rating no slice may be shown to be ranked worse than by a coin.",
    ),
    Gate(
        name="rating_hidden_roc_auc",
        metric="rating_hidden.roc_auc",
        threshold=0.75,
        minimum_n=100,
        because="Titles without a rating are what the model is for; the seed's recipe gives about "
        "0.65 on them, training with ratings masked far more.",
    ),
    Gate(
        name="blind_audit_roc_auc",
        metric="blind_audit.roc_auc",
        threshold=0.75,
        minimum_n=200,
        because="If rules that never read the rating label no better than this, weak supervision "
        "does not work on this catalog.",
    ),
    Gate(
        name="not_worse_than_champion",
        metric="comparison.difference",
        threshold=-MATTERS,
        limits=(-1, 1),
        insufficient=ALLOWS,
        because="ROC-AUC with the rating hidden, paired on the same test titles: a challenger "
        "shown to be worse, by more than anybody would notice, is refused; one that is not, or has "
        "no champion to beat, is newer and may take over.",
    ),
    Gate(
        name="label_coverage",
        metric="labels.coverage",
        threshold=0.50,
        interval=exact,
        because="If the rules label less than half of the catalog, the rest is a guess.",
    ),
    no_leak(
        "twins_across_split",
        because="A title with the same content in train and test would be scored from memory.",
    ),
    no_leak(
        "augmented_in_test",
        because="An augmented copy of a test title in training gives the answer away.",
    ),
    no_leak(
        "test_titles_in_training",
        because="A test title in the training table gives the answer away.",
    ),
    no_leak(
        "test_texts_in_training",
        because="So does the text of a test title under another id.",
    ),
)

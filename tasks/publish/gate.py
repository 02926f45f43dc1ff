"""GATES: what a challenger must show before it is published.

To add a gate, add one entry to `GATES` and one row to the tests. A gate reads one number of
``metrics.json``; a ``*`` in its path stands for every slice, each judged on its own.
"""

from dataclasses import dataclass

from tasks.rulebook import rulebook

AT_LEAST = "at least"
AT_MOST = "at most"


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One declared threshold.

    Parameters
    ----------
    name : str
        What it goes by in params, files and the model card.
    metric : str
        The number's path in ``metrics.json``, such as ``blind_audit.roc_auc``.
    threshold : float
        The bound; the param ``thresholds`` replaces it by name.
    because : str
        Why there is such a gate, in one sentence.
    bound : str
        ``at least`` or ``at most``.
    minimum_n : int
        With fewer titles behind the number nothing is judged. The ``n`` beside the number counts.
    required : bool
        Whether the challenger fails if the number cannot be judged; false for single slices.
    """

    name: str
    metric: str
    threshold: float
    because: str
    bound: str = AT_LEAST
    minimum_n: int = 0
    required: bool = True


GATES = rulebook(
    Gate(
        name="cv_roc_auc",
        metric="seed_protocol.cv_roc_auc.mean",
        threshold=0.95,
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
        threshold=0.85,
        minimum_n=100,
        because="A model that hardly ever says family is precise and of no use.",
    ),
    Gate(
        name="slice_average_accuracy",
        metric="seed_protocol.slice_average_accuracy",
        threshold=0.90,
        because="The seed claims 0.93 over its five slices; the mean must not hide a drop.",
    ),
    Gate(
        name="slice_accuracy",
        metric="seed_protocol.slices.*.accuracy",
        threshold=0.80,
        minimum_n=30,
        required=False,
        because="No slice that is large enough to be judged may be much worse than the rest.",
    ),
    Gate(
        name="rating_hidden_roc_auc",
        metric="rating_hidden.roc_auc",
        threshold=0.55,
        minimum_n=100,
        because="Without a rating the model must beat a coin; the seed's recipe gives about 0.64, "
        "so this is a floor and no praise.",
    ),
    Gate(
        name="blind_audit_roc_auc",
        metric="blind_audit.roc_auc",
        threshold=0.70,
        minimum_n=200,
        because="If rules that never read the rating label no better than this, weak supervision "
        "does not work on this catalog.",
    ),
    Gate(
        name="label_coverage",
        metric="labels.coverage",
        threshold=0.50,
        because="If the rules label less than half of the catalog, the rest is a guess.",
    ),
    Gate(
        name="twins_across_split",
        metric="leakage.twins_across_split",
        threshold=0,
        bound=AT_MOST,
        because="A title with the same content in train and test would be scored from memory.",
    ),
    Gate(
        name="augmented_in_test",
        metric="leakage.augmented_in_test",
        threshold=0,
        bound=AT_MOST,
        because="An augmented copy of a test title in training gives the answer away.",
    ),
    Gate(
        name="test_titles_in_training",
        metric="leakage.test_titles_in_training",
        threshold=0,
        bound=AT_MOST,
        because="A test title in the training table gives the answer away.",
    ),
    Gate(
        name="test_texts_in_training",
        metric="leakage.test_texts_in_training",
        threshold=0,
        bound=AT_MOST,
        because="So does the text of a test title under another id.",
    ),
)

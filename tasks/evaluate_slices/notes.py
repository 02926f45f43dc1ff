"""What a reader of ``metrics.json`` has to know beside the figures."""

from collections.abc import Mapping
from typing import Any

from tasks.catalog.formats import percent
from tasks.catalog.home import FOREIGN_BELOW
from tasks.evaluate_slices.scored import OK
from tasks.pipeline import LABEL_ISSUES, RULES

NOTES: Mapping[str, str] = {
    "seed_protocol": "Circular: the weak labels are made from rating, genres and words that the "
    "model reads as well, so it shows that the seed is reproduced and not that the model knows.",
    "slices": "As circular as the rest of the seed's protocol; rating_hidden.slices has the same "
    "slices against gold.",
    "slice_average_accuracy": "The seed's figure, a plain mean, in which a slice of two titles "
    "counts as much as one of a thousand. The gate reads slices_weighed, where titles count.",
    "rating_hidden": "The honest figure of the published model: the rating is masked, which is "
    "the case in which anybody needs a model, and gold is what the true ratings say, or where they "
    "say nothing, people.",
    "rating_visible": "For reference only: gold is read off the rating, and so does the model.",
    "blind_audit": "Whether weak supervision works where no rating exists: neither rules nor "
    "features read it.",
    "labels": "Rules that read rating agree with gold by construction; only the others are judged. "
    f"{RULES} of the stage label says more about each.",
    "home": "What the catalog shares with the one that the rules were written for; what is neither "
    "known nor mapped is read by no rule and no model. Foreign: fewer than "
    f"{percent(FOREIGN_BELOW)} of the genres are the lab's own names.",
    "augmentation": "With and without copies, on the gold of held-out train titles, with the "
    "rating withheld from rules and features; no test title is trained on or scored.",
    "label_issues": "Train titles whose label the out-of-fold model does not believe; "
    f"{LABEL_ISSUES} lists them, the most suspicious first.",
    "answers": "What people say, where they are of one mind. They are asked about the titles where "
    "an answer is worth most. These are the hard ones: labels, rules and model look worse by them "
    "than by titles taken at random.",
    "proposed_slices": "Slices of train titles on which the model errs more than elsewhere, found "
    "on one half and confirmed on the other.",
    "comparison": "ROC-AUC with the rating hidden, challenger minus champion, on the same titles.",
    "intervals": "95 %: Wilson for accuracy, precision and recall, percentile bootstrap over "
    "titles for F1, ROC-AUC and average precision; null where a class has fewer than 5 titles.",
    "rounding": "Figures have 5 decimals, or as many as tell them from 0 and 1 by two digits; "
    "gates judge what is written here.",
}
UNMEASURED = (
    "Nothing honest could be measured: {} of the test titles {} a rating that says family or not. "
    "Nobody knows what this model is worth; the seed's protocol compares it with the rules' labels."
)
SAMPLE_NOTE = "The catalog is the embedded, fictional sample: no figure here means anything."


def make_notes(hidden: Mapping[str, Any], is_sample: bool) -> dict[str, str]:
    """Return the notes; first what a reader of the figures has to know before all else."""
    notes = {"sample": SAMPLE_NOTE} if is_sample else {}
    if hidden["status"] != OK:
        n = hidden["n"]
        notes["unmeasured"] = UNMEASURED.format(
            f"only {n}" if n else "none", "has" if n in (0, 1) else "have"
        )
    return notes | dict(NOTES)

"""The table of stages: what each one calls, reads and writes.

Operators, the order of tasks, ``make task`` and the contract tests read it; the name of a stage or
of its files is written nowhere else. A new stage is its folder, an entry here and a line in the
DAG.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from tasks import config

FETCH = "fetch"
LABEL = "label"
BLIND_AUDIT = "blind_audit"
AUGMENTATION_AUDIT = "augmentation_audit"
AUGMENT = "augment"
TRAIN = "train"
SELECT = "select"
EVALUATE_SLICES = "evaluate_slices"
DECIDE = "decide"
PUBLISH = "publish"

CATALOG = "catalog.parquet"
QUARANTINE = "quarantine.csv"
FETCH_REPORT = "fetch.json"
LABELED = "labeled.parquet"
LABELED_CSV = "netflix_labeled_family.csv"
NEAR_DUPLICATES = "near_duplicates.parquet"
VOTES = "votes.parquet"
ANSWERS = "answers.parquet"
RULES = "rules.json"
RULEBOOK = "rulebook.json"
RULE_CHANGES = "changes.json"
PROFILE = "profile.json"
LABEL_REPORT = "label.json"
BLIND_AUDIT_REPORT = "blind_audit.json"
BLIND_AUDIT_PREDICTIONS = "blind_audit_predictions.csv"
AUGMENTATION_AUDIT_REPORT = "audit.json"
AUGMENTED = "augmented.parquet"
AUGMENTED_CSV = "netflix_augmented.csv"
AUGMENT_REPORT = "augment.json"
CROSS_VALIDATION = "cv.json"
OUT_OF_FOLD = "out_of_fold.parquet"
MODEL = "best_model.skops"
MODEL_PICKLE = "best_model.pkl"
GOLDEN = "golden.json"
CANDIDATES = "candidates.json"
PREDICTIONS = "predictions_test.csv"
METRICS = "metrics.json"
LABEL_ISSUES = "label_issues.csv"
TO_REVIEW = "to_review.csv"
FIGURES = "figures/"
DECISION = "decision.json"
CARD = "model_card.md"
CARD_PAGE = "model_card.html"
OUTCOME = "outcome.json"

# On the volume, beside runs and releases: catalogs to score, and what scoring writes.
CATALOGS = "catalogs"
SCORES = "scores"
SCORES_REPORT = ".report.json"
SCORES_QUARANTINE = ".quarantine.csv"


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage of the pipeline; its function takes a workspace and the stage's config."""

    name: str  # the task, and the folder inside a run; a mapped stage has one inside it for each
    function: str  # ``module:function``; imported only when the stage runs
    config: type[config.StageConfig]
    reads: tuple[str, ...] = ()  # the stages whose artifacts it reads
    files: tuple[str, ...]  # what it writes; a name that ends with a slash is a folder of files
    doc: str  # what it does, for the people in front of the Airflow UI (Markdown)


STAGES = (
    Stage(
        name=FETCH,
        function="tasks.fetch.stage:fetch",
        config=config.FetchConfig,
        files=(CATALOG, QUARANTINE, FETCH_REPORT),
        doc="Finds and checks the catalog: `NETFLIX_TITLES_CSV`, else `netflix_titles.csv` in the "
        "volume, else a download, else the embedded sample. Other names of columns, genres and "
        "ratings are understood; what is not is counted. Bad rows are quarantined with their "
        "reason; a bad file is an error.",
    ),
    Stage(
        name=LABEL,
        function="tasks.label.stage:label",
        config=config.LabelConfig,
        reads=(FETCH,),
        files=(
            *(LABELED, LABELED_CSV, NEAR_DUPLICATES, VOTES, ANSWERS),
            *(RULES, RULEBOOK, RULE_CHANGES, PROFILE, LABEL_REPORT),
        ),
        doc="Rules vote, votes become weak labels. Every labeling function votes family, not "
        "family or abstains on every title; the param `aggregator` says how the votes add up, "
        "and `answers` whether people's answers vote with them. Content decides which side of the "
        "train/test split a title is on.",
    ),
    Stage(
        name=BLIND_AUDIT,
        function="tasks.audits.blind:blind_audit",
        config=config.BlindAuditConfig,
        reads=(LABEL,),
        files=(BLIND_AUDIT_REPORT, BLIND_AUDIT_PREDICTIONS),
        doc="Repeats the pipeline with `rating` withheld and scores it against the ratings. Rules "
        "and features that read a withheld column sit out. This answers whether weak supervision "
        "works at all when no rating exists.",
    ),
    Stage(
        name=AUGMENTATION_AUDIT,
        function="tasks.audits.augmentation:augmentation_audit",
        config=config.AugmentationAuditConfig,
        reads=(LABEL,),
        files=(AUGMENTATION_AUDIT_REPORT,),
        doc="Measures what augmentation brings: with copies, without, and each operation alone. "
        "The blind protocol on the gold of held-out train folds; no test title is trained on "
        "or scored. With the param `drop_harmful_operations` an operation that hurts is left out.",
    ),
    Stage(
        name=AUGMENT,
        function="tasks.augment.stage:augment",
        config=config.AugmentConfig,
        reads=(LABEL, AUGMENTATION_AUDIT),
        files=(AUGMENTED, AUGMENTED_CSV, AUGMENT_REPORT),
        doc="Balances the classes. Train titles of the minority class are copied with words "
        "replaced, swapped or deleted; every copy names its parent and operation. Test titles are "
        "never touched.",
    ),
    Stage(
        name=TRAIN,
        function="tasks.train.stage:train",
        config=config.TrainConfig,
        reads=(LABEL, AUGMENT),
        files=(CROSS_VALIDATION, OUT_OF_FOLD),
        doc="Cross-validates one candidate; mapped over the models. Folds keep a copy with its "
        "parent and score real titles only. A model that the param `models` leaves out is skipped.",
    ),
    Stage(
        name=SELECT,
        function="tasks.train.select:select",
        config=config.TrainConfig,
        reads=(LABEL, AUGMENT, TRAIN),
        files=(MODEL, MODEL_PICKLE, GOLDEN, CANDIDATES, PREDICTIONS),
        doc="Picks the best candidate by cross-validated ROC-AUC and refits it on all train "
        "titles. The refitted pipeline takes a raw catalog; only now are test titles scored.",
    ),
    Stage(
        name=EVALUATE_SLICES,
        function="tasks.evaluate_slices.stage:evaluate_slices",
        config=config.EvaluateConfig,
        reads=(FETCH, LABEL, AUGMENT, AUGMENTATION_AUDIT, TRAIN, SELECT, BLIND_AUDIT),
        files=(METRICS, LABEL_ISSUES, TO_REVIEW, FIGURES),
        doc="Examines the winner: overall, slice by slice, with the rating hidden, and for "
        "leakage. Writes `metrics.json`, the figures, and the titles where a person's answer is "
        "worth most: fill in a copy of `to_review.csv`, then `make answers IN=<the copy>`.",
    ),
    Stage(
        name=DECIDE,
        function="tasks.publish.decision:decide",
        config=config.DecideConfig,
        reads=(FETCH, SELECT, EVALUATE_SLICES),
        files=(DECISION, CARD_PAGE),
        doc="Applies the gates to the figures, so that whoever approves sees the decision. A "
        "refusal is a normal end: nothing is published, and the decision says why.",
    ),
    Stage(
        name=PUBLISH,
        function="tasks.publish.stage:publish",
        config=config.PublishConfig,
        reads=(EVALUATE_SLICES, DECIDE),
        files=(OUTCOME, METRICS, CARD, CARD_PAGE),
        doc="Puts a winner that holds up in place as a release, canary first, and moves the "
        "pointer last. Skipped when nothing was published; the note, the run's folder and "
        "`releases/history.jsonl` say why. The asset event fires only when the champion changes.",
    ),
)


def load(path: str) -> Callable[..., Any]:
    """Import ``module:function``."""
    module, name = path.split(":")
    return getattr(import_module(module), name)


def stage(name: str) -> Stage:
    """Return the entry called `name`; `KeyError` if there is none."""
    return {entry.name: entry for entry in STAGES}[name]


def needed_by(name: str) -> tuple[str, ...]:
    """Return every stage that must be whole before `name` can run, in the table's order."""
    found = set(stage(name).reads)
    while more := {earlier for one in found for earlier in stage(one).reads} - found:
        found |= more
    return tuple(entry.name for entry in STAGES if entry.name in found)

"""What the winner is examined on: the run's artifacts, read, joined and checked to fit together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks import pipeline
from tasks.catalog.columns import TEST
from tasks.catalog.utilities import known_gold
from tasks.errors import EvaluationError
from tasks.label.rule import LabelingFunction, rules_from_json
from tasks.pipeline import AUGMENT, AUGMENTATION_AUDIT, BLIND_AUDIT, FETCH, LABEL, SELECT, TRAIN
from tasks.volume import atomic
from tasks.volume.artifacts import Artifacts
from tasks.volume.releases import Releases
from tasks.volume.runs import Workspace

HIDDEN = "probability_rating_hidden"
CHAMPION_COLUMNS = ("show_id", "title", HIDDEN)
TYPES = {"label": "Int8", "gold": "Int8", "probability": "float64", HIDDEN: "float64"}

STAGES_READ = (FETCH, LABEL, AUGMENT, SELECT, BLIND_AUDIT, AUGMENTATION_AUDIT)
DECISION = ("false_alarm_cost", "threshold")
_MAX_IDS = 3


@dataclass(frozen=True)
class Champion:
    """The current release: its version, its run, and what it said about its own test titles."""

    version: str
    run_id: str
    predictions: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that the metrics are computed from; predictions are sorted by ``show_id``."""

    titles: pd.DataFrame  # every title as the stage label wrote it, and its gold
    test: pd.DataFrame  # the test titles of those, with the winner's two probabilities
    blind: pd.DataFrame  # the test titles that have gold, with the blind audit's probability
    training: pd.DataFrame  # the training table, augmented copies included
    near_duplicates: pd.DataFrame  # train titles that are nearly a test title
    out_of_fold: dict[str, pd.DataFrame]  # train titles, by candidate, best first
    candidates: list[dict[str, Any]]  # best first
    decision: dict[str, float]  # the threshold of the winner, and what a false alarm costs
    rules: list[dict[str, Any]]
    rulebook: tuple[LabelingFunction, ...]  # those of the rules that are told by data
    votes: pd.DataFrame
    answers: pd.DataFrame  # what people say, as the stage label wrote it
    answers_report: dict[str, Any]
    blind_facts: dict[str, Any]
    augmentation: dict[str, Any]
    champion: Champion | None
    is_sample: bool
    home: dict[str, Any]  # what the catalog shares with the lab's own
    sources: tuple[Artifacts, ...]

    @property
    def labelled(self) -> pd.DataFrame:
        """The test titles with a weak label."""
        return self.test[self.test["label"].notna()]

    @property
    def gold(self) -> pd.DataFrame:
        """The test titles with gold."""
        return self.test[self.test["gold"].notna()]


def read_evidence(workspace: Workspace) -> Evidence:
    """Read what the earlier stages and the current release say; refuse what does not fit."""
    fetch, label, augment, select, blind, augmentation = map(workspace.read, STAGES_READ)
    fetched = fetch.read_json(pipeline.FETCH_REPORT)
    chosen = select.read_json(pipeline.CANDIDATES)
    candidates = sorted(chosen["candidates"], key=lambda c: c["model"] != chosen["winner"])
    trained = {c["model"]: workspace.read(f"{TRAIN}/{c['model']}") for c in candidates}
    titles = _sorted(label.read_table(pipeline.LABELED))
    answers = label.read_table(pipeline.ANSWERS)
    titles["gold"] = known_gold(titles, answers)
    predictions = _sorted(atomic.from_csv(select.read_bytes(pipeline.PREDICTIONS), TYPES))
    blind_predictions = _sorted(
        atomic.from_csv(blind.read_bytes(pipeline.BLIND_AUDIT_PREDICTIONS), TYPES)
    )
    test = titles[titles["split"] == TEST]
    _check_same(test, predictions, ("label", "gold"), SELECT)
    _check_same(test[test["gold"].notna()], blind_predictions, ("gold",), BLIND_AUDIT)
    probabilities = predictions[["show_id", "probability", HIDDEN]]
    return Evidence(
        titles=titles,
        test=test.drop(columns="probability").merge(probabilities, on="show_id"),
        blind=blind_predictions,
        training=augment.read_table(pipeline.AUGMENTED),
        near_duplicates=label.read_table(pipeline.NEAR_DUPLICATES),
        out_of_fold={
            name: _sorted(found.read_table(pipeline.OUT_OF_FOLD)) for name, found in trained.items()
        },
        candidates=candidates,
        decision={name: chosen[name] for name in DECISION},
        rules=label.read_json(pipeline.RULES),
        rulebook=rules_from_json(label.read_bytes(pipeline.RULEBOOK).decode()),
        votes=label.read_table(pipeline.VOTES),
        answers=answers,
        answers_report=label.read_json(pipeline.LABEL_REPORT)["answers"],
        blind_facts=blind.read_json(pipeline.BLIND_AUDIT_REPORT),
        augmentation=augmentation.read_json(pipeline.AUGMENTATION_AUDIT_REPORT),
        champion=read_champion(workspace.volume.releases),
        is_sample=bool(fetched["is_sample"]),
        home=fetched["home"],
        sources=(fetch, label, augment, select, blind, augmentation, *trained.values()),
    )


def read_champion(releases: Releases) -> Champion | None:
    """Read the current release's predictions; `EvaluationError` if they are none."""
    version = releases.current()
    if version is None:
        return None
    table = atomic.from_csv(releases.read_bytes(version, pipeline.PREDICTIONS), TYPES)
    if lacking := [column for column in CHAMPION_COLUMNS if column not in table.columns]:
        raise EvaluationError(
            f"{pipeline.PREDICTIONS} of release {version} has no column {', '.join(lacking)}; "
            f"expected {', '.join(CHAMPION_COLUMNS)}. Roll back to a release that has them."
        )
    run_id = releases.manifest(version)["run_id"]
    return Champion(version, run_id, table[list(CHAMPION_COLUMNS)])


def join_out_of_fold(out_of_fold: pd.DataFrame, titles: pd.DataFrame) -> pd.DataFrame:
    """Return the train titles with their ``label`` and ``model``: P(family), rating hidden.

    The model saw neither the title nor a copy of it.
    """
    scores = out_of_fold[["show_id", "label", HIDDEN]].rename(columns={HIDDEN: "model"})
    joined = titles.drop(columns="label").merge(scores, on="show_id")
    if lost := len(out_of_fold) - len(joined):
        raise EvaluationError(
            f"{lost} of {len(out_of_fold)} out-of-fold titles are not among the labelled ones; "
            f"clear the task {TRAIN} and those after it, so that all read the same labels."
        )
    return joined


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("show_id", ignore_index=True)


def _check_same(
    titles: pd.DataFrame, predictions: pd.DataFrame, columns: Iterable[str], stage: str
) -> None:
    """Refuse predictions of other titles, labels or gold; both tables are sorted."""
    advice = f"Clear the task {stage} and those after it, so that all read the same labels."
    expected, found = titles["show_id"], predictions["show_id"]
    if twice := _some(found[found.duplicated()]):
        raise EvaluationError(f"The predictions of {stage} name titles twice: {twice}.")
    lacking, foreign = set(expected) - set(found), set(found) - set(expected)
    if lacking or foreign:
        raise EvaluationError(
            f"The predictions of {stage} are not about the labels' test titles: "
            f"{len(lacking):,} are lacking ({_some(lacking) or 'none'}), {len(foreign):,} are not "
            f"test titles ({_some(foreign) or 'none'}). {advice}"
        )
    for column in columns:
        mine, theirs = (t[column].astype("Float64").fillna(-1) for t in (titles, predictions))
        differs = mine.to_numpy() != theirs.to_numpy()
        if differs.any():
            raise EvaluationError(
                f"The predictions of {stage} have another {column} than the labels on "
                f"{int(differs.sum()):,} titles ({_some(expected[differs])}). {advice}"
            )


def _some(ids: Iterable[str]) -> str:
    names = sorted(ids)
    return ", ".join(names[:_MAX_IDS]) + (", ..." if len(names) > _MAX_IDS else "")

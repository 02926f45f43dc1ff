"""What the winner is examined on: the run's artifacts, read, joined and checked to fit together."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tasks.catalog.columns import TEST
from tasks.catalog.utilities import gold_labels
from tasks.errors import EvaluationError
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

PROBABILITIES = ("probability", "probability_rating_hidden")
_MAX_IDS = 3


@dataclass(frozen=True)
class Evidence:
    """Everything that the metrics are computed from; tables are sorted by ``show_id``.

    Parameters
    ----------
    titles : DataFrame
        Every title: catalog columns, ``label``, ``reason``, ``split``, and ``gold``.
    test : DataFrame
        The test titles of `titles`, with the winner's `PROBABILITIES`.
    blind : DataFrame
        The test titles that have gold: ``show_id``, ``gold``, and the blind ``probability``.
    training : DataFrame
        The training table, augmented copies included.
    out_of_fold : dict of str to DataFrame
        By candidate, best first: ``label`` and out-of-fold ``probability`` of train titles.
    candidates : list of dict
        The cross-validation of each, best first.
    rules : list of dict
        The analysis of each labeling function.
    votes : DataFrame
        The votes of every title, a column a rule.
    blind_facts : dict
        What the blind audit says about itself.
    is_sample : bool
        Whether the catalog is the embedded sample.
    sources : tuple of Artifacts
        Where all this was read.
    """

    titles: pd.DataFrame
    test: pd.DataFrame
    blind: pd.DataFrame
    training: pd.DataFrame
    out_of_fold: dict[str, pd.DataFrame]
    candidates: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    votes: pd.DataFrame
    blind_facts: dict[str, Any]
    is_sample: bool
    sources: tuple[Artifacts, ...]

    @property
    def winner(self) -> dict[str, Any]:
        """The cross-validation of the winner."""
        return self.candidates[0]

    @property
    def labelled(self) -> pd.DataFrame:
        """The test titles with a weak label."""
        return self.test[self.test["label"].notna()]

    @property
    def gold(self) -> pd.DataFrame:
        """The test titles with gold."""
        return self.test[self.test["gold"].notna()]


def read_evidence(workspace: Workspace) -> Evidence:
    """Read what the earlier stages wrote.

    Raises
    ------
    ArtifactError
        If something is missing or altered.
    EvaluationError
        If predictions and catalog are not about the same titles, labels or gold.
    """
    stages = ("fetch", "label", "augment", "select", "blind_audit")
    fetch, label, augment, select, blind_audit = map(workspace.read, stages)
    chosen = select.read_json("candidates.json")
    candidates = sorted(chosen["candidates"], key=lambda c: c["model"] != chosen["winner"])
    trained = {c["model"]: workspace.read(f"train/{c['model']}") for c in candidates}
    titles = _sorted(label.read_table("labeled.parquet"))
    titles["gold"] = gold_labels(titles["rating"])
    predictions = _sorted(select.read_table("predictions.parquet"))
    blind = _sorted(blind_audit.read_table("predictions.parquet"))
    test = _join_predictions(titles[titles["split"] == TEST], predictions)
    with_gold = test.loc[test["gold"].notna(), ["show_id", "gold"]]
    _check_same_titles(with_gold["show_id"], blind["show_id"], "blind_audit")
    _check_same_values(with_gold, blind, "gold", "blind_audit")
    return Evidence(
        titles=titles,
        test=test,
        blind=blind,
        training=augment.read_table("augmented.parquet"),
        out_of_fold={n: _sorted(a.read_table("out_of_fold.parquet")) for n, a in trained.items()},
        candidates=candidates,
        rules=label.read_json("rules.json"),
        votes=label.read_table("votes.parquet"),
        blind_facts=blind_audit.read_json("blind_audit.json"),
        is_sample=bool(fetch.read_json("fetch.json")["is_sample"]),
        sources=(fetch, label, augment, select, blind_audit, *trained.values()),
    )


def _join_predictions(test: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    _check_same_titles(test["show_id"], predictions["show_id"], "select")
    for column in ("label", "gold"):
        _check_same_values(test, predictions, column, "select")
    weak = test.drop(columns="probability")  # the votes' own; from here on it is the winner's
    return weak.merge(predictions[["show_id", *PROBABILITIES]], on="show_id")


def _sorted(table: pd.DataFrame) -> pd.DataFrame:
    return table.sort_values("show_id", ignore_index=True)


def _check_same_titles(expected: pd.Series, found: pd.Series, stage: str) -> None:
    if twice := _some(found[found.duplicated()]):
        raise EvaluationError(f"The predictions of {stage} name titles twice: {twice}.")
    lacking, foreign = set(expected) - set(found), set(found) - set(expected)
    if lacking or foreign:
        raise EvaluationError(
            f"The predictions of {stage} are not about the labels' test titles: "
            f"{len(lacking):,} are lacking ({_some(lacking) or 'none'}), {len(foreign):,} are not "
            f"test titles ({_some(foreign) or 'none'}). "
            f"Clear the task {stage} and those after it, so that all read the same labels."
        )


def _check_same_values(
    expected: pd.DataFrame, found: pd.DataFrame, column: str, stage: str
) -> None:
    """Compare a nullable column of two tables that are sorted and have the same titles."""
    mine, theirs = (t[column].astype("Float64").fillna(-1).to_numpy() for t in (expected, found))
    differs = mine != theirs
    if differs.any():
        raise EvaluationError(
            f"The predictions of {stage} have another {column} than the labels on "
            f"{int(differs.sum()):,} titles ({_some(expected['show_id'][differs])}). "
            f"Clear the task {stage} and those after it, so that all read the same labels."
        )


def _some(ids: Iterable[str]) -> str:
    names = sorted(ids)
    return ", ".join(names[:_MAX_IDS]) + (", ..." if len(names) > _MAX_IDS else "")

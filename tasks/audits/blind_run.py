"""The pipeline repeated without some columns, up to the features: what both audits work on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from tasks import pipeline
from tasks.audits.relabel import Relabeled, relabel
from tasks.augment.stage import make_training_table, synonyms_for
from tasks.augment.transform import Synonyms, Transform
from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.rulebook import choose
from tasks.config import AuditConfig
from tasks.train.prepared import Prepared, prepare
from tasks.volume import atomic
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace


@dataclass(frozen=True, eq=False, kw_only=True)
class BlindRun:
    """Titles labelled, copied and turned into features as if the withheld columns did not exist.

    `labeled` has the catalog's columns, ``split`` and ``content_group``, in a fixed order; `near`
    and `answers` are what the stage ``label`` wrote of them. Each step is taken when it is first
    asked for.
    """

    labeled: pd.DataFrame
    near: pd.DataFrame
    answers: pd.DataFrame | None = None
    operations: Sequence[Transform]
    synonyms: Synonyms
    config: AuditConfig
    wordnet: str | None = None  # the digest of what `synonyms` were made of

    @cached_property
    def again(self) -> Relabeled:
        """The titles with the labels that the other rules give them."""
        return relabel(self.labeled, self.config, self.answers)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The training table: labelled train titles and copies of them."""
        again = self.again
        parts = (again.titles, self.near, self.operations, self.synonyms, again.rules)
        return make_training_table(*parts, self.config)[0]

    @cached_property
    def prepared(self) -> Prepared:
        """What models read of the training table."""
        return prepare(self.rows, self.config.features, self.config.withhold)


def read_blind_run(workspace: Workspace, label: Artifacts, config: AuditConfig) -> BlindRun:
    """Return the blind run of what the stage ``label`` wrote.

    The audit that comes second in a process takes the one that the first has worked on.
    """
    labeled = label.read_table(pipeline.LABELED).sort_values("show_id", ignore_index=True)
    near, answers = map(label.read_table, (pipeline.NEAR_DUPLICATES, pipeline.ANSWERS))
    operations = choose(TRANSFORMS, config.operations, "operations")
    synonyms, wordnet = synonyms_for(operations, workspace)
    shared = config.model_dump(include=set(AuditConfig.model_fields))
    key = (wordnet, repr(shared), *label.used.values())
    if found := _left.pop(key, None):
        return found
    _left.clear()
    _left[key] = BlindRun(
        labeled=labeled,
        near=near,
        answers=answers,
        operations=operations,
        synonyms=synonyms,
        config=config,
        wordnet=wordnet,
    )
    return _left[key]


_left: dict[tuple[str | None, ...], BlindRun] = {}


def audit_once(
    workspace: Workspace,
    stage: str,
    config: AuditConfig,
    audit: Callable[[BlindRun, Any], tuple[dict[str, Any], dict[str, pd.DataFrame]]],
) -> dict[str, Any]:
    """Write and return what an audit reports, by an earlier run if that had the same to work on.

    `audit` returns the content of the stage's first file and, by name, the tables beside it.
    """
    label = workspace.read(pipeline.LABEL)
    blind_run = read_blind_run(workspace, label, config)
    report, *beside = pipeline.stage(stage).files
    before = workspace.answered_before(stage, config, [label])
    found = before.read_json(report) if before else {}
    if before and found["wordnet"] == blind_run.wordnet:
        contents = {name: before.read_bytes(name) for name in beside}
    else:
        found, tables = audit(blind_run, config)
        found["wordnet"] = blind_run.wordnet
        contents = {name: atomic.to_csv(table) for name, table in tables.items()}
    with workspace.write(stage, config, inputs=[label]) as out:
        for name, content in contents.items():
            out.write_bytes(name, content)
        out.write_json(report, found)
    return found

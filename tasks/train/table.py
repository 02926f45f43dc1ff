"""The training table, and the counts of its terms that all candidates of a run share."""

import logging
import time

import pandas as pd
from scipy import sparse

from tasks.config import TrainConfig
from tasks.errors import ArtifactError
from tasks.train.guard import check_training_rows
from tasks.train.terms import TermCounts, distinct_texts
from tasks.volume.artifacts import Artifacts
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

TABLE = "augmented.parquet"
COUNTS_STAGE = "train_features"
COUNTS = "term_counts.npz"
TERMS = "terms.parquet"


def read_training_table(augment: Artifacts, label: Artifacts) -> pd.DataFrame:
    """Return the training table in one fixed order of rows, if nothing of a test title is in it.

    Raises
    ------
    LeakageError
        Naming the row and the test title.
    """
    table = augment.read_table(TABLE).sort_values("show_id", ignore_index=True)
    check_training_rows(
        table, label.read_table("labeled.parquet"), label.read_table("near_duplicates.parquet")
    )
    return table


def is_made_from(artifacts: Artifacts, augment: Artifacts) -> bool:
    """Return whether artifacts were made from this very training table."""
    made_from = artifacts.manifest["inputs"].get("augment", {}).get("files", {})
    return made_from.get(TABLE) == augment.manifest["files"][TABLE]["sha256"]


def read_or_count_terms(
    workspace: Workspace, config: TrainConfig, augment: Artifacts, texts: pd.Series
) -> TermCounts:
    """Return the counts that an earlier candidate left in the run, or count and leave them there.

    Two candidates that count at the same time write the same bytes, so neither harms the other.
    """
    for run in (workspace.run, workspace.source):
        if run.has((COUNTS_STAGE,)):
            try:
                stored = run.read(COUNTS_STAGE)
                if is_made_from(stored, augment):
                    return _read(stored, texts)
            except ArtifactError as error:
                log.warning("Counting terms again: %s", error)
    started = time.perf_counter()
    with workspace.write(COUNTS_STAGE, config, inputs=[augment]) as out:
        counts = TermCounts.of(texts)
        sparse.save_npz(out.path(COUNTS), counts.matrix, compressed=False)
        out.write_table(TERMS, pd.DataFrame({"term": pd.array(counts.terms, dtype="str")}))
    log.info(
        "Counted %d terms in %d texts in %.2f s",
        *(*counts.matrix.shape[::-1], time.perf_counter() - started),
    )
    return counts


def _read(stored: Artifacts, texts: pd.Series) -> TermCounts:
    with stored.file(COUNTS).open("rb") as stream:
        matrix = sparse.csr_matrix(sparse.load_npz(stream))
    terms = stored.read_table(TERMS)["term"].to_numpy(dtype=object)
    distinct = distinct_texts(texts)
    if matrix.shape != (len(distinct), len(terms)):
        raise ArtifactError(
            f"{stored.path} counts {matrix.shape[1]} terms in {matrix.shape[0]} texts; "
            f"expected {len(terms)} in {len(distinct)}."
        )
    return TermCounts(distinct, terms, matrix)

"""A catalogue scored from end to end, in chunks: read, checked, scored, written, or none of it."""

import logging
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from tasks.catalog.formats import count, percent
from tasks.catalog.utilities import parse_year, snake_case
from tasks.config import ScoreConfig
from tasks.errors import CatalogError, ConfigError
from tasks.fetch.checks import find_problems, make_readable, repair
from tasks.label.profile import EMPTY, Profile, named_countries, profile
from tasks.pipeline import CATALOGS, SCORES, SCORES_QUARANTINE, SCORES_REPORT
from tasks.score.catalog_file import CatalogFile, Chunk, fingerprint, open_catalog_file
from tasks.score.drift import drift_in_words, measure_drift
from tasks.score.titles import (
    SCORE_COLUMNS,
    SCORE_SCHEMA,
    Scorer,
    load_scorer,
    read_titles,
    score_titles,
)
from tasks.volume import atomic
from tasks.volume.runs import Volume
from tasks.volume.score_files import CSV, PARQUET, files_in_place, table_writer

log = logging.getLogger(__name__)

CHUNK = 10_000  # records
LOG_EVERY = 100_000
QUARANTINE_COLUMNS = ("quarantine_record", "quarantine_reason", "quarantine_surplus")
"""What stands before a quarantined record's cells: its number in the file, why it cannot be
scored, and the cells that are more than the header has."""


def score_catalog(volume: Volume, config: ScoreConfig, out: Path | None = None) -> dict[str, Any]:
    """Score every title of a catalogue with a release; return the content of the report.

    Beside `out`, by default on the volume, go the report and the records that cannot be scored.
    All three are put in place when all is done, or none is. A title is scored by its own cells,
    so an id that comes twice is scored twice, and counted.

    Raises
    ------
    CatalogError
        If the file is no catalogue, has no title that can be scored, or changes meanwhile.
    ConfigError
        If there cannot be such an output file.
    ArtifactError, PublishError
        If there is no such release, or it cannot be used.
    """
    started = time.perf_counter()
    catalog = find_catalog(volume, config.catalog)
    target = find_target(volume, catalog, config, out)
    before = fingerprint(catalog)
    scorer = load_scorer(volume.releases, config.release or None)
    names = {kind: companion(target, kind) for kind in (SCORES_REPORT, SCORES_QUARANTINE)}
    with files_in_place(target, list(names.values())) as folder:
        with open_catalog_file(catalog, CHUNK) as opened:
            check_columns(opened.schema.names, catalog)
            tally = write_scores(
                opened, scorer, folder / target.name, folder / names[SCORES_QUARANTINE]
            )
        tally.check(catalog)
        if fingerprint(catalog) != before:
            raise CatalogError(
                f"{catalog} changed while it was scored, so nothing was written; score it again "
                "when it is whole."
            )
        seconds = time.perf_counter() - started
        report = {
            "catalog": str(catalog),
            "catalog_sha256": before.sha256,
            "scores": str(target),
            "scores_sha256": atomic.sha256(folder / target.name),
            "quarantine": str(target.with_name(names[SCORES_QUARANTINE])),
            "report": str(target.with_name(names[SCORES_REPORT])),
            "release": scorer.version,
            "threshold": scorer.threshold,
            **tally.to_dict(),
            "drift": measure_drift(scorer.profile, tally.profile),
            "seconds": round(seconds, 2),
        }
        atomic.write_bytes(folder / names[SCORES_REPORT], atomic.to_json(report))
    _log(report)
    return report


@dataclass
class Tally:
    """What is counted while a catalogue is scored."""

    records: int = 0
    scored: int = 0
    family: int = 0
    rating_read: int = 0
    without_votes: int = 0
    columns: Mapping[str, str | None] = field(default_factory=dict)  # what the file calls ours
    reasons: Counter[str] = field(default_factory=Counter)
    profile: Profile = EMPTY
    ids: list[np.ndarray] = field(default_factory=list)  # eight bytes a title

    def add_scores(self, titles: pd.DataFrame, scores: pd.DataFrame) -> None:
        """Count the scored titles of a chunk."""
        self.records += len(titles)
        self.scored += len(titles)
        self.family += int(scores["family"].sum())
        self.rating_read += int(scores["rating_read"].sum())
        self.without_votes += int((scores["rules_voted"] == 0).sum())
        self.ids.append(pd.util.hash_array(titles["show_id"].to_numpy(dtype=object)))

    def add_reasons(self, reasons: pd.Series) -> None:
        """Count the records of a chunk that cannot be scored."""
        self.records += len(reasons)
        self.reasons.update(reason for text in reasons for reason in text.split("; "))

    def check(self, catalog: Path) -> None:
        """Refuse a file in which nothing can be scored."""
        if not self.records:
            raise CatalogError(f"{catalog} has a header and no titles; give a catalog with titles.")
        if not self.scored:
            why = ", ".join(f"{n} x {reason}" for reason, n in self.reasons.most_common(3))
            raise CatalogError(
                f"{catalog} is not a catalog: none of its {self.records} records can be scored "
                f"({why}). Fix the file or give another."
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain JSON values."""
        every = np.concatenate(self.ids)
        counts = {name: n for name, n in vars(self).items() if isinstance(n, int)}
        return {
            **counts,
            "columns": dict(self.columns),
            "quarantined": self.records - self.scored,
            "quarantine_reasons": dict(self.reasons.most_common()),
            "repeated_ids": len(every) - len(np.unique(every)),
        }


def find_catalog(volume: Volume, name: str) -> Path:
    """Return the path that is given, or that of a file in the volume's folder of catalogues."""
    kept = volume.root / CATALOGS / name
    path = Path(name).expanduser().absolute()
    return kept if name == kept.name and kept.is_file() and not path.is_file() else path


def list_catalogs(volume: Volume) -> list[str]:
    """Return the names of the files in the volume's folder of catalogues."""
    found = (volume.root / CATALOGS).glob("*")
    return sorted(
        path.name
        for path in found
        if path.suffix in (CSV, PARQUET) and path.is_file() and not path.name.startswith(".")
    )


def no_catalogs(volume: Volume) -> str:
    """Say that there is nothing to score, and where to put it."""
    return f"Nothing to score: put catalogs ({CSV} or {PARQUET}) into {volume.root / CATALOGS}."


def find_target(volume: Volume, catalog: Path, config: ScoreConfig, out: Path | None) -> Path:
    """Return where the scores go: `out`, or a folder of the volume that bears the file's name."""
    if out is None:
        return volume.root / SCORES / catalog.name / f"{SCORES}.{config.format}"
    target = out.expanduser().absolute()
    if target.suffix not in (CSV, PARQUET):
        raise ConfigError(f"OUT is {out}; expected a file name that ends in {CSV} or {PARQUET}.")
    if target.is_dir():
        raise ConfigError(f"OUT is {out}, which is a folder; expected the name of a file.")
    if target.resolve() == catalog.resolve():
        raise ConfigError(f"OUT is {out}, the catalog itself; give another name.")
    return target


def companion(target: Path, kind: str) -> str:
    """Return the name of the report or quarantine beside a file of scores."""
    return target.stem + kind


def check_columns(columns: list[str], catalog: Path) -> None:
    """Refuse a catalogue that has one of the columns that are added."""
    ours = {*SCORE_COLUMNS, *QUARANTINE_COLUMNS}
    if taken := [name for name in columns if snake_case(name) in ours]:
        raise CatalogError(
            f"{catalog} has {', '.join(taken)} already, which scoring adds; rename or remove "
            f"{'it' if len(taken) == 1 else 'them'} (was this file scored before?)."
        )


def write_scores(opened: CatalogFile, scorer: Scorer, scores: Path, quarantine: Path) -> Tally:
    """Score an open catalogue, write the two tables, and return what was counted."""
    tally, countries = Tally(), named_countries(scorer.profile)
    columns = [pa.field(name, pa.string()) for name in (*QUARANTINE_COLUMNS, *opened.schema.names)]
    bar = tqdm(total=opened.n_titles, unit=" titles", desc="Scoring", disable=None)
    with (
        bar,
        table_writer(quarantine, pa.schema(columns)) as set_apart,
        table_writer(scores, pa.schema([*opened.schema, *SCORE_SCHEMA])) as write,
    ):
        for chunk in opened.chunks:
            titles, reasons = check_titles(chunk)
            tally.columns = chunk.raw.columns
            if len(titles):
                features = read_titles(scorer, titles)
                found = score_titles(scorer, features, titles)
                write(beside(chunk, found))
                tally.add_scores(titles, found)
                tally.profile += profile(features, titles, countries)
            if len(reasons):
                set_apart(pa.table(unscored(chunk, reasons), schema=pa.schema(columns)))
                tally.add_reasons(reasons)
            bar.update(len(chunk.records))
            if tally.records % LOG_EVERY < len(chunk.records):
                log.info("Read %s, scored %s", count(tally.records, "record"), count(tally.scored))
    return tally


def check_titles(chunk: Chunk) -> tuple[pd.DataFrame, pd.Series]:
    """Return the titles that can be scored, repaired and typed as ``fetch`` does it.

    And for each of the other records the reasons, by its number.
    """
    table, _ = repair(chunk.raw.table)
    problems = find_problems(table)
    titles = table.drop(problems.index)
    reasons = pd.concat([chunk.raw.malformed["reason"], problems]).sort_index()
    return titles.assign(release_year=parse_year(titles["release_year"])), reasons


def beside(chunk: Chunk, scores: pd.DataFrame) -> pa.Table:
    """Return the cells of the scored titles, as they are in the file, with their scores."""
    scored = chunk.raw.table.index.isin(scores.index)
    cells = chunk.cells.filter(pa.array(scored))
    added = pa.Table.from_pandas(scores, pa.schema(SCORE_SCHEMA), preserve_index=False)
    columns = [*cells.columns, *added.columns]
    return pa.table(columns, schema=pa.schema([*cells.schema, *SCORE_SCHEMA]))


def unscored(chunk: Chunk, reasons: pd.Series) -> list[pa.Array]:
    """Return the columns of the quarantine."""
    width = chunk.cells.num_columns
    rows = [
        [str(record.number), reasons[record.number], ", ".join(record.fields[width:])]
        + record.fields[:width]
        + [""] * (width - len(record.fields))
        for record in chunk.records
        if record.number in reasons.index
    ]
    return [
        pa.array(make_readable(pd.Series(cells, dtype="str")), pa.string())
        for cells in zip(*rows, strict=True)
    ]


def _log(report: dict[str, Any]) -> None:
    for reason, n in report["quarantine_reasons"].items():
        log.warning("Quarantined: %s because %s", count(n, "record"), reason)
    log.info(
        "Scored %s of %s with %s: %s family; drift: %s; %.1f s; %s",
        *(count(report["scored"], "title"), report["catalog"], report["release"]),
        *(percent(report["family"] / report["scored"], 1), drift_in_words(report["drift"])),
        *(report["seconds"], report["scores"]),
    )

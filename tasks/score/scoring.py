"""A catalogue scored from end to end, in chunks: read, checked, scored, written, or none of it."""

import logging
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from tqdm import tqdm

from tasks.catalog.formats import count, percent
from tasks.catalog.genres import count_genres
from tasks.catalog.home import is_foreign
from tasks.catalog.ratings import are_scores, count_numbers
from tasks.catalog.utilities import parse_year
from tasks.config import ScoreConfig
from tasks.errors import CatalogError
from tasks.fetch.checks import find_problems, make_readable, repair
from tasks.label.profile import named_countries, profile
from tasks.pipeline import SCORES_QUARANTINE, SCORES_REPORT
from tasks.score.adapt import Adapted, Sample, adapt, average
from tasks.score.catalog_file import CatalogFile, Chunk, fingerprint, open_catalog_file
from tasks.score.drift import drift_in_words, measure_drift
from tasks.score.places import check_columns, find_catalog, find_target
from tasks.score.tally import Tally
from tasks.score.titles import (
    QUARANTINE_COLUMNS,
    SCORE_SCHEMA,
    Scorer,
    family_probability,
    load_scorer,
    read_titles,
    score_columns,
)
from tasks.volume import atomic
from tasks.volume.runs import Volume
from tasks.volume.score_files import files_in_place, table_writer

log = logging.getLogger(__name__)

CHUNK = 10_000  # records
LOG_EVERY = 100_000


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
    names = {kind: target.stem + kind for kind in (SCORES_REPORT, SCORES_QUARANTINE)}
    with files_in_place(target, list(names.values())) as folder:
        with open_catalog_file(catalog, CHUNK) as opened:
            check_columns(opened.schema.names, catalog)
            speaks_otherwise, has_scores = look_through(catalog)
            adapted, facts = adapt_if_asked(
                catalog, scorer, config, speaks_otherwise=speaks_otherwise, has_scores=has_scores
            )
            tables = folder / target.name, folder / names[SCORES_QUARANTINE]
            tally = write_scores(opened, scorer, adapted, *tables, has_scores=has_scores)
        tally.check(catalog)
        if fingerprint(catalog) != before:
            raise CatalogError(
                f"{catalog} changed while it was scored, so nothing was written; score it again "
                "when it is whole."
            )
        seconds = time.perf_counter() - started
        report = {
            "catalog": str(catalog),
            "catalog_sha256": before[0],
            "scores": str(target),
            "scores_sha256": atomic.sha256(folder / target.name),
            "quarantine": str(target.with_name(names[SCORES_QUARANTINE])),
            "report": str(target.with_name(names[SCORES_REPORT])),
            "release": scorer.version,
            "threshold": scorer.threshold,
            **tally.to_dict(),
            "adapt": facts,
            "drift": measure_drift(scorer.profile, tally.profile),
            "seconds": round(seconds, 2),
        }
        atomic.write_bytes(folder / names[SCORES_REPORT], atomic.to_json(report))
    _log(report)
    return report


def adapt_if_asked(
    catalog: Path, scorer: Scorer, config: ScoreConfig, *, speaks_otherwise: bool, has_scores: bool
) -> tuple[Adapted | None, dict[str, Any]]:
    """Adapt to a catalogue, if that is asked for, or left to its vocabulary and that is foreign."""
    asked = {"asked": config.adapt}
    if config.adapt == "false":
        return None, {**asked, "adapted": False, "why": "not asked for"}
    if config.adapt == "auto" and not speaks_otherwise:
        return None, {**asked, "adapted": False, "why": "its genres have the lab's own names"}
    sample = Sample()
    with open_catalog_file(catalog, CHUNK) as opened:
        for chunk in opened.chunks:
            sample.add(check_titles(chunk, has_scores=has_scores)[0])
    if not any(map(len, sample.parts)):
        return None, {**asked, "adapted": False, "why": "no title can be scored"}
    adapted, facts = adapt(scorer, sample.titles(), config.seed)
    how = f"on {count(facts['n'], 'title')}" if adapted else f"not, {facts['why']}"
    log.info("Adapted to %s: %s", catalog, how)
    return adapted, asked | facts


def look_through(catalog: Path) -> tuple[bool, bool]:
    """Say whether a catalogue's genres have other names than the lab's, its ratings are scores."""
    known, every, counted = 0, 0, Counter[str]()
    with open_catalog_file(catalog, CHUNK) as opened:
        for chunk in opened.chunks:
            own, mapped, others = count_genres(chunk.read("listed_in"))
            known, every = known + own, every + own + mapped + int(others.sum())
            rating = chunk.read("rating").str.strip()
            counted += count_numbers(rating[rating != ""])
    return is_foreign({"genre_names": {"n": every, "known": known}}), are_scores(counted)


def write_scores(
    opened: CatalogFile,
    scorer: Scorer,
    adapted: Adapted | None,
    scores: Path,
    quarantine: Path,
    *,
    has_scores: bool,
) -> Tally:
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
            titles, reasons = check_titles(chunk, has_scores=has_scores)
            tally.columns = chunk.raw.columns
            if len(titles):
                features = read_titles(scorer, titles)
                probability = family_probability(scorer, features)
                if adapted:
                    probability = average(probability, adapted.log_odds(features, titles))
                found = score_columns(scorer, probability, features, titles)
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


def check_titles(chunk: Chunk, *, has_scores: bool) -> tuple[pd.DataFrame, pd.Series]:
    """Return the titles that can be scored, repaired and typed as ``fetch`` does it.

    And for each of the other records the reasons, by its number.
    """
    table, _ = repair(chunk.raw.table, has_scores=has_scores)
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

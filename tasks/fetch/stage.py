"""The stage fetch: from a file somewhere to a checked catalog in the run's folder."""

import logging
import time
from typing import Any

from tasks.catalog.formats import count, names_in_words, percent
from tasks.catalog.home import describe_distance, has_many_unmapped
from tasks.config import FetchConfig
from tasks.fetch.checks import CheckedCatalog, check_catalog
from tasks.fetch.csv_file import RawCatalog, parse_catalog
from tasks.fetch.source import Source, find_source
from tasks.pipeline import CATALOG, FETCH, FETCH_REPORT, QUARANTINE
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

MOST_REPAIRS_LISTED = 100
MOST_NAMED = 10
SUMMARY = ("source", "kind", "is_sample", "rows", "quarantined", "quarantine_reasons", "repaired")


def fetch(workspace: Workspace, config: FetchConfig) -> dict[str, Any]:
    """Find the catalog, check it and write it; return where it came from, and counts."""
    started = time.perf_counter()
    workspace.volume.check_writable()
    source = find_source(config.source, workspace.volume)
    raw = parse_catalog(source.content, source.name)
    checked = check_catalog(raw, source.name)
    report = _report(source, raw, checked)
    with workspace.write(FETCH, config) as out:
        out.write_table(CATALOG, checked.catalog)
        out.write_table(QUARANTINE, checked.quarantine)
        out.write_json(FETCH_REPORT, report)
    _log(report, checked, time.perf_counter() - started)
    return {name: report[name] for name in SUMMARY}


def _report(source: Source, raw: RawCatalog, checked: CheckedCatalog) -> dict[str, Any]:
    return {
        "source": source.name,
        "kind": source.kind,
        "identity": source.identity,
        "is_sample": source.is_sample,
        "sha256": source.sha256,
        "bytes": len(source.content),
        "encoding": raw.encoding,
        "delimiter": raw.delimiter,
        "records": len(raw.table) + len(raw.malformed),
        "rows": len(checked.catalog),
        "quarantined": len(checked.quarantine),
        "quarantine_reasons": checked.reasons,
        "trimmed_cells": raw.trimmed_cells,
        "columns": dict(raw.columns),
        "repaired": len(checked.repairs) + sum(checked.respelled.values()),
        "respelled": checked.respelled,
        "repairs": checked.repairs[:MOST_REPAIRS_LISTED],
        "home": describe_distance(checked.catalog),
    }


def _log(report: dict[str, Any], checked: CheckedCatalog, seconds: float) -> None:
    for done in report["repairs"]:
        log.info("Repaired %(show_id)s: %(repair)s (found %(found)r)", done)
    for what, n in report["respelled"].items():
        log.info("Read in the lab's words: %s, %s", what, count(n, "time"))
    for reason, n in checked.reasons.items():
        log.warning("Quarantined: %d records because %s", n, reason)
    if report["is_sample"]:
        log.warning(
            "THIS IS THE EMBEDDED SAMPLE, NOT A CATALOG: its titles are invented, and figures on "
            "the sample mean nothing. Set NETFLIX_TITLES_CSV to a catalog's CSV file."
        )
    home = report["home"]
    names = home["genre_names"]
    if has_many_unmapped(home):
        log.warning(
            "%s of the genres (%s of %s) are in no table, so neither rules nor models read them: "
            "%s. tasks/catalog/genres.py has the table.",
            *(percent(names["unmapped"] / names["n"]), count(names["unmapped"])),
            *(count(names["n"], "name"), names_in_words(home["unmapped_genres"], MOST_NAMED)),
        )
    if home["unknown_ratings"]:
        log.warning(
            "Ratings that say nothing, since tasks/catalog/ratings.py does not know them: %s.",
            names_in_words(home["unknown_ratings"], MOST_NAMED),
        )
    log.info(
        "Fetched %(rows)d titles from %(source)s (%(kind)s, %(identity)s, %(encoding)s): "
        "%(quarantined)d quarantined, %(repaired)d cells repaired, %(trimmed_cells)d trimmed, "
        "in %(seconds).2f s",
        report | {"seconds": seconds},
    )

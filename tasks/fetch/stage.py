"""The stage fetch: from a file somewhere to a checked catalog in the run's folder."""

import logging
import time
from typing import Any

from tasks.config import FetchConfig
from tasks.fetch.checks import CheckedCatalog, check_catalog
from tasks.fetch.csv_file import RawCatalog, parse_catalog
from tasks.fetch.source import Source, find_source
from tasks.volume.runs import Workspace

log = logging.getLogger(__name__)

MOST_REPAIRS_LISTED = 100


def fetch(workspace: Workspace, config: FetchConfig) -> dict[str, Any]:
    """Find the catalog, check it, and write what later stages read.

    Writes ``catalog.parquet`` (usable titles, sorted by ``show_id``), ``quarantine.csv`` (the
    other records, each with its number in the file and the reason) and ``fetch.json``.

    Parameters
    ----------
    workspace : Workspace
        The run.
    config : FetchConfig
        Where to look.

    Returns
    -------
    dict
        Where the catalog comes from, and counts.

    Raises
    ------
    CatalogError
        If there is no catalog, or the file is none.
    VolumeError
        If the volume cannot be written.
    """
    started = time.perf_counter()
    workspace.volume.check_writable()
    source = find_source(config.source, workspace.volume)
    raw = parse_catalog(source.content, source.name)
    checked = check_catalog(raw, source.name)
    report = _report(source, raw, checked)
    with workspace.write("fetch", config) as out:
        out.write_table("catalog.parquet", checked.catalog)
        out.write_table("quarantine.csv", checked.quarantine)
        out.write_json("fetch.json", report)
    _log_report(source, raw, checked, time.perf_counter() - started)
    told = ("source", "kind", "is_sample", "rows", "quarantined", "quarantine_reasons", "repaired")
    return {name: report[name] for name in told}


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
        "repaired": len(checked.repairs),
        "repairs": checked.repairs[:MOST_REPAIRS_LISTED],
    }


def _log_report(source: Source, raw: RawCatalog, checked: CheckedCatalog, seconds: float) -> None:
    for done in checked.repairs[:MOST_REPAIRS_LISTED]:
        log.info("Repaired %(show_id)s: %(repair)s (found %(found)r)", done)
    for reason, count in checked.reasons.items():
        log.warning("Quarantined: %d records because %s", count, reason)
    if source.is_sample:
        log.warning(
            "THIS IS THE EMBEDDED SAMPLE, NOT A CATALOG: its titles are invented, and figures on "
            "the sample mean nothing. Set NETFLIX_TITLES_CSV to a catalog's CSV file."
        )
    log.info(
        "Fetched %d titles from %s (%s, %s, %s): %d quarantined, %d cells repaired, "
        "%d trimmed, in %.2f s",
        *(len(checked.catalog), source.name, source.kind, source.identity, raw.encoding),
        *(len(checked.quarantine), len(checked.repairs), raw.trimmed_cells, seconds),
    )

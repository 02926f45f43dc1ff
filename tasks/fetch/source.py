"""Where the catalog comes from: a path, the environment, the volume, a download, the sample."""

import hashlib
import io
import logging
import math
import os
import time
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from tqdm import tqdm

from tasks.catalog.formats import shorten
from tasks.catalog.utilities import parse_year
from tasks.errors import CatalogError
from tasks.fetch.csv_file import parse_catalog
from tasks.volume import atomic
from tasks.volume.runs import DEFAULT_ROOT, Volume

log = logging.getLogger(__name__)

CATALOG_ENV = "NETFLIX_TITLES_CSV"
CATALOG_FILE = "netflix_titles.csv"
OFFLINE_ENV = "LABELING_LAB_OFFLINE"
CATALOG_URL = (
    "https://huggingface.co/datasets/hugginglearners/netflix-shows/resolve/main/netflix_titles.csv"
)
PUBLIC_CATALOG = "df1f4ad2027a5a14c3a33932ef0d4054565ff88adf92b7f263601b70fdc6f3f3"
SAMPLE = DEFAULT_ROOT / "sample_titles.csv"
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 60.0
LONGEST_NAME = 400

EMBEDDED = "sample"


@dataclass(frozen=True)
class Source:
    """A catalog file that was found."""

    kind: str  # given, environment, volume, download or sample
    name: str  # its path or address
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def is_sample(self) -> bool:
        """Whether this is the embedded sample, wherever it was found."""
        return self.kind == EMBEDDED or (SAMPLE.is_file() and SAMPLE.read_bytes() == self.content)

    @property
    def identity(self) -> str:
        """Which catalog this is, if it is one that the lab knows."""
        if self.sha256 == PUBLIC_CATALOG:
            return "version 5 of the public catalog"
        return "the sample" if self.is_sample else "other content"


def load_netflix_data(path: Path | str | None = None) -> pd.DataFrame:
    """Load a catalog's CSV file safely; the stage fetch checks much more.

    Parameters
    ----------
    path : Path or str, optional
        By default what ``NETFLIX_TITLES_CSV`` names, else ``netflix_titles.csv`` in the volume.

    Returns
    -------
    DataFrame, shape (n_titles, 12)
        The catalog's columns in the file's order of titles: text, trimmed, and ``release_year``
        as Int64. Only empty cells are missing; ``NA`` and ``None`` are text. Rows without a cell
        for every column are left out and years that are none are missing, with a warning.

    Raises
    ------
    CatalogError
        If there is no file, or it is not a catalog.
    """
    found = find_catalog_file(Volume.from_environment().root) if path is None else Path(path)
    if found is None:
        raise CatalogError(
            f"No catalog found: {CATALOG_ENV} is not set and the volume has none. "
            f"Give a path, or set {CATALOG_ENV} to the catalog's CSV file."
        )
    raw = parse_catalog(read_catalog_file(found.expanduser()), str(found))
    table = raw.table.reset_index(drop=True)
    years = parse_year(table["release_year"])
    bad_years = int((years.isna() & table["release_year"].notna()).sum())
    if bad_years or len(raw.malformed):
        why = "%s: left out %d malformed rows, dropped %d years that are none"
        log.warning(why, found, len(raw.malformed), bad_years)
    return table.assign(release_year=years)


def find_source(source: str, volume: Volume) -> Source:
    """Find a catalog and read it; `CatalogError` if what was asked for cannot be had.

    ``auto`` takes the first of ``NETFLIX_TITLES_CSV``, the volume, a download (unless
    ``LABELING_LAB_OFFLINE`` is set) and the sample; anything else is taken at its word.
    """
    if source == "auto":
        return _find_automatically(volume)
    if source == EMBEDDED:
        return _read_sample()
    if source.lower().startswith(("http://", "https://")):
        return Source("download", source, download(source))
    path = Path(source).expanduser().absolute()
    return Source("given", str(path), read_catalog_file(path))


def find_catalog_file(root: Path) -> Path | None:
    """Return the file that ``NETFLIX_TITLES_CSV`` names, which must exist, else the volume's."""
    if named := os.environ.get(CATALOG_ENV):
        path = Path(named).expanduser().absolute()
        if not path.is_file():
            raise CatalogError(
                f"{CATALOG_ENV} is {named!r}, and there is no such file. "
                f"Set {CATALOG_ENV} to the catalog's CSV file, or unset it."
            )
        return path
    path = root / CATALOG_FILE
    return path if path.exists() else None


def read_catalog_file(path: Path) -> bytes:
    """Return a catalog file's content; `CatalogError` if it cannot be read."""
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise CatalogError(
            f"The catalog {shorten(str(path.absolute()), LONGEST_NAME)} cannot be read: {why}. "
            "Give the path of a CSV file that this user may read."
        ) from error


def download(url: str) -> bytes:
    """Download a file into memory, within `TOTAL_SECONDS` or not at all (`CatalogError`)."""
    import pooch  # with requests it takes long to import, and most runs download nothing

    started = time.monotonic()
    buffer = io.BytesIO()
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    try:
        with _Progress(unit="B", unit_scale=True, desc=CATALOG_FILE, disable=None) as bar:
            bar.deadline = started + TOTAL_SECONDS
            pooch.HTTPDownloader(progressbar=bar, timeout=timeout)(url, buffer, None)
    except (OSError, ValueError) as error:
        raise CatalogError(
            f"{shorten(url, LONGEST_NAME)} cannot be downloaded: "
            f"{shorten(str(error), LONGEST_NAME)} (after {time.monotonic() - started:.1f} s). "
            f"Download it elsewhere and set {CATALOG_ENV} to the file."
        ) from error
    log.info("Downloaded %s in %.1f s", url, time.monotonic() - started)
    return buffer.getvalue()


class _Progress(tqdm):
    """A progress bar, shown on a terminal only, that ends a download which takes too long."""

    deadline = math.inf

    def __bool__(self) -> bool:
        """Be true even when the server does not tell the size: pooch asks."""
        return True

    def update(self, n: float | None = 1) -> bool | None:
        """Count bytes; raise `TimeoutError` past the deadline."""
        if time.monotonic() > self.deadline:
            raise TimeoutError(f"it takes more than {TOTAL_SECONDS:g} s")
        return super().update(n)


def _find_automatically(volume: Volume) -> Source:
    if path := find_catalog_file(volume.root):
        kind = "environment" if os.environ.get(CATALOG_ENV) else "volume"
        return Source(kind, str(path), read_catalog_file(path))
    if os.environ.get(OFFLINE_ENV):
        log.info("%s is set: not trying to download the catalog", OFFLINE_ENV)
        return _read_sample()
    try:
        content = download(CATALOG_URL)
        parse_catalog(content, CATALOG_URL)
    except CatalogError as error:
        log.warning("No catalog could be downloaded. %s", error)
        return _read_sample()
    found = Source("download", CATALOG_URL, content)
    atomic.write_bytes(volume.root / CATALOG_FILE, content)
    log.info("Kept %s as %s", found.identity, volume.root / CATALOG_FILE)
    return found


def _read_sample() -> Source:
    if not SAMPLE.is_file():
        raise CatalogError(
            f"The embedded sample {SAMPLE} is missing; restore it from the repository, "
            f"or set {CATALOG_ENV} to a catalog's CSV file."
        )
    return Source(EMBEDDED, str(SAMPLE), read_catalog_file(SAMPLE))

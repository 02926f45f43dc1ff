"""Where the catalog comes from: a path, the environment, the volume, a download, the sample."""

import hashlib
import io
import logging
import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tqdm import tqdm

from tasks.errors import CatalogError
from tasks.fetch.csv_file import (
    CATALOG_ENV,
    CATALOG_FILE,
    find_catalog_file,
    parse_catalog,
    read_catalog_file,
)
from tasks.volume import atomic
from tasks.volume.runs import DEFAULT_ROOT, Volume

log = logging.getLogger(__name__)

OFFLINE_ENV = "LABELING_LAB_OFFLINE"
CATALOG_URL = (
    "https://huggingface.co/datasets/hugginglearners/netflix-shows/resolve/main/netflix_titles.csv"
)
KNOWN_CATALOGS: Mapping[str, str] = MappingProxyType(
    {
        "df1f4ad2027a5a14c3a33932ef0d4054565ff88adf92b7f263601b70fdc6f3f3": (
            "version 5 of the public catalog"
        )
    }
)
SAMPLE = DEFAULT_ROOT / "sample_titles.csv"
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 60.0

GIVEN = "given"
ENVIRONMENT = "environment"
VOLUME = "volume"
DOWNLOAD = "download"
EMBEDDED = "sample"


@dataclass(frozen=True)
class Source:
    """A catalog file that was found.

    Parameters
    ----------
    kind : str
        ``given``, ``environment``, ``volume``, ``download`` or ``sample``.
    name : str
        Its path or address.
    content : bytes
        The file.
    """

    kind: str
    name: str
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
        return KNOWN_CATALOGS.get(self.sha256, "the sample" if self.is_sample else "other content")


def find_source(source: str, volume: Volume) -> Source:
    """Find a catalog and return its content.

    Parameters
    ----------
    source : str
        ``auto`` takes the first of ``NETFLIX_TITLES_CSV``, the volume, a download (unless
        ``LABELING_LAB_OFFLINE`` is set) and the embedded sample. ``sample``, a path or an
        http(s) address is taken at its word: if it fails, nothing else is tried.
    volume : Volume
        Where ``auto`` looks for ``netflix_titles.csv``, and keeps what it downloaded.

    Raises
    ------
    CatalogError
        If what was asked for cannot be had.
    """
    if source == "auto":
        return _find_automatically(volume)
    if source == "sample":
        return _read_sample()
    if source.lower().startswith(("http://", "https://")):
        return Source(DOWNLOAD, source, download(source))
    path = Path(source).expanduser().absolute()
    return Source(GIVEN, str(path), read_catalog_file(path))


def download(url: str) -> bytes:
    """Download a file into memory, within seconds or not at all.

    Raises
    ------
    CatalogError
        If the server cannot be reached, refuses, breaks off, or is too slow.
    """
    import pooch  # with requests it takes long to import, and most runs download nothing

    started = time.monotonic()
    buffer = io.BytesIO()
    bar = _Progress(unit="B", unit_scale=True, desc=CATALOG_FILE, disable=None)
    bar.deadline = started + TOTAL_SECONDS
    timeout = (CONNECT_SECONDS, READ_SECONDS)
    try:
        pooch.HTTPDownloader(progressbar=bar, timeout=timeout)(url, buffer, None)
    except (OSError, ValueError) as error:
        raise CatalogError(
            f"{url} cannot be downloaded: {error} (after {time.monotonic() - started:.1f} s). "
            f"Download it elsewhere and set {CATALOG_ENV} to the file."
        ) from error
    finally:
        bar.close()
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
        kind = ENVIRONMENT if os.environ.get(CATALOG_ENV) else VOLUME
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
    found = Source(DOWNLOAD, CATALOG_URL, content)
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

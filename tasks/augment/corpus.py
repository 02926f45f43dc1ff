"""Where WordNet is, and nltk's reader of it."""

import hashlib
import logging
import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from tasks.errors import WordNetError
from tasks.volume.atomic import sha256

log = logging.getLogger(__name__)

FOLDER_NAME = "nltk_data"
PARTS = ("adj", "adv", "noun", "verb")
TABLE_FILES = tuple(f"{kind}.{part}" for kind in ("data", "index") for part in PARTS) + tuple(
    f"{part}.exc" for part in PARTS
)
REQUIRED_FILES = (*TABLE_FILES, "cntlist.rev", "lexnames", "index.sense")
INSTALL_COMMAND = "python -m tasks.augment.wordnet"
PROBE = "movie"


def environment_paths() -> list[Path]:
    """Return the folders that ``NLTK_DATA`` names."""
    names = os.environ.get("NLTK_DATA", "").split(os.pathsep)
    return [Path(name).expanduser() for name in names if name]


def search_path(volume_root: Path) -> list[Path]:
    """Return the folders searched: the volume's, then nltk's (``NLTK_DATA`` and its defaults)."""
    prefix = Path(sys.prefix)
    defaults = [
        Path("~/nltk_data").expanduser(),
        *(prefix / folder / FOLDER_NAME for folder in ("", "share", "lib")),
        *(Path("/usr", folder, FOLDER_NAME) for folder in ("share", "local/share")),
        *(Path("/usr", folder, FOLDER_NAME) for folder in ("lib", "local/lib")),
    ]
    return list(dict.fromkeys([volume_root / FOLDER_NAME, *environment_paths(), *defaults]))


def is_complete(place: Path) -> bool:
    """Return whether a path is a whole WordNet: a folder with every file, or nltk's archive."""
    if place.suffix == ".zip":
        return place.is_file()
    return all((place / name).is_file() for name in REQUIRED_FILES)


def _places(volume_root: Path) -> Iterator[Path]:
    for folder in search_path(volume_root):
        yield folder / "corpora" / "wordnet"
        yield folder / "corpora" / "wordnet.zip"


def find(volume_root: Path) -> Path | None:
    """Return the first whole WordNet on the search path; None if there is none."""
    for place in _places(volume_root):
        if is_complete(place):
            return place
        if place.exists():
            log.warning("%s is not a whole WordNet; looking further", place)
    return None


def digest(place: Path) -> str:
    """Return a digest of what the synonyms are made of."""
    if place.suffix == ".zip":
        return sha256(place)
    joined = "".join(sha256(place / name) for name in TABLE_FILES)
    return hashlib.sha256(joined.encode()).hexdigest()


@contextmanager
def reading(place: Path) -> Iterator[Any]:
    """Open WordNet with nltk, and see that it knows a word.

    Parameters
    ----------
    place : Path
        ``<root>/corpora/wordnet``, or nltk's archive of it, ``wordnet.zip``.

    Yields
    ------
    nltk.corpus.reader.wordnet.WordNetCorpusReader
        For use inside the block only: nltk opens no files outside its search path, which has the
        root as long as the block lasts.

    Raises
    ------
    WordNetError
        If nltk cannot read it.
    """
    import nltk.data

    root = str(place.parents[1])
    nltk.data.path.insert(0, root)
    try:
        with ExitStack() as streams:
            yield _open_reader(place, streams)
    finally:
        nltk.data.path.remove(root)


def _open_reader(place: Path, streams: ExitStack) -> Any:
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    class ClosingReader(WordNetCorpusReader):
        """nltk's reader leaves its files open."""

        def open(self, file: str) -> Any:
            return streams.enter_context(closing(super().open(file)))

    started = time.perf_counter()
    try:
        if place.suffix == ".zip":
            pointer = nltk.data.ZipFilePathPointer(str(place), "wordnet/")
        else:
            pointer = nltk.data.FileSystemPathPointer(str(place))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "The multilingual functions")
            reader = ClosingReader(pointer, None)
        found = reader.synsets(PROBE)
    except Exception as error:
        raise WordNetError(
            f"{place} is not a WordNet that nltk can read ({type(error).__name__}: {error}); "
            f"remove it, then run {INSTALL_COMMAND}."
        ) from error
    if not found:
        raise WordNetError(
            f"{place} does not know the word {PROBE!r}; remove it, then run {INSTALL_COMMAND}."
        )
    log.info("Opened WordNet at %s in %.1f s", place, time.perf_counter() - started)
    return reader

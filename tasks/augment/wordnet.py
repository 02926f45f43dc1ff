"""Installing WordNet: ``python -m tasks.augment.wordnet``.

Nothing needs root and nothing is installed into the system: WordNet's files go to the first
folder of ``NLTK_DATA``, else to ``nltk_data`` in the volume, all at once or not at all.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tasks.augment import corpus, synonyms
from tasks.augment.sources import SOURCES, NotHere
from tasks.errors import LabError, WordNetError
from tasks.volume.artifacts import put_in_place
from tasks.volume.atomic import disk_errors
from tasks.volume.runs import Volume

log = logging.getLogger(__name__)


def install(root: Path, sources: dict[str, Callable[[Path], None]] | None = None) -> Path:
    """Get WordNet from the first source that has it, check it, and put it in place.

    Parameters
    ----------
    root : Path
        An ``nltk_data`` folder; made if it does not exist.
    sources : dict of str to callable, optional
        What to try, in order; by default `SOURCES`.

    Returns
    -------
    Path
        ``<root>/corpora/wordnet``.

    Raises
    ------
    WordNetError
        If no source has it, naming what was tried and what to do.
    """
    tried = []
    for name, fetch in (SOURCES if sources is None else sources).items():
        log.info("Trying %s", name)
        started = time.perf_counter()
        try:
            place = _install_from(fetch, root)
        except (NotHere, WordNetError) as reason:
            log.info("Nothing from %s after %.1f s", name, time.perf_counter() - started)
            tried.append(f"{name} ({reason})")
        else:
            log.info("WordNet is in %s, from %s", place, name)
            return place
    raise WordNetError(
        f"WordNet could not be had. Tried: {'; '.join(tried)}. Connect to the internet or to a "
        f"Debian package mirror, or copy nltk's wordnet folder to {root / 'corpora' / 'wordnet'}."
    )


def _install_from(fetch: Callable[[Path], None], root: Path) -> Path:
    place = root / "corpora" / "wordnet"
    with disk_errors(root):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".wordnet-", dir=root) as hidden:
            fetched = Path(hidden) / "corpora" / "wordnet"
            fetch(fetched.parent)
            if not corpus.is_complete(fetched):
                raise NotHere("what it gave is not a whole WordNet")
            with corpus.reading(fetched):
                put_in_place(fetched, place)
    return place


def home(volume_root: Path) -> Path:
    """Return where to install: the first folder of ``NLTK_DATA``, else the volume's."""
    return next(iter(corpus.environment_paths()), volume_root / corpus.FOLDER_NAME)


def provision(volume_root: Path) -> Path:
    """Return where WordNet is, after installing it if it is nowhere; make its table of synonyms."""
    place = corpus.find(volume_root)
    if place is None:
        place = install(home(volume_root))
    else:
        log.info("WordNet is already in %s", place)
    table, _ = synonyms.load_synonyms(volume_root)
    log.info("Synonyms of %d words are ready", len(table))
    return place


def main(arguments: list[str] | None = None) -> int:
    """Provide WordNet; return the exit code."""
    parser = argparse.ArgumentParser(prog=corpus.INSTALL_COMMAND, description=provision.__doc__)
    parser.add_argument(
        "--data", type=Path, help="the volume (default: LABELING_LAB_DATA, else the repo's data)"
    )
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    volume = Volume(chosen.data) if chosen.data else Volume.from_environment()
    try:
        provision(volume.root)
    except LabError as error:
        log.error("%s", error)  # noqa: TRY400 - the message is for a person, without a traceback
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

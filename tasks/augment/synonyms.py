"""WordNet's synonyms: where WordNet is, and the table made of it once and then read from a cache.

The table is made from WordNet's own files (wndb(5WN)): nltk takes 150 microseconds a synset, the
files of all of WordNet are read in a second.
"""

import hashlib
import logging
import os
import sys
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tasks.augment.transform import STOP_WORDS
from tasks.errors import ArtifactError, WordNetError
from tasks.volume import atomic

log = logging.getLogger(__name__)

INSTALL_COMMAND = "python -m tasks.augment.wordnet"
FOLDER_NAME, CACHE_NAME = "nltk_data", "cache"
PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}
FILES = (
    *(f"{kind}.{part}" for kind in ("data", "index") for part in sorted(PARTS.values())),
    *(f"{part}.exc" for part in sorted(PARTS.values())),
)
TABLE_VERSION = 1
MOST_SENSES = 3
SHORTEST_WORD = 3
PROBE = "movie"
_ENDINGS = {  # of inflected forms, and those of their lemmas: morphy(7WN)
    "n": "s- ses-s ves-f xes-x zes-z ches-ch shes-sh men-man ies-y",
    "v": "s- ies-y es-e es- ed-e ed- ing-e ing-",
    "a": "er- est- er-e est-e",
    "r": "",
}


def environment_paths() -> list[Path]:
    """Return the folders that ``NLTK_DATA`` names."""
    names = os.environ.get("NLTK_DATA", "").split(os.pathsep)
    return [Path(name).expanduser() for name in names if name]


def search_path(volume_root: Path) -> list[Path]:
    """Return the folders searched: the volume's, then nltk's (``NLTK_DATA`` and its defaults)."""
    mine = [sys.prefix, f"{sys.prefix}/share", f"{sys.prefix}/lib"]
    system = ["/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib"]
    defaults = [Path(parent, FOLDER_NAME).expanduser() for parent in ["~", *mine, *system]]
    return [volume_root / FOLDER_NAME, *environment_paths(), *defaults]


def find(volume_root: Path) -> Path | None:
    """Return the first whole WordNet on the search path, a folder or nltk's archive, if any."""
    for folder in search_path(volume_root):
        for place in (folder / "corpora" / "wordnet", folder / "corpora" / "wordnet.zip"):
            if is_complete(place):
                return place
            if place.exists():
                log.warning("%s is not a whole WordNet; looking further", place)
    return None


def is_complete(place: Path) -> bool:
    """Return whether a path is nltk's archive, or a folder with every file that is needed."""
    if place.suffix == ".zip":
        return place.is_file()
    return all((place / name).is_file() for name in FILES)


def load_synonyms(volume_root: Path) -> tuple[dict[str, tuple[str, ...]], str]:
    """Return the synonyms of the WordNet found, and its digest; `WordNetError` if there is none."""
    place = find(volume_root)
    if place is None:
        raise WordNetError(
            f"synonym_replacement needs WordNet, which is not in {volume_root / FOLDER_NAME} nor "
            f"on nltk's search path; run {INSTALL_COMMAND}, or leave synonym_replacement out of "
            "operations."
        )
    return read_table(place, volume_root / CACHE_NAME)


def read_table(place: Path, cache: Path) -> tuple[dict[str, tuple[str, ...]], str]:
    """Return the table of synonyms of a WordNet, made if it is not cached yet, and its digest."""
    if not is_complete(place):
        raise WordNetError(f"{place} is not a whole WordNet")
    digest = _digest(place)
    cached = cache / f"synonyms-{digest[:16]}-v{TABLE_VERSION}.json"
    try:
        lines = atomic.from_json(atomic.read_bytes(cached), cached)
    except ArtifactError:
        table = make_table(place)
        lines = {word: " ".join(synonyms) for word, synonyms in table.items()}
        atomic.write_bytes(cached, atomic.to_json(lines))
    return {word: tuple(line.split()) for word, line in lines.items()}, digest


def _digest(place: Path) -> str:
    if place.suffix == ".zip":
        return atomic.sha256(place)
    joined = "".join(atomic.sha256(place / name) for name in FILES)
    return hashlib.sha256(joined.encode()).hexdigest()


class Sense(NamedTuple):
    """A word as one part of speech: its synsets, most frequent first."""

    tagged: int
    part: str
    synsets: tuple[str, ...]


def make_table(place: Path) -> dict[str, tuple[str, ...]]:
    """Make the table of synonyms of WordNet's single lower-case words, in alphabetic order.

    A word's synonyms are the other single words of its synsets, within its most frequent part of
    speech and there within its most frequent senses, in WordNet's order. Words that may be an
    inflected form of another word (*found*, *killing*) have none: which word they are cannot be
    seen without reading the sentence, and a synonym would not be inflected.
    """
    started = time.perf_counter()
    log.info("Making the table of WordNet's synonyms; this is done once")
    table = {}
    try:
        synsets, senses = dict(_synsets(place)), _senses(place)
        inflected = _inflected(place, senses)
    except (OSError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise WordNetError(
            f"{place} is not a WordNet that can be read ({type(error).__name__}: {error}); "
            f"remove it, then run {INSTALL_COMMAND}."
        ) from error
    for word in sorted(filter(_is_plain, senses.keys() - inflected - STOP_WORDS)):
        if synonyms := _synonyms(word, senses[word], synsets):
            table[word] = synonyms
    if PROBE not in table:
        raise WordNetError(
            f"{place} does not know the word {PROBE!r}; remove it, then run {INSTALL_COMMAND}."
        )
    log.info("Made synonyms of %d words in %.1f s", len(table), time.perf_counter() - started)
    return table


def _is_plain(word: str) -> bool:
    plain = word.isascii() and word.isalpha() and word.islower()
    return plain and len(word) >= SHORTEST_WORD


def _synonyms(
    word: str, senses: list[Sense], synsets: Mapping[tuple[str, str], tuple[str, ...]]
) -> tuple[str, ...]:
    best = max(senses, key=lambda sense: (sense.tagged, len(sense.synsets)))
    frequent = best.synsets[: min(max(1, best.tagged), MOST_SENSES)]
    lemmas = [synsets[best.part, synset] for synset in frequent]
    names = (name for group in lemmas if word in group for name in group)  # Paris is not paris
    found = (n for n in names if n != word and _is_plain(n) and n not in STOP_WORDS)
    return tuple(dict.fromkeys(found))


def _lines(place: Path, name: str) -> Iterator[str]:
    """Yield a file's lines without its licence, whose lines begin with a space."""
    folder = zipfile.Path(place, "wordnet/") if place.suffix == ".zip" else place
    lines = (folder / name).read_text(encoding="utf-8").split("\n")
    return (line for line in lines if line and line[0] != " ")


def _synsets(place: Path) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """Yield (part of speech, offset) and lemma names of every synset."""
    for part, name in PARTS.items():
        for line in _lines(place, f"data.{name}"):
            offset, _, _, count, rest = line.split(" ", 4)
            names = rest.split(" ", 2 * int(count, 16))[:-1:2]
            yield (part, offset), tuple(name.partition("(")[0] for name in names)


def _senses(place: Path) -> dict[str, list[Sense]]:
    """Return each lemma's parts of speech with their synsets' offsets."""
    senses: dict[str, list[Sense]] = {}
    for part, name in PARTS.items():
        for line in _lines(place, f"index.{name}"):
            fields = line.split()
            offsets = tuple(fields[-int(fields[2]) :])
            tagged = int(fields[-len(offsets) - 1])
            senses.setdefault(fields[0], []).append(Sense(tagged, part, offsets))
    return senses


def _inflected(place: Path, senses: Mapping[str, Iterable[Sense]]) -> set[str]:
    """Return the words that may be a form of another lemma, irregular or by their endings."""
    inflected = set()
    for part, name in PARTS.items():
        for line in _lines(place, f"{name}.exc"):
            form, *bases = line.split()
            if form not in bases:
                inflected.add(form)
        lemmas = {word for word, found in senses.items() if part in {sense.part for sense in found}}
        for ending in _ENDINGS[part].split():
            old, new = ending.split("-")
            forms = (word for word in senses if word.endswith(old))
            inflected.update(form for form in forms if form.removesuffix(old) + new in lemmas)
    return inflected

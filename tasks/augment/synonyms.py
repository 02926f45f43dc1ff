"""The table of synonyms: made once of all of WordNet, then read from the volume's cache.

Looking words up in nltk costs its load and then some 150 microseconds a synset. The table costs a
fraction of a second to make once WordNet is open, and some milliseconds to read afterwards.
"""

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tasks.augment import corpus
from tasks.augment.transform import STOP_WORDS
from tasks.errors import ArtifactError, WordNetError
from tasks.volume import atomic

log = logging.getLogger(__name__)

TABLE_VERSION = 1
MOST_SENSES = 3
SHORTEST_WORD = 3
_PARTS = {"n": "noun", "v": "verb", "a": "adj", "r": "adv"}


class Sense(NamedTuple):
    """A word as one part of speech: its synsets, most frequent first."""

    tagged: int
    part: str
    synsets: tuple[str, ...]


def load_synonyms(volume_root: Path) -> tuple[dict[str, tuple[str, ...]], str]:
    """Return the table of synonyms, and the digest of the WordNet that it is made of.

    Without a cached table the table is made and cached first.

    Parameters
    ----------
    volume_root : Path
        Where ``nltk_data`` is looked for first and ``cache`` is kept.

    Raises
    ------
    WordNetError
        If WordNet is not installed.
    """
    place = corpus.find(volume_root)
    if place is None:
        raise WordNetError(
            "synonym_replacement needs WordNet, which is not in "
            f"{volume_root / corpus.FOLDER_NAME} nor on nltk's search path; "
            f"run {corpus.INSTALL_COMMAND}, or leave synonym_replacement out of operations."
        )
    digest = corpus.digest(place)
    cached = volume_root / "cache" / f"synonyms-{digest[:16]}-v{TABLE_VERSION}.json"
    if (table := _read_cached(cached)) is None:
        log.info("Making the table of synonyms; this is done once and takes some seconds")
        with corpus.reading(place) as reader:
            table = make_table(reader)
        lines = {word: " ".join(synonyms) for word, synonyms in table.items()}
        atomic.write_bytes(cached, atomic.to_json(lines))
    return table, digest


def _read_cached(path: Path) -> dict[str, tuple[str, ...]] | None:
    try:
        lines = atomic.from_json(atomic.read_bytes(path), path)
    except ArtifactError:
        return None
    return {word: tuple(line.split()) for word, line in lines.items()}


def make_table(reader: Any) -> dict[str, tuple[str, ...]]:
    """Make the table of synonyms of WordNet's single lower-case words.

    A word's synonyms are the other single words of its synsets, within its most frequent part of
    speech and there within its most frequent senses, in WordNet's order. Words that may be an
    inflected form of another word (*found*, *killing*) have none: which word they are cannot be
    seen without reading the sentence, and a synonym would not be inflected.

    Parameters
    ----------
    reader : nltk.corpus.reader.wordnet.WordNetCorpusReader

    Returns
    -------
    dict of str to tuple of str
        Only words that have synonyms, in alphabetic order.
    """
    started = time.perf_counter()
    synsets = dict(_synsets(reader))
    senses = {word: found for word, found in _senses(reader).items() if _is_plain(word)}
    inflected = _inflected(reader, senses)
    table = {}
    for word in sorted(senses.keys() - inflected - STOP_WORDS):
        if synonyms := _synonyms(word, senses[word], synsets):
            table[word] = synonyms
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


def _lines(reader: Any, name: str) -> Iterator[str]:
    """Yield a database file's lines without its licence, through nltk but in one read."""
    with reader.open(name) as stream:
        return iter([line for line in stream.read().split("\n") if line and line[0] != " "])


def _synsets(reader: Any) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """Yield (part of speech, offset) and lemma names of every synset; format: wndb(5WN)."""
    for part, name in _PARTS.items():
        for line in _lines(reader, f"data.{name}"):
            offset, _, _, count, rest = line.split(" ", 4)
            names = rest.split(" ", 2 * int(count, 16))[:-1:2]
            yield (part, offset), tuple(name.partition("(")[0] for name in names)


def _senses(reader: Any) -> dict[str, list[Sense]]:
    """Return each lemma's parts of speech with their synsets' offsets; format: wndb(5WN)."""
    senses: dict[str, list[Sense]] = {}
    for part, name in _PARTS.items():
        for line in _lines(reader, f"index.{name}"):
            fields = line.split()
            offsets = tuple(fields[-int(fields[2]) :])
            tagged = int(fields[-len(offsets) - 1])
            senses.setdefault(fields[0], []).append(Sense(tagged, part, offsets))
    return senses


def _inflected(reader: Any, words: Iterable[str]) -> set[str]:
    """Return the words that may be a form of another lemma, irregular or by nltk's endings."""
    inflected = set()
    for part, name in _PARTS.items():
        for line in _lines(reader, f"{name}.exc"):
            form, *bases = line.split()
            if form not in bases:
                inflected.add(form)
        lemmas = set(reader.all_lemma_names(pos=part))
        for old, new in reader.MORPHOLOGICAL_SUBSTITUTIONS[part]:
            forms = (word for word in words if word.endswith(old))
            inflected.update(form for form in forms if form[: -len(old)] + new in lemmas)
    return inflected

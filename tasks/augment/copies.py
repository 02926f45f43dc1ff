"""Making copies of texts: which ones, in which order, from which seed."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import NamedTuple

from tasks.augment.core import Context, Passage, Transform
from tasks.config import AugmentConfig


class Candidate(NamedTuple):
    """A copy that could be made; sorts by a hash, so that no row order decides who comes first."""

    rank: bytes
    show_id: str
    operation: Transform
    copy: int
    seed: int


@dataclass
class Copies:
    """The copies made, as columns, and what became of the others."""

    parent_id: list[str] = field(default_factory=list)
    operation: list[str] = field(default_factory=list)
    copy: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    duplicates: int = 0
    not_applicable: Counter[str] = field(default_factory=Counter)


def candidates(
    show_ids: Sequence[str], operations: Sequence[Transform], config: AugmentConfig
) -> Iterator[Candidate]:
    """Yield the copies that could be made, fairly: each title once before any title twice.

    In each turn a title meets another operation, first the one that a hash says; after as many
    turns as there are operations the next copy begins.
    """
    for copy in range(1, config.max_copies + 1):
        firsts = [_digest(config.seed, show_id, "", copy)[0] for show_id in show_ids]
        for turn in range(len(operations)):
            row = []
            for show_id, first in zip(show_ids, firsts, strict=True):
                operation = operations[(first + turn) % len(operations)]
                digest = _digest(config.seed, show_id, operation.name, copy)
                seed = int.from_bytes(digest[8:])
                row.append(Candidate(digest[:8], show_id, operation, copy, seed))
            yield from sorted(row)


def _digest(seed: int, show_id: str, operation: str, copy: int) -> bytes:
    parts = f"{seed}\x1f{show_id}\x1f{operation}\x1f{copy}"
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def make_copies(
    texts: Mapping[str, str],
    taken: set[str],
    needed: int,
    operations: Sequence[Transform],
    context: Context,
    config: AugmentConfig,
) -> Copies:
    """Make copies until there are enough, or every title gave all that it may give.

    Parameters
    ----------
    texts : mapping of str to str
        The minority class's texts by ``show_id``.
    taken : set of str
        Normalised texts that no copy may have; the copies' own are added.
    needed : int
        How many copies are wanted.
    """
    copies = Copies()
    passages = {show_id: Passage.of(text) for show_id, text in texts.items()}
    for candidate in candidates(sorted(texts), operations, config):
        if len(copies.text) == needed:
            break
        rng = random.Random(candidate.seed)  # noqa: S311 - reproducible, nothing secret
        text = candidate.operation(passages[candidate.show_id], rng, context)
        if text is None:
            copies.not_applicable[candidate.operation.name] += 1
        elif (normal := normalise(text)) in taken:
            copies.duplicates += 1
        else:
            taken.add(normal)
            copies.parent_id.append(candidate.show_id)
            copies.operation.append(candidate.operation.name)
            copies.copy.append(candidate.copy)
            copies.text.append(text)
    return copies


def normalise(text: str) -> str:
    """Return a text without differences of case and space, for finding duplicates."""
    return " ".join(text.casefold().split())

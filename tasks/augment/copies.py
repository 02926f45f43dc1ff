"""Making copies of texts: which ones, in which order, from which seed."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import NamedTuple

from tasks.augment.transform import Context, Passage, Transform
from tasks.config import AugmentConfig

LEAST_BATCH = 256  # a referee's look at one copy costs as much as at some hundred

Referee = Callable[[Sequence[str], Sequence[Sequence[str]]], Sequence[Sequence[str]]]
"""Takes the parents' ids and the copies' words; names, for each copy, the rules that changed."""


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
    refused: Counter[str] = field(default_factory=Counter)
    refused_by: Counter[str] = field(default_factory=Counter)

    def keep(self, candidate: Candidate, text: str) -> None:
        """Add a copy."""
        self.parent_id.append(candidate.show_id)
        self.operation.append(candidate.operation.name)
        self.copy.append(candidate.copy)
        self.text.append(text)

    def refuse(self, candidate: Candidate, rules: Sequence[str]) -> None:
        """Count a copy on which the votes of rules changed."""
        self.refused[candidate.operation.name] += 1
        self.refused_by.update(rules)


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
    referee: Referee | None = None,
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
    referee : callable, optional
        Says which rules' votes a copy changes; such a copy is not kept.
    """
    copies = Copies()
    passages = {show_id: Passage.of(text) for show_id, text in texts.items()}
    offers = candidates(sorted(texts), operations, config)
    while (missing := needed - len(copies.text)) > 0:
        batch = list(islice(offers, max(missing, LEAST_BATCH)))
        if not batch:
            break
        words = [
            candidate.operation.words(
                passages[candidate.show_id],
                random.Random(candidate.seed),  # noqa: S311 - reproducible, nothing secret
                context,
            )
            for candidate in batch
        ]
        changed = _review(batch, words, referee)
        for candidate, new, rules in zip(batch, words, changed, strict=True):
            if len(copies.text) == needed:
                break
            if new is None:
                copies.not_applicable[candidate.operation.name] += 1
            else:
                text = passages[candidate.show_id].with_words(new)
                _keep_or_count(copies, candidate, text, rules, taken)
    return copies


def _review(
    batch: Sequence[Candidate], words: Sequence[Sequence[str] | None], referee: Referee | None
) -> list[Sequence[str]]:
    """Return, for each candidate, the rules whose votes it changes; all are judged at once."""
    changed: list[Sequence[str]] = [()] * len(batch)
    made = [(place, new) for place, new in enumerate(words) if new is not None]
    if referee is not None and made:
        parents = [batch[place].show_id for place, _ in made]
        verdicts = referee(parents, [new for _, new in made])
        for (place, _), rules in zip(made, verdicts, strict=True):
            changed[place] = rules
    return changed


def _keep_or_count(
    copies: Copies, candidate: Candidate, text: str, rules: Sequence[str], taken: set[str]
) -> None:
    if rules:
        copies.refuse(candidate, rules)
    elif (normal := normalise(text)) in taken:
        copies.duplicates += 1
    else:
        taken.add(normal)
        copies.keep(candidate, text)


def repeat(texts: Mapping[str, str], needed: int, operation: str) -> Copies:
    """Return so many copies that change nothing, each title once before any title twice."""
    ids = sorted(texts)
    turns = [divmod(number, len(ids)) for number in range(needed)]
    parents = [ids[place] for _, place in turns]
    return Copies(
        parent_id=parents,
        operation=[operation] * needed,
        copy=[turn + 1 for turn, _ in turns],
        text=[texts[parent] for parent in parents],
    )


def normalise(text: str) -> str:
    """Return a text without differences of case and space, for finding duplicates."""
    return " ".join(text.casefold().split())

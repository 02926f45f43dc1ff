"""Making copies of titles' texts: which ones, in which order, from which seed."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from random import Random
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.augment.transform import Context, Passage, Synonyms, Transform
from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.catalog.text import normalise_text, normalise_texts
from tasks.catalog.utilities import title_text
from tasks.config import AugmentConfig
from tasks.errors import LabelingError
from tasks.label.rule import LabelingFunction
from tasks.label.vote import apply_rules

LEAST_BATCH = 256  # to ask the rules about one copy takes as long as about some hundred


class Attempt(NamedTuple):
    """A copy to try; sorts by a hash, so that no row order decides who comes first."""

    rank: bytes
    show_id: str
    operation: Transform
    number: int
    seed: int


class Copy(NamedTuple):
    """A copy that was made: number 1, 2, ... of its parent by its operation, and its text."""

    parent_id: str
    operation: str
    number: int
    text: str


@dataclass
class Copies:
    """The copies made, and how many attempts came to nothing, and why."""

    made: list[Copy] = field(default_factory=list)
    duplicates: int = 0
    votes_changed: int = 0
    not_applicable: Counter[str] = field(default_factory=Counter)


def copies_needed(labels: pd.Series, balance: float) -> tuple[int, int]:
    """Return the less frequent label and how many copies bring it to the target ratio."""
    counts = {label: int((labels == label).sum()) for label in (FAMILY, NOT_FAMILY)}
    minority, majority = sorted(counts, key=lambda label: counts[label])
    if not counts[minority]:
        raise LabelingError(
            f"None of the {len(labels)} labelled train titles is {CLASS_NAMES[minority]}; "
            "expected both classes. Look at the votes, then change rules or tie policy."
        )
    return minority, max(0, round(balance * counts[majority]) - counts[minority])


def make_copies(
    originals: pd.DataFrame,
    labeled: pd.DataFrame,
    operations: Sequence[Transform],
    synonyms: Synonyms,
    rules: Sequence[LabelingFunction],
    config: AugmentConfig,
) -> Copies:
    """Make copies of the less frequent class's titles until the training table is balanced.

    There are fewer where every title gave all that it may give. The keywords of the rules that
    voted stay, and a copy on which one of them would vote otherwise than on its parent is another
    title, and not kept; nor is one with the text of another copy or of any title of the catalog,
    `labeled`.
    """
    minority, needed = copies_needed(originals["label"], config.balance)
    parents = originals.loc[originals["label"] == minority, "show_id"]
    titles = labeled[labeled["show_id"].isin(parents)].set_index("show_id", drop=False)
    taken = set(normalise_texts(title_text(labeled)))
    texts = title_text(titles)
    passages = {str(show_id): Passage.of(text) for show_id, text in texts.items()}
    keywords = {word for rule in rules if rule.keywords for word in rule.keywords.words}
    context = Context(keywords, synonyms)
    attempts = plan(sorted(passages), operations, config)
    copies = Copies()
    while (missing := needed - len(copies.made)) > 0:
        batch = list(islice(attempts, max(missing, LEAST_BATCH)))
        if not batch:
            break
        made = [a.operation(passages[a.show_id], Random(a.seed), context) for a in batch]  # noqa: S311
        rows = titles.loc[[attempt.show_id for attempt in batch]]
        changed = changes_a_vote(rows, made, rules)
        for attempt, text, is_other_title in zip(batch, made, changed, strict=True):
            if len(copies.made) == needed:
                break
            name = attempt.operation.name
            if text is None:
                copies.not_applicable[name] += 1
            elif is_other_title:
                copies.votes_changed += 1
            elif (normal := normalise_text(text)) in taken:
                copies.duplicates += 1
            else:
                taken.add(normal)
                copies.made.append(Copy(attempt.show_id, name, attempt.number, text))
    return copies


def plan(
    show_ids: Sequence[str], operations: Sequence[Transform], config: AugmentConfig
) -> Iterator[Attempt]:
    """Yield the copies that could be made, fairly: each title once before any title twice.

    In each turn a title meets another operation, first the one that a hash says; after as many
    turns as there are operations the next copy begins.
    """
    for number in range(1, config.max_copies + 1):
        firsts = [_digest(config.seed, show_id, "", number)[0] for show_id in show_ids]
        for turn in range(len(operations)):
            row = []
            for show_id, first in zip(show_ids, firsts, strict=True):
                operation = operations[(first + turn) % len(operations)]
                digest = _digest(config.seed, show_id, operation.name, number)
                seed = int.from_bytes(digest[8:])
                row.append(Attempt(digest[:8], show_id, operation, number, seed))
            yield from sorted(row)


def _digest(seed: int, show_id: str, operation: str, number: int) -> bytes:
    parts = f"{seed}\x1f{show_id}\x1f{operation}\x1f{number}"
    return blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def changes_a_vote(
    parents: pd.DataFrame, texts: Sequence[str | None], rules: Sequence[LabelingFunction]
) -> NDArray[np.bool_]:
    """Say of each copy, given its parent's row, whether a rule votes otherwise on its text."""
    asked = [rule for rule in rules if {"title", "description"} & set(rule.reads)]
    own = title_text(parents)
    copied = [text if new is None else new for text, new in zip(own, texts, strict=True)]
    before, after = (
        apply_rules(parents.assign(title=cells, description=cells), asked).to_numpy()
        for cells in (own, copied)
    )
    return np.asarray((before != after).any(axis=1))

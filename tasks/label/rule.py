"""What a labeling function is, and its kinds that are told by data alone.

Rules told by data travel: a published model carries them as JSON and votes with them, whatever the
rulebook says later. What they cannot say is a function of its own, decorated with
`labeling_function`: it votes labels only, for code does not travel.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.catalog.columns import ABSTAIN, CATALOG_COLUMNS, CLASS_NAMES, OPTIONAL_COLUMNS
from tasks.catalog.utilities import read_column
from tasks.errors import RuleError
from tasks.label.conditions import (
    TEXT_COLUMNS,
    CellTest,
    Keywords,
    Mask,
    Minutes,
    Names,
    View,
    Years,
)

Votes = npt.NDArray[np.int8]

NUMERIC_COLUMNS = frozenset({"release_year"})
GROUPS = ("rating", "genre", "keyword", "metadata", "answer")
UNDECLARED_STRENGTH = 0.7
_GROUP_OF = {("rating",): "rating", ("listed_in",): "genre", TEXT_COLUMNS: "keyword"}
_TESTS: Mapping[str, Callable[..., CellTest]] = MappingProxyType(
    {test.__name__: test for test in (Names, Minutes, Years)}
)


@dataclass(frozen=True)
class LabelingFunction:
    """A named rule that votes one class, or abstains, on every title.

    `strength` is how often prior knowledge expects its votes to be right, were both classes equally
    frequent: between 0.5 and 1; None where nobody knows. `RuleError` if it declares what cannot be.
    """

    name: str
    doc: str  # one line for the person who reads its votes
    reads: tuple[str, ...]  # the only columns of the catalog that it gets to see
    votes: int  # the one class that it votes: FAMILY or NOT_FAMILY
    fires: Callable[[pd.DataFrame], Any] | None = None  # code, if it is not told by data: a mask
    group: str = "metadata"  # one of GROUPS: rules of one group see the same thing
    strength: float | None = None
    keywords: Keywords | None = None  # it votes where one of these is mentioned,
    without: Keywords | None = None  # none of these is,
    cells: Mapping[str, CellTest] | None = None  # and each of these columns passes its test

    def __post_init__(self) -> None:
        name = self.name
        check_reads(name, self.reads)
        if self.votes not in CLASS_NAMES:
            raise RuleError(f"{name} votes {self.votes!r}; expected FAMILY (1) or NOT_FAMILY (0).")
        if self.group not in GROUPS:
            expected = ", ".join(GROUPS)
            raise RuleError(f"{name} has group {self.group!r}; expected one of {expected}.")
        if self.strength is not None and not 0.5 < self.strength < 1:
            raise RuleError(
                f"{name} has strength {self.strength!r}; expected more than 0.5, below 1."
            )
        if not self.doc or "\n" in self.doc:
            raise RuleError(f"{name} needs a docstring of one line that says when it votes.")

    @property
    def trust(self) -> float:
        """The strength, or what counts as one where none is declared."""
        return UNDECLARED_STRENGTH if self.strength is None else self.strength

    @property
    def travels(self) -> bool:
        """Whether a published model can carry the rule: whether data alone tells it."""
        kinds = {type(test).__name__ for test in (self.cells or {}).values()}
        return self.fires is None and kinds <= set(_TESTS)

    def __call__(self, catalog: pd.DataFrame) -> Votes:
        """Vote on every title of a catalog: the rule's class or `ABSTAIN`, as int8."""
        return self.vote(View(readable(catalog, self.reads)))

    def vote(self, view: View) -> Votes:
        """Vote, given a view of at least the declared columns, as `readable` returns them."""
        if self.fires is not None:
            fired = ask(self.name, self.reads, self.fires, view.columns)
        else:
            masks = [view.passing(column, test) for column, test in (self.cells or {}).items()]
            if self.keywords:
                masks.append(view.mentioning(self.keywords))
            if self.without:
                masks.append(~view.mentioning(self.without))
            fired = np.logical_and.reduce(masks)
        return np.where(fired, np.int8(self.votes), np.int8(ABSTAIN))


def check_reads(name: str, reads: Any) -> None:
    """Refuse what is no tuple of the catalog's columns."""
    if not isinstance(reads, tuple) or not reads:
        raise RuleError(f"{name} declares reads={reads!r}; expected a tuple of columns.")
    if unknown := [column for column in reads if column not in CATALOG_COLUMNS]:
        raise RuleError(
            f"{name} reads {', '.join(unknown)}, which a catalog does not have; "
            f"expected some of {', '.join(CATALOG_COLUMNS)}."
        )


def ask(
    name: str, reads: tuple[str, ...], code: Callable[[pd.DataFrame], Any], every: pd.DataFrame
) -> Mask:
    """Show a rule told by code the columns that it declares, and refuse all but a mask."""
    columns = every[list(reads)]
    try:
        answer = np.asarray(code(columns.copy(deep=False)))
    except (KeyError, AttributeError) as error:
        undeclared = [c for c in CATALOG_COLUMNS if c not in reads and c in str(error)]
        if not undeclared:
            raise
        raise RuleError(
            f"{name} reads {undeclared[0]}, which it does not declare; declared are "
            f"{', '.join(reads)}. Add it to reads=(...) of the rule."
        ) from error
    if answer.dtype != np.bool_ or answer.shape != (len(columns),):
        raise RuleError(
            f"{name} answered with shape {answer.shape} of {answer.dtype}; expected one "
            f"True or False a title: shape ({len(columns)},) of bool, without missing values."
        )
    return answer


def readable(catalog: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the columns as rules expect them: text as ``str``, missing optional ones all missing.

    `RuleError` if a column that every catalog has is not there.
    """
    found = {}
    for column in columns:
        if column in NUMERIC_COLUMNS:
            unknown = pd.Series(pd.NA, index=catalog.index, dtype="Int64")
            found[column] = catalog.get(column, unknown)
        elif column in catalog.columns or column in OPTIONAL_COLUMNS:
            found[column] = read_column(catalog, column)
        else:
            raise RuleError(
                f"The catalog has no column {column}, which rules read and every catalog has; "
                f"it has {', '.join(map(str, catalog.columns))}."
            )
    return pd.DataFrame(found, index=catalog.index, copy=False)


def rated(name: str, votes: int, strength: float, *ratings: str, doc: str) -> LabelingFunction:
    """Make a rule that votes where the rating is one of these."""
    return having(name, votes, strength, doc=doc, group="rating", rating=Names(any_of=ratings))


def listing(name: str, votes: int, strength: float, *genres: str, doc: str) -> LabelingFunction:
    """Make a rule that votes on titles listed in one of these genres."""
    return having(name, votes, strength, doc=doc, group="genre", listed_in=Names(any_of=genres))


def mentioning(
    name: str, votes: int, strength: float, words: Keywords, *, doc: str
) -> LabelingFunction:
    """Make a rule that votes where title or description have one of these words."""
    return having(name, votes, strength, doc=doc, group="keyword", words=words)


def having(
    name: str,
    votes: int,
    strength: float,
    *,
    doc: str,
    group: str = "metadata",
    words: Keywords | None = None,
    without: Keywords | None = None,
    **cells: CellTest,
) -> LabelingFunction:
    """Make a rule that votes where all of this holds.

    Each of the columns has a cell that passes its test, such as `Names` or `Minutes`; missing cells
    never pass. Title or description mention one of the `words`, and none of those in `without`.
    """
    return LabelingFunction(
        name=name,
        doc=doc,
        reads=(*cells, *(TEXT_COLUMNS if words or without else ())),
        votes=votes,
        group=group,
        strength=strength,
        keywords=words,
        without=without,
        cells=cells,
    )


def labeling_function(
    *, reads: tuple[str, ...], votes: int, group: str | None = None, strength: float | None = None
) -> Callable[[Callable[[pd.DataFrame], Any]], LabelingFunction]:
    """Make a labeling function of a function ``(catalog) -> bool mask`` with a one-line docstring.

    The parameters are those of `LabelingFunction`; the group is by default told by what it reads.
    """

    def decorate(fires: Callable[[pd.DataFrame], Any]) -> LabelingFunction:
        doc = (fires.__doc__ or "").strip()
        looks_at = group or _GROUP_OF.get(reads, "metadata")
        return LabelingFunction(fires.__name__, doc, reads, votes, fires, looks_at, strength)

    return decorate


def rules_to_json(rules: Iterable[LabelingFunction]) -> str:
    """Write down the rules that travel, for `rules_from_json`."""
    written = []
    for rule in rules:
        if rule.travels:
            names = ("name", "votes", "strength", "doc", "group")
            lists = {"words": rule.keywords, "without": rule.without}
            tests = {
                column: {"test": type(test).__name__, **vars(test)}
                for column, test in (rule.cells or {}).items()
            }
            words = {name: list(found.words) for name, found in lists.items() if found}
            written.append({name: getattr(rule, name) for name in names} | words | {"cells": tests})
    return json.dumps(written)


def rules_from_json(text: str) -> tuple[LabelingFunction, ...]:
    """Read rules that were written by `rules_to_json`."""
    rules = []
    for facts in json.loads(text):
        for name in facts.keys() & {"words", "without"}:
            facts[name] = Keywords(tuple(facts[name]))
        for column, test in facts.pop("cells").items():
            parts = {name: tuple(p) if isinstance(p, list) else p for name, p in test.items()}
            facts[column] = _TESTS[str(parts.pop("test"))](**parts)
        rules.append(having(**facts))
    return tuple(rules)

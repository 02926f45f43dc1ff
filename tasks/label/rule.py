"""What a labeling function is, and its kinds that are told by data alone.

A rule of those kinds is one entry of the rulebook: a name, the class that it votes, how strong its
vote is, what it looks for and a line that says so. Whatever they cannot say is a function of its
own, decorated with `labeling_function`.
"""

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
from tasks.label.conditions import CellTest, Keywords, Mask, Names, passing

Votes = npt.NDArray[np.int8]

NUMERIC_COLUMNS = frozenset({"release_year"})
TEXT_COLUMNS = ("title", "description")
GROUPS = ("rating", "genre", "keyword", "metadata")
UNDECLARED_STRENGTH = 0.7
_GROUP_OF = {("rating",): "rating", ("listed_in",): "genre", TEXT_COLUMNS: "keyword"}


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
    fires: Callable[[pd.DataFrame], Any]  # of those columns: a bool mask, True where it votes
    group: str = "metadata"  # one of GROUPS: rules of one group see the same thing
    strength: float | None = None
    keywords: Keywords | None = None  # that it listens for, if it listens for words
    cells: Mapping[str, CellTest] | None = None  # tests of cells, if it votes where all pass

    def __post_init__(self) -> None:
        name, reads = self.name, self.reads
        if not isinstance(reads, tuple) or not reads:
            raise RuleError(f"{name} declares reads={reads!r}; expected a tuple of columns.")
        if unknown := [column for column in reads if column not in CATALOG_COLUMNS]:
            raise RuleError(
                f"{name} reads {', '.join(unknown)}, which a catalog does not have; "
                f"expected some of {', '.join(CATALOG_COLUMNS)}."
            )
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

    def __call__(self, catalog: pd.DataFrame) -> Votes:
        """Vote on every title of a catalog: the rule's class or `ABSTAIN`, as int8."""
        return self.vote(readable(catalog, self.reads))

    def vote(self, columns: pd.DataFrame) -> Votes:
        """Vote, given exactly the declared columns as `readable` returns them."""
        try:
            fired = np.asarray(self.fires(columns.copy(deep=False)))
        except (KeyError, AttributeError) as error:
            undeclared = [c for c in CATALOG_COLUMNS if c not in self.reads and c in str(error)]
            if not undeclared:
                raise
            raise RuleError(
                f"{self.name} reads {undeclared[0]}, which it does not declare; declared are "
                f"{', '.join(self.reads)}. Add it to reads=(...) of the rule."
            ) from error
        if fired.dtype != np.bool_ or fired.shape != (len(columns),):
            raise RuleError(
                f"{self.name} answered with shape {fired.shape} of {fired.dtype}; expected one "
                f"True or False a title: shape ({len(columns)},) of bool, without missing values."
            )
        return np.where(fired, np.int8(self.votes), np.int8(ABSTAIN))


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
    return LabelingFunction(
        name, doc, TEXT_COLUMNS, votes, words.found_in, "keyword", strength, words
    )


def having(
    name: str, votes: int, strength: float, *, doc: str, group: str = "metadata", **cells: CellTest
) -> LabelingFunction:
    """Make a rule that votes where each of these columns has a cell that passes its test.

    A test is such as `Names` or `Minutes`; missing cells never pass.
    """

    def fires(catalog: pd.DataFrame) -> Mask:
        masks = [passing(catalog[column], test) for column, test in cells.items()]
        return np.asarray(np.logical_and.reduce(masks))

    reads, tests = tuple(cells), MappingProxyType(cells)
    return LabelingFunction(name, doc, reads, votes, fires, group, strength, cells=tests)


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

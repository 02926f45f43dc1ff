"""What rules look for: words in a text (`Keywords`), names, minutes or years in a cell.

A condition is plain data, and looks at a whole column at once through a `View` of the catalog.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from tasks.catalog.durations import MINUTES, read_duration
from tasks.catalog.text import split_names
from tasks.errors import RuleError

TEXT_COLUMNS = ("title", "description")
Mask = npt.NDArray[np.bool_]
CellTest = Callable[[str], bool]

_NO_WORD = pa.scalar(". ", pa.large_string())  # no phrase runs across it


@dataclass(frozen=True)
class Keywords:
    """Words to look for, whole and in any case.

    Each is a word, or several separated by one space; ``*`` stands for any ending (``murder*``).
    ASCII only, and the first character is a letter from a to z.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if wrong := [w for w in self.words if not re.fullmatch(r"[a-z][ -)+-~]+\*?", w)]:
            raise RuleError(
                f"Keywords {', '.join(map(repr, wrong))}: expected two or more ASCII characters, "
                "a lower-case letter first; a * may only end the word."
            )

    def __add__(self, other: "Keywords") -> "Keywords":
        """Return the words of both."""
        return Keywords(self.words + other.words)

    @cached_property
    def pattern(self) -> str:
        """The regular expression of any of the words; what is not ASCII ends a word."""
        words = (re.escape(w).replace(r"\*", r"\w*").replace(r"\ ", r"\s") for w in self.words)
        return rf"\b(?:{'|'.join(words)})\b"


def keywords(text: str) -> Keywords:
    """Read keywords that are separated by commas and any white space around them."""
    return Keywords(tuple(" ".join(word.split()) for word in text.split(",")))


@dataclass(frozen=True)
class Names:
    """A test of a cell that lists names, such as genres; a part that is left out asks nothing."""

    any_of: tuple[str, ...] = ()  # one of these must be among the names
    none_of: tuple[str, ...] = ()  # none of these may
    only: tuple[str, ...] = ()  # nothing but these may

    def __call__(self, cell: str) -> bool:
        """Say whether a cell passes."""
        names = set(split_names(cell))
        return (
            (not self.any_of or not names.isdisjoint(self.any_of))
            and (not self.only or (bool(names) and names.issubset(self.only)))
            and names.isdisjoint(self.none_of)
        )


@dataclass(frozen=True)
class Minutes:
    """A test of a duration: at least `low` and less than `high` minutes."""

    low: int
    high: int

    def __call__(self, cell: str) -> bool:
        """Say whether a cell passes."""
        found = read_duration(cell)
        return found is not None and found.unit == MINUTES and self.low <= found.value < self.high


@dataclass(frozen=True)
class Years:
    """A test of a release year: from `first` to `last`, both included."""

    first: int
    last: int

    def __call__(self, cell: str) -> bool:
        """Say whether a cell passes."""
        return cell.isdecimal() and self.first <= int(cell) <= self.last


class View:
    """The columns that rules look at; what several of them need is prepared once.

    Words are found by one regular expression (RE2, through pyarrow) for all of a list; a test of a
    cell is run once per distinct value.
    """

    def __init__(self, columns: pd.DataFrame) -> None:
        self.columns = columns
        self._distinct: dict[str, tuple[npt.NDArray[np.intp], list[str]]] = {}
        self._found: dict[Keywords, Mask] = {}

    def passing(self, column: str, test: CellTest) -> Mask:
        """Say in which rows the cell passes a test; a missing one never does."""
        if column not in self._distinct:
            positions, cells = pd.factorize(self.columns[column].astype("str"))
            self._distinct[column] = positions, cells.tolist()
        positions, values = self._distinct[column]
        passes = [*map(test, values), False]  # the last for missing: -1
        return np.array(passes, dtype=np.bool_)[positions]

    def mentioning(self, words: Keywords) -> Mask:
        """Say in which rows one of the words is in any of the text columns."""
        if words not in self._found:
            found = pc.match_substring_regex(self._texts, words.pattern, ignore_case=True)
            self._found[words] = np.asarray(found)
        return self._found[words]

    @cached_property
    def _texts(self) -> pa.Array:
        texts = [self.columns[column].astype("str") for column in TEXT_COLUMNS]
        cells = [pa.array(text, pa.large_string()) for text in texts]
        joined = pc.binary_join_element_wise(*cells, _NO_WORD, null_handling="replace")
        # As bytes: in text, RE2 would take the long s and the Kelvin sign for an s and a k.
        return joined.cast(pa.large_binary())

"""What rules say about cells: `mentions` keywords, `has_genre`, and `on_distinct` values.

All three look at a whole column at once. Two things make them fast, and neither shows in a rule:

- A column of few distinct values (ratings, genre lists) is judged once per distinct value.
- A regular expression (RE2, through pyarrow) decides whether a keyword is there, but only where one
  can be. A word's key is its first four letters, packed into 16 bits. The words that have the key
  of some keyword are found in a few passes over the column's bytes, for all rules at once; of
  these, each rule looks only at those that have one of its own keys.

Inside `shared_work`, which the applier opens, the rules share these preparations; a rule that is
called on its own makes its own. Matching ignores case without changing the text: lower-casing can
change a text's length.
"""

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.lib.stride_tricks import sliding_window_view

from tasks.errors import RuleError

Mask = npt.NDArray[np.bool_]

KEY_LETTERS = 4
SNIPPET_BYTES = 32  # what of the text the regular expression sees, from a word's first letter on
LETTERS = "\0abcdefghijklmnopqrstuvwxyz"  # \0 stands for every byte that is no letter
BLOCK_BYTES = 1 << 16  # so much text at a time stays in the processor's cache
_JOINS_WORDS = np.isin(np.arange(256), np.frombuffer(b"0123456789_", dtype=np.uint8))
_JOINT, _FRONT, _BACK = (pa.scalar(text, pa.large_string()) for text in (". ", "", "  "))


@dataclass(frozen=True)
class Keywords:
    """Words to look for, whole and in any case.

    Parameters
    ----------
    words : tuple of str
        A word, or several separated by one space; ``*`` stands for any ending (``murder*``). ASCII
        only; starts with a letter from a to z, has 3 to 31 characters, not counting the ``*``.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if wrong := [w for w in self.words if not re.fullmatch(r"[a-z][ -)+-~]{2,30}\*?", w)]:
            raise RuleError(
                f"Keywords {', '.join(map(repr, wrong))}: expected 3 to {SNIPPET_BYTES - 1} ASCII "
                "characters, a lower-case letter first; a * may only end the word."
            )

    @cached_property
    def pattern(self) -> str:
        """The regular expression (RE2) of a text that starts with one of the words."""
        words = (re.escape(w).replace(r"\*", r"\w*").replace(r"\ ", r"\s") for w in self.words)
        return rf"(?i)^(?:{'|'.join(words)})\b"

    @cached_property
    def keys(self) -> Mask:
        """Which of the 65,536 keys one of the words can have."""
        spelled = [
            word.removesuffix("*") + ending
            for word in self.words
            for ending in (LETTERS if word.endswith("*") else LETTERS[0])
        ]
        first = b"".join(s.encode()[:KEY_LETTERS].ljust(KEY_LETTERS, b"\0") for s in spelled)
        letters = _letters(np.frombuffer(first, dtype=np.uint8)).reshape(-1, KEY_LETTERS)
        keys = np.zeros(1 << 16, dtype=np.bool_)
        keys[_pack(letters.T)] = True
        return keys


def keywords(text: str) -> Keywords:
    """Read keywords that are separated by commas and any white space around them."""
    return Keywords(tuple(" ".join(word.split()) for word in text.split(",")))


class _WordHits(NamedTuple):
    """The words of a text that may be keywords: their rows, keys, and the bytes from there on."""

    rows: npt.NDArray[np.intp]
    keys: npt.NDArray[np.uint16]
    snippets: pa.LargeBinaryArray


class _Distinct(NamedTuple):
    """A column's distinct values, and each row's position among them; the last means missing."""

    values: list[str]
    positions: npt.NDArray[np.intp]


@dataclass(frozen=True)
class _Shared:
    """What the rules of one application have in common."""

    vocabulary: frozenset[Keywords] = frozenset()
    prepared: dict[Any, Any] = field(default_factory=dict)

    @cached_property
    def keys(self) -> Mask:
        return np.logical_or.reduce([words.keys for words in self.vocabulary])


_shared: ContextVar[_Shared] = ContextVar("shared")


@contextmanager
def shared_work(vocabulary: Collection[Keywords] = ()) -> Iterator[None]:
    """Prepare each column once for all the rules that are called inside the block.

    Parameters
    ----------
    vocabulary : collection of Keywords
        What these rules look for: all of it is looked up in one go.
    """
    token = _shared.set(_Shared(frozenset(vocabulary)))
    try:
        yield
    finally:
        _shared.reset(token)


def mentions(catalog: pd.DataFrame, words: Keywords) -> Mask:
    """Say which titles have one of the words in any of the frame's columns.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        Text columns only; missing cells have no words.
    words : Keywords
        What to look for.

    Returns
    -------
    ndarray of bool, shape (n_titles,)
    """
    shared = _shared.get(_Shared())
    wanted = shared if words in shared.vocabulary else words
    hits = _once(_word_hits, *(catalog[column] for column in catalog.columns), given=wanted)
    likely = np.flatnonzero(words.keys[hits.keys])
    found = pc.match_substring_regex(hits.snippets.take(pa.array(likely)), words.pattern)
    mask = np.zeros(len(catalog), dtype=np.bool_)
    mask[hits.rows[likely[found.to_numpy(zero_copy_only=False)]]] = True
    return mask


def has_genre(catalog: pd.DataFrame, *genres: str) -> Mask:
    """Say which titles are listed in one of the genres."""
    return on_distinct(catalog["listed_in"], lambda cell: not listed(cell).isdisjoint(genres))


@lru_cache(maxsize=10_000)
def listed(cell: str) -> frozenset[str]:
    """Return the names in a cell that lists some, such as genres or countries."""
    return frozenset(name.strip() for name in cell.split(","))


def on_distinct(column: pd.Series, test: Callable[[str], bool]) -> Mask:
    """Say in which rows the value passes a test that is run once per distinct value.

    Parameters
    ----------
    column : Series of str, shape (n_titles,)
        Missing cells never pass.
    test : callable
        Takes a value.

    Returns
    -------
    ndarray of bool, shape (n_titles,)
    """
    distinct = _once(_distinct, column)
    passes = np.array([*map(test, distinct.values), False], dtype=np.bool_)
    return passes[distinct.positions]


def _once(prepare: Callable[..., Any], *columns: pd.Series, **given: Any) -> Any:
    """Return ``prepare`` of the columns' Arrow arrays; shared where these very arrays come again.

    The arrays, not the columns' names, are the key, so that a rule that changed its copy of a
    column never gets the answer for the original. The cache holds them, so that no id is reused.
    """
    arrays = [_arrow(column) for column in columns]
    prepared = _shared.get(_Shared()).prepared
    key = (prepare, *map(id, arrays), *map(id, given.values()))
    if key not in prepared:
        prepared[key] = (prepare(*arrays, **given), arrays, given)
    return prepared[key][0]


def _arrow(column: pd.Series) -> pa.ChunkedArray:
    values: Any = column.array if column.dtype == "str" else column.astype("str").array
    array = values.__arrow_array__()
    return array if array.type == pa.large_string() else array.cast(pa.large_string())


def _distinct(column: pa.ChunkedArray) -> _Distinct:
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    positions = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return _Distinct(values, positions.astype(np.intp))


def _word_hits(*columns: pa.ChunkedArray, given: Keywords | _Shared) -> _WordHits:
    """Find the words whose keys are wanted, in all rows' texts put one after the other."""
    cells = (_FRONT, *columns, _BACK, _JOINT)
    text = pc.binary_join_element_wise(*cells, null_handling="replace").combine_chunks()
    offsets = np.frombuffer(text.buffers()[1], dtype=np.int64)[: len(text) + 1]
    utf8 = np.frombuffer(text.buffers()[2] or b"", dtype=np.uint8)[: offsets[-1]]
    blocks = [
        begin + _starts_in_block(utf8[begin : begin + BLOCK_BYTES + KEY_LETTERS], given.keys)
        for begin in range(0, len(utf8), BLOCK_BYTES)
    ]
    starts = np.concatenate([np.empty(0, dtype=np.intp), *blocks])
    rows = np.searchsorted(offsets, starts, side="right") - 1
    padded = np.concatenate([utf8, np.zeros(SNIPPET_BYTES, dtype=np.uint8)])
    snippets = sliding_window_view(padded, SNIPPET_BYTES)[starts]
    keys = _pack(_letters(snippets[:, :KEY_LETTERS]).T)
    return _WordHits(rows, keys, _binary_array(snippets))


def _starts_in_block(utf8: npt.NDArray[np.uint8], wanted: Mask) -> npt.NDArray[np.intp]:
    """Return where in a block words start that have a wanted key."""
    letters = _letters(utf8)
    is_letter = letters != 0
    n_keys = max(0, len(utf8) - KEY_LETTERS)
    starts = 1 + np.flatnonzero(is_letter[1 : n_keys + 1] > is_letter[:n_keys])
    starts = starts[wanted[_pack([letters[starts + i] for i in range(KEY_LETTERS)])]]
    return starts[~_JOINS_WORDS[utf8[starts - 1]]]


def _binary_array(rows: npt.NDArray[np.uint8]) -> pa.LargeBinaryArray:
    ends = np.arange(len(rows) + 1) * SNIPPET_BYTES
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(rows)]
    return pa.Array.from_buffers(pa.large_binary(), len(rows), buffers)


def _letters(utf8: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return 1 to 26 for the letters a to z, in either case, and 0 for any other byte."""
    letters = utf8 | np.uint8(0x20)
    letters -= np.uint8(0x60)
    letters *= letters < len(LETTERS)
    return letters


def _pack(letters: Any) -> npt.NDArray[np.uint16]:
    """Pack letters into keys, modulo 2^16: keys of different words may be the same."""
    keys = np.zeros(len(letters[0]), dtype=np.uint16)
    for letter in letters:
        keys *= np.uint16(len(LETTERS))
        keys += letter
    return keys

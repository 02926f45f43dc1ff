"""Text as the lab compares it: normalised words, what a title is by its content, listed names."""

import hashlib
import re
import unicodedata
from collections.abc import Hashable, Mapping
from functools import lru_cache

import pandas as pd


class _KeptCharacters(dict[int, str]):
    """A table for `str.translate` that fills itself: all but letters, marks, digits is a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if unicodedata.category(character)[0] in "LMN" else " "
        return self[code]


_KEPT = _KeptCharacters()


def normalise_text(text: str) -> str:
    """Return a text's words, case-folded and with one space between, so that only looks differ."""
    folded = text.casefold()
    if not text.isascii():  # folding can undo the normal form, and folds less without it
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_KEPT).split())


def without_accents(text: str) -> str:
    """Return a text in which marks over and under letters are gone: *série* is *serie*."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def normalise_texts(texts: pd.Series) -> list[str]:
    """Return the normalised texts; a missing one is empty."""
    return [normalise_text(text) for text in texts.astype("str").fillna("")]


def content_digests(catalog: pd.DataFrame, salt: str = "") -> list[str]:
    """Return what tells titles apart by content: a digest of the normalised title and description.

    Any text as `salt` gives other digests.
    """
    titles, descriptions = (normalise_texts(catalog[c]) for c in ("title", "description"))
    contents = (f"{salt}{t}\n{d}" for t, d in zip(titles, descriptions, strict=True))
    return [hashlib.blake2b(text.encode(), digest_size=8).hexdigest() for text in contents]


# What a spreadsheet takes for a formula; a number is none.
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?\Z"
_FORMULA = re.compile(rf"'*(?!{_NUMBER})[=+\-@\t\r\n]")


def guard_formula(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: with ``'`` before ``=``, ``+``, ...

    `unguard_formula` undoes it, whatever the cell was.
    """
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard_formula(cell: str) -> str:
    """Return the cell that `guard_formula` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def ranked_counts(counts: Mapping[str, int], name: Hashable = None) -> pd.Series:
    """Return counts of titles (int64), the most frequent first, then by the alphabet."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    index = pd.Index([key for key, _ in ranked], dtype="str", name=name)
    return pd.Series([n for _, n in ranked], index=index, dtype="int64", name="titles")


_SEPARATORS = "|;"  # where a cell has one of them, a comma is part of a name
_QUOTED = r"""(?:"([^"]*)"|'([^']*)')"""
_NAME_ENTRY = rf"""["']name["']\s*:\s*{_QUOTED}"""


@lru_cache(maxsize=100_000)
def split_names(cell: str) -> tuple[str, ...]:
    """Return the names that a cell lists, such as genres or a cast, without spaces around them.

    They are separated by commas, or by bars or semicolons, or they are a list as Python or JSON
    writes it, of texts or of entries that have a ``name``.
    """
    parts = cell.split(next((mark for mark in _SEPARATORS if mark in cell), ","))
    if cell.startswith("[") and cell.endswith("]"):
        listed = re.findall(_NAME_ENTRY if "{" in cell else _QUOTED, cell)
        parts = [one or other for one, other in listed] or cell[1:-1].split(",")
    return tuple(name for part in parts if (name := " ".join(part.split())))

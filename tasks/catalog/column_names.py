"""Column names: one standard spelling, whatever the file's own."""

import re
from collections.abc import Sequence

import pandas as pd

from tasks.errors import CatalogError

_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\W_]+")


def clean_colnames(df: pd.DataFrame) -> pd.DataFrame:
    """Standardise column names: ``Show ID``, ``show-id`` and ``showId`` become ``show_id``.

    Returns
    -------
    DataFrame
        A copy of `df` with the new names; `df` keeps its own.

    Raises
    ------
    CatalogError
        If two names become one, or nothing is left of a name.
    """
    originals = [str(name) for name in df.columns]
    names = [snake_case(name) for name in originals]
    check_distinct(names, originals, "column")
    return df.set_axis(names, axis="columns")


def snake_case(name: str) -> str:
    """Return a name as lower-case words with underscores between them."""
    return _NOT_WORD.sub("_", _WORD_START.sub("_", name)).strip("_").lower()


def check_distinct(names: Sequence[str], originals: Sequence[str], what: str) -> None:
    """Refuse names that are empty or the same after cleaning.

    Raises
    ------
    CatalogError
        Naming the originals.
    """
    seen: dict[str, str] = {}
    for name, original in zip(names, originals, strict=True):
        if not name:
            raise CatalogError(
                f"The {what} name {original!r} has no letter and no digit; give the {what} a name."
            )
        if name in seen:
            raise CatalogError(
                f"The {what} names {seen[name]!r} and {original!r} both become {name!r}; "
                f"rename or remove one {what}."
            )
        seen[name] = original

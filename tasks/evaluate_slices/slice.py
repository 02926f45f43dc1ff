"""What a slicing function is: a short vectorised rule, and what it declares about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.text import split_names
from tasks.catalog.utilities import read_column
from tasks.errors import RuleError
from tasks.label.conditions import Mask
from tasks.label.rule import ask, check_reads


@dataclass(frozen=True)
class SlicingFunction:
    """A named subset of titles."""

    name: str  # it goes by in files and figures
    doc: str  # one line that says which titles are in it
    reads: tuple[str, ...]  # the only columns of the catalog that it gets to see
    finds: Callable[[pd.DataFrame], Any]  # the declared columns as text give a bool mask

    def __call__(self, catalog: pd.DataFrame) -> Mask:
        """Find the slice's titles; a column that is not there counts as missing on every title."""
        columns = {name: read_column(catalog, name) for name in self.reads}
        every = pd.DataFrame(columns, index=catalog.index)
        return ask(self.name, self.reads, self.finds, every)


def slicing_function(
    *, reads: tuple[str, ...]
) -> Callable[[Callable[[pd.DataFrame], Any]], SlicingFunction]:
    """Make a slice of a vectorised rule ``(titles) -> bool mask`` with a one-line docstring.

    Parameters
    ----------
    reads : tuple of str
        The columns of the catalog that the rule reads.

    Raises
    ------
    RuleError
        If the declaration is malformed.
    """

    def decorate(finds: Callable[[pd.DataFrame], Any]) -> SlicingFunction:
        name, doc = finds.__name__, (finds.__doc__ or "").strip()
        check_reads(name, reads)
        if not doc or "\n" in doc:
            raise RuleError(f"{name} needs a docstring of one line that says which titles it has.")
        return SlicingFunction(name, doc, reads, finds)

    return decorate


def lists(column: pd.Series, name: str) -> pd.Series:
    """Find the cells that list a name, such as a genre or a country, among others or alone."""
    positions, cells = pd.factorize(column.astype("str"))
    found = np.array([*(name in split_names(cell) for cell in cells), False])  # last: missing
    return pd.Series(found[positions], index=column.index)

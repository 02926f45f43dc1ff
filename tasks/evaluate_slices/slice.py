"""What a slicing function is: a short vectorised rule, and what it declares about itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.text import split_names
from tasks.catalog.utilities import read_column
from tasks.errors import RuleError

Mask = npt.NDArray[np.bool_]


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
        try:
            mask = np.asarray(self.finds(pd.DataFrame(columns, index=catalog.index)))
        except KeyError as error:
            raise RuleError(
                f"{self.name} reads {error}, which it does not declare; declared are "
                f"{', '.join(self.reads)}. Add it to reads=(...) of the slice."
            ) from error
        if mask.dtype != np.bool_ or mask.shape != (len(catalog),):
            raise RuleError(
                f"{self.name} answered with shape {mask.shape} of {mask.dtype}; expected one "
                f"True or False a title: shape ({len(catalog)},) of bool, without missing values."
            )
        return mask


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
        if unknown := [column for column in reads if column not in CATALOG_COLUMNS]:
            raise RuleError(
                f"{name} reads {', '.join(unknown)}, which a catalog does not have; "
                f"expected some of {', '.join(CATALOG_COLUMNS)}."
            )
        if not isinstance(reads, tuple) or not reads:
            raise RuleError(f"{name} declares reads={reads!r}; expected a tuple of columns.")
        if not doc or "\n" in doc:
            raise RuleError(f"{name} needs a docstring of one line that says which titles it has.")
        return SlicingFunction(name, doc, reads, finds)

    return decorate


def lists(column: pd.Series, name: str) -> pd.Series:
    """Find the cells that list a name, such as a genre or a country, among others or alone."""
    positions, cells = pd.factorize(column.astype("str"))
    found = np.array([*(name in split_names(cell) for cell in cells), False])  # last: missing
    return pd.Series(found[positions], index=column.index)

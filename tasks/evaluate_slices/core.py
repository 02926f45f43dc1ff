"""Slicing functions: what a rule of the rulebook `slices` is, and what it may answer."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field

import pandas as pd

from tasks.errors import RuleError
from tasks.schema import CATALOG_COLUMNS

Finder = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class SlicingFunction:
    """A named subset of titles, found by a vectorised function.

    Parameters
    ----------
    find : callable
        Takes the columns that it reads as a DataFrame of n_titles rows and returns a boolean
        Series of the same index.
    reads : tuple of str
        The catalog columns that it reads; it is given no others.
    name : str
        The function's name.
    description : str
        The first line of its docstring.
    """

    find: Finder = field(repr=False)
    reads: tuple[str, ...]
    name: str
    description: str

    def __call__(self, catalog: pd.DataFrame) -> pd.Series:
        """Return which titles are in the slice.

        Parameters
        ----------
        catalog : DataFrame, shape (n_titles, n_columns)
            Columns that are absent count as missing on every title.

        Returns
        -------
        Series of bool, shape (n_titles,)
            Named like the slice, with the catalog's index.

        Raises
        ------
        RuleError
            If the function reads a column that it does not declare, or answers with anything
            but one boolean a title.
        """
        text = {name: _column(catalog, name) for name in self.reads}
        try:
            mask = self.find(pd.DataFrame(text, index=catalog.index))
        except KeyError as error:
            raise RuleError(
                f"slice {self.name} reads {error}, which it does not declare; "
                f"it declares {', '.join(self.reads)}. Add the column to its decorator."
            ) from error
        if not (isinstance(mask, pd.Series) and mask.dtype == bool and len(mask) == len(catalog)):
            found = f"{type(mask).__name__} of {getattr(mask, 'dtype', 'no dtype')}"
            raise RuleError(
                f"slice {self.name} answered with {found}, {len(mask)} rows; expected a Series of "
                f"bool, {len(catalog)} rows. Give str.contains na=False, comparisons a number."
            )
        return mask.set_axis(catalog.index).rename(self.name)


def slicing_function(*reads: str) -> Callable[[Finder], SlicingFunction]:
    """Make a slice of a function; its name and the first line of its docstring describe it.

    Parameters
    ----------
    *reads : str
        The catalog columns that the function reads.

    Raises
    ------
    RuleError
        If a column is not the catalog's, or the function has no docstring.
    """

    def decorate(find: Finder) -> SlicingFunction:
        name = getattr(find, "__name__", repr(find))
        unknown = sorted(set(reads) - set(CATALOG_COLUMNS))
        if unknown or not reads:
            raise RuleError(
                f"slice {name} declares {', '.join(unknown) or 'no column'}; "
                f"expected some of {', '.join(CATALOG_COLUMNS)}."
            )
        if not (description := (inspect.getdoc(find) or "").partition("\n")[0]):
            raise RuleError(f"slice {name} has no docstring; say in one line which titles it has.")
        return SlicingFunction(find=find, reads=reads, name=name, description=description)

    return decorate


def _column(catalog: pd.DataFrame, name: str) -> pd.Series:
    absent = pd.Series(None, index=catalog.index, dtype="str")
    return catalog[name].astype("str") if name in catalog.columns else absent

"""What a labeling function is: a short vectorised rule, and what it declares about itself."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from tasks.catalog.columns import ABSTAIN, CATALOG_COLUMNS, CLASS_NAMES, OPTIONAL_COLUMNS
from tasks.errors import RuleError
from tasks.label.matching import Keywords

Votes = npt.NDArray[np.int8]

NUMERIC_COLUMNS = frozenset({"release_year"})
GROUPS = ("rating", "genre", "keyword", "metadata")
UNDECLARED_STRENGTH = 0.7
_GROUP_OF = {"rating": "rating", "listed_in": "genre"}


@dataclass(frozen=True)
class LabelingFunction:
    """A named rule that votes one class, or abstains, on every title.

    Parameters
    ----------
    name : str
        The name it goes by in params, files and figures.
    doc : str
        One line for the person who reads its votes.
    reads : tuple of str
        The only columns of the catalog that the rule gets to see.
    votes : int
        The one class that it votes: `FAMILY` or `NOT_FAMILY`.
    keywords : Keywords or None
        The words that it listens for, if it listens for words.
    fires : callable
        The rule itself: a catalog of the declared columns gives a bool mask, True where it votes.
    group : str
        What it looks at, one of `GROUPS`: rules of one group see the same thing.
    strength : float or None
        How often prior knowledge expects its votes to be right, were both classes equally
        frequent: between 0.5 and 1; None where nobody knows.
    cells : mapping of str to callable, or None
        For a rule that fires where every one of these columns has a cell that passes its test:
        the tests.
    """

    name: str
    doc: str
    reads: tuple[str, ...]
    votes: int
    keywords: Keywords | None
    fires: Callable[[pd.DataFrame], Any]
    group: str = "metadata"
    strength: float | None = None
    cells: Mapping[str, Callable[[str], bool]] | None = None

    @property
    def trust(self) -> float:
        """The strength, or what counts as one where none is declared."""
        return UNDECLARED_STRENGTH if self.strength is None else self.strength

    def __call__(self, catalog: pd.DataFrame) -> Votes:
        """Vote on every title of a catalog.

        Parameters
        ----------
        catalog : DataFrame, shape (n_titles, n_columns)
            A missing optional column counts as a column of missing cells.

        Returns
        -------
        ndarray of int8, shape (n_titles,)
            The rule's class, or `ABSTAIN`.

        Raises
        ------
        RuleError
            If the catalog lacks a column that every catalog has, or if the rule reads a column
            that it does not declare or answers with anything but a bool mask.
        """
        return self.vote(readable(catalog, self.reads))

    def vote(self, columns: pd.DataFrame) -> Votes:
        """Vote, given exactly the declared columns as `readable` returns them."""
        try:
            mask = self.fires(columns.copy(deep=False))
        except (KeyError, AttributeError) as error:
            undeclared = [c for c in CATALOG_COLUMNS if c not in self.reads and c in str(error)]
            if not undeclared:
                raise
            raise RuleError(
                f"{self.name} reads {undeclared[0]}, which it does not declare; declared are "
                f"{', '.join(self.reads)}. Add it to reads=(...) of the rule."
            ) from error
        fired = self._checked(mask, len(columns))
        return np.where(fired, np.int8(self.votes), np.int8(ABSTAIN))

    def _checked(self, mask: Any, n_titles: int) -> npt.NDArray[np.bool_]:
        fired = np.asarray(mask)
        if fired.dtype != np.bool_ or fired.shape != (n_titles,):
            raise RuleError(
                f"{self.name} answered with shape {fired.shape} of {fired.dtype}; expected one "
                f"True or False a title: shape ({n_titles},) of bool, without missing values."
            )
        return fired


def readable(catalog: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return the columns as rules expect them: text as ``str``, missing optional ones all missing.

    Raises
    ------
    RuleError
        If a column that every catalog has is not there.
    """
    found = {}
    for column in columns:
        if column in catalog.columns:
            cells = catalog[column]
            found[column] = cells if column in NUMERIC_COLUMNS else cells.astype("str")
        elif column in OPTIONAL_COLUMNS:
            kind = "Int64" if column in NUMERIC_COLUMNS else "str"
            found[column] = pd.Series(pd.NA, index=catalog.index, dtype=kind)
        else:
            raise RuleError(
                f"The catalog has no column {column}, which rules read and every catalog has; "
                f"it has {', '.join(map(str, catalog.columns))}."
            )
    return pd.DataFrame(found, index=catalog.index, copy=False)


def labeling_function(
    *,
    reads: tuple[str, ...],
    votes: int,
    keywords: Keywords | None = None,
    group: str | None = None,
    strength: float | None = None,
) -> Callable[[Callable[[pd.DataFrame], Any]], LabelingFunction]:
    """Make a labeling function of a vectorised rule.

    Parameters
    ----------
    reads : tuple of str
        The columns of the catalog that the rule reads.
    votes : int
        The one class that it votes: `FAMILY` or `NOT_FAMILY`.
    keywords : Keywords, optional
        The words that it listens for; whoever changes a title's text must leave these alone.
    group : str, optional
        What it looks at, one of `GROUPS`; by default told by what it reads and listens for.
    strength : float, optional
        The prior strength of a vote, between 0.5 and 1; see `LabelingFunction`.

    Returns
    -------
    callable
        A decorator of a function ``(catalog) -> bool mask`` with a one-line docstring.

    Raises
    ------
    RuleError
        If the declaration is malformed.
    """

    def decorate(fires: Callable[[pd.DataFrame], Any]) -> LabelingFunction:
        name = fires.__name__
        doc = (fires.__doc__ or "").strip()
        told = _GROUP_OF.get(",".join(reads), "metadata")
        found = group or ("keyword" if keywords else told)
        rule = LabelingFunction(name, doc, reads, votes, keywords, fires, found, strength)
        check_declaration(rule)
        return rule

    return decorate


def check_declaration(rule: LabelingFunction) -> None:
    """Refuse a rule that declares what cannot be.

    Raises
    ------
    RuleError
        Naming the rule, what it declares and what is expected.
    """
    name, reads = rule.name, rule.reads
    if not isinstance(reads, tuple) or not reads:
        raise RuleError(f"{name} declares reads={reads!r}; expected a tuple of columns.")
    if unknown := [column for column in reads if column not in CATALOG_COLUMNS]:
        raise RuleError(
            f"{name} reads {', '.join(unknown)}, which a catalog does not have; "
            f"expected some of {', '.join(CATALOG_COLUMNS)}."
        )
    if rule.votes not in CLASS_NAMES:
        raise RuleError(f"{name} votes {rule.votes!r}; expected FAMILY (1) or NOT_FAMILY (0).")
    if rule.group not in GROUPS:
        raise RuleError(f"{name} has group {rule.group!r}; expected one of {', '.join(GROUPS)}.")
    if rule.strength is not None and not 0.5 < rule.strength < 1:
        raise RuleError(f"{name} has strength {rule.strength!r}; expected more than 0.5, below 1.")
    if not rule.doc or "\n" in rule.doc:
        raise RuleError(f"{name} needs a docstring of one line that says when it votes.")

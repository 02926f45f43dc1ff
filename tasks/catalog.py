"""Loading a catalog and deriving columns from it."""

import pandas as pd

from tasks.schema import FAMILY, FAMILY_RATINGS, NOT_FAMILY, NOT_FAMILY_RATINGS


def gold_labels(ratings: pd.Series) -> pd.Series:
    """Read gold off the ratings: the reference that weak labels are judged against.

    Parameters
    ----------
    ratings : Series of str, shape (n_titles,)
        The catalog's ``rating`` column.

    Returns
    -------
    Series of Int8, shape (n_titles,)
        1 for family, 0 for not family, ``<NA>`` where the rating says neither.
    """
    gold = pd.Series(pd.NA, index=ratings.index, dtype="Int8", name="gold")
    gold[ratings.isin(FAMILY_RATINGS)] = FAMILY
    gold[ratings.isin(NOT_FAMILY_RATINGS)] = NOT_FAMILY
    return gold


def title_text(catalog: pd.DataFrame) -> pd.Series:
    """Join title and description: the text that keyword rules and text features read.

    Parameters
    ----------
    catalog : DataFrame, shape (n_titles, n_columns)
        Has the columns ``title`` and ``description``; missing cells count as empty.

    Returns
    -------
    Series of str, shape (n_titles,)
    """
    title = catalog["title"].fillna("").astype("str")
    description = catalog["description"].fillna("").astype("str")
    return (title + ". " + description).rename("text")

"""Features with the rating masked as missing: the case in which anybody needs a model."""

import pandas as pd
from scipy import sparse
from sklearn.compose import ColumnTransformer


def reads_rating(features: ColumnTransformer) -> bool:
    """Return whether features read the rating."""
    return any("rating" in columns for _, _, columns in features.transformers)


def hide_rating(
    features: ColumnTransformer, matrix: sparse.csr_matrix, rows: pd.DataFrame
) -> sparse.csr_matrix:
    """Return what fitted features give for the rows with their rating masked as missing.

    Parameters
    ----------
    features : ColumnTransformer
        Fitted `build_features`.
    matrix : sparse matrix, shape (n_rows, n_features)
        What they give for the rows as they are; only what depends on the rating is made anew.
    rows : DataFrame, shape (n_rows, n_columns)
        The columns of `tasks.catalog.utilities.derive_features`.
    """
    if not reads_rating(features):
        return matrix
    (columns,) = (columns for name, _, columns in features.transformers if name == "categorical")
    hidden = rows[columns].assign(rating=pd.Series(None, index=rows.index, dtype="str"))
    block = features.named_transformers_["categorical"].transform(hidden)
    place = features.output_indices_["categorical"]
    parts = [matrix[:, : place.start], block, matrix[:, place.stop :]]
    return sparse.csr_matrix(sparse.hstack(parts))

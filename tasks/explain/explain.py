"""What moved the model: each feature's contribution to a title's score, and overall.

Contributions are Shapley values (S. Lundberg and S.-I. Lee, 2017). Those of a linear model have a
closed form, coefficient times (value minus background), which needs no library; a forest's need
the extra ``shap``.
"""

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.pipeline import Pipeline

from tasks.errors import LabError
from tasks.explain.contributions import (
    Floats,
    feature_names,
    featurise,
    forest_rows,
    linear_rows,
    linear_score,
    mean_deviation,
    pick_evenly,
)

if TYPE_CHECKING:
    import matplotlib.figure

LOG_ODDS = "log-odds"
PROBABILITY = "probability"
FOREST_TITLES = 50
_TOWARDS = {1: ("towards family", "#0072b2"), -1: ("towards not family", "#d55e00")}


def find_title(catalog: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """Return the rows of a catalog that a ``show_id`` or a title (in any case) names.

    Raises
    ------
    LabError
        If there is none, with the nearest titles.
    """
    titles = catalog["title"].astype("str").str.casefold()
    found = catalog[(catalog["show_id"] == wanted) | (titles == wanted.casefold())]
    if len(found):
        return found
    near = difflib.get_close_matches(wanted.casefold(), titles.dropna().tolist(), n=3)
    names = catalog.loc[titles.isin(near), "title"].drop_duplicates()
    hint = f" Did you mean {', '.join(names)}?" if near else ""
    raise LabError(f"No title of the catalog has the show_id or name {wanted!r}.{hint}")


def explain_titles(
    model: Pipeline,
    catalog: pd.DataFrame,
    top: int = 8,
    background: pd.DataFrame | None = None,
) -> list[dict[str, Any]]:
    """Say for each title which features moved the model, and how far.

    Parameters
    ----------
    model : Pipeline
        A published model: steps ``catalog``, ``features`` and ``model``.
    catalog : DataFrame, shape (n_titles, n_columns)
        The titles, as raw catalog rows.
    top : int
        How many features a title gets, the largest contributions first.
    background : DataFrame, optional
        What the titles are compared with: the mean of these titles, or for a forest 25 of them;
        by default one that has no word, no category and average numbers.

    Returns
    -------
    list of dict
        ``show_id``, ``title``, ``probability`` of family, ``base`` and ``unit`` (``log-odds`` or
        ``probability``) of the contributions, and ``contributions``: dicts of ``feature``,
        ``value`` (as the model sees it) and ``contribution`` (positive: towards family). Base
        and all contributions add up to the log-odds of a linear model (of a calibrated one: to
        the mean of its members') or the probability of a forest.

    Raises
    ------
    LabError
        If the model cannot be explained, or only with shap, which is not installed.
    """
    names = feature_names(model)
    values = featurise(model, catalog)
    score = linear_score(model)
    probability = model.predict_proba(catalog)[:, 1]
    blank = sparse.csr_array((1, values.shape[1]))
    reference = blank if background is None else featurise(model, background)
    if score is None:
        unit, rows = PROBABILITY, forest_rows(model, values, reference)
    else:
        unit, rows = LOG_ODDS, linear_rows(score, values, reference)
    return [
        {
            "show_id": str(show_id),
            "title": str(title),
            "probability": float(chance),
            "base": base,
            "unit": unit,
            "contributions": _largest(names, values[[row]], contribution, top),
        }
        for row, (show_id, title, chance, (base, contribution)) in enumerate(
            zip(catalog["show_id"], catalog["title"], probability, rows, strict=True)
        )
    ]


def summarise(model: Pipeline, catalog: pd.DataFrame, top: int = 20) -> pd.DataFrame:
    """Return the features that move the model most over a catalog.

    Parameters
    ----------
    model : Pipeline
    catalog : DataFrame, shape (n_titles, n_columns)
        A linear model is explained on all titles, a forest on at most `FOREST_TITLES` of them,
        evenly chosen in the order of ``show_id``.
    top : int

    Returns
    -------
    DataFrame, shape (at most top, 3)
        ``feature``, ``contribution`` (mean absolute) and ``direction``: 1 if having more of the
        feature moves towards family, -1 if away from it.
    """
    score = linear_score(model)
    ordered = catalog.sort_values("show_id")
    if score is None:
        every = featurise(model, ordered)
        values = pick_evenly(every, FOREST_TITLES)
        contribution = np.stack([row for _, row in forest_rows(model, values, every)])
        size = np.abs(contribution).mean(axis=0)
        direction = _direction(values, contribution)
    else:
        values = featurise(model, ordered)
        size = np.abs(score.coefficients) * mean_deviation(values)
        direction = np.where(score.coefficients < 0, -1, 1)
    table = pd.DataFrame(
        {"feature": feature_names(model), "contribution": size, "direction": direction}
    )
    largest = table.sort_values(["contribution", "feature"], ascending=[False, True])
    return largest[largest["contribution"] > 0].head(top).reset_index(drop=True)


def summary_figure(
    model: Pipeline, catalog: pd.DataFrame, top: int = 20
) -> "matplotlib.figure.Figure":
    """Draw the mean absolute contribution of the features that move the model most."""
    from matplotlib.figure import Figure  # late: who wants no figure need not wait for it

    table = summarise(model, catalog, top)[::-1]
    unit = PROBABILITY if linear_score(model) is None else LOG_ODDS
    figure = Figure(figsize=(8, 1.2 + 0.3 * max(len(table), 1)), layout="constrained")
    axes = figure.subplots()
    for direction, (label, colour) in _TOWARDS.items():
        rows = table["direction"].to_numpy() == direction
        positions = np.arange(len(table))[rows]
        axes.barh(positions, table["contribution"][rows], color=colour, label=label)
    labels = [name.replace("$", r"\$") for name in table["feature"]]
    axes.set_yticks(np.arange(len(table)), labels)
    axes.set_xlabel(f"mean |contribution| ({unit})")
    explained = len(catalog) if unit == LOG_ODDS else min(len(catalog), FOREST_TITLES)
    axes.set_title(f"What moves the model most ({explained:,} titles)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="lower right", frameon=False)
    return figure


def _direction(values: sparse.csr_array, contribution: Floats) -> Floats:
    """Return the sign of the covariance of a feature's values and contributions."""
    centred = contribution - contribution.mean(axis=0)
    return np.where(np.asarray(values.multiply(centred).sum(axis=0)).ravel() < 0, -1.0, 1.0)


def _largest(
    names: Sequence[str], values: sparse.csr_array, contribution: Floats, top: int
) -> list[dict[str, Any]]:
    """Return the features with the largest contributions; of equals the first by name."""
    value = values.toarray().ravel()
    moved = np.flatnonzero(contribution).tolist()
    order = sorted(moved, key=lambda i: (-abs(contribution[i]), names[i]))[:top]
    return [
        {
            "feature": names[i],
            "value": float(value[i]),
            "contribution": float(contribution[i]),
        }
        for i in order
    ]

"""Confusion matrices side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.evaluate_slices.figures.style import INK, new_figure, percent, style_axes

_CLASSES = ("not family", "family")
_CAPTION = (
    "In each cell: titles, and their share of the row. "
    "The model says family from a probability of 0.5 on. "
)


def plot_confusion_matrices(
    panels: Sequence[tuple[str, str, Mapping[str, int]]], caption: str = ""
) -> Figure:
    """Plot confusion matrices: titles in each cell, coloured by their share of the row.

    Parameters
    ----------
    panels : sequence of (title, truth, matrix)
        What is shown, what the truth is called, and {tn, fp, fn, tp}.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    found = "; ".join(f"{_recall(matrix)} {title}" for title, _, matrix in panels)
    title, ncols = f"Family titles found: {found}", len(panels)
    size = (10.2, 3.4)
    fig, axes = new_figure(size, title, _CAPTION + caption, left=1.25, gap=1.35, ncols=ncols)
    for ax, panel in zip(axes, panels, strict=True):
        _draw(ax, *panel)
    return fig


def _recall(matrix: Mapping[str, int]) -> str:
    family = matrix["fn"] + matrix["tp"]
    return percent(matrix["tp"] / family) if family else "none to find"


def _draw(ax: Axes, title: str, truth: str, matrix: Mapping[str, int]) -> None:
    counts = np.array([[matrix["tn"], matrix["fp"]], [matrix["fn"], matrix["tp"]]])
    totals = counts.sum(axis=1)
    shares = counts / np.maximum(totals, 1)[:, np.newaxis]
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1.25, aspect="auto")
    for (row, column), n in np.ndenumerate(counts):
        share = shares[row, column]
        style: dict[str, Any] = {"ha": "center", "color": "white" if share > 0.6 else INK}
        ax.text(column, row, f"{n:,}", va="bottom", fontsize=17, fontweight="bold", **style)
        ax.text(column, row + 0.06, percent(share), va="top", fontsize=10, **style)
    style_axes(ax, f"{title[0].upper()}{title[1:]} (n = {counts.sum():,})", "the model says", truth)
    ax.set_xticks([0, 1], _CLASSES)
    ax.set_yticks([0, 1], [f"{c}\n({n:,})" for c, n in zip(_CLASSES, totals, strict=True)])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.axhline(0.5, color="white", linewidth=4)
    ax.axvline(0.5, color="white", linewidth=4)

"""Confusion matrices side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.figures.style import INK, new_figure, style_axes

_CLASSES = ("not family", "family")


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
    reading = (
        "In each cell: titles, and their share of the row. Family is said from probability 0.5 on. "
    )
    found = [f"{_recall(matrix)} {title}" for title, _, matrix in panels]
    fig = new_figure(10, 4.9, f"Family titles found: {'; '.join(found)}", reading + caption)
    for ax, (title, truth, matrix) in zip(
        np.ravel(fig.subplots(1, len(panels))), panels, strict=True
    ):
        _draw(ax, title, truth, matrix)
    return fig


def _recall(matrix: Mapping[str, int]) -> str:
    family = matrix["fn"] + matrix["tp"]
    return f"{matrix['tp'] / family:.0%}" if family else "none to find"


def _draw(ax: Axes, title: str, truth: str, matrix: Mapping[str, int]) -> None:
    counts = np.array([[matrix["tn"], matrix["fp"]], [matrix["fn"], matrix["tp"]]])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (row, column), n in np.ndenumerate(counts):
        share = shares[row, column]
        colour = "white" if share > 0.55 else INK
        style: dict[str, Any] = {"ha": "center", "color": colour}
        ax.text(column, row, f"{n:,}", va="bottom", fontsize=17, fontweight="bold", **style)
        ax.text(column, row + 0.06, f"{share:.1%}", va="top", fontsize=10, **style)
    style_axes(ax, f"{title[0].upper()}{title[1:]} (n = {counts.sum():,})", "the model says", truth)
    totals = counts.sum(axis=1)
    ax.set_xticks([0, 1], _CLASSES)
    ax.set_yticks([0, 1], [f"{c}\n({n:,})" for c, n in zip(_CLASSES, totals, strict=True)])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)

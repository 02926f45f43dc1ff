"""Calibration: whether a probability means what it says, with the rating and without it."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import binomtest

from tasks.evaluate_slices.figures.curves import Scores
from tasks.evaluate_slices.figures.style import (
    CIRCULAR,
    HIDDEN,
    INK,
    MUTED,
    new_figure,
    percent,
    style_axes,
)

BINS = 10
_STYLES: tuple[tuple[str, str, int], ...] = ((CIRCULAR, "s", -1), (HIDDEN, "o", 1))
_CAPTION = (
    "On the dotted line a probability means what it says. Dots: the titles of a tenth, at their "
    "mean probability, with Wilson 95 % intervals; a tenth without titles has none. "
)


def plot_calibration(visible: Scores, hidden: Scores, caption: str = "") -> Figure:
    """Plot the share of family titles over the probability, and the titles in each bin.

    Parameters
    ----------
    visible, hidden : Scores
        The winner on the test titles that have gold, with the rating visible and hidden.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    panels: dict[str, Any] = {"nrows": 2, "sharex": True, "height_ratios": (3, 1.2)}
    fig, (upper, lower) = new_figure((8.6, 5.4), _finding(hidden), _CAPTION + caption, **panels)
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=":")
    for scores, (colour, marker, side) in zip((visible, hidden), _STYLES, strict=True):
        edges = np.linspace(0, 1, BINS + 1)
        which = np.clip(np.digitize(scores.probability, edges[1:-1]), 0, BINS - 1)
        n = np.bincount(which, minlength=BINS)
        _draw_dots(upper, scores, which, n, {"color": colour, "marker": marker})
        _draw_counts(lower, n, colour, side)
    n_gold = f"n = {len(hidden.y):,}"
    style_axes(upper, f"Test titles with gold ({n_gold})", "", "share that is family", grid="both")
    style_axes(lower, "Titles in each tenth", "probability of family that the model gives", "n")
    upper.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.03))
    lower.set(yscale="symlog", ylim=(0, 30 * max(10, len(hidden.y))))
    lower.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    lower.set_xticks(np.linspace(0, 1, BINS + 1))
    lower.minorticks_off()
    upper.legend(loc="lower right", fontsize=9, framealpha=0.9, edgecolor="none")
    return fig


def _finding(hidden: Scores) -> str:
    if len(hidden.y) == 0:
        return "Calibration: no test title has gold"
    said, true = (percent(float(values.mean())) for values in (hidden.probability, hidden.y))
    return f"Rating hidden: the model expects {said} family titles, {true} are"


def _draw_dots(
    ax: Axes, scores: Scores, which: NDArray[Any], n: NDArray[Any], style: dict[str, Any]
) -> None:
    family = np.bincount(which, weights=scores.y, minlength=BINS).astype(int)
    said = np.bincount(which, weights=scores.probability, minlength=BINS)
    used = np.flatnonzero(n)
    share = family[used] / n[used]
    tests = [binomtest(int(family[i]), int(n[i])) for i in used]
    ends = [tuple(test.proportion_ci(method="wilson")) for test in tests]
    low, high = np.reshape(ends, (-1, 2)).T
    errors = np.maximum([share - low, high - share], 0)
    bars: dict[str, Any] = {"elinewidth": 1.4, "capsize": 3, "linestyle": "none", "markersize": 7}
    ax.errorbar(said[used] / n[used], share, yerr=errors, label=scores.name, **style, **bars)


def _draw_counts(ax: Axes, n: NDArray[Any], colour: str, side: int) -> None:
    width = 0.4 / BINS
    style: dict[str, Any] = {"ha": "center", "fontsize": 7.5, "color": INK}
    for i in np.flatnonzero(n):
        centre = (i + 0.5) / BINS + side * width / 2
        ax.bar(centre, n[i], width=width, color=colour)
        ax.annotate(f"{n[i]:,}", (centre, n[i]), (0, 2), textcoords="offset points", **style)

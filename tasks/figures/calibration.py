"""Calibration: whether a probability means what it says, with the rating and without it."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.stats import binomtest

from tasks.figures.curves import Scores
from tasks.figures.style import CIRCULAR, HIDDEN, INK, MUTED, new_figure, style_axes

BINS = 10
_STYLES = ((CIRCULAR, "s", -1), (HIDDEN, "o", 1))


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
    reading = (
        "On the diagonal a probability means what it says. Bars: Wilson 95 % intervals. "
        "The first and the last bin hold most titles; bins without titles have no dot.\n"
    )
    fig = new_figure(8.5, 7.2, _finding(hidden), reading + caption)
    upper, lower = fig.subplots(2, 1, sharex=True, height_ratios=(3, 1.25))
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for scores, (colour, marker, side) in zip((visible, hidden), _STYLES, strict=True):
        _draw_bins(upper, lower, scores, colour, marker, side)
    style_axes(upper, "Test titles with gold", "", "share that is family, by gold", grid="both")
    style_axes(lower, "Titles in each bin", "probability of family, by the model", "titles (log)")
    upper.set(xlim=(0, 1), ylim=(-0.02, 1.02))
    lower.set_yscale("symlog", linthresh=1)
    lower.set_ylim(0, 10 * max(10, len(visible.y)))
    lower.set_xticks(np.linspace(0, 1, BINS + 1))
    upper.legend(loc="upper left", fontsize=9, frameon=False)
    return fig


def _finding(hidden: Scores) -> str:
    if len(hidden.y) == 0:
        return "Calibration: no test title has gold"
    said, true = np.mean(hidden.probability), np.mean(hidden.y)
    return f"Rating hidden: {true:.0%} of titles are family, the model expects {said:.0%}"


def _draw_bins(
    upper: Axes, lower: Axes, scores: Scores, colour: str, marker: str, side: int
) -> None:
    edges = np.linspace(0, 1, BINS + 1)
    which = np.clip(np.digitize(scores.probability, edges[1:-1]), 0, BINS - 1)
    n = np.bincount(which, minlength=BINS)
    family = np.bincount(which, weights=scores.y, minlength=BINS).astype(int)
    said = np.bincount(which, weights=scores.probability, minlength=BINS)
    used = np.flatnonzero(n)
    share = family[used] / n[used]
    errors = _wilson_errors(family[used], n[used], share)
    label = f"{scores.name} (n = {n.sum():,})"
    upper.errorbar(
        said[used] / n[used],
        share,
        yerr=errors,
        color=colour,
        marker=marker,
        markersize=6,
        linewidth=1.2,
        elinewidth=1.2,
        capsize=3,
        label=label,
    )
    width = 0.4 / BINS
    centres = (edges[:-1] + edges[1:]) / 2 + side * width / 2
    lower.bar(centres[used], n[used], width=width, color=colour)
    for i in used:
        lower.annotate(
            f"{n[i]:,}",
            (centres[i], n[i]),
            (0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=7.5,
            color=INK,
        )


def _wilson_errors(
    family: NDArray[np.int64], n: NDArray[np.int64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    ends: Sequence[tuple[float, float]] = [
        tuple(binomtest(int(k), int(m)).proportion_ci(method="wilson"))
        for k, m in zip(family, n, strict=True)
    ]
    low, high = np.reshape(ends, (-1, 2)).T
    return np.maximum([share - low, high - share], 0)

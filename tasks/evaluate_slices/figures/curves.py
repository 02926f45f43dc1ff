"""What is drawn from scores: ROC and precision-recall curves, and calibration."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import PrecisionRecallDisplay, RocCurveDisplay

from tasks.catalog.formats import count, figure, percent
from tasks.catalog.intervals import wilson_interval
from tasks.evaluate_slices.figures.style import (
    BLIND,
    BLUE,
    CIRCULAR,
    GREEN,
    HIDDEN,
    INK,
    MUTED,
    SKY,
    add_legend,
    new_figure,
    say_empty,
    style_axes,
    write_title,
)

BINS = 10
_CANDIDATE_LINES = ((SKY, "-"), (GREEN, (0, (4, 1.5))), (BLUE, (0, (1, 1.2))))
_TEST_LINE = (INK, (0, (6, 1.5, 1, 1.5)))
_GOLD_LINES = ((HIDDEN, "-"), (BLIND, (0, (5, 1))))
_CURVES_CAPTION = (
    "n = titles. Out-of-fold: train titles, each scored by a model that has seen neither it nor a "
    "copy of it. Blind audit: labels and model made anew by rules and features that never read the "
    "rating. Dotted: guessing. "
)
_CALIBRATION_CAPTION = (
    "On the dotted line a probability means what it says. Dots: the titles of a tenth, at their "
    "mean probability, with Wilson 95 % intervals; a tenth without titles has none. "
)


@dataclass(frozen=True)
class Scores:
    """What one curve is drawn from: a name for the legend, truth, and P(family)."""

    name: str
    y: NDArray[Any]
    probability: NDArray[Any]


@dataclass(frozen=True)
class Curve:
    """A kind of curve: what draws it, what the area under it is called, where its corner is."""

    display: Any
    area: str
    merit: str
    labels: tuple[str, str]
    corner: tuple[float, float]
    legend: str


ROC = Curve(
    display=RocCurveDisplay,
    area="roc_auc",
    merit="ROC-AUC",
    labels=("share of not-family titles called family", "share of family titles found"),
    corner=(0, 1),
    legend="lower right",
)
PRECISION_RECALL = Curve(
    display=PrecisionRecallDisplay,
    area="average_precision",
    merit="Average precision",
    labels=(
        "recall: share of family titles found",
        "precision: share of those called family that are",
    ),
    corner=(1, 1),
    legend="lower left",
)


def plot_curves(
    curve: Curve,
    candidates: Sequence[Scores],
    winner: Scores,
    gold: Sequence[Scores],
    caption: str = "",
) -> Figure:
    """Plot the curves of the seed's protocol on the left and the honest ones beside them.

    Left: the candidates out of fold and the winner on the test titles, against weak labels. Right,
    against gold: the winner with the rating hidden, then the blind audit.
    """
    fig, (left, right) = new_figure((11.6, 6.4), "", _CURVES_CAPTION + caption, ncols=2)
    inset = left.inset_axes((0.36, 0.42, 0.36, 0.42))
    lines = [_CANDIDATE_LINES[i % len(_CANDIDATE_LINES)] for i in range(len(candidates))]
    for scores, line in zip([*candidates, winner], [*lines, _TEST_LINE], strict=True):
        of_winner = _draw_curve(left, curve, scores, line, inset)
    of_gold = [
        _draw_curve(right, curve, s, line) for s, line in zip(gold, _GOLD_LINES, strict=True)
    ]
    if not any(0 < scores.y.sum() < len(scores.y) for scores in gold):
        say_empty(right, "gold of both classes is lacking")
    write_title(
        fig,
        f"{curve.merit}: {of_winner} against weak labels, "
        f"{of_gold[0]} against gold with the rating hidden",
    )
    titles = (
        "Against weak labels: the model reads what the rules read",
        "Against gold: the true ratings, hidden from the model",
    )
    for ax, title in zip((left, right), titles, strict=True):
        style_axes(ax, title, *curve.labels, grid="both")
        ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), aspect="auto")
        add_legend(ax, curve.legend, title=curve.merit, title_fontsize=9, alignment="left")
    _enlarge(inset, *curve.corner)
    return fig


def _draw_curve(
    ax: Axes, curve: Curve, scores: Scores, line: tuple[str, Any], inset: Axes | None = None
) -> str:
    """Draw one curve, in the inset too, and return the area under it in words."""
    colour, dashes = line
    style = {"color": colour, "linestyle": dashes, "linewidth": 1.9}
    if not 0 < scores.y.sum() < len(scores.y):
        ax.plot([], [], label=f"{scores.name}: undefined (n = {count(len(scores.y))})", **style)
        return "undefined"
    drawn = curve.display.from_predictions(
        scores.y,
        scores.probability,
        ax=ax,
        drop_intermediate=True,
        curve_kwargs={"drawstyle": "default", **style},
        plot_chance_level=True,
        chance_level_kw={"color": MUTED, "linewidth": 0.8, "linestyle": ":", "label": "_"},
    )
    if inset:
        inset.plot(*drawn.line_.get_data(), **style)
    area = float(getattr(drawn, curve.area))
    shown = figure(area, digits=3 if area < 0.999 else 4)
    drawn.line_.set_label(f"{scores.name}: {shown} (n = {count(len(scores.y))})")
    return shown


def _enlarge(ax: Axes, x: float, y: float) -> None:
    """Show the corner in which all curves against weak labels meet."""
    style_axes(ax, "")
    ax.set_in_layout(False)
    ax.set_title("the corner, enlarged 10 times", fontsize=8, color=MUTED, loc="left", pad=4)
    ax.set(xlim=(x - 0.1 * x, x + 0.1 * (1 - x)), ylim=(y - 0.1, y + 0.004), aspect="auto")
    ax.tick_params(labelsize=7.5, labelcolor=MUTED, length=2)
    ax.locator_params(nbins=3)
    ax.spines[:].set(visible=True, color=MUTED)


def plot_calibration(visible: Scores, hidden: Scores, caption: str = "") -> Figure:
    """Plot the share of family titles over the probability, and the titles in each tenth."""
    title = "Calibration: no test title has gold"
    if len(hidden.y):
        said, true = (percent(float(values.mean())) for values in (hidden.probability, hidden.y))
        title = f"Rating hidden: the model expects {said} family titles, {true} are"
    panels: dict[str, Any] = {"nrows": 2, "sharex": True, "height_ratios": (3, 1.2)}
    fig, (upper, lower) = new_figure((8.6, 7), title, _CALIBRATION_CAPTION + caption, **panels)
    upper.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=":")
    if not len(hidden.y):
        say_empty(upper, "no gold")
    _draw_tenths(upper, lower, visible, (CIRCULAR, "s", -1))
    _draw_tenths(upper, lower, hidden, (HIDDEN, "o", 1))
    test_titles = f"Test titles with gold (n = {count(len(hidden.y))})"
    style_axes(upper, test_titles, "", "share that is family", grid="both")
    upper.set(xlim=(-0.02, 1.02), ylim=(-0.03, 1.03))
    add_legend(upper, "lower right")
    style_axes(lower, "Titles in each tenth", "probability of family that the model gives", "n")
    lower.set(yscale="symlog", ylim=(0, 30 * max(10, len(hidden.y))))
    lower.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    lower.set_xticks(np.linspace(0, 1, BINS + 1))
    lower.minorticks_off()
    return fig


def _draw_tenths(upper: Axes, lower: Axes, scores: Scores, style: tuple[str, str, int]) -> None:
    """Draw what became of the titles of each tenth, and how many they are."""
    colour, marker, side = style
    tenth = np.minimum((scores.probability * BINS).astype(int), BINS - 1)
    n = np.bincount(tenth, minlength=BINS)
    used = np.flatnonzero(n)
    family = np.bincount(tenth, weights=scores.y, minlength=BINS)[used]
    said = np.bincount(tenth, weights=scores.probability, minlength=BINS)[used] / n[used]
    share = family / n[used]
    ends = [wilson_interval(int(k), int(of)) for k, of in zip(family, n[used], strict=True)]
    low, high = np.array(ends, dtype="float64").reshape(-1, 2).T
    dots: dict[str, Any] = {"color": colour, "marker": marker, "linestyle": "none", "capsize": 3}
    errors = np.maximum([share - low, high - share], 0)
    upper.errorbar(said, share, errors, label=scores.name, **dots)
    bars = lower.bar((used + 0.5 + 0.2 * side) / BINS, n[used], width=0.4 / BINS, color=colour)
    lower.bar_label(bars, fmt="{:,.0f}", fontsize=7.5, color=INK, padding=2)

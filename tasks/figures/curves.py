"""ROC and precision-recall curves: the seed's protocol on the left, the honest ones beside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from tasks.figures.style import BLIND, BLUE, GREEN, HIDDEN, INK, MUTED, SKY, new_figure, style_axes

_CANDIDATE_LINES = ((SKY, "-"), (GREEN, (0, (5, 1))), (BLUE, (0, (1, 1))))
_GOLD_LINES = ((HIDDEN, "-"), (BLIND, (0, (5, 1))))
_TEST_LINE = (INK, (0, (3, 1, 1, 1)))
_CIRCULAR = "Against weak labels: the model may read what the rules read"
_HONEST = "Against gold: titles' true ratings, which the model cannot read"


@dataclass(frozen=True)
class Scores:
    """What one curve is drawn from.

    Parameters
    ----------
    name : str
        For the legend.
    y : ndarray of int, shape (n_titles,)
        The truth: 1 family, 0 not family.
    probability : ndarray of float, shape (n_titles,)
        P(family).
    """

    name: str
    y: NDArray[Any]
    probability: NDArray[Any]

    @property
    def has_both_classes(self) -> bool:
        """Whether there is anything to rank."""
        return bool(0 < self.y.sum() < len(self.y))


def plot_roc_curves(
    candidates: Sequence[Scores], winner: Scores, gold: Sequence[Scores], caption: str = ""
) -> Figure:
    """Plot the ROC curves.

    Parameters
    ----------
    candidates : sequence of Scores
        Out-of-fold, on the train titles, against weak labels.
    winner : Scores
        The winner on the test titles, against weak labels.
    gold : sequence of Scores
        Against gold; the first is the winner with the rating hidden.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    return _plot_curves(_draw_roc, "ROC-AUC", candidates, winner, gold, caption)


def plot_pr_curves(
    candidates: Sequence[Scores], winner: Scores, gold: Sequence[Scores], caption: str = ""
) -> Figure:
    """Plot the precision-recall curves; see `plot_roc_curves` for the parameters."""
    return _plot_curves(_draw_pr, "average precision", candidates, winner, gold, caption)


def _plot_curves(
    draw: Callable[[Axes, Scores, Any, Any], float | None],
    figure_of_merit: str,
    candidates: Sequence[Scores],
    winner: Scores,
    gold: Sequence[Scores],
    caption: str,
) -> Figure:
    fig = new_figure(11, 5.9, "", "")
    left, right = fig.subplots(1, 2)
    for i, scores in enumerate(candidates):
        draw(left, scores, *_CANDIDATE_LINES[i % len(_CANDIDATE_LINES)])
    values = [draw(left, winner, *_TEST_LINE)]
    values += [draw(right, s, *line) for s, line in zip(gold, _GOLD_LINES, strict=False)]
    is_roc = draw is _draw_roc
    for ax, title in ((left, _CIRCULAR), (right, _HONEST)):
        _frame(ax, title, is_roc=is_roc)
    shown = ["undefined" if value is None else f"{value:.3f}" for value in values]
    finding = f"{figure_of_merit[0].upper()}{figure_of_merit[1:]} {shown[0]} against weak labels"
    honest = f", {shown[1]} against gold with the rating hidden" if gold else ""
    fig.suptitle(finding + honest, x=0.012, ha="left", fontsize=13, fontweight="bold", color=INK)
    reading = (
        f"Legend: {figure_of_merit} and number of titles. Out-of-fold: each train title scored by "
        "a model that has seen neither it nor a copy of it.\nGrey: what guessing gives. "
    )
    fig.supxlabel(reading + caption, x=0.012, ha="left", fontsize=8.5, color=MUTED)
    return fig


def _draw_roc(ax: Axes, scores: Scores, colour: Any, line: Any) -> float | None:
    if not scores.has_both_classes:
        _say_undefined(ax, scores)
        return None
    x, y, _ = roc_curve(scores.y, scores.probability)
    value = float(roc_auc_score(scores.y, scores.probability))
    ax.plot(x, y, color=colour, linestyle=line, linewidth=2, label=_legend(scores, value))
    return value


def _draw_pr(ax: Axes, scores: Scores, colour: Any, line: Any) -> float | None:
    if not scores.has_both_classes:
        _say_undefined(ax, scores)
        return None
    precision, recall, _ = precision_recall_curve(scores.y, scores.probability)
    value = float(average_precision_score(scores.y, scores.probability))
    label = _legend(scores, value)
    ax.step(recall, precision, color=colour, linestyle=line, linewidth=2, label=label)
    ax.axhline(float(np.mean(scores.y)), color=MUTED, linewidth=0.8, linestyle=":")
    return value


def _say_undefined(ax: Axes, scores: Scores) -> None:
    ax.plot([], [], " ", label=f"{scores.name}: undefined, one class (n = {len(scores.y):,})")


def _legend(scores: Scores, value: float) -> str:
    return f"{scores.name}: {value:.3f} (n = {len(scores.y):,})"


def _frame(ax: Axes, title: str, *, is_roc: bool) -> None:
    family, other = "family titles", "not-family titles"
    if is_roc:
        ax.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
        labels = f"share of {other} called family", f"share of {family} found"
    else:
        labels = f"recall: share of {family} found", "precision: share right of those called family"
    style_axes(ax, title, *labels, grid="both")
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), aspect="equal")
    place: dict[str, Any] = {"loc": "lower right" if is_roc else "lower left"}
    ax.legend(**place, fontsize=9, frameon=True, framealpha=0.9, edgecolor="none")

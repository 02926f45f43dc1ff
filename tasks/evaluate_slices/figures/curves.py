"""ROC and precision-recall curves: the seed's protocol on the left, the honest ones beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from sklearn.metrics import (
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

from tasks.evaluate_slices.figures.style import (
    BLIND,
    BLUE,
    GREEN,
    HIDDEN,
    INK,
    MUTED,
    SKY,
    new_figure,
    rounded,
    style_axes,
)

_CANDIDATE_LINES = ((SKY, "-"), (GREEN, (0, (4, 1.5))), (BLUE, (0, (1, 1.2))))
_GOLD_LINES = ((HIDDEN, "-"), (BLIND, (0, (5, 1))))
_TEST_LINE = (INK, (0, (6, 1.5, 1, 1.5)))
_CIRCULAR = "Against weak labels: the model reads what the rules read"
_HONEST = "Against gold: the true ratings, hidden from the model"
_CAPTION = (
    "n = titles. Out-of-fold: train titles, each scored by a model that has seen neither it nor a "
    "copy of it. Blind audit: labels and model made anew by rules and features that never read the "
    "rating. Dotted: guessing. "
)


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


@dataclass(frozen=True)
class _Kind:
    """What tells ROC from precision-recall."""

    merit: str
    value: Callable[..., float]
    points: Callable[[Scores], tuple[NDArray[Any], NDArray[Any]]]
    guess: Callable[[Scores], tuple[list[float], list[float]]]
    labels: tuple[str, str]
    corner: tuple[float, float]
    legend: str


def _roc_points(scores: Scores) -> tuple[NDArray[Any], NDArray[Any]]:
    false_share, true_share, _ = roc_curve(scores.y, scores.probability)
    return false_share, true_share


def _pr_points(scores: Scores) -> tuple[NDArray[Any], NDArray[Any]]:
    precision, recall, _ = precision_recall_curve(
        scores.y, scores.probability, drop_intermediate=True
    )
    return recall, precision


_ROC = _Kind(
    merit="ROC-AUC",
    value=roc_auc_score,
    points=_roc_points,
    guess=lambda _: ([0, 1], [0, 1]),
    labels=("share of not-family titles called family", "share of family titles found"),
    corner=(0, 1),
    legend="lower right",
)
_PR = _Kind(
    merit="Average precision",
    value=average_precision_score,
    points=_pr_points,
    guess=lambda scores: ([0, 1], [float(scores.y.mean())] * 2),
    labels=(
        "recall: share of family titles found",
        "precision: share of those called family that are",
    ),
    corner=(1, 1),
    legend="lower left",
)


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
        Against gold: the winner with the rating hidden, then the blind audit.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    return _plot(_ROC, candidates, winner, gold, caption)


def plot_pr_curves(
    candidates: Sequence[Scores], winner: Scores, gold: Sequence[Scores], caption: str = ""
) -> Figure:
    """Plot the precision-recall curves; see `plot_roc_curves` for the parameters."""
    return _plot(_PR, candidates, winner, gold, caption)


def _plot(
    kind: _Kind,
    candidates: Sequence[Scores],
    winner: Scores,
    gold: Sequence[Scores],
    caption: str,
) -> Figure:
    hidden = gold[0]
    title = (
        f"{kind.merit}: {_shown(kind, winner)} against weak labels, "
        f"{_shown(kind, hidden)} against gold with the rating hidden"
    )
    fig, (left, right) = new_figure((11.6, 4.9), title, _CAPTION + caption, ncols=2)
    lines = [_CANDIDATE_LINES[i % len(_CANDIDATE_LINES)] for i in range(len(candidates))]
    weak = list(zip([*candidates, winner], [*lines, _TEST_LINE], strict=True))
    _draw(left, kind, _CIRCULAR, weak)
    _draw(right, kind, _HONEST, list(zip(gold, _GOLD_LINES, strict=True)))
    _zoom_in(left, kind, weak)
    return fig


def _shown(kind: _Kind, scores: Scores) -> str:
    if not scores.has_both_classes:
        return "undefined"
    return rounded(float(kind.value(scores.y, scores.probability)))


def _draw(ax: Axes, kind: _Kind, title: str, curves: Sequence[tuple[Scores, Any]]) -> None:
    for scores, (colour, line) in curves:
        label = f"{scores.name}: {_shown(kind, scores)} (n = {len(scores.y):,})"
        points: tuple[Any, Any] = kind.points(scores) if scores.has_both_classes else ((), ())
        ax.plot(*points, color=colour, linestyle=line, linewidth=1.9, label=label)
        if scores.has_both_classes:
            ax.plot(*kind.guess(scores), color=MUTED, linewidth=0.8, linestyle=":")
    style_axes(ax, title, *kind.labels, grid="both")
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02))
    place: dict[str, Any] = {"loc": kind.legend, "title": kind.merit, "alignment": "left"}
    ax.legend(fontsize=9, title_fontsize=9, framealpha=0.9, edgecolor="none", **place)


def _zoom_in(ax: Axes, kind: _Kind, curves: Sequence[tuple[Scores, Any]]) -> None:
    """Enlarge the corner in which all curves against weak labels meet."""
    x, y = kind.corner
    inset = ax.inset_axes((0.36, 0.42, 0.36, 0.42))
    for scores, (colour, line) in curves:
        if scores.has_both_classes:
            inset.plot(*kind.points(scores), color=colour, linestyle=line, linewidth=1.6)
    inset.set(xlim=(x - 0.1 * x, x + 0.1 * (1 - x)), ylim=(y - 0.1, y + 0.004))
    inset.set_title("the corner, enlarged 10 times", fontsize=8, color=MUTED, loc="left", pad=4)
    inset.tick_params(labelsize=7.5, color=MUTED, labelcolor=MUTED, length=2)
    inset.locator_params(nbins=3)
    inset.spines[:].set_color(MUTED)

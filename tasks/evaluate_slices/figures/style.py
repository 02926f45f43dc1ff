"""What the figures share: colours that colour-blind people can tell apart, frame, saving."""

import io
import logging
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.volume import atomic

log = logging.getLogger(__name__)

DPI = 120
INK = "#222222"
MUTED = "#666666"
FAINT = "#DDDDDD"
# Okabe and Ito's palette, https://jfly.uni-koeln.de/color/
ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = (
    "#E69F00",
    "#56B4E9",
    "#009E73",
    "#0072B2",
    "#D55E00",
    "#CC79A7",
)
CLASS_COLOURS = {FAMILY: BLUE, NOT_FAMILY: ORANGE}
# Grey for what is scored against its own labels, colours for what is scored against gold.
CIRCULAR, HIDDEN, BLIND = MUTED, VERMILLION, PURPLE

_TITLE_LETTERS = 9.0  # that fit into an inch
_LETTERS = 16
_SPELLED = {"svc": "SVC", "tv": "TV"}


def save_fig(fig: Figure, path: Path | str) -> Path:
    """Save a figure as PNG, whole or not at all, and close it.

    The folder is made if need be. The same figure gives the same bytes.

    Parameters
    ----------
    fig : Figure
        Pyplot's or not; one of pyplot's is closed there too.
    path : Path or str
        Where to; the file name without ending gets ``.png``.

    Returns
    -------
    Path
        The file written.
    """
    target = Path(path)
    target = target if target.suffix == ".png" else target.with_name(f"{target.name}.png")
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=DPI, facecolor="white", metadata={"Software": None})
    atomic.write_bytes(target, buffer.getvalue())
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    fig.clear()
    log.info("Saved %s (%s bytes)", target.name, f"{buffer.tell():,}")
    return target


def new_figure(
    size: tuple[float, float],
    title: str,
    caption: str,
    *,
    left: float = 0.85,
    gap: float = 0.85,
    **panels: Any,
) -> tuple[Figure, list[Axes]]:
    """Return a figure with the finding on top and, below, how to read it.

    Margins are laid out in inches, by the lines of text that they hold: matplotlib's own layout
    engines draw every figure twice more.

    Parameters
    ----------
    size : (float, float)
        Width, and height of the panels alone, in inches.
    title, caption : str
        Wrapped to the width.
    left, gap : float
        Inches left of the panels and between them.
    **panels
        Of `Figure.subplots`.

    Returns
    -------
    Figure, list of Axes
    """
    width, panel_height = size
    titles = textwrap.wrap(title, int(width * _TITLE_LETTERS))
    captions = [w for t in caption.split("\n") for w in textwrap.wrap(t, int(width * _LETTERS))]
    top = 0.5 + 0.24 * len(titles)
    bottom = 0.6 + 0.17 * len(captions)
    height = panel_height + top + bottom
    fig = Figure(figsize=(width, height))
    text: dict[str, Any] = {"x": 0.12 / width, "ha": "left"}
    bold: dict[str, Any] = {"fontsize": 13, "fontweight": "bold", "color": INK}
    fig.suptitle("\n".join(titles), y=1 - 0.1 / height, va="top", **text, **bold)
    lines: dict[str, Any] = {"fontsize": 8.5, "color": MUTED, "linespacing": 1.3}
    fig.text(s="\n".join(captions), y=0.1 / height, va="bottom", **text, **lines)
    columns = panels.get("ncols", 1)
    inner = (width - left - 0.25 - gap * (columns - 1)) / columns
    edges = {"left": left / width, "right": 1 - 0.25 / width, "wspace": gap / inner}
    edges |= {"top": 1 - top / height, "bottom": bottom / height, "hspace": 0.22}
    axes = fig.subplots(squeeze=False, gridspec_kw=edges, **panels)
    return fig, list(axes.flat)


def label_margin(labels: Iterable[str]) -> float:
    """Return the inches that the longest line of an axis' tick labels takes."""
    return 0.3 + 0.078 * max((len(line) for text in labels for line in text.split("\n")), default=0)


def style_axes(ax: Axes, title: str, xlabel: str = "", ylabel: str = "", grid: str = "") -> None:
    """Give an axes its texts, and no more lines than are needed."""
    ax.set_title(title, loc="left", fontsize=10.5, color=INK, pad=8)
    ax.set_xlabel(xlabel, fontsize=9.5, color=INK, loc="left")
    ax.set_ylabel(ylabel, fontsize=9.5, color=INK)
    ax.tick_params(labelsize=9, colors=INK, length=3, color=MUTED)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(MUTED)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color=FAINT, linewidth=0.8)  # type: ignore[arg-type]


def in_words(name: str) -> str:
    """Turn a name from the code into words."""
    return " ".join(_SPELLED.get(word, word) for word in name.split("_"))


def rounded(value: float) -> str:
    """Show three decimals, or as many as it takes not to round up to 1."""
    digits = next((d for d in (3, 4, 5) if round(value, d) < 1), 3)
    return f"{value:.{digits}f}"


def percent(share: float) -> str:
    """Show whole percents, or a decimal where 0 or 100 would be rounding."""
    text = f"{share:.0%}" if share in (0, 1) or 0.005 <= share < 0.995 else f"{share:.1%}"
    return text.replace("%", "\u00a0%")

"""What the figures share: colours that colour-blind people can tell apart, frame, saving."""

import io
import logging
import sys
import textwrap
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import TightLayoutEngine

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.volume import atomic

log = logging.getLogger(__name__)

DPI = 100
MARGIN = 0.1  # inches, above the title and below the caption
INK = "#222222"
MUTED = "#666666"
FAINT = "#DDDDDD"
# Okabe and Ito's palette, https://jfly.uni-koeln.de/color/
ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = (
    *("#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7"),
)
CLASS_COLOURS = {FAMILY: BLUE, NOT_FAMILY: ORANGE}
# Grey for what is scored against its own labels, colours for what is scored against gold.
CIRCULAR, HIDDEN, BLIND = MUTED, VERMILLION, PURPLE
HATCH = "////"


def new_figure(
    size: tuple[float, float], title: str, caption: str, **panels: Any
) -> tuple[Figure, list[Axes]]:
    """Return a figure with the finding on top and, below, how to read it.

    Without pyplot, so that no figure stays open and no setting of a notebook changes.
    """
    width, height = size
    fig = Figure(figsize=size, dpi=DPI, facecolor="white", layout=TightLayoutEngine(pad=0.8))
    write_title(fig, title)
    lines = textwrap.fill(caption, int(16 * width))
    style: dict[str, Any] = {"fontsize": 8.5, "color": MUTED, "linespacing": 1.3}
    fig.supxlabel(lines, x=0.01, y=MARGIN / height, ha="left", **style)
    return fig, list(fig.subplots(squeeze=False, **panels).flat)


def write_title(fig: Figure, title: str) -> None:
    """Write what a figure found above it."""
    style: dict[str, Any] = {"fontsize": 13, "fontweight": "bold", "color": INK}
    lines = textwrap.fill(title, int(9 * fig.get_figwidth()))
    fig.suptitle(lines, x=0.01, y=1 - MARGIN / fig.get_figheight(), ha="left", **style)


def style_axes(ax: Axes, title: str, xlabel: str = "", ylabel: str = "", grid: str = "") -> None:
    """Give an axes its texts, and no more lines than are needed."""
    ax.set_title(title, loc="left", y=1, fontsize=10.5, color=INK, pad=8)
    ax.set_xlabel(xlabel, fontsize=9.5, color=INK, loc="left")
    ax.set_ylabel(ylabel, fontsize=9.5, color=INK)
    ax.tick_params(labelsize=9, colors=INK, length=3, color=MUTED)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(MUTED)
    ax.set_axisbelow(True)
    if grid:
        ax.grid(axis=grid, color=FAINT, linewidth=0.8)  # type: ignore[arg-type]


def say_empty(ax: Axes, why: str) -> None:
    """Say in the middle of an axes why there is nothing in it."""
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 11, "color": MUTED}
    style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    ax.text(0.5, 0.5, why, transform=ax.transAxes, **style)


def add_legend(ax: Axes, loc: str, **options: Any) -> None:
    """Explain the colours within the axes, where the layout need not look for room."""
    options |= {"loc": loc, "fontsize": 9, "framealpha": 0.9, "edgecolor": "none"}
    ax.legend(**options).set_in_layout(False)


def save_fig(fig: Figure, path: Path | str) -> Path:
    """Save a figure as PNG, whole or not at all.

    The folder is made if need be, and a name without ending gets ``.png``. The same figure gives
    the same bytes. One of pyplot's is closed.
    """
    target = Path(path)
    target = target if target.suffix == ".png" else target.with_name(f"{target.name}.png")
    buffer = io.BytesIO()
    with rc_context({"text.hinting": "none"}):  # a fifth of the time, and no letter is so small
        canvas = FigureCanvasAgg(fig)  # its own drawing: savefig goes over a figure twice
        canvas.print_png(buffer, metadata={"Software": None}, pil_kwargs={"compress_level": 1})
    atomic.write_bytes(target, buffer.getvalue())
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close(fig)
    log.info("Saved %s (%s bytes)", target.name, f"{buffer.tell():,}")
    return target

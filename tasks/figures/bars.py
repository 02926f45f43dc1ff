"""Slices with their intervals, rules with their conflicts, classes before and after copies."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tasks.figures.style import (
    CIRCULAR,
    CLASS_COLOURS,
    HIDDEN,
    INK,
    MUTED,
    in_words,
    new_figure,
    style_axes,
)
from tasks.schema import CLASS_NAMES, FAMILY, NOT_FAMILY

Block = Mapping[str, Any]

_HATCH = "////"


def plot_slices(
    weak: Mapping[str, Block], gold: Mapping[str, Block] | None = None, caption: str = ""
) -> Figure:
    """Plot the accuracy of every slice with its interval.

    Parameters
    ----------
    weak : mapping of str to metrics
        By slice, against weak labels, rating visible; as `classification_metrics` returns them.
    gold : mapping of str to metrics, optional
        The same slices against gold, rating hidden.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    panels = [("Rating visible, against weak labels", weak, CIRCULAR)]
    if gold is not None:
        panels.append(("Rating hidden, against gold", gold, HIDDEN))
    reading = (
        "Dot: accuracy, with its Wilson 95 % interval. Tick: what always giving the slice's "
        "commoner class would score; a dot left of it is worse than no model.\n"
    )
    title = "; ".join(_worst_slice(name, blocks) for name, blocks, _ in panels)
    fig = new_figure(11.5, 1.9 + 0.48 * len(weak), title, reading + caption)
    axes = np.ravel(fig.subplots(1, len(panels), sharey=True))
    for ax, (name, blocks, colour) in zip(axes, panels, strict=True):
        for row, block in enumerate(blocks.values()):
            _draw_slice(ax, row, block, colour)
        style_axes(ax, name, "accuracy: share of titles called right", grid="x")
        ax.set(xlim=(-0.02, 1.3), ylim=(len(weak) - 0.5, -0.5))
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.spines["bottom"].set_bounds(0, 1)
    axes[0].set_yticks(range(len(weak)), [in_words(name) for name in weak])
    return fig


def plot_rules(rules: Sequence[Block], n_titles: int, caption: str = "") -> Figure:
    """Plot on how many titles each labeling function votes, and on how many it is contradicted.

    Parameters
    ----------
    rules : sequence of mapping
        The labeling functions: ``name``, ``votes`` (the class), ``coverage`` and ``conflicts``
        (shares of all titles).
    n_titles : int
        How many titles they voted on.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    ranked = sorted(rules, key=lambda rule: (-rule["coverage"], rule["name"]))
    busy = f"{in_words(ranked[0]['name'])} votes on {ranked[0]['coverage']:.0%}" if ranked else ""
    title = f"{len(ranked)} rules on {n_titles:,} titles" + (f": {busy} of them" if busy else "")
    reading = "Hatched: titles on which another rule votes the other class. "
    fig = new_figure(10, 1.9 + 0.32 * len(ranked), title, reading + caption)
    ax = fig.subplots()
    for row, rule in enumerate(ranked):
        _draw_rule(ax, row, rule, n_titles)
    style_axes(
        ax, f"Coverage of each rule (n = {n_titles:,} titles)", "share of titles, %", grid="x"
    )
    ax.set_yticks(range(len(ranked)), [in_words(rule["name"]) for rule in ranked])
    ax.set_ylim(len(ranked) - 0.4, -0.6)
    ax.margins(x=0.22)
    handles = [Patch(color=CLASS_COLOURS[c], label=f"votes {CLASS_NAMES[c]}") for c in (1, 0)]
    handles.append(Patch(facecolor="white", edgecolor=INK, hatch=_HATCH, label="in conflict"))
    ax.legend(handles=handles, loc="lower right", fontsize=9, frameon=False)
    return fig


def plot_class_balance(
    originals: Mapping[int, int], copies: Mapping[int, int], caption: str = ""
) -> Figure:
    """Plot the train titles of each class before and after augmentation.

    Parameters
    ----------
    originals, copies : mapping of int to int
        Train titles and augmented copies by class, 1 and 0.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    before = {label: originals.get(label, 0) for label in (FAMILY, NOT_FAMILY)}
    after = {label: n + copies.get(label, 0) for label, n in before.items()}
    shares = [_share(counts) for counts in (before, after)]
    title = f"Augmentation takes family from {shares[0]} to {shares[1]} of the training rows"
    reading = "Hatched: augmented copies of train titles. Test titles are never augmented. "
    fig = new_figure(10, 3.4, title, reading + caption)
    ax = fig.subplots()
    _draw_balance(ax, 0, before, {})
    _draw_balance(ax, 1, before, copies)
    totals = [sum(before.values()), sum(after.values())]
    style_axes(ax, "Training rows by weak label", "rows (titles and copies)", grid="x")
    names = ("before augmentation", "after augmentation")
    ax.set_yticks([0, 1], [f"{m}\n(n = {n:,})" for m, n in zip(names, totals, strict=True)])
    ax.set_ylim(1.6, -0.6)
    return fig


def _worst_slice(panel: str, blocks: Mapping[str, Block]) -> str:
    scored = {name: b["accuracy"] for name, b in blocks.items() if b["accuracy"] is not None}
    short = panel.split(",")[0].lower()
    if not scored:
        return f"{short}: no slice has titles"
    worst = min(scored, key=lambda name: (scored[name], name))
    return f"{short}: worst is {in_words(worst)}, {scored[worst]:.0%} right".capitalize()


def _draw_slice(ax: Axes, row: int, block: Block, colour: str) -> None:
    n, accuracy = block["n"], block["accuracy"]
    remark = "" if block["status"] == "ok" else f"\n{block['status']}"
    style: dict[str, Any] = {"va": "center", "fontsize": 8.5, "color": INK}
    ax.text(1.03, row, f"n = {n:,}{remark}", linespacing=1.1, **style)
    if accuracy is None:
        return
    low, high = block["intervals"]["accuracy"]
    ax.plot([low, high], [row, row], color=colour, linewidth=2.2, solid_capstyle="round")
    ax.plot(accuracy, row, "o", color=colour, markersize=7.5, markeredgecolor="white")
    commoner = max(block["n_family"], n - block["n_family"]) / n
    ax.plot(commoner, row, "|", color=INK, markersize=15, markeredgewidth=1.4)


def _draw_rule(ax: Axes, row: int, rule: Block, n_titles: int) -> None:
    coverage, conflicts = 100 * rule["coverage"], 100 * rule["conflicts"]
    colour = CLASS_COLOURS[rule["votes"]]
    ax.barh(row, coverage - conflicts, color=colour, height=0.72)
    edges: dict[str, Any] = {
        "facecolor": "white",
        "edgecolor": colour,
        "hatch": _HATCH,
        "linewidth": 0,
    }
    ax.barh(row, conflicts, left=coverage - conflicts, height=0.72, **edges)
    share = f", {conflicts / coverage:.0%} in conflict" if coverage else ""
    label = f"  {round(coverage * n_titles / 100):,} votes{share}"
    ax.text(coverage, row, label, va="center", fontsize=8.5, color=MUTED)


def _draw_balance(
    ax: Axes, row: int, originals: Mapping[int, int], copies: Mapping[int, int]
) -> None:
    left = 0
    for label in (FAMILY, NOT_FAMILY):
        for n, hatch in ((originals[label], ""), (copies.get(label, 0), _HATCH)):
            colour = CLASS_COLOURS[label]
            face = "white" if hatch else colour
            ax.barh(row, n, left=left, color=face, edgecolor=colour, hatch=hatch, height=0.62)
            text = f"{CLASS_NAMES[label]}\n{n:,}" + (" copies" if hatch else "")
            background = {"facecolor": "white", "edgecolor": "none", "pad": 2} if hatch else None
            ink = INK if hatch or label == NOT_FAMILY else "white"
            if n:
                style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9}
                ax.text(left + n / 2, row, text, color=ink, bbox=background, **style)
            left += n


def _share(counts: Mapping[int, int]) -> str:
    total = sum(counts.values())
    return f"{counts[FAMILY] / total:.0%}" if total else "none"

"""Slices with their intervals, rules with their conflicts, classes before and after copies."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.evaluate_slices.figures.style import (
    CIRCULAR,
    CLASS_COLOURS,
    HIDDEN,
    INK,
    MUTED,
    in_words,
    label_margin,
    new_figure,
    percent,
    style_axes,
)

Block = Mapping[str, Any]

_HATCH = "////"
_SLICES_CAPTION = (
    "Dot: accuracy, with its Wilson 95 % interval. Tick: what always giving the slice's commoner "
    "class would score; a dot left of it is worse than no model. "
)


def plot_slices(weak: Mapping[str, Block], gold: Mapping[str, Block], caption: str = "") -> Figure:
    """Plot the accuracy of every slice with its interval.

    Parameters
    ----------
    weak : mapping of str to metrics
        By slice, against weak labels, rating visible; as `classification_metrics` returns them.
    gold : mapping of str to metrics
        The same slices against gold, rating hidden.
    caption : str
        Added below.

    Returns
    -------
    Figure
    """
    panels = (
        ("Rating visible, against weak labels", weak, CIRCULAR),
        ("Rating hidden, against gold", gold, HIDDEN),
    )
    title = "Worst slice: " + "; ".join(_worst_slice(name, blocks) for name, blocks, _ in panels)
    names = [in_words(name) for name in weak]
    size, left = (12, 0.47 * len(weak)), label_margin(names)
    shared = {"ncols": 2, "sharey": True}
    fig, axes = new_figure(size, title, _SLICES_CAPTION + caption, left=left, gap=0.4, **shared)
    for ax, (name, blocks, colour) in zip(axes, panels, strict=True):
        for row, block in enumerate(blocks.values()):
            _draw_slice(ax, row, block, colour)
        style_axes(ax, name, "accuracy: share of titles called right", grid="x")
        ax.set(xlim=(-0.02, 1.5), ylim=(len(weak) - 0.5, -0.5))
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.spines["bottom"].set_bounds(0, 1)
        ax.tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(weak)), names)
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
    names = [rule["name"] for rule in ranked]
    title = f"{len(ranked)} rules{_extremes(ranked)}"
    reading = (
        "Hatched: titles on which another rule votes the other class. "
        f"n = {n_titles:,} titles, train and test. "
    )
    size, left = (10.4, max(1.2, 0.3 * len(ranked))), label_margin(names)
    fig, (ax,) = new_figure(size, title, reading + caption, left=left)
    for row, rule in enumerate(ranked):
        _draw_rule(ax, row, rule, n_titles)
    style_axes(ax, "Titles that each rule votes on", "share of titles, %", grid="x")
    ax.set_yticks(range(len(ranked)), names)
    room = 130 * max((rule["coverage"] for rule in ranked), default=0)
    ax.set(ylim=(len(ranked) - 0.4, -0.6), xlim=(0, room or 1))
    handles = [Patch(color=c, label=f"votes {CLASS_NAMES[k]}") for k, c in CLASS_COLOURS.items()]
    handles.append(Patch(facecolor="white", edgecolor=INK, hatch=_HATCH, label="in conflict"))
    ax.legend(handles=handles, loc="lower right", fontsize=9, edgecolor="none")
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
    after = {label: n + copies[label] for label, n in originals.items()}
    title = (
        f"Augmentation takes family from {_family_share(originals)} to {_family_share(after)} "
        "of the training rows"
    )
    reading = "Hatched: augmented copies of train titles. Test titles are never augmented. "
    names = ("before augmentation", "after augmentation")
    totals = [sum(originals.values()), sum(after.values())]
    labels = [f"{name}\n(n = {total:,})" for name, total in zip(names, totals, strict=True)]
    left = label_margin(labels)
    fig, (ax,) = new_figure((10, 1.9), title, reading + caption, left=left)
    _draw_balance(ax, 0, originals, dict.fromkeys(copies, 0))
    _draw_balance(ax, 1, originals, copies)
    style_axes(ax, "Training rows by weak label", "rows: titles and copies", grid="x")
    ax.set_yticks([0, 1], labels)
    ax.set_ylim(1.5, -0.5)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return fig


def _worst_slice(panel: str, blocks: Mapping[str, Block]) -> str:
    scored = {name: b["accuracy"] for name, b in blocks.items() if b["accuracy"] is not None}
    where = panel.split(",")[0].lower()
    if not scored:
        return f"{where}, no slice has titles"
    worst = min(scored, key=lambda name: (scored[name], name))
    return f"{where}, {percent(scored[worst])} right ({in_words(worst)})"


def _draw_slice(ax: Axes, row: int, block: Block, colour: str) -> None:
    n, accuracy = block["n"], block["accuracy"]
    remark = "" if block["status"] == "ok" else f"\n{block['status']}"
    style: dict[str, Any] = {"va": "center", "fontsize": 8.5, "color": INK, "linespacing": 1.15}
    ax.text(1.05, row, f"n = {n:,}{remark}", **style)
    if accuracy is None:
        return
    commoner = max(block["n_family"], n - block["n_family"]) / n
    ax.plot(commoner, row, "|", color=INK, markersize=22, markeredgewidth=1.3)
    ax.plot(block["intervals"]["accuracy"], [row, row], color=colour, linewidth=2.4)
    ax.plot(accuracy, row, "o", color=colour, markersize=8, markeredgecolor="white")


def _extremes(ranked: Sequence[Block]) -> str:
    """Say which rule votes most, and which is contradicted most."""
    voting = [rule for rule in ranked if rule["coverage"]]
    if not voting:
        return ": none votes"
    broad, odd = voting[0], max(voting, key=lambda rule: rule["conflicts"] / rule["coverage"])
    contradicted = percent(odd["conflicts"] / odd["coverage"])
    return (
        f": the broadest ({broad['name']}) votes on {percent(broad['coverage'])} of "
        f"titles, the most contradicted is {odd['name']} ({contradicted} of its votes)"
    )


def _draw_rule(ax: Axes, row: int, rule: Block, n_titles: int) -> None:
    coverage, conflicts = 100 * rule["coverage"], 100 * rule["conflicts"]
    colour = CLASS_COLOURS[rule["votes"]]
    ax.barh(row, coverage - conflicts, color=colour, height=0.72)
    hatched: dict[str, Any] = {"color": "white", "edgecolor": colour, "hatch": _HATCH}
    ax.barh(row, conflicts, left=coverage - conflicts, height=0.72, linewidth=0, **hatched)
    share = f", {percent(conflicts / coverage)} in conflict" if coverage else ""
    label = f"{round(rule['coverage'] * n_titles):,} votes{share}"
    style: dict[str, Any] = {"va": "center", "fontsize": 8.5, "color": MUTED}
    style["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    ax.annotate(label, (coverage, row), (5, 0), textcoords="offset points", **style)


def _draw_balance(
    ax: Axes, row: int, originals: Mapping[int, int], copies: Mapping[int, int]
) -> None:
    left = 0
    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9}
    for label in (FAMILY, NOT_FAMILY):
        colour, name = CLASS_COLOURS[label], CLASS_NAMES[label]
        if n := originals[label]:
            ax.barh(row, n, left=left, color=colour, edgecolor=colour, height=0.62)
            ink = "white" if label == FAMILY else INK
            ax.text(left + n / 2, row, f"{name}\n{n:,}", color=ink, **style)
        left += n
        if n := copies[label]:
            hatched: dict[str, Any] = {"color": "white", "edgecolor": colour, "hatch": _HATCH}
            ax.barh(row, n, left=left, height=0.62, **hatched)
            box = {"facecolor": "white", "edgecolor": "none", "pad": 2}
            ax.text(left + n / 2, row, f"{name}\n{n:,} copies", color=INK, bbox=box, **style)
        left += n


def _family_share(counts: Mapping[int, int]) -> str:
    total = sum(counts.values())
    return percent(counts[FAMILY] / total) if total else "none"

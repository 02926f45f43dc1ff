"""What is drawn from counts: confusion matrices, slices, rules, class balance."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from sklearn.metrics import ConfusionMatrixDisplay

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.catalog.formats import count, in_words, percent
from tasks.evaluate_slices.figures.style import (
    CIRCULAR,
    CLASS_COLOURS,
    HATCH,
    HIDDEN,
    INK,
    MUTED,
    add_legend,
    new_figure,
    say_empty,
    style_axes,
)

Block = Mapping[str, Any]

_MATRIX_CAPTION = (
    "In each cell: titles, and their share of the row. "
    "The model says family from a probability of {:.2f} on. "
)
_SLICES_CAPTION = (
    "Dot: accuracy, with its Wilson 95 % interval. Tick: what always giving the slice's commoner "
    "class would score; a dot left of it is worse than no model. "
)


def plot_confusion_matrices(
    panels: Sequence[tuple[str, str, Mapping[str, int]]], threshold: float, caption: str = ""
) -> Figure:
    """Plot confusion matrices, of (title, what the truth is called, {tn, fp, fn, tp}) each."""
    recalls = []
    for title, _, matrix in panels:
        family = matrix["fn"] + matrix["tp"]
        recalls.append(f"{percent(matrix['tp'] / family) if family else 'none to find'} {title}")
    finding = f"Family titles found: {'; '.join(recalls)}"
    fig, axes = new_figure(
        (10.8, 4.4), finding, _MATRIX_CAPTION.format(threshold) + caption, ncols=len(panels)
    )
    for ax, (title, truth, matrix) in zip(axes, panels, strict=True):
        counts = np.array([[matrix["tn"], matrix["fp"]], [matrix["fn"], matrix["tp"]]])
        totals = counts.sum(axis=1)
        shares = counts / np.maximum(totals, 1)[:, np.newaxis]
        shown = ConfusionMatrixDisplay(shares, display_labels=["not family", "family"])
        colours: dict[str, Any] = {"vmin": 0, "vmax": 1.25, "aspect": "auto"}
        shown.plot(ax=ax, cmap="Blues", colorbar=False, im_kw=colours)
        for (row, column), n in np.ndenumerate(counts):
            share = shares[row, column]
            text = shown.text_[row, column]
            said = f"{count(n)}\n{percent(share if totals[row] else None)}"
            text.set(text=said if counts.any() else "", color="white" if share > 0.7 else INK)
            text.set(fontsize=14, linespacing=1.4, in_layout=False)
        if not counts.any():
            say_empty(ax, "no titles" if truth != "gold" else "no gold")
        name = f"{title[0].upper()}{title[1:]} (n = {count(counts.sum())})"
        style_axes(ax, name, "the model says", truth)
        rows = zip(("not family", "family"), totals, strict=True)
        ax.set_yticks([0, 1], [f"{row}\n({count(n)})" for row, n in rows])
        ax.spines[:].set_visible(False)
        ax.tick_params(length=0)
        ax.axhline(0.5, color="white", linewidth=4)
        ax.axvline(0.5, color="white", linewidth=4)
    return fig


def plot_slices(weak: Mapping[str, Block], gold: Mapping[str, Block], caption: str = "") -> Figure:
    """Plot the accuracy of every slice with its interval, against weak labels and against gold."""
    panels = (
        ("Rating visible, against weak labels", weak, CIRCULAR),
        ("Rating hidden, against gold", gold, HIDDEN),
    )
    title = "Worst slice: " + "; ".join(_worst_slice(name, blocks) for name, blocks, _ in panels)
    size, shared = (12, 1.6 + 0.47 * len(weak)), {"ncols": 2, "sharey": True}
    fig, axes = new_figure(size, title, _SLICES_CAPTION + caption, **shared)
    for ax, (name, blocks, colour) in zip(axes, panels, strict=True):
        if not any(block["n"] for block in blocks.values()):
            say_empty(ax, "no gold" if blocks is gold else "no titles")
        for row, block in enumerate(blocks.values()):
            _draw_slice(ax, row, block, colour)
        style_axes(ax, name, "accuracy: share of titles called right", grid="x")
        ax.set(xlim=(-0.02, 1.4), ylim=(len(weak) - 0.5, -0.5))
        ax.set_xticks(np.linspace(0, 1, 6))
        ax.spines["bottom"].set_bounds(0, 1)
        ax.tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(weak)), [in_words(name) for name in weak])
    return fig


def _worst_slice(panel: str, blocks: Mapping[str, Block]) -> str:
    scored = {name: b["accuracy"] for name, b in blocks.items() if b["accuracy"] is not None}
    where = panel.split(",")[0].lower()
    if not scored:
        return f"{where}, no slice can be judged"
    worst = min(scored, key=lambda name: (scored[name], name))
    return f"{where}, {percent(scored[worst])} right ({in_words(worst)})"


def _draw_slice(ax: Axes, row: int, block: Block, colour: str) -> None:
    n, accuracy = block["n"], block["accuracy"]
    remark = "" if block["status"] == "ok" else f"\n{block['status']}"
    style: dict[str, Any] = {"va": "center", "fontsize": 8.5, "color": INK, "linespacing": 1.15}
    ax.text(1.05, row, f"n = {count(n)}{remark}", **style)
    if accuracy is None:
        return
    commoner = max(block["n_family"], n - block["n_family"]) / n
    ax.plot(commoner, row, "|", color=INK, markersize=22, markeredgewidth=1.3)
    ax.plot(block["intervals"]["accuracy"], [row, row], color=colour, linewidth=2.4)
    ax.plot(accuracy, row, "o", color=colour, markersize=8, markeredgecolor="white")


def plot_rules(rules: Sequence[Block], n_titles: int, caption: str = "") -> Figure:
    """Plot on how many titles each labeling function votes, and on how many it is contradicted."""
    ranked = sorted(rules, key=lambda rule: (-rule["coverage"], rule["name"]))
    reading = (
        "Hatched: titles on which another rule votes the other class. "
        f"n = {count(n_titles)} titles, train and test. "
    )
    size = (10.4, 1.6 + max(1.2, 0.3 * len(ranked)))
    fig, (ax,) = new_figure(size, _describe_extremes(ranked), reading + caption)
    coverage, conflicts = (
        100 * np.array([rule[name] for rule in ranked]) for name in ("coverage", "conflicts")
    )
    colours = [CLASS_COLOURS[rule["votes"]] for rule in ranked]
    rows, agreed = range(len(ranked)), coverage - conflicts
    ax.barh(rows, agreed, color=colours, height=0.72)
    hatched: dict[str, Any] = {"color": "white", "edgecolor": colours, "hatch": HATCH}
    bars = ax.barh(rows, conflicts, left=agreed, height=0.72, linewidth=0, **hatched)
    labels = []
    for rule in ranked:
        votes = f"{count(rule['coverage'] * n_titles)} votes"
        share = percent(rule["conflicts"] / rule["coverage"]) if rule["coverage"] else ""
        labels.append(f"{votes}, {share} in conflict" if share else votes)
    ax.bar_label(bars, labels, padding=5, fontsize=8.5, color=MUTED, in_layout=False)
    style_axes(ax, "Titles that each rule votes on", "share of titles, %", grid="x")
    ax.set_yticks(rows, [rule["name"] for rule in ranked])
    room = 136 * max((rule["coverage"] for rule in ranked), default=0)
    ax.set(ylim=(len(ranked) - 0.4, -0.6), xlim=(0, room or 1))
    handles = [Patch(color=c, label=f"votes {CLASS_NAMES[k]}") for k, c in CLASS_COLOURS.items()]
    handles.append(Patch(facecolor="white", edgecolor=INK, hatch=HATCH, label="in conflict"))
    add_legend(ax, "lower right", handles=handles)
    return fig


def _describe_extremes(ranked: Sequence[Block]) -> str:
    """Say which rule votes most, and which is contradicted most."""
    voting = [rule for rule in ranked if rule["coverage"]]
    if not voting:
        return f"{len(ranked)} rules: none votes"
    broad, odd = voting[0], max(voting, key=lambda rule: rule["conflicts"] / rule["coverage"])
    contradicted = percent(odd["conflicts"] / odd["coverage"])
    return (
        f"{len(ranked)} rules: the broadest ({broad['name']}) votes on {percent(broad['coverage'])}"
        f" of titles, the most contradicted is {odd['name']} ({contradicted} of its votes)"
    )


def plot_class_balance(
    originals: Mapping[int, int], copies: Mapping[int, int], caption: str = ""
) -> Figure:
    """Plot the train titles of each class, and the augmented copies, before and after."""
    after = {label: n + copies[label] for label, n in originals.items()}
    before_share, after_share = (
        percent(counts[FAMILY] / max(sum(counts.values()), 1)) for counts in (originals, after)
    )
    title = f"Augmentation takes family from {before_share} to {after_share} of the training rows"
    reading = "Hatched: augmented copies of train titles. Test titles are never augmented. "
    fig, (ax,) = new_figure((10, 3.4), title, reading + caption)
    for row, made in enumerate((dict.fromkeys(copies, 0), copies)):
        left = 0
        for label in (FAMILY, NOT_FAMILY):
            for n, is_copy in ((originals[label], False), (made[label], True)):
                left += _draw_part(ax, row, left, n, label, is_copy)
    style_axes(ax, "Training rows by weak label", "rows: titles and copies", grid="x")
    totals = {"before": sum(originals.values()), "after": sum(after.values())}
    names = [f"{when} augmentation\n(n = {count(n)})" for when, n in totals.items()]
    ax.set_yticks([0, 1], names)
    ax.set_ylim(1.5, -0.5)
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return fig


def _draw_part(ax: Axes, row: int, left: int, n: int, label: int, is_copy: bool) -> int:
    """Draw a part of a bar with its name and number; return its width."""
    if n == 0:
        return 0
    colour = CLASS_COLOURS[label]
    fill: dict[str, Any] = {"color": "white", "hatch": HATCH} if is_copy else {"color": colour}
    ax.barh(row, n, left=left, height=0.62, edgecolor=colour, **fill)
    text: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 9}
    text["color"] = "white" if label == FAMILY and not is_copy else INK
    if is_copy:
        text["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 2}
    name = f"{CLASS_NAMES[label]}\n{count(n)}{' copies' if is_copy else ''}"
    ax.text(left + n / 2, row, name, in_layout=False, **text)
    return n

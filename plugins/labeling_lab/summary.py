"""The summary that ``make run`` ends with: what was done, with which figures, and where it is."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tasks.errors import LabError
from tasks.volume.runs import Run, Volume

Block = Mapping[str, Any]

FIGURE_ROWS = (
    (
        "seed's protocol",
        ("seed_protocol", "test"),
        "rating visible, scored on weak labels; circular",
    ),
    ("rating hidden", ("rating_hidden",), "the same model, rating masked, scored on true ratings"),
    ("blind audit", ("blind_audit",), "all repeated with no rating anywhere, same score"),
)


def figure(block: Block, name: str) -> str:
    """Format one figure with its interval, as in ``0.912 [0.898, 0.925]``; a dash if undefined."""
    value = block.get(name)
    if value is None:
        return "-"
    low, high = block.get("intervals", {}).get(name) or (None, None)
    interval = f" [{low:.3f}, {high:.3f}]" if low is not None else ""
    return f"{value:.3f}{interval}"


def catalog_line(fetch: Block) -> str:
    """Say where the titles came from and what was wrong with them."""
    return (
        f"{fetch['rows']:,} titles from {fetch['source']}; "
        f"{fetch['quarantined']:,} quarantined, {fetch['repaired']:,} repaired"
    )


def label_line(label: Block) -> str:
    """Say what the rules made of the titles."""
    reasons, labels = label["reasons"], label["labels"]
    return (
        f"{label['rules']} rules; {reasons['voted']:,} voted, {reasons['tie']:,} ties, "
        f"{reasons['no votes']:,} without votes; {labels['family']:,} family, "
        f"{labels['not family']:,} not"
    )


def augment_line(augment: Block) -> str:
    """Say how many copies there are and how they were made."""
    copies = augment["copies"]
    made = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in copies.items())
    return f"{sum(copies.values()):,} copies of train titles: {made or 'none'}"


def train_line(candidates: Sequence[Block]) -> str:
    """Rank the candidates, best first, with the rating visible and hidden."""
    ranked = (
        f"{c['model'].replace('_', ' ')} {c['roc_auc']['mean']:.4f}, "
        f"{c['rating_hidden']['mean']:.3f} hidden"
        for c in candidates
    )
    n = candidates[0]["n_titles"]
    return f"{'; '.join(ranked)} (ROC-AUC, {n:,} titles cross-validated)"


def blind_line(blind: Block) -> str:
    """Say how many rules are left without the rating, and how many hand labels they are worth."""
    text = f"{len(blind['rules'])} rules that never read {', '.join(blind['withhold'])}"
    needed = blind.get("hand_labels_needed", {}).get("n")
    return f"{text}, worth about {needed:,} hand labels" if needed else text


def facts_table(rows: Sequence[tuple[str, str]]) -> Table:
    """Lay out what each stage did."""
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, text)
    return table


def figures_table(metrics: Block) -> Table:
    """Put the seed's figures and the honest ones side by side."""
    table = make_table("what it is worth", "n", "ROC-AUC [95 %]", "average precision [95 %]")
    for name, path, _ in FIGURE_ROWS:
        block: Any = metrics
        for key in path:
            block = block[key]
        cells = (figure(block, key) for key in ("roc_auc", "average_precision"))
        table.add_row(name, f"{block['n']:,}", *cells)
    return table


def legend() -> Text:
    """Say what the rows of the figures mean."""
    return Text("\n".join(f"{name}: {meaning}" for name, _, meaning in FIGURE_ROWS), style="dim")


def slices_table(metrics: Block) -> Table:
    """Show every slice, by the seed's protocol and with the rating hidden."""
    hidden = metrics["rating_hidden"]["slices"]
    table = make_table("slice", "n", "accuracy, seed's", "n", "ROC-AUC, rating hidden")
    for name, block in metrics["seed_protocol"]["slices"].items():
        table.add_row(
            name.replace("_", " "),
            f"{block['n']:,}",
            figure(block, "accuracy"),
            f"{hidden[name]['n']:,}",
            figure(hidden[name], "roc_auc"),
        )
    return table


def make_table(first: str, *others: str) -> Table:
    """Make a table of names and figures that fits 80 columns."""
    table = Table(box=None, padding=(0, 1), header_style="dim", pad_edge=False)
    table.add_column(first, min_width=23)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def outcome(decision: Block, volume: Volume) -> RenderableType:
    """Say what was published, or why nothing was."""
    if decision["outcome"] == "published":
        folder = volume.releases.folder(decision["version"])
        rows = [
            ("Published", f"{decision['version']} in {folder}"),
            ("Open next", f"{folder / 'model_card.html'}"),
            ("", 'make explain TITLE="...", for one title: its votes, its score, why'),
            ("", "make ui, to run and schedule it in Airflow"),
        ]
        if decision["champion"] != decision["version"]:
            rows[0] = ("Released", f"{rows[0][1]}; the champion is {decision['champion']}")
        return facts_table(rows)
    reasons = "\n".join(decision["reasons"]) or decision["outcome"]
    return facts_table([("Not published", reasons)])


def summary(volume: Volume, run: Run) -> RenderableType:
    """Compose the summary of a run that got as far as evaluating slices."""
    fetch = run.read("fetch").read_json("fetch.json")
    metrics = run.read("evaluate_slices").read_json("metrics.json")
    facts = [
        ("Fetched", catalog_line(fetch)),
        ("Labelled", label_line(run.read("label").read_json("label.json"))),
        ("Augmented", augment_line(run.read("augment").read_json("augment.json"))),
        ("Audited", blind_line(metrics["blind_audit"])),
        ("Trained", train_line(run.read("select").read_json("candidates.json")["candidates"])),
    ]
    warning = "These figures are of the embedded sample. They mean nothing." * fetch["is_sample"]
    parts: list[RenderableType] = [
        Text(f"Run {run.id}", style="bold cyan"),
        facts_table(facts),
        Group(figures_table(metrics), legend()),
        slices_table(metrics),
        outcome(run.read("publish").read_json("outcome.json"), volume),
    ]
    if warning:
        parts.insert(1, Text(warning, style="bold yellow"))
    return Group(*(Padding(part, (1, 0, 0, 0)) for part in parts))


def main() -> int:
    """Print the newest finished run's summary; return the exit code."""
    console = Console(highlight=False)
    volume = Volume.from_environment()
    try:
        run = volume.newest_run(("evaluate_slices", "publish"))
        console.print(summary(volume, run))
    except LabError as error:
        console.print(f"[red]{error}[/red]")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What ``make run`` ends with: what the newest run did, with which figures, and where it is."""

import sys
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from labeling_lab.terminal import command, facts_table
from tasks import pipeline
from tasks.catalog.formats import count, figure_in, in_words, names_in_words, percent
from tasks.errors import LabError
from tasks.evaluate_slices.metrics import METRICS
from tasks.volume.runs import Run, Volume

Block = Mapping[str, Any]

BLOCKS = (
    ("seed's protocol", ("seed_protocol", "test"), "rating visible, weak labels; circular"),
    ("rating hidden", ("rating_hidden",), "the same model, rating masked, against true ratings"),
    ("blind audit", ("blind_audit",), "all repeated with no rating anywhere, against true ratings"),
)
UNPROVEN = ", unproven: the param publish_unproven let it pass; its card says what is not shown"
SAMPLE = "These figures are of the embedded sample. They mean nothing."


def fetched(report: Block) -> str:
    """Say where the titles came from and what was wrong with them."""
    return (
        f"{count(report['rows'], 'title')} from {report['source']}; "
        f"{count(report['quarantined'])} quarantined, {count(report['repaired'])} repaired"
    )


def shared(report: Block) -> str:
    """Say what the titles share with the catalog that the rules were written for."""
    home = report["home"]
    names, ratings, languages = home["genre_names"], home["ratings"], home["languages"]
    in_all = ", ".join(
        f"{percent(n / sum(languages.values()))} {name}" for name, n in languages.items()
    )
    parts = [
        f"{count(names['n'])} genres: {count(names['known'])} the lab's own, "
        f"{count(names['mapped'])} translated, {count(names['unmapped'])} unknown"
        + listed(home["unmapped_genres"]),
        f"{count(ratings['with_gold'])} of {count(ratings['n'], 'rating')} say family or not, "
        f"{count(ratings['missing'])} missing, {count(ratings['unknown'])} unknown"
        + listed(home["unknown_ratings"]),
        f"descriptions: {in_all or 'none'}",
    ]
    return "; ".join(parts)


def listed(counts: Mapping[str, int]) -> str:
    """List the most frequent names behind a colon; nothing if there is none."""
    return f": {names_in_words(counts)}" if counts else ""


def labelled(report: Block) -> str:
    """Say what the rules made of the titles."""
    reasons, labels = report["reasons"], report["labels"]
    return (
        f"{count(report['rules'], 'rule')}; {count(reasons['voted'])} voted, "
        f"{count(reasons['tie'])} ties, {count(reasons['no votes'])} without votes; "
        f"{count(labels['family'])} family, {count(labels['not family'])} not"
    )


def answered(report: Block) -> str:
    """Say what people's answers came to, and what those that vote changed."""
    found = report["answers"]
    if not found["train"] + found["test"] + found["disagreement"]:
        return "no title yet; see To review"
    text = (
        f"people settled {count(found['train'])} train and {count(found['test'], 'test title')}, "
        f"and disagree about {count(found['disagreement'])}"
    )
    if not found["voting"]:
        return f"{text}; they are gold, and none votes"
    return (
        f"{text}; {count(found['voting'])} vote with strength {found['strength']:.2f}: "
        f"{count(found['labels_changed'], 'label')} changed, {count(found['labels_gained'])} gained"
    )


def augmented(report: Block) -> str:
    """Say how many copies there are and how they were made."""
    copies = report["copies"]
    made = ", ".join(f"{count(n)} {in_words(name)}" for name, n in copies.items())
    return f"{count(sum(copies.values()))} copies of train titles: {made or 'none'}"


def audited(report: Block) -> str:
    """Say how many rules are left without the rating, and how many hand labels they are worth."""
    text = f"{len(report['rules'])} rules that never read {', '.join(report['withhold'])}"
    needed = report.get("hand_labels_needed", {}).get("n")
    return f"{text}, worth about {count(needed)} hand labels" if needed else text


def trained(report: Block) -> str:
    """Rank the candidates, best first, with the rating visible and hidden."""
    candidates = report["candidates"]
    ranked = (
        f"{in_words(c['model'])} {c['roc_auc']['mean']:.4f}, "
        f"{c['rating_hidden']['mean']:.3f} hidden"
        for c in candidates
    )
    n = count(candidates[0]["n_titles"], "title")
    return f"{'; '.join(ranked)} (ROC-AUC, {n} cross-validated)"


FACTS = (
    ("Fetched", pipeline.FETCH, pipeline.FETCH_REPORT, fetched),
    ("Shares", pipeline.FETCH, pipeline.FETCH_REPORT, shared),
    ("Labelled", pipeline.LABEL, pipeline.LABEL_REPORT, labelled),
    ("Answered", pipeline.LABEL, pipeline.LABEL_REPORT, answered),
    ("Augmented", pipeline.AUGMENT, pipeline.AUGMENT_REPORT, augmented),
    ("Audited", pipeline.BLIND_AUDIT, pipeline.BLIND_AUDIT_REPORT, audited),
    ("Trained", pipeline.SELECT, pipeline.CANDIDATES, trained),
)


def make_table(first: str, *others: str) -> Table:
    """Make a table of names and figures that fits 80 columns."""
    table = Table(box=None, padding=(0, 1), header_style="dim", pad_edge=False)
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def figures_table(metrics: Block) -> RenderableType:
    """Put the seed's figures and the honest ones side by side, and say what they mean."""
    blocks = [reduce(getitem, path, metrics) for _, path, _ in BLOCKS]
    table = make_table("figure", *(name for name, *_ in BLOCKS))
    table.add_row("titles", *(count(block["n"]) for block in blocks))
    for metric in METRICS:
        table.add_row(metric.words, *(figure_in(block, metric.name) for block in blocks))
    meanings = "\n".join(f"{name}: {meaning}" for name, _, meaning in BLOCKS)
    return Group(table, Text(meanings, style="dim"))


def slices_table(metrics: Block) -> Table:
    """Show every slice, by the seed's protocol and with the rating hidden."""
    hidden = metrics["rating_hidden"]["slices"]
    table = make_table("slice", "n", "accuracy, seed's", "n", "ROC-AUC, rating hidden")
    for name, block in metrics["seed_protocol"]["slices"].items():
        honest = hidden[name]
        table.add_row(
            in_words(name),
            *(count(block["n"]), figure_in(block, "accuracy")),
            *(count(honest["n"]), figure_in(honest, "roc_auc")),
        )
    return table


def to_review(run: Run) -> Text:
    """Say where the titles are that people are asked about; its commands are never broken."""
    path = run.path / pipeline.EVALUATE_SLICES / pipeline.TO_REVIEW
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    text = Text("\nTo review: the titles where a person's answer is worth most.\n")
    text.append(f"  cp '{shown}' answered.csv\n")
    text.append("  make answers IN=answered.csv    # when its column answer is filled in")
    return text


def outcome_table(run: Run, volume: Volume) -> Table:
    """Say how the run ended and which release is the champion now."""
    rows = [("Not finished", f"it has {', '.join(run.stages()) or 'nothing'}")]
    if run.has([pipeline.PUBLISH]):
        outcome = run.read(pipeline.PUBLISH).read_json(pipeline.OUTCOME)
        if outcome["outcome"] == "published":
            rows = [("Published", outcome["version"] + UNPROVEN * outcome.get("unproven", False))]
        else:
            rows = [("Not published", f"{outcome['outcome']}: " + "\n".join(outcome["reasons"]))]
    champion = volume.releases.current()
    if champion is None:
        return facts_table([*rows, ("Champion", "none yet")])
    folder = volume.releases.folder(champion)
    manifest = volume.releases.manifest(champion)
    rows += [
        ("Champion", f"{champion}, of run {manifest['run_id']}, {manifest['published_at']}"),
        ("Open next", f"{folder / 'model_card.html'}"),
        ("", 'make explain TITLE="...", for one title: its votes, its score, why'),
        ("", "make ui, to run and schedule it in Airflow"),
    ]
    return facts_table(rows)


def summary(volume: Volume, run: Run) -> RenderableType:
    """Compose the summary of a run, as far as it got."""
    parts: list[RenderableType] = [Text(f"Run {run.id}", style="bold cyan")]
    facts = [fact for fact in FACTS if run.has([fact[1]])]
    done = [(name, run.read(stage).read_json(file), say) for name, stage, file, say in facts]
    if done and done[0][1]["is_sample"]:
        parts.append(Text(SAMPLE, style="bold yellow"))
    parts.append(facts_table((name, say(report)) for name, report, say in done))
    if run.has([pipeline.EVALUATE_SLICES]):
        metrics = run.read(pipeline.EVALUATE_SLICES).read_json(pipeline.METRICS)
        if unmeasured := metrics["notes"].get("unmeasured"):
            parts.append(Text(unmeasured, style="bold yellow"))
        parts += [figures_table(metrics), slices_table(metrics)]
    parts.append(outcome_table(run, volume))
    return Group(*(Padding(part, (1, 0, 0, 0)) for part in parts))


@command
def main(_: Sequence[str] | None = None) -> int:
    """Print the newest run's summary; return the exit code."""
    console, volume = Console(highlight=False), Volume.from_environment()
    run = volume.newest_run(())
    try:
        console.print(summary(volume, run))
    except KeyError as error:
        raise LabError(
            f"Run {run.id} says nothing of {error}: an earlier version of the lab made it. "
            "Make a new run with: make run"
        ) from error
    if run.has([pipeline.EVALUATE_SLICES]):
        console.print(to_review(run), soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

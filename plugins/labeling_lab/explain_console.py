"""A title's vote card in the terminal: the command behind ``make explain``."""

import argparse
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from labeling_lab.terminal import command

if TYPE_CHECKING:
    from tasks.explain.vote_card import VoteCard
    from tasks.explain.votes import Vote

WIDEST = 100
FAMILY, NOT_FAMILY, ABSTAIN = "family", "not family", "abstain"
COLOURS = {FAMILY: "cyan", NOT_FAMILY: "yellow"}
FACTS = ("show_id", "type", "release_year", "rating", "duration", "country", "listed_in")


def render_card(card: "VoteCard", everything: bool = False) -> RenderableType:
    """Lay a vote card out; with `everything`, rules that abstain are explained, not only named."""
    parts = [
        headline(card.title),
        verdicts(card),
        *(votes_table(name, card.votes_for(name)) for name in (FAMILY, NOT_FAMILY)),
        abstentions(card.votes_for(ABSTAIN), everything),
        features_table(card),
        *(Text(note, style="yellow") for note in card.notes),
    ]
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts if part))


def headline(title: Mapping[str, Any]) -> RenderableType:
    """Show which title it is."""
    known = [str(title[name]) for name in FACTS if title[name] is not None]
    name = Text(str(title["title"]), style="bold")
    return Group(name, Text(" · ".join(known)), Text(str(title["description"]), style="dim"))


def verdicts(card: "VoteCard") -> RenderableType:
    """Say what votes, model and rating make of the title."""
    side = card.split or "neither side: it has a twin on the other"
    rows = [("label", card.label, card.probability, f"split: {side}")]
    for rating, opinion in (("shown", card.with_rating), ("hidden", card.without_rating)):
        if opinion is not None and card.threshold is not None:
            says = FAMILY if opinion.probability >= card.threshold else NOT_FAMILY
            release = f"release {card.version}: family from {card.threshold:.2f} on"
            rows += [(f"model, rating {rating}", says, opinion.probability, release)]
    rows += [("gold", card.gold, None, f"rating: {card.title['rating'] or 'missing'}")]
    table = make_table("", "", "P(family)", "")
    for who, verdict, probability, remark in rows:
        name = Text(verdict or "none", style=COLOURS.get(verdict or "", ""))
        table.add_row(who, name, "" if probability is None else f"{probability:.3f}", remark)
    return Group(table, Text(card.explanation))


def votes_table(name: str, votes: Sequence["Vote"]) -> Table | None:
    """List the votes for one class, each with its strength and what made it."""
    if not votes:
        return None
    table = make_table(Text(f"{len(votes)} for {name}", style=COLOURS[name]), "strength", "why")
    for vote in votes:
        strength = "-" if vote.strength is None else f"{vote.strength:.2f}"
        why = Text.assemble(*([", ".join(vote.why), ": "] if vote.why else []), (vote.doc, "dim"))
        table.add_row(vote.rule, strength, why)
    return table


def abstentions(votes: Sequence["Vote"], everything: bool) -> RenderableType | None:
    """Name the rules that abstain, with what they look for if everything is wanted."""
    if not votes:
        return None
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(style="dim")
    for group in dict.fromkeys(vote.group for vote in votes):
        rules = [vote for vote in votes if vote.group == group]
        prefix = {"genre": "genre_", "keyword": "kw_"}.get(group, "")  # says the group once more
        if everything:
            for vote in rules:
                table.add_row(vote.rule, vote.doc)
        else:
            names = ", ".join(vote.rule.removeprefix(prefix) for vote in rules)
            table.add_row(f"{len(rules)} {group}", names)
    return Group(Text(f"{len(votes)} abstain", style="bold"), table)


def features_table(card: "VoteCard") -> Table | None:
    """Show what moved the model, with the rating and with it hidden."""
    opinions = [found for found in (card.with_rating, card.without_rating) if found is not None]
    moved = [{m["feature"]: m["contribution"] for m in one.contributions} for one in opinions]
    if not any(moved):
        return None
    table = make_table("what moved the model", "rating shown", "rating hidden")
    table.caption = f"{opinions[0].unit}; + towards family, - away from it"
    table.caption_justify = "left"
    largest = {
        name: max(abs(found.get(name, 0)) for found in moved) for found in moved for name in found
    }
    for name in sorted(largest, key=largest.__getitem__, reverse=True):
        table.add_row(Text(name), *(_contribution(found.get(name)) for found in moved))
    return table


def _contribution(value: float | None) -> Text:
    if value is None:
        return Text("")
    return Text(f"{value:+.3f}", style=COLOURS[FAMILY if value > 0 else NOT_FAMILY])


def make_table(first: str | Text, *others: str) -> Table:
    """Make a table without lines: names, figures, and text in the last column."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        is_text = name in ("", "why")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=name != "why")
    return table


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Print a title's vote card; return the exit code."""
    parser = argparse.ArgumentParser("python -m labeling_lab.explain_console", description=__doc__)
    parser.add_argument("title", help="its name, in any case, or its show_id")
    parser.add_argument("--release", default="", help="such as v0003; by default the champion")
    parser.add_argument("--all", action="store_true", help="explain abstaining rules too")
    parser.add_argument("--json", action="store_true", help="as JSON")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    from tasks.explain.vote_card import vote_card
    from tasks.volume.runs import Volume

    card = vote_card(Volume.from_environment(), chosen.title, chosen.release or None)
    if chosen.json:
        print(json.dumps(card.to_dict(), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        console.print(render_card(card, chosen.all))
    return 0


if __name__ == "__main__":
    sys.exit(main())

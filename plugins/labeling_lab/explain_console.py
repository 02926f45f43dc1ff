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

from tasks.errors import LabError

if TYPE_CHECKING:
    from tasks.explain.vote_card import VoteCard
    from tasks.explain.votes import Vote

WIDEST = 100
FAMILY, NOT_FAMILY, ABSTAIN = "family", "not family", "abstain"
COLOURS = {FAMILY: "cyan", NOT_FAMILY: "yellow"}


def render_card(card: "VoteCard", everything: bool = False) -> RenderableType:
    """Lay a vote card out.

    Parameters
    ----------
    card : VoteCard
    everything : bool
        Whether rules that abstain are explained too, not only named.
    """
    votes = [votes_table(name, card.votes_for(name)) for name in (FAMILY, NOT_FAMILY)]
    parts = [
        headline(card.title),
        verdicts(card),
        *(table for table in votes if table),
        abstentions(card.votes_for(ABSTAIN), everything),
        features_table(card),
        *(Text(note, style="yellow") for note in card.notes),
    ]
    return Group(*(Padding(part, (0, 0, 1, 0)) for part in parts if part))


def headline(title: Mapping[str, Any]) -> RenderableType:
    """Show which title it is."""
    facts = ("show_id", "type", "release_year", "rating", "duration", "country", "listed_in")
    known = [str(title[name]) for name in facts if title[name] is not None]
    name = Text(str(title["title"]), style="bold")
    return Group(name, Text(" · ".join(known)), Text(str(title["description"]), style="dim"))


def verdicts(card: "VoteCard") -> RenderableType:
    """Say what votes, model and rating make of the title."""
    table = make_table("", "", "P(family)", "")
    label, side = card.label or "none", card.split or "neither side: it has a twin on the other"
    table.add_row("label", *_verdict(label, card.probability), f"split: {side}")
    for name, opinion in (("shown", card.with_rating), ("hidden", card.without_rating)):
        if opinion is not None:
            says = FAMILY if opinion.probability >= 0.5 else NOT_FAMILY
            verdict = _verdict(says, opinion.probability)
            table.add_row(f"model, rating {name}", *verdict, f"release {card.version}")
    rating = card.title["rating"] or "missing"
    table.add_row("gold", *_verdict(card.gold or "none", None), f"rating: {rating}")
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
        if everything:
            for vote in rules:
                table.add_row(vote.rule, vote.doc)
        else:
            table.add_row(f"{len(rules)} {group}", ", ".join(_bare(vote) for vote in rules))
    return Group(Text(f"{len(votes)} abstain", style="bold"), table)


def features_table(card: "VoteCard") -> Table | None:
    """Show what moved the model, with the rating and with it hidden."""
    opinions = (card.with_rating, card.without_rating)
    moved = [
        {item["feature"]: item["contribution"] for item in opinion.contributions}
        for opinion in opinions
        if opinion is not None
    ]
    if not any(moved):
        return None
    unit = next(o.unit for o in opinions if o is not None and o.unit)
    table = make_table("what moved the model", "rating shown", "rating hidden")
    table.caption = f"{unit}; + towards family, - away from it"
    table.caption_justify = "left"
    features = sorted(
        {name for found in moved for name in found},
        key=lambda name: -max(abs(found.get(name, 0)) for found in moved),
    )
    for name in features:
        table.add_row(Text(name), *(_contribution(found.get(name)) for found in moved))
    return table


def make_table(first: str | Text, *others: str) -> Table:
    """Make a table without lines: names, figures, and text in the last column."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column(first, no_wrap=True)
    for name in others:
        is_text = name in ("", "why")
        table.add_column(name, justify="left" if is_text else "right", no_wrap=name != "why")
    return table


def _verdict(name: str, probability: float | None) -> tuple[Text, str]:
    share = "" if probability is None else f"{probability:.3f}"
    return Text(name, style=COLOURS.get(name, "")), share


def _bare(vote: "Vote") -> str:
    """Return a rule's name without the prefix that says its group."""
    prefix = {"genre": "genre_", "keyword": "kw_"}.get(vote.group, "")
    return vote.rule.removeprefix(prefix)


def _contribution(value: float | None) -> Text:
    if value is None:
        return Text("")
    return Text(f"{value:+.3f}", style=COLOURS[FAMILY if value > 0 else NOT_FAMILY])


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m labeling_lab.explain_console", description=__doc__
    )
    parser.add_argument("title", help="its name, in any case, or its show_id")
    parser.add_argument("--release", default="", help="such as v0003; by default the champion")
    parser.add_argument("--all", action="store_true", help="explain abstaining rules too")
    parser.add_argument("--json", action="store_true", help="as JSON")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a title's vote card; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    chosen = parse_arguments(arguments)
    console = Console(highlight=False)
    console.width = min(console.width, WIDEST)
    from tasks.explain.vote_card import vote_card
    from tasks.volume.runs import Volume

    try:
        card = vote_card(Volume.from_environment(), chosen.title, chosen.release or None)
    except LabError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    if chosen.json:
        print(json.dumps(card.to_dict(), indent=2, ensure_ascii=False))  # noqa: T201
    else:
        console.print(render_card(card, chosen.all))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The vote card of a title: why it has its label, and what the released model makes of it.

It trains nothing: label, rules and model are a release's, before the first the newest run's.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pandas as pd
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import CATALOG_COLUMNS, CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.catalog.utilities import gold_labels, parse_year
from tasks.errors import LabError
from tasks.explain.contributions import Opinion, explain_titles
from tasks.explain.votes import Vote, explain_votes, left_behind
from tasks.label.reasons import explain_reason
from tasks.label.rule import LabelingFunction, rules_from_json
from tasks.pipeline import LABEL, LABELED, LABELED_CSV, METRICS, RULEBOOK, RULES
from tasks.volume import atomic
from tasks.volume.model_file import load_model
from tasks.volume.runs import Volume

TOP = 6
MOST_NAMED = 10
MOST_SUGGESTED = 3
_DTYPES = {"label": "Int8", "probability": "float64"}
_WORD = "word: "


@dataclass(frozen=True)
class VoteCard:
    """All there is to say about a title's label."""

    title: Mapping[str, Any]  # the catalog's cells; None where one is missing
    version: str | None  # None before the first release
    run_id: str  # that the label comes from
    label: str | None  # family, not family or none
    probability: float | None  # of family, by the votes
    reason: str  # voted, tie or no votes
    explanation: str  # the reason in a sentence
    split: str | None
    gold: str | None  # what the rating says, where it says anything
    votes: tuple[Vote, ...]  # one a rule of the release, in the order of the rulebook
    with_rating: Opinion | None  # the released model's
    without_rating: Opinion | None  # the same with the title's rating hidden
    threshold: float | None  # the probability from which on the release says family
    notes: tuple[str, ...]  # what to know before believing the card

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain JSON values."""
        return asdict(self)

    def votes_for(self, vote: str) -> list[Vote]:
        """Return the votes for a class, or the abstentions."""
        return [found for found in self.votes if found.vote == vote]


@dataclass(frozen=True)
class CardSource:
    """What vote cards are made from: labels, the rules that made them, and a release's model."""

    version: str | None  # None before the first release
    run_id: str
    labeled: pd.DataFrame
    rules: Sequence[LabelingFunction]
    asked: Sequence[str]  # the names of all rules that made the labels
    threshold: float | None = None
    model: Pipeline | None = None

    def card(self, row: pd.DataFrame, top: int = TOP) -> VoteCard:
        """Explain one row of the labelled titles, or one made like them."""
        opinions: tuple[Opinion | None, Opinion | None] = None, None
        if self.model is None:
            remarks = ["Nothing is released yet, so there is no model to ask."]
        else:
            opinions, remarks = _ask_model(self.model, row, top)
        votes = explain_votes(row, self.rules)
        sides = [sum(v.vote == CLASS_NAMES[side] for v in votes) for side in (FAMILY, NOT_FAMILY)]
        cells = {name: _plain(value) for name, value in row.iloc[0].items()}
        label, reason = _class_name(cells["label"]), cells["reason"]
        return VoteCard(
            title={name: cells[name] for name in CATALOG_COLUMNS},
            version=self.version,
            run_id=self.run_id,
            label=label,
            probability=cells["probability"],
            reason=reason,
            explanation=explain_reason(reason, label, cells["probability"], *sides),
            split=cells["split"],
            gold=_class_name(_plain(gold_labels(row["rating"]).iloc[0])),
            votes=votes,
            with_rating=opinions[0],
            without_rating=opinions[1],
            threshold=self.threshold,
            notes=(*left_behind(self.asked, self.rules), *remarks),
        )


def vote_card(volume: Volume, title: str, version: str | None = None, top: int = TOP) -> VoteCard:
    """Explain the label of a title (a ``show_id`` or name) and what a released model makes of it.

    The release is by default the champion; before the first there is a card of the newest labels,
    without a model. `top` says how many words to name that moved the model, and how many others.
    """
    source = read_source(volume, version)
    return source.card(find_title(source.labeled, title), top)


def read_source(volume: Volume, version: str | None = None) -> CardSource:
    """Read what cards are made from, which many cards share."""
    releases = volume.releases
    chosen = version or releases.current()
    if chosen is None:
        run = volume.newest_run([LABEL])
        stage = run.read(LABEL)
        rules = rules_from_json(stage.read_bytes(RULEBOOK).decode())
        asked = [rule["name"] for rule in stage.read_json(RULES)]
        return CardSource(None, run.id, stage.read_table(LABELED), rules, asked)
    model = load_model(releases, chosen)
    labeled = atomic.from_csv(releases.read_bytes(chosen, LABELED_CSV), dtype=_DTYPES)
    labeled["release_year"] = parse_year(labeled["release_year"])
    metrics = releases.read_json(chosen, METRICS)
    return CardSource(
        version=chosen,
        run_id=str(releases.manifest(chosen).get("run_id")),
        labeled=labeled,
        rules=model.named_steps["catalog"].rules,
        asked=[rule["name"] for rule in metrics.get("labels", {}).get("rules", [])],
        threshold=metrics.get("rating_hidden", {}).get("decision", {}).get("threshold"),
        model=model,
    )


def find_title(labeled: pd.DataFrame, wanted: str) -> pd.DataFrame:
    """Return the one row that a ``show_id`` or a name, in any case, stands for.

    `LabError` if there is none, with the nearest, or several, with their ids.
    """
    wanted = " ".join(wanted.split())
    if not wanted:
        raise LabError("No title is named; give a name or a show_id, such as s1.")
    found = labeled[labeled["show_id"] == wanted]
    if found.empty:
        found = labeled[labeled["title"].astype("str").str.casefold() == wanted.casefold()]
    if found.empty:
        near = nearest_titles(labeled["title"], wanted)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise LabError(f"No title of the catalog has the show_id or name {wanted!r}.{hint}")
    if len(found) > 1:
        lines = [_one_line(row) for _, row in found.head(MOST_NAMED).iterrows()]
        more = len(found) - len(lines)
        raise LabError(
            f"{len(found)} titles are called {wanted!r}; give the show_id of one of them:\n  "
            + "\n  ".join([*lines, *([f"and {more} more"] if more > 0 else [])])
        )
    return found


def nearest_titles(titles: pd.Series, wanted: str) -> list[str]:
    """Return a few titles that have the words wanted in them, or are spelled nearly so."""
    folded = {title.casefold(): title for title in titles.dropna().astype("str")}
    wanted = wanted.casefold()
    with_it = sorted((name for name in folded if wanted in name), key=len)
    near = difflib.get_close_matches(wanted, folded, n=MOST_SUGGESTED)
    return [folded[name] for name in dict.fromkeys([*with_it, *near])][:MOST_SUGGESTED]


def _ask_model(
    model: Pipeline, row: pd.DataFrame, top: int
) -> tuple[tuple[Opinion, Opinion], list[str]]:
    """Return the model's opinion with and without the rating, and what went wrong."""
    catalog = row[list(CATALOG_COLUMNS)]
    hidden = catalog.assign(rating=pd.Series(None, index=row.index, dtype="str"))
    both = pd.concat([catalog, hidden], ignore_index=True)
    try:
        shown, masked = (_keep_largest(found, top) for found in explain_titles(model, both))
    except LabError as error:
        shown, masked = map(Opinion, model.predict_proba(both)[:, 1].tolist())
        return (shown, masked), [str(error)]
    return (shown, masked), []


def _keep_largest(opinion: Opinion, top: int) -> Opinion:
    """Keep the largest contributions of words, and as many of all the rest."""
    every = opinion.contributions
    words = [item for item in every if item["feature"].startswith(_WORD)][:top]
    others = [item for item in every if not item["feature"].startswith(_WORD)][:top]
    kept = sorted([*words, *others], key=lambda item: -abs(item["contribution"]))
    return replace(opinion, contributions=tuple(kept))


def _class_name(value: int | None) -> str | None:
    return None if value is None else CLASS_NAMES[value]


def _plain(value: Any) -> Any:
    """Return a cell as a JSON value; None where it is missing."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value


def _one_line(row: pd.Series) -> str:
    facts = [_plain(row[name]) for name in ("type", "release_year", "country", "director")]
    return f"{row['show_id']}  {row['title']} ({', '.join(str(f) for f in facts if f)})"

"""The titles where a person's answer is worth most, with why, for people to fill in.

Worth is what an answer can teach: how open the votes leave the label (entropy, in bits: uncertainty
sampling, Lewis and Gale, SIGIR 1994), plus how far a model that never saw the label is from what
the votes say. The first finds rules in conflict and titles without votes, the second labels that
are probably wrong. The mix was chosen by simulation on train titles (``make bench-answers``).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY, TEST
from tasks.catalog.text import guard_formula, normalise_texts
from tasks.catalog.twins import NEAR, similar_pairs
from tasks.catalog.utilities import title_text
from tasks.config import EvaluateConfig
from tasks.evaluate_slices.evidence import HIDDEN, Evidence
from tasks.evaluate_slices.slices import SLICES
from tasks.label.reasons import cells_for, explain_reason, why_it_voted
from tasks.label.rule import LabelingFunction

Floats = NDArray[np.float64]

REACH = 4  # so many times the titles wanted are looked at, for some are nearly others
FAR = 0.5  # between votes and model, to be worth a word
TITLE_COLUMNS = ("show_id", "title", "type", "description", "listed_in")
COLUMNS = (
    *("rank", *TITLE_COLUMNS, "why", "label", "label_probability"),
    *("probability", HIDDEN, "split", "answer", "note"),
)
OF_TEST = "A test title: the answer measures and never teaches."


def titles_to_review(evidence: Evidence, config: EvaluateConfig) -> pd.DataFrame:
    """Return the rows of the file: `COLUMNS`, the most worthwhile first, no cell a formula.

    Titles that somebody has answered are left out, and those that are in neither side of the split
    or, as near-duplicates of test titles, in no training.
    """
    titles = evidence.titles.rename(columns={"probability": "label_probability"})
    scored = (evidence.out_of_fold[evidence.candidates[0]["model"]], evidence.test)
    opinions = pd.concat([table[["show_id", "probability", HIDDEN]] for table in scored])
    titles = titles.merge(opinions, on="show_id", how="left")
    done = {*evidence.answers["show_id"], *evidence.near_duplicates["show_id"]}
    titles = titles[titles["split"].notna() & ~titles["show_id"].isin(done)]
    votes, model = (titles[c].to_numpy(np.float64) for c in ("label_probability", HIDDEN))
    chosen = choose_titles(titles, worth(votes, model), config.to_review, config.slice_share)
    return _describe(titles.iloc[chosen], evidence.votes, evidence.rulebook)


def worth(votes: Floats, model: Floats) -> Floats:
    """Return what an answer is worth, given P(family) by the votes and by a model; NaN: unknown."""
    open_votes = np.clip(np.nan_to_num(votes, nan=0.5), 1e-12, 1 - 1e-12)
    entropy = -(open_votes * np.log2(open_votes) + (1 - open_votes) * np.log2(1 - open_votes))
    return np.asarray((entropy + np.nan_to_num(np.abs(model - votes))).round(6))


def choose_titles(titles: pd.DataFrame, worth: Floats, size: int, share: float) -> list[int]:
    """Return the positions of `size` titles, the most worthwhile first; equal ones by id.

    Of titles that are nearly the same only the first is taken, and no slice has more than `share`
    of what is asked for.
    """
    order = np.lexsort((titles["show_id"].to_numpy(), -worth))[: REACH * size]
    candidates = titles.iloc[order]
    texts = normalise_texts(title_text(candidates))
    near = defaultdict(set)
    for text, other in similar_pairs(texts, texts, NEAR)[["text", "other"]].itertuples(index=False):
        near[text].add(other)
    inside = np.column_stack([rule(candidates) for rule in SLICES]).astype(int)
    most, counts = np.ceil(share * min(size, len(titles))), np.zeros(len(SLICES), dtype=int)
    taken: list[int] = []
    copies: set[int] = set()
    for place, member in enumerate(inside):
        if len(taken) == size:
            break
        if place not in copies and (counts + member <= most)[member > 0].all():
            taken.append(int(order[place]))
            counts += member
            copies |= near[place]
    return taken


def _describe(
    titles: pd.DataFrame, votes: pd.DataFrame, rules: Sequence[LabelingFunction]
) -> pd.DataFrame:
    """Say of each title why it is asked about; the cells to fill in are empty."""
    cast = votes.set_index("show_id").loc[titles["show_id"]]
    known = [rule for rule in rules if rule.name in cast.columns]
    cells = cells_for(titles, rules)
    rows = zip(titles.itertuples(index=False), cast.itertuples(index=False), cells, strict=True)
    why = [explain(title, said, known, read) for title, said, read in rows]
    table = titles.assign(
        rank=np.arange(1, len(titles) + 1),
        why=pd.array(why, dtype="str"),
        label=titles["label"].map(CLASS_NAMES).astype("str"),
        **{name: titles[name].round(3) for name in ("label_probability", "probability", HIDDEN)},
        answer=pd.Series(None, index=titles.index, dtype="str"),
        note=pd.Series(None, index=titles.index, dtype="str"),
    )[list(COLUMNS)]
    texts = [name for name in COLUMNS if table[name].dtype == "str"]
    return table.assign(**{c: table[c].map(guard_formula, na_action="ignore") for c in texts})


def explain(
    title: Any,
    cast: Any,
    rules: Sequence[LabelingFunction],
    cells: Mapping[str, str],
) -> str:
    """Say in a few sentences why a title, a row of it and of its votes, is worth an answer."""
    family, against = (cast.count(side) for side in (FAMILY, NOT_FAMILY))
    label = None if pd.isna(title.label) else CLASS_NAMES[title.label]
    voted, model = title.label_probability, getattr(title, HIDDEN)
    parts = [explain_reason(title.reason, label, voted, family, against)]
    for side in (FAMILY, NOT_FAMILY):
        voters = [rule for rule in rules if getattr(cast, rule.name) == side]
        reasons = [(rule.name, "; ".join(why_it_voted(cells, rule))) for rule in voters]
        named = ", ".join(f"{name} ({why})" if why else name for name, why in reasons)
        parts += [f"For {CLASS_NAMES[side]}: {named}."] if named else []
    if not pd.isna(model):
        far = " The label may be wrong." if abs(model - voted) >= FAR else ""
        parts.append(f"A model that did not see the label says {model:.2f}.{far}")
    return " ".join([*parts, *([OF_TEST] if title.split == TEST else [])])

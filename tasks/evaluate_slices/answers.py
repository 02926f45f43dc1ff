"""What people's answers say about labels, rules and model."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY, TEST, TRAIN
from tasks.catalog.intervals import wilson_interval
from tasks.catalog.utilities import gold_labels
from tasks.evaluate_slices.evidence import HIDDEN, Evidence

Score = Callable[[pd.Series, pd.Series], dict[str, Any]]


def examine_by_answers(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Compare what is settled with labels, ratings, rules and, on test titles, the model."""
    given = evidence.answers[["show_id", "answer", "strength"]].dropna(subset="answer")
    titles = evidence.titles.merge(given, on="show_id")
    counted = {**evidence.answers_report, "n": len(titles)}
    for side in (TRAIN, TEST):
        said = titles.loc[titles["split"] == side, "answer"]
        counts = {"family": said == FAMILY, "not_family": said == NOT_FAMILY}
        counted[side] = {
            "n": len(said),
            **{name: int(is_it.sum()) for name, is_it in counts.items()},
        }
    silent = titles["strength"].isna()  # a label that an answer made agrees with it
    test = evidence.test.merge(given, on="show_id")
    return counted | {
        "agreement_with_labels": agreement(titles["label"].where(silent), titles["answer"]),
        "agreement_with_ratings": agreement(gold_labels(titles["rating"]), titles["answer"]),
        "rating_hidden": score(test["answer"], test[HIDDEN]),
        "rules": judge_rules(evidence, titles),
    }


def agreement(said: pd.Series, answers: pd.Series) -> dict[str, Any]:
    """Return the share of titles on which something known says what people say."""
    known = said.notna()
    right, n = int((said[known] == answers[known]).sum()), int(known.sum())
    interval = {"accuracy": wilson_interval(right, n)}
    return {"n": n, "accuracy": right / n if n else None, "intervals": interval}


def judge_rules(evidence: Evidence, titles: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the accuracy of every rule of the rulebook that votes on an answered title."""
    votes = evidence.votes.set_index("show_id").loc[titles["show_id"]]
    answers = titles["answer"].to_numpy(np.int64)
    judged = []
    for rule in evidence.rulebook:
        cast = votes[rule.name].to_numpy()
        fired = cast != ABSTAIN
        right = int((cast[fired] == answers[fired]).sum())
        if n := int(fired.sum()):
            interval = {"accuracy": wilson_interval(right, n)}
            judged.append({"name": rule.name, "n": n, "accuracy": right / n, "intervals": interval})
    return judged

"""What people's answers say about labels, rules and model."""

from collections.abc import Callable
from typing import Any

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
        family, against = (int((said == value).sum()) for value in (FAMILY, NOT_FAMILY))
        counted[side] = {"n": len(said), "family": family, "not_family": against}
    silent = titles["strength"].isna()  # a label that an answer made agrees with it
    test = evidence.test.merge(given, on="show_id")
    return counted | {
        "agreement_with_labels": agreement(titles["label"].where(silent), titles["answer"]),
        "agreement_with_ratings": agreement(gold_labels(titles["rating"]), titles["answer"]),
        "rating_hidden": score(test["answer"], test[HIDDEN]),
        "rules": judge_rules(evidence, titles),
    }


def agreement(said: pd.Series, truth: pd.Series) -> dict[str, Any]:
    """Return the share of titles on which something known says what is true of them."""
    known = said.notna() & truth.notna()
    right, n = int((said[known] == truth[known]).sum()), int(known.sum())
    interval = {"accuracy": wilson_interval(right, n)}
    return {"n": n, "accuracy": right / n if n else None, "intervals": interval}


def judge_rules(evidence: Evidence, titles: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the accuracy of every rule of the rulebook that votes on an answered title."""
    votes = titles[["show_id"]].merge(evidence.votes, on="show_id").set_axis(titles.index)
    votes = votes.where(votes != ABSTAIN)
    judged = [
        {"name": rule.name, **agreement(votes[rule.name], titles["answer"])}
        for rule in evidence.rulebook
    ]
    return [rule for rule in judged if rule["n"]]

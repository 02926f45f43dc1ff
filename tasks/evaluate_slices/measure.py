"""What goes into ``metrics.json``, computed from the evidence alone."""

import operator
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pandas as pd

from tasks.catalog.columns import FAMILY, NO_VOTES, NOT_FAMILY, TEST, TIE, TRAIN, VOTED
from tasks.catalog.home import is_foreign
from tasks.config import EvaluateConfig
from tasks.evaluate_slices.answers import Score, agreement, examine_by_answers
from tasks.evaluate_slices.comparison import compare_roc_auc
from tasks.evaluate_slices.evidence import HIDDEN, Champion, Evidence, join_out_of_fold
from tasks.evaluate_slices.label_issues import RATING, find_label_issues
from tasks.evaluate_slices.leakage import find_leakage
from tasks.evaluate_slices.metrics import (
    classification_metrics,
    describe_calibration,
    describe_thresholds,
)
from tasks.evaluate_slices.notes import make_notes
from tasks.evaluate_slices.scored import OK
from tasks.evaluate_slices.slice_finder import propose_slices
from tasks.evaluate_slices.slices import SLICES

NO_GOLD = "no gold"
RULE_FIGURES = (
    "name",
    *("strength", "keywords", "polarity", "votes_cast", "coverage", "overlaps", "conflicts"),
    *("accuracy", "accuracy_n"),
)


def measure(evidence: Evidence, config: EvaluateConfig) -> tuple[dict[str, Any], list[Any]]:
    """Return the blocks of ``metrics.json`` and the label issues, unrounded."""
    score = partial(
        classification_metrics,
        threshold=evidence.decision["threshold"],
        seed=config.seed,
        resamples=config.resamples,
    )
    winner = evidence.candidates[0]["model"]
    train_titles = join_out_of_fold(evidence.out_of_fold[winner], evidence.titles)
    answered = evidence.answers.loc[evidence.answers["strength"].notna(), "show_id"]
    open_titles = train_titles[~train_titles["show_id"].isin(answered)]
    issues = find_label_issues(open_titles, evidence.votes, evidence.rules)
    by_gold = partial(score_by_gold, score)
    hidden = rating_hidden(evidence, by_gold)
    metrics = {
        "seed_protocol": seed_protocol(evidence, score),
        "rating_hidden": hidden,
        "blind_audit": blind_audit(evidence, by_gold),
        "labels": describe_labels(evidence.titles, evidence.rules),
        "home": {
            **evidence.home,
            "is_foreign": is_foreign(evidence.home),
            "dead_rules": [r["name"] for r in evidence.rules if not r["votes_cast"]],
        },
        "leakage": find_leakage(
            evidence.titles, evidence.training, evidence.near_duplicates, evidence.rules
        ),
        "label_issues": {
            "n": len(open_titles),
            "found": len(issues),
            "rest_on_rating": sum(issue["rests_on"] == RATING for issue in issues),
        },
        "answers": examine_by_answers(evidence, score),
        "proposed_slices": propose_slices(train_titles, SLICES),
        # Seconds are not a finding: with them, no two runs would have the same metrics.
        "candidates": [
            {name: value for name, value in candidate.items() if name != "seconds"}
            for candidate in evidence.candidates
        ],
        "comparison": compare_with_champion(evidence.gold, evidence.champion, config),
        "augmentation": evidence.augmentation,
        "notes": make_notes(hidden, evidence.is_sample),
    }
    return metrics, issues


def score_by_gold(score: Score, gold: pd.Series, probability: pd.Series) -> dict[str, Any]:
    """Score by gold; where there is none, that is what is lacking, and not the titles."""
    block = score(gold, probability)
    return block if block["n"] else {**block, "status": NO_GOLD}


def seed_protocol(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Examine the winner as the seed does: against weak labels, with the rating visible."""
    winner, labelled = evidence.candidates[0], evidence.labelled
    slices = examine_slices(labelled, "label", "probability", score)
    known = [block for block in slices.values() if block["n"]]
    accuracies = [block["accuracy"] for block in known]
    return {
        "model": winner["model"],
        "n": len(labelled),
        "cv_roc_auc": {**winner["roc_auc"], "n": winner["n_titles"]},
        "test": score(labelled["label"], labelled["probability"]),
        "slices": slices,
        "slice_average_accuracy": sum(accuracies) / len(accuracies) if accuracies else None,
        "slices_averaged": len(accuracies),
        "slices_weighed": average_slices(known),
    }


def average_slices(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Average the accuracies of slices, each weighing as much as it has titles.

    Titles are the weights that inverse variances come to where the slices share one rate (W. G.
    Cochran, 1954); weights by each slice's own variance would favour slices that happen to be near
    1. The interval is the slices' Wilson intervals averaged likewise: as wide as if the slices
    erred together, which they partly do, since they overlap.
    """
    weights = [block["n"] for block in blocks]

    def mean(values: list[float]) -> float | None:
        return sum(map(operator.mul, weights, values)) / sum(weights) if weights else None

    ends = [block["intervals"]["accuracy"] for block in blocks]
    return {
        "n": sum(weights),
        "accuracy": mean([block["accuracy"] for block in blocks]),
        "intervals": {"accuracy": [mean(list(side)) for side in zip(*ends, strict=True)] or None},
    }


def rating_hidden(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Examine the winner where it is needed: against gold, with the rating masked."""
    gold = evidence.gold
    return {
        **score(gold["gold"], gold[HIDDEN]),
        "slices": examine_slices(gold, "gold", HIDDEN, score),
        "calibration": describe_calibration(gold["gold"], gold[HIDDEN]),
        "decision": evidence.decision,
        "thresholds": describe_thresholds(gold["gold"], gold[HIDDEN]),
        "rating_visible": score(gold["gold"], gold["probability"]),
    }


def blind_audit(evidence: Evidence, score: Score) -> dict[str, Any]:
    """Score the pipeline that never saw the withheld columns, overall and by slice."""
    blind = evidence.blind
    catalog = evidence.titles.drop(columns=["gold", "probability"])
    return {
        **evidence.blind_facts,
        **score(blind["gold"], blind["probability"]),
        "calibration": describe_calibration(blind["gold"], blind["probability"]),
        "slices": examine_slices(blind.merge(catalog, on="show_id"), "gold", "probability", score),
    }


def examine_slices(
    titles: pd.DataFrame, truth: str, probability: str, score: Score
) -> dict[str, dict[str, Any]]:
    """Score every slice of `titles` on its own; `share` is the slice's share of them."""
    blocks = {}
    for rule in SLICES:
        inside = titles[rule(titles)]
        share = len(inside) / len(titles) if len(titles) else None
        metrics = score(inside[truth], inside[probability])
        blocks[rule.name] = {"description": rule.doc, "share": share, **metrics}
    return blocks


def describe_labels(titles: pd.DataFrame, rules: list[dict[str, Any]]) -> dict[str, Any]:
    """Count what the votes came to, compare it with gold, and give the figures of each rule."""
    both = titles[titles["label"].notna() & titles["gold"].notna()]
    sides = {side: titles[titles["split"] == side] for side in (TRAIN, TEST)}
    figures = [
        {name: rule[name] for name in RULE_FIGURES}
        | {"intervals": {"accuracy": rule["intervals"]["accuracy"]}}
        for rule in rules
    ]
    return {
        **count_labels(titles),
        "coverage": int(titles["label"].notna().sum()) / len(titles) if len(titles) else None,
        "by_split": {side: count_labels(part) for side, part in sides.items()},
        "agreement_with_gold": {
            "agreeing": int((both["label"] == both["gold"]).sum()),
            "status": OK if len(both) else NO_GOLD,
            **agreement(both["label"], both["gold"]),
        },
        "rules": figures,
    }


def count_labels(titles: pd.DataFrame) -> dict[str, int]:
    """Count the titles by what their votes came to."""
    reason, label = titles["reason"], titles["label"]
    counted = {
        "voted": reason == VOTED,
        "tie": reason == TIE,
        "no_votes": reason == NO_VOTES,
        "family": label == FAMILY,
        "not_family": label == NOT_FAMILY,
    }
    return {"n": len(titles)} | {name: int(chosen.sum()) for name, chosen in counted.items()}


def compare_with_champion(
    gold: pd.DataFrame, champion: Champion | None, config: EvaluateConfig
) -> dict[str, Any]:
    """Compare with the current release, rating hidden, on the test titles that both scored.

    A title is the same if its id and its name are.
    """
    if champion is None:
        return {"status": "no champion yet"}
    keys = ["show_id", "title"]
    common = gold.merge(champion.predictions, on=keys, suffixes=("", "_champion"))
    if gold.empty:
        return {"champion_version": champion.version, "status": NO_GOLD}
    compared = compare_roc_auc(
        common["gold"],
        common[HIDDEN],
        common[f"{HIDDEN}_champion"],
        seed=config.seed,
        resamples=config.resamples,
    )
    return {
        "champion_version": champion.version,
        "champion_run_id": champion.run_id,
        "metric": "rating_hidden.roc_auc",
        **compared,
    }

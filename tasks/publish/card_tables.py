"""The model card's tables: slices, data, candidates, rules, leakage, gates."""

from collections.abc import Mapping
from typing import Any

from tasks.publish.decision import FAILED, INSUFFICIENT, Decision, Verdict, show
from tasks.publish.gate import GATES
from tasks.publish.markdown import bullets, escape, figure, number, percent, section, table

LEAKS = {
    "twins_across_split": "Titles of the same content in train and test",
    "test_titles_in_training": "Test titles among the training rows",
    "test_texts_in_training": "Texts of test titles among the training rows, under another id",
    "augmented_in_test": "Augmented copies of test titles",
}


def data_section(facts: Mapping[str, Any]) -> str:
    """Say what the model was made from."""
    catalog = facts["catalog"]
    rows = [
        ["Source", escape(catalog.get("source", "unknown"))],
        ["How it was found", escape(catalog.get("kind", "unknown"))],
        ["SHA-256", f"`{catalog.get('sha256', 'unknown')}`"],
        ["Titles", number(catalog.get("rows"))],
        ["Rows quarantined", number(catalog.get("quarantined"))],
        ["Rows repaired", number(catalog.get("repaired"))],
    ]
    return section(
        "Data",
        table(["", ""], rows),
        "Content decides which titles are test titles; they are never augmented and never used to "
        "tune a rule or a threshold. *Gold* is what a title's rating says: family for G, PG, TV-Y, "
        "TV-Y7, TV-Y7-FV, TV-G and TV-PG; not for PG-13, TV-14, R, NC-17 and TV-MA.",
    )


def slices_section(metrics: Mapping[str, Any]) -> str:
    """List every slice with the rating hidden beside the circular figures."""
    protocol = metrics.get("seed_protocol", {})
    hidden = (metrics.get("rating_hidden") or {}).get("slices") or {}
    rows = [
        [
            escape(name),
            number(hidden.get(name, {}).get("n")),
            figure(hidden.get(name, {}), "roc_auc"),
            figure(hidden.get(name, {}), "accuracy"),
            number(block.get("n")),
            percent(block.get("share")),
            figure(block, "accuracy"),
            figure(block, "roc_auc"),
        ]
        for name, block in (protocol.get("slices") or {}).items()
    ]
    header = ["Slice", "n with gold", "ROC-AUC, rating hidden", "Accuracy, rating hidden"]
    header += ["n labelled", "Share", "Accuracy (circular)", "ROC-AUC (circular)"]
    return section(
        "Slices",
        table(header, rows),
        f"Mean circular accuracy of the slices: {number(protocol.get('slice_average_accuracy'))}. "
        "A dash: not defined, because the slice has no title or only one class.",
    )


def candidates_section(metrics: Mapping[str, Any]) -> str:
    """List the candidates of the run."""
    rows = [
        [
            escape(c["model"]),
            f"{number(c['roc_auc']['mean'], 4)} ± {number(c['roc_auc']['std'], 4)}",
        ]
        for c in metrics.get("candidates") or ()
    ]
    return section("Candidates", table(["Model", "ROC-AUC, cross-validated"], rows)) if rows else ""


def rules_section(metrics: Mapping[str, Any]) -> str:
    """List the rules, with their accuracy where they may be judged."""
    labels = metrics.get("labels") or {}
    covered = (
        f"The rules label {percent(labels.get('coverage'))} of {number(labels.get('n'))} titles; "
        f"{number(labels.get('no_votes'))} got no vote, {number(labels.get('tie'))} a tie. "
        "Titles without a label are left out of training."
    )
    rows = [
        [
            escape(rule.get("name", "")),
            escape(rule.get("polarity", "")),
            percent(rule.get("coverage")),
            percent(rule.get("conflicts")),
            figure(rule, "accuracy"),
        ]
        for rule in labels.get("rules") or ()
    ]
    header = ["Rule", "Votes", "Coverage", "Conflicts", "Accuracy against gold"]
    note = "A dash under accuracy: the rule reads what gold is made of, or votes on no gold."
    return section(
        "Rules and labels", covered, table(header, rows) if rows else "", note if rows else ""
    )


def leakage_section(metrics: Mapping[str, Any]) -> str:
    """Count what could let the model cheat."""
    leakage = metrics.get("leakage") or {}
    rows = [[said, number(leakage.get(name))] for name, said in LEAKS.items()]
    return section("Leakage", table(["What was looked for", "Found"], rows))


def gates_section(decision: Decision, metrics: Mapping[str, Any]) -> str:
    """Say how the model was gated, by which rules, and what was let pass in doubt."""
    rows = [
        [
            escape(verdict.gate),
            _outcome(verdict),
            _found(verdict),
            f"{verdict.bound} {show(verdict.threshold)}"
            + (f", n ≥ {verdict.minimum_n:,}" if verdict.minimum_n else ""),
            number(verdict.n),
        ]
        for verdict in decision.verdicts
    ]
    outcome = (
        "No gate blocks this release."
        if decision.passed
        else "**Refused:** " + " ".join(escape(reason) for reason in decision.reasons)
    )
    doubts = [escape(doubt) for doubt in decision.doubts]
    return section(
        "How it was gated",
        outcome,
        "A gate judges the interval, not the number: *passed* if all of it is on the right side, "
        f"*failed* if none of it is, *{INSUFFICIENT}* otherwise.",
        _comparison(metrics.get("comparison") or {}),
        table(["Gate", "Outcome", "Found", "Asked", "n"], rows),
        "Why each is asked:\n\n"
        + bullets(f"**{escape(gate.name)}**: {escape(gate.because)}" for gate in GATES),
        "Let pass without enough evidence:\n\n" + bullets(doubts) if doubts else "",
    )


def _outcome(verdict: Verdict) -> str:
    return (
        f"**{verdict.outcome}**"
        if verdict.blocks or verdict.outcome == FAILED
        else (verdict.outcome)
    )


def _found(verdict: Verdict) -> str:
    if verdict.value is None:
        return "-"
    said = show(verdict.value, verdict.threshold)
    if verdict.interval is None or verdict.interval[0] == verdict.interval[1]:
        return escape(said)
    low, high = (show(end, verdict.threshold) for end in verdict.interval)
    return escape(said) + f" ({escape(low)} to {escape(high)})"


def _comparison(block: Mapping[str, Any]) -> str:
    """Say how the challenger stands against the champion."""
    if "champion_version" not in block:
        return "There was no champion to compare with."
    return (
        f"Against the champion {escape(block['champion_version'])}, on the same "
        f"{number(block.get('n'))} test titles with the rating hidden: ROC-AUC "
        f"{number(block.get('challenger'))} against {number(block.get('champion'))}, difference "
        f"{figure(block, 'difference')}: **{escape(block.get('outcome', 'not compared'))}**."
    )

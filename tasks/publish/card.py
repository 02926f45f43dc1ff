"""The model card: what a release is worth, and what it is not, for the person who will use it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tasks.publish.decision import Decision, show
from tasks.publish.gate import GATES
from tasks.publish.markdown import code, escape, figure, number, section, table

HONEST_BLOCKS = {
    "seed_protocol": "Seed's protocol (circular)",
    "rating_hidden": "Rating hidden",
    "blind_audit": "Blind audit",
}
FIGURES = {
    "roc_auc": "ROC-AUC",
    "average_precision": "Average precision",
    "accuracy": "Accuracy",
    "precision": "Precision (family)",
    "recall": "Recall (family)",
    "f1": "F1 (family)",
}
SAMPLE_WARNING = (
    "> **Made from the embedded sample.** The titles are fictional; every figure below shows that "
    "the workflow runs and says nothing about any real catalog. Do not use this model."
)
LOADING = """
import joblib
from tasks.catalog import load_netflix_data

model = joblib.load("best_model.pkl")           # only from a release that you trust: see below
catalog = load_netflix_data("netflix_titles.csv")
family_probability = model.predict_proba(catalog)[:, 1]
"""


def model_card(metrics: Mapping[str, Any], decision: Decision, facts: Mapping[str, Any]) -> str:
    """Write the model card.

    The same run gives the same card to the letter: it holds no time of writing.

    Parameters
    ----------
    metrics : mapping
        The content of ``metrics.json``.
    decision : Decision
        What the gates said.
    facts : mapping
        The release's facts; see `tasks.publish.facts.gather_facts`.

    Returns
    -------
    str
        Markdown.
    """
    sections = [
        "# Family-friendly or not: model card",
        SAMPLE_WARNING if facts["is_sample"] else "",
        _purpose(facts),
        _figures(metrics),
        _slices(metrics),
        _data(facts),
        _candidates(metrics),
        _labels(metrics),
        _gates(decision),
        _limits(),
        _loading(),
        _provenance(facts),
    ]
    return "\n\n".join(text for text in sections if text) + "\n"


def _purpose(facts: Mapping[str, Any]) -> str:
    return section(
        "What this is",
        "A classifier that gives the probability that a title is family-friendly, trained without "
        "hand labels: rules voted, the votes became weak labels, a model learned from them. "
        f"The winner of this run is **{escape(facts.get('winner', 'unknown'))}**.",
        "Meant for sorting a catalog and for finding titles to look at. Not meant to decide alone "
        "what a child may watch.",
    )


def _figures(metrics: Mapping[str, Any]) -> str:
    blocks = [_block(metrics, name) for name in HONEST_BLOCKS]
    rows = [["Test titles (n)", *(number(block.get("n")) for block in blocks)]]
    rows += [[label, *(figure(b, name) for b in blocks)] for name, label in FIGURES.items()]
    cv = metrics.get("seed_protocol", {}).get("cv_roc_auc") or {}
    folds = f"{number(cv.get('mean'), 4)} ± {number(cv.get('std'), 4)}"
    rows.append(["ROC-AUC, cross-validated", folds, "-", "-"])
    return section(
        "What it is worth",
        table(["", *HONEST_BLOCKS.values()], rows),
        "In brackets: the 95 % interval. Judge the model by the two columns on the right.",
        "**Why not by the left one:** the weak labels come to a large part from `rating`, and "
        "`rating` is also a feature. A model that merely reads the rating scores 0.999 there and "
        "knows nothing; the column shows that the seed project is reproduced, no more. "
        "*Rating hidden* scores the same model on titles whose rating is masked, against their "
        "true ratings: the case in which anybody needs a model. *Blind audit* repeats rules, "
        "labels and training without ever reading `rating`: whether weak supervision works where "
        "no rating exists.",
    )


def _block(metrics: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    block = metrics.get(name) or {}
    return block.get("test") or {} if name == "seed_protocol" else block


def _slices(metrics: Mapping[str, Any]) -> str:
    protocol = metrics.get("seed_protocol", {})
    hidden = (metrics.get("rating_hidden") or {}).get("slices") or {}
    rows = [
        [
            escape(name),
            number(block.get("n")),
            _percent(block.get("share")),
            figure(block, "accuracy"),
            figure(block, "roc_auc"),
            number(hidden.get(name, {}).get("n")),
            figure(hidden.get(name, {}), "roc_auc"),
        ]
        for name, block in (protocol.get("slices") or {}).items()
    ]
    header = ["Slice", "n", "Share", "Accuracy (circular)", "ROC-AUC (circular)"]
    return section(
        "Slices",
        table([*header, "n with gold", "ROC-AUC, rating hidden"], rows),
        f"Mean accuracy of the slices: {number(protocol.get('slice_average_accuracy'))}. "
        "A dash: not defined, because the slice has no title or only one class.",
    )


def _data(facts: Mapping[str, Any]) -> str:
    catalog = facts["catalog"]
    rows = [
        ["Source", escape(catalog.get("source", "unknown"))],
        ["How it was found", escape(catalog.get("kind", "unknown"))],
        ["SHA-256", f"`{catalog.get('sha256', 'unknown')}`"],
        ["Titles", number(catalog.get("rows"))],
        ["Rows quarantined", number(catalog.get("quarantined"))],
        ["Rows repaired", number(catalog.get("repaired"))],
    ]
    return section("Data", table(["", ""], rows))


def _candidates(metrics: Mapping[str, Any]) -> str:
    rows = [
        [
            escape(c["model"]),
            f"{number(c['roc_auc']['mean'], 4)} ± {number(c['roc_auc']['std'], 4)}",
        ]
        for c in metrics.get("candidates") or ()
    ]
    return section("Candidates", table(["Model", "ROC-AUC, cross-validated"], rows)) if rows else ""


def _labels(metrics: Mapping[str, Any]) -> str:
    labels = metrics.get("labels") or {}
    covered = (
        f"The rules label {_percent(labels.get('coverage'))} of {number(labels.get('n'))} titles; "
        f"{number(labels.get('no_votes'))} got no vote, {number(labels.get('tie'))} a tie. "
        "Titles without a label are left out of training."
    )
    rows = [
        [
            escape(rule.get("name", "")),
            escape(rule.get("polarity", "")),
            _percent(rule.get("coverage")),
            _percent(rule.get("conflicts")),
            figure(rule, "accuracy"),
        ]
        for rule in labels.get("rules") or ()
    ]
    header = ["Rule", "Votes", "Coverage", "Conflicts", "Accuracy against gold"]
    note = "A dash under accuracy: the rule reads what gold is made of, or votes on no gold."
    return section("Labels", covered, table(header, rows) if rows else "", note if rows else "")


def _gates(decision: Decision) -> str:
    why = {gate.name: gate.because for gate in GATES}
    rows = [
        [
            escape(verdict.gate),
            f"**{verdict.outcome}**" if verdict.outcome == "failed" else verdict.outcome,
            "-" if verdict.value is None else escape(show(verdict.value, verdict.threshold)),
            f"{verdict.bound} {show(verdict.threshold)}",
            number(verdict.n),
            escape(why.get(verdict.gate.partition("[")[0], "")),
        ]
        for verdict in decision.verdicts
    ]
    outcome = (
        "Every gate that could be judged was passed."
        if decision.passed
        else "**Refused:** " + " ".join(escape(reason) for reason in decision.reasons)
    )
    return section("Gates", outcome, table(["Gate", "Outcome", "Value", "Asked", "n", "Why"], rows))


def _limits() -> str:
    return section(
        "What it cannot do",
        "- It knows one catalog: English descriptions, its genres, its years. Elsewhere its "
        "figures do not hold.\n"
        "- It learned what rules and ratings say, with their country's view of what is fit for "
        "families; nobody watched the titles.\n"
        "- With the rating at hand, read the rating. Without it, expect the figures of *rating "
        "hidden*, which are far below 0.999.\n"
        "- A slice with few titles is not judged; its figure may be far off.",
    )


def _loading() -> str:
    return section(
        "How to use it",
        code(LOADING, "python"),
        "It takes the raw columns of the catalog; all but `show_id`, `type`, `title`, `listed_in` "
        "and `description` may be missing. Run it where the lab's `tasks` package can be "
        "imported. A pickle runs code when it is loaded: compare its digest with "
        "`manifest.json` first.",
    )


def _provenance(facts: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in _versions(facts))
    rows: Sequence[Sequence[str]] = [
        ["Run", escape(facts["run_id"])],
        ["Seeds", escape(", ".join(str(seed) for seed in facts["seeds"]))],
        ["Versions", escape(versions)],
    ]
    return section(
        "Where it comes from",
        table(["", ""], rows),
        "`manifest.json` beside this card has every stage's configuration and every file's digest.",
    )


def _versions(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from sorted(facts["versions"].items())


def _percent(share: Any) -> str:
    return f"{share:.1%}" if isinstance(share, int | float) else "-"

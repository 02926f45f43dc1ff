"""The model card: what a release is worth, and what it is not, for the person who will use it."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from tasks.publish.card_tables import (
    candidates_section,
    data_section,
    gates_section,
    leakage_section,
    rules_section,
    slices_section,
)
from tasks.publish.decision import Decision
from tasks.publish.markdown import code, escape, figure, number, section, table

FIGURES = {
    "roc_auc": "ROC-AUC",
    "average_precision": "Average precision",
    "accuracy": "Accuracy",
    "precision": "Precision (family)",
    "recall": "Recall (family)",
    "f1": "F1 (family)",
}
COLUMNS = ("Rating hidden", "Blind audit", "Rating visible", "Seed's protocol (circular)")
SAMPLE_WARNING = (
    "> **Made from the embedded sample.** The titles are fictional; every figure below shows that "
    "the workflow runs and says nothing about any real catalog. Do not use this model."
)
LOADING = """
from tasks.fetch.source import load_netflix_data
from tasks.volume.load import load_model
from tasks.volume.runs import Volume

model = load_model(Volume.from_environment().releases)  # or version="v0003"
catalog = load_netflix_data("netflix_titles.csv")
family_probability = model.predict_proba(catalog)[:, 1]
"""


def model_card(
    metrics: Mapping[str, Any],
    decision: Decision,
    facts: Mapping[str, Any],
    figures: Sequence[str] = (),
) -> str:
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
    figures : sequence of str
        The release's pictures, such as ``figures/slices.png``.

    Returns
    -------
    str
        Markdown.
    """
    sections = [
        "# Family-friendly or not: model card",
        SAMPLE_WARNING if facts["is_sample"] else "",
        _in_brief(metrics),
        _purpose(facts),
        _figures(metrics),
        slices_section(metrics),
        _limits(),
        data_section(facts),
        rules_section(metrics),
        candidates_section(metrics),
        leakage_section(metrics),
        gates_section(decision, metrics),
        _loading(),
        _pictures(figures),
        _provenance(facts),
    ]
    return "\n\n".join(text for text in sections if text) + "\n"


def _in_brief(metrics: Mapping[str, Any]) -> str:
    """Say in two sentences what the model is worth."""
    hidden, blind = metrics.get("rating_hidden") or {}, metrics.get("blind_audit") or {}
    return (
        f"On titles whose rating is hidden from it, this model has a ROC-AUC of "
        f"**{figure(hidden, 'roc_auc')}** (n = {number(hidden.get('n'))}). Made without ever "
        f"reading a rating, it would have **{figure(blind, 'roc_auc')}** "
        f"(n = {number(blind.get('n'))}). A coin has 0.5."
    )


def _purpose(facts: Mapping[str, Any]) -> str:
    return section(
        "Intended use",
        "A classifier that gives the probability that a title is family-friendly, trained without "
        "hand labels: rules voted, the votes became weak labels, a model learned from them. "
        f"The winner of this run is **{escape(facts.get('winner', 'unknown'))}**.",
        "Meant for sorting a catalog and for finding titles to look at, above all those without a "
        "rating. Not meant to decide alone what a child may watch.",
    )


def _figures(metrics: Mapping[str, Any]) -> str:
    hidden, protocol = metrics.get("rating_hidden") or {}, metrics.get("seed_protocol") or {}
    blocks = [
        hidden,
        metrics.get("blind_audit") or {},
        hidden.get("rating_visible") or {},
        protocol.get("test") or {},
    ]
    rows = [["Test titles (n)", *(number(block.get("n")) for block in blocks)]]
    rows += [[label, *(figure(b, name) for b in blocks)] for name, label in FIGURES.items()]
    cv = protocol.get("cv_roc_auc") or {}
    folds = f"{number(cv.get('mean'), 4)} ± {number(cv.get('std'), 4)}"
    rows.append(["ROC-AUC, cross-validated", "-", "-", "-", folds])
    return section(
        "What it is worth",
        table(["", *COLUMNS], rows),
        "In brackets: the 95 % interval. Judge the model by the two columns on the left.",
        "*Rating hidden* scores the published model on titles whose rating is masked, against what "
        "their true ratings say: the case in which anybody needs a model. *Blind audit* repeats "
        "rules, labels and training without ever reading `rating`: whether weak supervision works "
        "where no rating exists.",
        "**The seed project's number, and why it is not used.** The notebooks that this lab "
        "replaces report a ROC-AUC of 0.99 to 0.999; the column on the right reproduces it. The "
        "weak labels come to a large part from `rating`, and `rating` is also a feature, so a "
        "model that merely reads the rating scores 0.999 there and knows nothing. The same goes "
        "for *rating visible*. Both show that nothing broke, no more.",
    )


def _limits() -> str:
    return section(
        "What it cannot do",
        "- It knows one catalog: English descriptions, its genres, its years. Elsewhere its "
        "figures do not hold.\n"
        "- It learned what rules and ratings say, with their country's view of what is fit for "
        "families; nobody watched the titles.\n"
        "- With the rating at hand, read the rating. Without it, expect the figures of *rating "
        "hidden*, not 0.999.\n"
        "- A slice with few titles is not judged; its figure may be far off.",
    )


def _loading() -> str:
    return section(
        "How to use it",
        code(LOADING, "python"),
        "It takes the raw columns of the catalog; all but `show_id`, `type`, `title`, `listed_in` "
        "and `description` may be missing. Run it where the lab's `tasks` package can be "
        "imported. `load_model` compares the file's digest with the manifest's and then reads "
        "`best_model.skops`, which holds no code, by a list of permitted types. "
        "`best_model.pkl` is the same model for those who need a pickle; a pickle runs code when "
        "it is loaded, so compare its digest with `manifest.json` first.",
    )


def _pictures(figures: Sequence[str]) -> str:
    """Show the figures; the HTML card holds them itself."""
    shown = [f"![{_title(name)}]({name})" for name in figures]
    return section("Figures", *shown) if shown else ""


def _title(name: str) -> str:
    return escape(PurePosixPath(name).stem.replace("_", " ").capitalize())


def _provenance(facts: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in sorted(facts["versions"].items()))
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

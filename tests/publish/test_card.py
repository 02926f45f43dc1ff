import pytest

from tasks.publish.card import LOADING, model_card
from tasks.publish.decision import decide
from tasks.publish.facts import gather_facts


@pytest.fixture
def facts():
    return {
        "run_id": "manual__2025-01-01",
        "is_sample": False,
        "catalog": {"source": "/data/netflix_titles.csv", "kind": "volume", "sha256": "ab" * 32,
                    "rows": 8807, "quarantined": 2, "repaired": 3},
        "winner": "logistic_regression",
        "seeds": [7],
        "versions": {"python": "3.11.7", "pandas": "3.1.1"},
    }  # fmt: skip


@pytest.fixture
def card(metrics, facts):
    return model_card(metrics, decide(metrics), facts, ["figures/roc_curves.png"])


def row(card, start):
    (found,) = [line for line in card.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


def test_the_circular_figure_stands_beside_the_honest_ones(card):
    header = "|  | Rating hidden | Blind audit | Rating visible | Seed's protocol (circular) |"
    assert header in card
    assert row(card, "Test titles (n)") == ["1,690", "1,690", "1,690", "1,712"]
    assert row(card, "ROC-AUC") == [
        "0.890 (0.870 to 0.891)", "0.830 (0.810 to 0.831)", ">0.999 (0.980 to 1.000)",
        "0.999 (0.979 to 1.000)",
    ]  # fmt: skip
    assert row(card, "ROC-AUC, cross-validated") == ["-", "-", "-", "0.9985 ± 0.0004"]


def test_it_begins_with_what_the_model_is_worth_without_a_rating(card):
    assert card.splitlines()[2] == (
        "On titles whose rating is hidden from it, this model has a ROC-AUC of "
        "**0.890 (0.870 to 0.891)** (n = 1,690). Made without ever reading a rating, it would have "
        "**0.830 (0.810 to 0.831)** (n = 1,690). A coin has 0.5."
    )


def test_it_has_the_sections_that_a_person_looks_for(card):
    titles = [line[3:] for line in card.splitlines() if line.startswith("## ")]
    assert titles == [
        "Intended use", "What it is worth", "Slices", "What it cannot do", "Data",
        "Rules and labels", "Candidates", "Leakage", "How it was gated", "How to use it",
        "Figures", "Where it comes from",
    ]  # fmt: skip
    assert "![Roc curves](figures/roc_curves.png)" in card


def test_it_says_why_the_seeds_figure_is_not_to_be_believed(card):
    assert "The seed project's number, and why it is not used." in card
    assert "merely reads the rating scores 0.999 there and knows nothing" in card


def test_slices_come_with_n_and_with_the_rating_hidden(card):
    assert row(card, r"short\_movies") == [
        "390", "0.700 (0.680 to 0.701)", "0.980 (0.970 to 0.990)",
        "400", "23.0%", "0.980 (0.970 to 0.990)", "0.997 (0.977 to 0.998)",
    ]  # fmt: skip
    assert row(card, "horror") == ["-", "-", "-", "0", "0.0%", "-", "-"]


def test_gates_rules_candidates_and_catalog_are_listed(card):
    assert row(card, r"test\_roc\_auc") == [
        "passed", "0.999 (0.979 to 1)", "at least 0.95, n ≥ 100", "1,712",
    ]  # fmt: skip
    assert row(card, r"slice\_accuracy\[horror\]") == [
        "insufficient evidence", "-", "at least 0.8, n ≥ 30", "0",
    ]  # fmt: skip
    assert "Let pass without enough evidence:" in card
    assert "There was no champion to compare with." in card
    assert row(card, r"kids\_genre") == ["family", "12.0%", "1.0%", "0.900 (0.880 to 0.920)"]
    assert row(card, r"rating\_family")[3] == "-"
    assert row(card, r"random\_forest") == ["0.9970 ± 0.0010"]
    assert row(card, "Titles") == ["8,807"]
    assert row(card, "SHA-256") == [f"`{'ab' * 32}`"]
    assert row(card, "Seeds") == ["7"]
    assert row(card, "Versions") == ["pandas 3.1.1, python 3.11.7"]


def test_a_card_of_a_refused_challenger_says_why(metrics, facts):
    metrics["leakage"]["twins_across_split"] = 3
    card = model_card(metrics, decide(metrics), facts)
    found = r"twins\_across\_split is 3 on 8,807 titles"
    assert f"**Refused:** {found}; at most 0 is asked: failed." in card
    assert row(card, r"twins\_across\_split")[0] == "**failed**"


def test_the_sample_is_marked_before_anything_else(metrics, facts, card):
    assert "sample" not in card
    marked = model_card(metrics, decide(metrics), facts | {"is_sample": True})
    assert marked.splitlines()[2].startswith("> **Made from the embedded sample.**")


def test_text_from_outside_cannot_break_the_page(metrics, facts):
    facts["catalog"]["source"] = "a|b\n<script>alert(1)</script>"
    card = model_card(metrics, decide(metrics), facts)
    assert row(card, "Source") == ["a\\", "b &lt;script\\>alert\\(1\\)&lt;/script\\>"]
    assert "<script>" not in card


def test_missing_blocks_leave_dashes_and_not_an_error(facts):
    card = model_card({}, decide({}), facts)
    assert row(card, "ROC-AUC") == ["-", "-", "-", "-"]


def test_the_champion_is_named_with_the_difference_and_its_interval(metrics, facts):
    metrics["comparison"] = {
        "champion_version": "v0003", "n": 1690, "challenger": 0.9, "champion": 0.89,
        "difference": 0.01, "intervals": {"difference": [0.002, 0.018]}, "outcome": "better",
    }  # fmt: skip
    card = model_card(metrics, decide(metrics), facts)
    assert (
        "Against the champion v0003, on the same 1,690 test titles with the rating hidden: ROC-AUC "
        "0.900 against 0.890, difference 0.010 (0.002 to 0.018): **better**."
    ) in card


def test_the_snippet_is_python(card):
    compile(LOADING, "snippet", "exec")
    assert LOADING.strip() in card


def test_facts_are_read_off_the_run(lab, metrics):
    workspace = lab.run(is_sample=True)
    stages = {stage: workspace.read(stage) for stage in workspace.run.stages()}
    facts = gather_facts(stages, decide(metrics))
    assert facts["run_id"] == "run1"
    assert facts["is_sample"] is True
    assert facts["catalog"]["rows"] == 8807
    assert facts["winner"] == "logistic_regression"
    assert facts["seeds"] == [7]
    assert facts["stages"]["select"]["config"] == {"seed": 7}
    assert set(facts["versions"]) >= {"python", "pandas", "scikit-learn"}
    assert facts["gates"][0]["gate"] == "cv_roc_auc"

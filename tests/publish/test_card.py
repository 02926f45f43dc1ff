import base64
import re

import pytest

from tasks.catalog.formats import count, in_words
from tasks.config import DecideConfig
from tasks.errors import ArtifactError
from tasks.evaluate_slices.metrics import METRICS as FIGURES_TABLE
from tasks.pipeline import EVALUATE_SLICES
from tasks.publish.card import CARD_TEMPLATE, card_page, escape, read_card, render
from tasks.publish.chain import check_chain
from tasks.publish.decision import make_decision
from tasks.volume.releases import Releases

HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(1)> [click](javascript:alert(1))
![x](http://evil.example/x.png) <https://evil.example> &lt;b&gt; | pipe {{ 7 * 7 }}"""
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x05\xdc..."  # 1,500 pixels wide


@pytest.fixture(scope="module")
def known(finished):
    return read_card(check_chain(finished, EVALUATE_SLICES))


@pytest.fixture
def facts(known):
    return known["facts"]


@pytest.fixture
def card(metrics, known, tmp_path):
    def make(version=None, approval=None, blocks=None, **changed):
        values = {**known, "metrics": metrics | (blocks or {}), **changed}
        challenger = {"run_id": "r1", "challenger_sha256": "ab"}
        challenger["is_sample"] = values["facts"]["is_sample"]
        none = Releases(tmp_path / "none")
        decision = make_decision(values["metrics"], DecideConfig(), challenger, none)
        values |= {"decision": decision, "version": version, "approval": approval}
        return render(CARD_TEMPLATE, **values)

    return make


def row(card, start):
    (found,) = [line for line in card.splitlines() if line.startswith(f"| {start} |")]
    return [cell.strip() for cell in found.strip("|").split("|")][1:]


def test_a_reader_meets_release_and_worth_first_then_what_is_asked_next(card):
    draft, released = card().splitlines(), card(version="v0003").splitlines()
    assert draft[0] == "# Family-friendly or not: model card"
    assert draft[2].startswith("**Draft: not a release.** · evaluated 20")
    assert released[0] == "# Family-friendly or not: model card v0003"
    assert re.match(
        r"Release \*\*v0003\*\* · evaluated .* UTC · run finished · model log", released[2]
    )
    assert released[4].startswith("On titles whose rating is hidden from it, this model has a ROC")
    parts = [line[3:] for line in draft if line.startswith("## ")]
    assert (len(parts), parts[:2]) == (10, ["May I use it?", "What it is worth"])
    (snippet,) = re.findall(r"```python\n(.*?)```", "\n".join(released), re.DOTALL)
    compile(snippet, "snippet", "exec")


def test_what_people_said_and_changed_is_told_and_how_they_were_chosen(card, metrics):
    assert "Nobody was asked yet. `to_review.csv` beside this card lists" in card()
    share = {"n": 9, "accuracy": 0.75, "intervals": {"accuracy": [0.5, 0.9]}}
    counts = {"n": 12, "disagreement": 2, "voting": 0, "labels_changed": 5, "labels_gained": 1}
    said = {
        **counts,
        "train": {"n": 8},
        "test": {"n": 4},
        "strength": 0.97,
        "agreement_with_labels": share,
        "agreement_with_ratings": share,
        "rating_hidden": metrics["rating_hidden"],
    }
    text = card(blocks={"answers": said})
    assert "about 12 titles (8 train titles, 4 test titles) and disagree about 2" in text
    assert "They are gold; none voted on a label." in text
    assert row(text, "Labels that no answer made")[0] == "9"
    assert "These are the hard ones" in text
    voted = card(blocks={"answers": {**said, "voting": 8}})
    assert "with strength 0.97: they changed 5 labels and gave 1 titles one." in voted


def test_every_metric_stands_with_the_circular_figure_beside_the_honest_ones(card, metrics):
    text = card()
    assert "| | Rating hidden | Blind audit | Rating visible | Seed's protocol (circular) |" in text
    blocks = [
        metrics["rating_hidden"], metrics["blind_audit"],
        metrics["rating_hidden"]["rating_visible"], metrics["seed_protocol"]["test"],
    ]  # fmt: skip
    assert row(text, "Test titles (n)") == [str(block["n"]) for block in blocks]
    for metric in FIGURES_TABLE:
        cells = row(text, escape(metric.words))
        for cell, block in zip(cells, blocks, strict=True):
            shown = cell.replace("\\", "").lstrip(">")
            assert abs(float(shown.split()[0]) - block[metric.name]) < 0.002, metric.name
    assert "merely reads the rating scores 0.999 there and knows nothing" in text


def test_slices_issues_augmentation_rules_candidates_catalog_and_leakage_are_there(
    card, metrics, known, facts, finished
):
    text, issues = card(), known["issues"]
    for name in metrics["seed_protocol"]["slices"]:
        assert len(row(text, in_words(name))) == 7, name
    for rule in metrics["labels"]["rules"]:
        assert row(text, escape(rule["name"]))[0] == escape(rule["polarity"]), rule["name"]
    found = metrics["label_issues"]["found"]
    assert f"does not believe {found} of " in text
    assert len(issues) == min(found, 10)
    start = f"{escape(issues[0]['title'])} ({escape(issues[0]['show_id'])})"
    assert row(text, start)[0] == issues[0]["label"]
    for operation in metrics["augmentation"]["operations"]:
        assert row(text, f"{operation.replace('_', ' ').capitalize()} alone")
    trained = count(metrics["candidates"][0]["n_titles"])
    assert row(text, "logistic regression")[0] == trained
    assert row(text, "Titles") == ["1,500"]
    assert facts["evaluated_at"] == finished.read(EVALUATE_SLICES).manifest["finished_at"]
    assert set(facts["versions"]) >= {"python", "pandas", "scikit-learn", "skops"}
    assert row(text, "Augmented copies of test titles") == ["0"]


def test_gates_people_and_the_champion_are_named(card, better):
    text = card()
    assert row(text, escape("label_coverage"))[0] == "passed"
    assert "There was no champion to compare with." in text
    assert "Let pass without enough evidence:" in text
    assert "No person was asked for approval." in card(version="v0003")
    approval = {"answer": "approved", "by": "ada", "at": "today", "comment": "<b>fine</b>"}
    said = r"Approved by ada on today: &lt;b\>fine&lt;/b\>"
    assert said in card(version="v0003", approval=approval)
    assert (
        "Against the champion v0003, on the same 300 test titles with the rating hidden: ROC-AUC "
        r"0.750 against 0.740, difference 0.010 \[0.005, 0.015\]: **better**."
    ) in card(blocks={"comparison": {"champion_version": "v0003", **better}})


def test_a_refused_challengers_card_says_why_and_the_samples_warns_first(card, metrics, facts):
    text = card(blocks={"leakage": metrics["leakage"] | {"twins_across_split": 3}})
    assert r"**Refused:**" in text
    assert r"twins\_across\_split is 3 on 1,500 titles; at most 0 is asked: failed." in text
    assert row(text, r"twins\_across\_split")[0] == "**failed**"
    marked = card(facts=facts | {"is_sample": True}).splitlines()
    assert marked[4].startswith("> **Made from the embedded sample.**")
    # Missing blocks leave dashes and are no error.
    decision = {"passed": False, "reasons": [], "doubts": [], "gates": []}
    assert (
        row(render(CARD_TEMPLATE, metrics={}, decision=decision, facts=facts), r"ROC\-AUC")
        == [r"\-"] * 4
    )


ESCAPED = {
    "a|b": r"a\|b",
    "two\nlines\r\n and   spaces": "two lines and spaces",
    "*bold* _it_ `code`": r"\*bold\* \_it\_ \`code\`",
    "[link](http://x)": r"\[link\]\(http://x\)",
    "<script>&amp;": r"&lt;script\>&amp;amp;",
    "back\\slash": "back\\\\slash",
    "# 1": r"\# 1",
}


def tags(page):
    return set(re.findall(r"<(\w+)", page[page.index("<body>") :]))


def test_nothing_in_text_acts_as_markdown_or_html(card, facts, metrics):
    for text, escaped in ESCAPED.items():
        assert escape(text) == escaped
    plain = tags(card_page(card(figures=()), {}))
    found = [{"predicate": HOSTILE, "n": 1, "error_rate": 0.5, "missed": {}}]
    issues = [{"title": HOSTILE, "show_id": HOSTILE, "label": HOSTILE, "rests_on": HOSTILE}]
    bad_facts = facts | {"catalog": facts["catalog"] | {"source": HOSTILE}, "run_id": HOSTILE}
    approval = {"answer": "approved", "by": HOSTILE, "at": HOSTILE, "comment": HOSTILE}
    home = metrics["home"] | {"unmapped_genres": {HOSTILE: 1}, "is_foreign": True}
    blocks = {"proposed_slices": found, "home": home}
    hostile = card("v1", approval, blocks, facts=bad_facts, issues=issues, figures=())
    assert "**This one speaks another language of genres**" in hostile
    page = card_page(hostile, {})
    body = page[page.index("<body>") :]
    assert tags(page) <= plain | {"table", "tbody", "td"}
    assert "{{ 7 * 7 }}" in body
    assert not re.search(r"<[^>]*(src|onerror)=", body)
    foreign = card_page("# Title\n\n![a chart](http://evil.example/x.png)\n\n## Part\n", {})
    assert "<p>a chart</p>" in foreign
    assert "evil" not in foreign
    assert set(re.findall(r'href="([^"]*)"', body)) == {f"#section-{n}" for n in range(1, 11)}


def test_the_page_holds_its_pictures_contents_and_style_and_asks_nothing_of_the_network(
    card, tmp_path
):
    path = tmp_path / "roc.png"
    path.write_bytes(PNG)
    figures = {"figures/roc_curves.png": path}
    page = card_page(card("v0002", figures=figures), figures)
    inside = base64.b64encode(PNG).decode()
    assert page.count(f'src="data:image/png;base64,{inside}" alt="ROC curves: ') == 1
    assert ' width="1000"' in page
    assert page.startswith("<!doctype html>")
    assert "<title>Family-friendly or not: model card v0002</title>" in page
    assert "default-src 'none'; img-src data:" in page
    assert "http" not in page.replace("http-equiv", "")
    assert '<li><a href="#section-1">May I use it?</a></li>' in page
    assert '<h2 id="section-1">May I use it?</h2>' in page
    assert page.count("<table>") == page.count('<div class="scroll" tabindex="0">\n<table>')
    assert re.search(r"<td>\S+ <span>\[\S+, \S+\]</span></td>", page)
    path.unlink()
    with pytest.raises(ArtifactError, match=r"roc.png does not exist"):
        card_page(card(figures=figures), figures)

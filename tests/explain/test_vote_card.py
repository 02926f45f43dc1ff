import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import ArtifactError, LabError
from tasks.explain.vote_card import find_title, nearest_titles, vote_card
from tasks.explain.votes import Vote
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.pipeline import LABEL, LABELED, LABELED_CSV, METRICS, MODEL
from tasks.volume import atomic
from tasks.volume.releases import File
from tasks.volume.runs import Volume


@pytest.fixture(scope="module")
def rated(sample_run):
    """The first title of the sample with a rating: ``rated("TV-MA")``; "": without one."""
    labeled = sample_run.read(LABEL).read_table(LABELED).drop_duplicates("title", keep=False)
    return lambda rating: labeled[labeled["rating"].fillna("") == rating].iloc[0]


def test_the_card_of_a_title_says_it_all(released_volume, rated):
    title = rated("TV-Y")
    card = vote_card(released_volume, f" {title['title'].upper()} ")
    assert (card.version, card.run_id) == ("v0001", "run_1")
    assert card.title == title[list(CATALOG_COLUMNS)].replace({np.nan: None}).to_dict()
    assert (card.label, card.reason, card.gold, card.notes) == ("family", "voted", "family", ())
    assert (card.probability, card.split) == (pytest.approx(title["probability"]), title["split"])
    assert [vote.rule for vote in card.votes] == [rule.name for rule in LABELING_FUNCTIONS]
    (rule,) = [rule for rule in LABELING_FUNCTIONS if rule.name == "rated_for_children"]
    vote = Vote(rule.name, rule.doc, "rating", rule.strength, "family", ("TV-Y",))
    assert vote in card.votes
    assert {vote.why for vote in card.votes_for("abstain")} == {()}
    sides = [len(card.votes_for(side)) for side in ("family", "not family", "abstain")]
    assert sum(sides) == len(card.votes)


def test_the_model_is_asked_with_and_without_the_rating(released_volume, rated):
    card = vote_card(released_volume, rated("TV-MA")["show_id"], top=6)
    shown, hidden = (
        {item["feature"]: item["contribution"] for item in opinion.contributions}
        for opinion in (card.with_rating, card.without_rating)
    )
    assert card.with_rating.probability < min(0.5, card.without_rating.probability)
    assert card.with_rating.unit == "log-odds"
    assert shown["rule: rated_for_adults"] < 0
    assert "rule: rated_for_adults" not in hidden
    for features in (shown, hidden):  # as many words as wanted, and as many others
        assert [name.startswith("word: ") for name in features].count(True) == 6
        assert len(features) == 12


def test_a_release_is_explained_by_its_own_rules_whatever_the_rulebook_says(
    released_volume, rated, monkeypatch
):
    wanted = rated("TV-MA")["show_id"]
    card = vote_card(released_volume, wanted)
    flipped = [replace(rule, votes=1 - rule.votes) for rule in LABELING_FUNCTIONS]
    monkeypatch.setattr("tasks.label.functions.LABELING_FUNCTIONS", tuple(flipped))
    assert vote_card(released_volume, wanted) == card


def test_rules_of_the_run_that_a_release_does_not_carry_are_named(
    released_volume, sample_run, tmp_path
):
    copy, source = Volume(tmp_path).releases, released_volume.releases.folder("v0001")
    metrics = json.loads((source / METRICS).read_text())
    metrics["labels"]["rules"] += [{"name": "is_old"}]
    atomic.write_bytes(tmp_path / METRICS, atomic.to_json(metrics))
    paths = {name: source / name for name in (LABELED_CSV, MODEL)} | {METRICS: tmp_path / METRICS}
    files = {name: File(path, atomic.sha256(path)) for name, path in paths.items()}
    copy.add("v0001", files, {"run_id": "run_1"})
    (note,) = vote_card(Volume(tmp_path), "s1", version="v0001").notes
    assert (
        note
        == "The run also asked is_old: code or people's answers, which a release does not carry."
    )


def test_the_card_is_plain_json(released_volume, rated):
    card = vote_card(released_volume, rated("")["show_id"], version="v0001").to_dict()
    again = json.loads(json.dumps(card, allow_nan=False))
    assert (again["gold"], again["title"]["rating"]) == (None, None)
    assert isinstance(again["title"]["release_year"], int)
    assert again["votes"][0]["rule"] == LABELING_FUNCTIONS[0].name


def test_a_name_of_several_titles_lists_them():
    facts = {"title": "Love", "type": "Movie", "release_year": 2000, "country": None}
    many = pd.DataFrame([{"show_id": f"s{n}", "director": None} | facts for n in range(12)])
    assert find_title(many, " s7 ")["show_id"].tolist() == ["s7"]
    listed = r"12 titles are called 'love'; .*\n  s0  Love \(Movie, 2000\)\n(.|\n)*  and 2 more$"
    with pytest.raises(LabError, match=listed):
        find_title(many, "love")


def test_a_title_that_is_not_there_is_refused_with_the_nearest():
    labeled = pd.DataFrame({"show_id": ["s1", "s2"], "title": ["Nimbert", "Other"]})
    for wanted, message in (
        ("nimbrt", r"show_id or name 'nimbrt'\. Did you mean Nimbert\?$"),
        ("qqq", r"No title of the catalog has .* 'qqq'\.$"),
        ("  ", r"No title is named; give a name or a show_id"),
    ):
        with pytest.raises(LabError, match=message):
            find_title(labeled, wanted)
    titles = pd.Series(["Unbreakable Kimmy: The Film", "Kimmy & Co", "Timmy", None, "Kimmy & Co"])
    with_it = ["Kimmy & Co", "Unbreakable Kimmy: The Film", "Timmy"]
    assert nearest_titles(titles, "kimmy") == with_it
    assert nearest_titles(titles, "Kimmi and Co") == ["Kimmy & Co"]


def test_a_release_that_is_not_there_or_altered_is_refused(released_volume, tmp_path):
    with pytest.raises(ArtifactError, match=r"v0007 is no release .* the releases are v0001"):
        vote_card(released_volume, "s1", version="v0007")
    copy = Volume(tmp_path).releases.folder("v0001")
    for path in released_volume.releases.folder("v0001").iterdir():
        atomic.write_bytes(copy / path.name, path.read_bytes())
    atomic.write_bytes(copy / MODEL, (copy / MODEL).read_bytes() + b" ")
    with pytest.raises(ArtifactError, match=r"best_model\.skops is missing or altered: it is not"):
        vote_card(Volume(tmp_path), "s1", version="v0001")


def test_before_the_first_release_there_is_a_card_without_a_model(sample_run, rated, tmp_path):
    with pytest.raises(ArtifactError, match=r"No run under .* has label"):
        vote_card(Volume(tmp_path), "s1")
    card = vote_card(sample_run.volume, rated("TV-Y")["show_id"])
    assert (card.version, card.run_id, card.label) == (None, "sample", "family")
    assert card.with_rating is card.without_rating is None
    assert {vote.rule for vote in card.votes_for("family")} >= {"rated_for_children"}
    assert card.notes == ("Nothing is released yet, so there is no model to ask.",)


def test_a_model_that_cannot_be_explained_is_asked_all_the_same(
    released_volume, rated, monkeypatch
):
    def refuse(*args, **kwargs):
        raise LabError("A forest can only be explained with shap.")

    monkeypatch.setattr("tasks.explain.vote_card.explain_titles", refuse)
    card = vote_card(released_volume, rated("TV-Y")["show_id"])
    assert card.with_rating.probability > 0.5
    assert card.with_rating.contributions == ()
    assert card.notes == ("A forest can only be explained with shap.",)

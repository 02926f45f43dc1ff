import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.config import LabelConfig
from tasks.errors import ArtifactError, LabError
from tasks.explain.vote_card import find_title, nearest_titles, vote_card
from tasks.label.analysis import analyse_rules
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import apply_rules
from tasks.train.features import CatalogFeatures, build_features
from tasks.volume import atomic
from tasks.volume.model_file import to_skops
from tasks.volume.releases import File
from tasks.volume.runs import Volume


def make_labeled():
    """Ten puppy films, ten about murder, and two of one name; the last rating is missing."""
    kinds = [("Puppy", "TV-Y", "Children & Family Movies"), ("Murder", "TV-MA", "Thrillers")] * 10
    rows = [
        (f"{word} {n}", rating, genre, f"A {word.lower()} story.")
        for n, (word, rating, genre) in enumerate(kinds)
    ]
    rows += [("Love", "R", "Dramas", "A couple."), ("LOVE", None, "Dramas", "A marriage.")]
    titles = pd.DataFrame(
        rows, columns=["title", "rating", "listed_in", "description"], dtype="str"
    )
    facts = {"type": "Movie", "duration": "99 min", "country": "France", "date_added": None}
    labeled = titles.assign(
        show_id=[f"s{n}" for n in range(len(rows))],
        release_year=pd.array([2000] * len(rows), dtype="Int64"),
        director=None,
        cast=None,
        **facts,
    )[list(CATALOG_COLUMNS)]
    label = pd.array([1, 0] * 10 + [0, None], dtype="Int8")
    probability = np.array([0.99, 0.01] * 10 + [0.1, 0.5])
    reason = ["voted"] * 21 + ["tie"]
    split = ["train", "test"] * 10 + ["train", None]
    return labeled.assign(label=label, probability=probability, reason=reason, split=split)


def analyse():
    labeled = make_labeled()
    votes = apply_rules(labeled, LABELING_FUNCTIONS)
    return analyse_rules(votes, LABELING_FUNCTIONS, labeled["label"], labeled["label"])


@pytest.fixture(scope="module")
def volume(tmp_path_factory):
    """A volume with one release, as publish makes them."""
    folder = tmp_path_factory.mktemp("volume")
    known = make_labeled().iloc[:20]
    steps = [("catalog", CatalogFeatures()), ("features", build_features())]
    model = Pipeline([*steps, ("model", LogisticRegression())])
    model.fit(known, known["label"].astype("int64"))
    contents = {
        "netflix_labeled_family.csv": atomic.to_csv(make_labeled()),
        "metrics.json": atomic.to_json({"labels": {"rules": analyse()}}),
        "best_model.skops": to_skops(model),
    }
    for name, content in contents.items():
        atomic.write_bytes(folder / "made" / name, content)
    volume = Volume(folder)
    paths = {name: folder / "made" / name for name in contents}
    files = {name: File(path, atomic.sha256(path)) for name, path in paths.items()}
    volume.releases.add("v0001", files, {"run_id": "run_1"})
    volume.releases.switch("v0001", "run_1")
    return volume


def test_the_card_of_a_title_says_it_all(volume):
    card = vote_card(volume, "puppy 2")
    assert (card.version, card.run_id, card.title["title"]) == ("v0001", "run_1", "Puppy 2")
    assert (card.label, card.probability, card.reason) == ("family", 0.99, "voted")
    assert (card.split, card.gold, card.notes) == ("train", "family", ())
    assert len(card.votes) == len(LABELING_FUNCTIONS)
    why = {vote.rule: vote.why for vote in card.votes_for("family")}
    assert why["rated_for_families"] == ("TV-Y",)
    assert why["genre_children"] == ("Children & Family Movies",)
    assert why["kw_animal_friends"] == ("puppy",)
    assert card.votes_for("not family") == []
    assert len(card.votes_for("abstain")) == len(card.votes) - len(why)


def test_the_model_is_asked_with_and_without_the_rating(volume):
    card = vote_card(volume, "Murder 3")
    shown = {i["feature"]: i["contribution"] for i in card.with_rating.contributions}
    hidden = {i["feature"]: i["contribution"] for i in card.without_rating.contributions}
    assert card.with_rating.probability < card.without_rating.probability < 0.5
    assert shown["rating = TV-MA"] < 0
    assert shown["word: murder"] < 0
    assert "rating = TV-MA" not in hidden
    assert hidden["word: murder"] < 0
    assert card.with_rating.unit == "log-odds"


def test_as_many_words_as_wanted_are_named_and_as_many_other_features(volume):
    features = [
        item["feature"] for item in vote_card(volume, "s1", top=2).with_rating.contributions
    ]
    assert len([name for name in features if name.startswith("word: ")]) == 2
    assert len(features) == 4


def test_the_card_is_plain_json(volume):
    card = vote_card(volume, "s21", version="v0001").to_dict()
    again = json.loads(json.dumps(card, allow_nan=False))
    assert (again["label"], again["gold"], again["split"]) == (None, None, None)
    assert again["reason"] == "tie"
    assert again["title"]["rating"] is None
    assert again["title"]["release_year"] == 2000
    assert again["votes"][0]["rule"] == LABELING_FUNCTIONS[0].name


def test_a_name_of_several_titles_lists_them(volume):
    expected = r"2 titles are called 'love'; .*\n  s20  Love \(Movie, 2000, France\)\n  s21  LOVE"
    with pytest.raises(LabError, match=expected):
        vote_card(volume, "love")
    assert vote_card(volume, " s20 ").title["title"] == "Love"


def test_a_long_list_of_titles_is_cut(volume):
    many = pd.concat([make_labeled().head(1).assign(show_id=f"s{n}") for n in range(12)])
    with pytest.raises(LabError, match=r"12 titles are called(.|\n)*  and 2 more$"):
        find_title(many, "Puppy 0")


def test_a_title_that_is_not_there_is_refused_with_the_nearest(volume):
    with pytest.raises(LabError, match=r"name 'pupy 2'\. Did you mean .*Puppy 2"):
        vote_card(volume, "pupy 2")
    with pytest.raises(LabError, match=r"No title of the catalog has .* 'zzz'\.$"):
        vote_card(volume, "zzz")
    with pytest.raises(LabError, match=r"No title is named; give a name or a show_id"):
        vote_card(volume, "  ")


def test_the_nearest_titles_have_the_words_wanted_or_are_spelled_nearly_so():
    titles = pd.Series(["Unbreakable Kimmy: The Film", "Kimmy & Co", "Timmy", None, "Kimmy & Co"])
    assert nearest_titles(titles, "kimmy") == [
        "Kimmy & Co", "Unbreakable Kimmy: The Film", "Timmy",
    ]  # fmt: skip
    assert nearest_titles(titles, "Kimmi and Co") == ["Kimmy & Co"]
    assert nearest_titles(titles, "zzz") == []


def test_a_release_that_is_not_there_is_refused(volume):
    with pytest.raises(ArtifactError, match=r"v0007 is no release .* the releases are v0001"):
        vote_card(volume, "s1", version="v0007")


def test_an_altered_release_is_not_believed(volume, tmp_path):
    altered = Volume(tmp_path)
    folder = volume.releases.folder("v0001")
    for path in folder.iterdir():
        atomic.write_bytes(tmp_path / "releases" / "v0001" / path.name, path.read_bytes())
    model = tmp_path / "releases" / "v0001" / "best_model.skops"
    atomic.write_bytes(model, model.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match=r"best_model\.skops is not the file that was released"):
        vote_card(altered, "s1", version="v0001")


def test_before_the_first_release_there_is_a_card_without_a_model(tmp_path):
    volume = Volume(tmp_path)
    with pytest.raises(ArtifactError, match=r"No run under .* has label"):
        vote_card(volume, "s1")
    with volume.workspace("manual__1").write("label", LabelConfig()) as out:
        out.write_table("labeled.parquet", make_labeled())
        out.write_json("rules.json", analyse())
    card = vote_card(volume, "s1")
    assert (card.version, card.run_id, card.label) == (None, "manual__1", "not family")
    assert card.with_rating is card.without_rating is None
    assert card.notes == ("Nothing is released yet, so there is no model to ask.",)


def test_a_model_that_cannot_be_explained_is_asked_all_the_same(volume, monkeypatch):
    def refuse(*args, **kwargs):
        raise LabError("A forest can only be explained with shap.")

    monkeypatch.setattr("tasks.explain.vote_card.explain_titles", refuse)
    card = vote_card(volume, "Puppy 2")
    assert card.with_rating.probability > 0.5
    assert card.with_rating.contributions == ()
    assert card.notes == ("A forest can only be explained with shap.",)

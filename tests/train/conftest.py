"""A small training table in the stages' format, and a volume where every candidate is trained."""

import shutil

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import derive_features
from tasks.config import StageConfig, TrainConfig
from tasks.label.answers import weigh_answers
from tasks.label.conditions import Names, keywords
from tasks.label.rule import having, listing, mentioning, rated, rules_to_json
from tasks.label.vote import apply_rules, name_votes
from tasks.train.models import MODELS
from tasks.train.stage import train
from tasks.volume.runs import Volume

FAMILY_WORDS = ("puppy", "magic", "school", "friends", "christmas", "princess", "adventure")
OTHER_WORDS = ("murder", "cartel", "war", "prison", "revenge", "scandal", "addiction")
N_TITLES = 48
RULES = (
    rated("rated_child", 1, 0.9, "TV-Y", doc="Rated for children."),
    rated("rated_adult", 0, 0.9, "TV-MA", doc="Rated for adults."),
    listing("thrilling", 0, 0.9, "Thrillers", doc="A thriller."),
    mentioning("deadly", 0, 0.8, keywords("murder, war"), doc="Deadly."),
    having("homely", 1, 0.7, type=Names(any_of=("TV Show",)), words=keywords("friends"),
           without=keywords("war"), doc="Homely."),
)  # fmt: skip


def make_title(i):
    """A third of the titles is family; each has words of its own and two of its class's."""
    family = i % 3 == 0
    words = FAMILY_WORDS if family else OTHER_WORDS
    one, other = words[i % 7], words[(i + 3) % 7]
    return {
        "show_id": f"s{i + 1:03d}",
        "type": "TV Show" if i % 4 == 0 else "Movie",
        "title": f"Title number{i}",
        "cast": None if i % 5 == 0 else ", ".join(f"Actor {k}" for k in range(i % 4 + 1)),
        "rating": None if i % 11 == 0 else ("TV-Y" if family else "TV-MA"),
        "duration": "2 Seasons" if i % 4 == 0 else f"{80 + i} min",
        "listed_in": "Children & Family Movies" if family else "Thrillers, Dramas",
        "description": f"A {one} and {other}, place{i % 9}, pet{i} and town{i}.",
        "split": "test" if i % 4 == 3 else "train",
        "content_group": f"g{i if i != 9 else 6}",
    }


@pytest.fixture(scope="session")
def labeled():
    """What the stage label leaves: every thirteenth title a tie, s007 and s010 twins."""
    number = np.arange(N_TITLES)
    label = pd.Series(number % 3 == 0).astype("Int8").mask(number % 13 == 5)
    nothing = pd.Series(None, index=label.index, dtype="str")
    titles = pd.DataFrame([make_title(i) for i in number]).astype("str")
    titles = titles.assign(
        director=nothing,
        country=nothing,
        date_added=nothing,
        release_year=pd.array(1990 + number % 30, dtype="Int64"),
        label=label,
        probability=label.astype("Float64").astype("float64"),
        reason=label.map({0: "voted", 1: "voted"}).fillna("tie").astype("str"),
    )
    return titles.join(name_votes(apply_rules(titles, RULES), RULES))


@pytest.fixture(scope="session")
def training(labeled):
    """The labelled train titles and two copies of each family title."""
    titles = labeled[(labeled["split"] == "train") & labeled["label"].notna()]
    kept = titles[["show_id", "probability", "content_group", "votes", "rating_votes"]]
    rows = derive_features(titles).join(kept).assign(label=titles["label"].astype("int8"))
    nothing = pd.Series(None, index=rows.index, dtype="str")
    rows = rows.assign(parent_id=nothing, operation=nothing)
    family = rows[rows["label"] == 1]
    copies = [
        family.assign(
            show_id=family["show_id"] + f"~swap~{k}",
            parent_id=family["show_id"],
            operation="swap",
            text=family["text"] + f" again{k}",
        )
        for k in range(2)
    ]
    table = pd.concat([rows, *copies], ignore_index=True)
    return table.sort_values("show_id", ignore_index=True)


def write_stages(root, labeled, training):
    """Put the stages label and augment into a run; return its workspace."""
    workspace = Volume(root).workspace("run1")
    with workspace.write("label", StageConfig()) as out:
        out.write_table("labeled.parquet", labeled)
        out.write_table("near_duplicates.parquet", near_duplicates(labeled))
        out.write_bytes("rulebook.json", rules_to_json(RULES).encode())
        nobody = weigh_answers(None, labeled["show_id"], labeled["split"], voting=False)
        out.write_table("answers.parquet", nobody)
    with workspace.write("augment", StageConfig()) as out:
        out.write_table("augmented.parquet", training)
    return workspace


@pytest.fixture
def write_run(tmp_path, labeled, training):
    """Write a run with other tables than the usual."""
    return lambda **tables: write_stages(
        tmp_path, tables.get("labeled", labeled), tables.get("training", training)
    )


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory, labeled, training):
    workspace = write_stages(tmp_path_factory.mktemp("volume"), labeled, training)
    for model in MODELS:
        train(workspace, TrainConfig(folds=3), model.name)
    return workspace


@pytest.fixture
def trained(trained_once, tmp_path):
    """A run of which every candidate is trained: its workspace."""
    shutil.copytree(trained_once.volume.root, tmp_path / "trained")
    return Volume(tmp_path / "trained").workspace("run1")

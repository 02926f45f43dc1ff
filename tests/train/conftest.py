"""A small training table in the stages' format, and a volume that holds it."""

import pandas as pd
import pytest

from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import derive_features
from tasks.config import StageConfig
from tasks.volume.runs import Volume

FAMILY_WORDS = ("puppy", "magic", "school", "friends", "christmas", "princess", "adventure")
OTHER_WORDS = ("murder", "cartel", "war", "prison", "revenge", "scandal", "addiction")


def make_catalog(n_titles=48):
    """A third of the titles is family; each has words of its own and two of its class's."""
    titles = []
    for i in range(n_titles):
        family = i % 3 == 0
        words = FAMILY_WORDS if family else OTHER_WORDS
        titles.append(
            {
                "show_id": f"s{i + 1:03d}",
                "type": "TV Show" if i % 4 == 0 else "Movie",
                "title": f"Title number{i}",
                "director": None,
                "cast": None if i % 5 == 0 else ", ".join(f"Actor {k}" for k in range(i % 4 + 1)),
                "country": None,
                "date_added": None,
                "release_year": 1990 + i % 30,
                "rating": None if i % 11 == 0 else ("TV-Y" if family else "TV-MA"),
                "duration": "2 Seasons" if i % 4 == 0 else f"{80 + i} min",
                "listed_in": "Children & Family Movies" if family else "Thrillers, Dramas",
                "description": f"A {words[i % 7]} and the {words[(i + 3) % 7]} of place{i % 9}.",
            }
        )
    catalog = pd.DataFrame(titles).astype({"release_year": "Int64"})
    return catalog.astype({c: "str" for c in catalog.columns if c != "release_year"})


def make_labeled(n_titles=48):
    catalog = make_catalog(n_titles)
    number = pd.Series(range(n_titles))
    label = (number % 3 == 0).astype("Int8")
    label[number % 13 == 5] = pd.NA
    return catalog.assign(
        label=label,
        probability=label.astype("Float64").astype("float64"),
        reason=label.map({0: "voted", 1: "voted"}).fillna("tie").astype("str"),
        split=pd.Series(["test" if i % 4 == 3 else "train" for i in number], dtype="str"),
        content_group=pd.Series([f"g{i if i != 9 else 6}" for i in number], dtype="str"),
    )


def make_training(labeled):
    """The labelled train titles and two copies of each family title."""
    titles = labeled[(labeled["split"] == "train") & labeled["label"].notna()]
    nothing = pd.Series(None, index=titles.index, dtype="str")
    rows = derive_features(titles).assign(
        show_id=titles["show_id"],
        label=titles["label"].astype("int8"),
        probability=titles["probability"],
        parent_id=nothing,
        operation=nothing,
        content_group=titles["content_group"],
    )
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
    return pd.concat([rows, *copies], ignore_index=True)


@pytest.fixture
def labeled():
    return make_labeled()


@pytest.fixture
def training(labeled):
    return make_training(labeled).sort_values("show_id", ignore_index=True)


@pytest.fixture
def write_run(tmp_path):
    """Puts stages label and augment into a run and returns its workspace."""

    def write(labeled, training=None, run_id="run1"):
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write("label", StageConfig()) as out:
            out.write_table("labeled.parquet", labeled)
            out.write_table("near_duplicates.parquet", near_duplicates(labeled))
        table = make_training(labeled) if training is None else training
        with workspace.write("augment", StageConfig()) as out:
            out.write_table("augmented.parquet", table)
        return workspace

    return write


@pytest.fixture
def workspace(write_run, labeled):
    return write_run(labeled)

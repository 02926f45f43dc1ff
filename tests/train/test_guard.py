"""Deliberate sabotage of the training table; each is caught and named."""

import logging
import random

import pandas as pd
import pytest

from tasks.augment.stage import augment
from tasks.augment.transform import Context, Passage
from tasks.augment.transforms import random_deletion, random_swap
from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import title_text
from tasks.config import AugmentConfig, StageConfig
from tasks.errors import LeakageError
from tasks.fetch.source import load_netflix_data
from tasks.label.split import split_by_content
from tasks.train.guard import check_training_rows
from tasks.volume.runs import Volume

STORIES = (
    "an old sailor teaches three orphans how to mend a broken boat before the winter storms come",
    "two rival bakers enter a village contest and learn to share the only oven that still works",
    "a retired spy returns to the city where her brother vanished and trusts nobody she meets",
    "the youngest singer of a famous family refuses to perform until her grandmother comes home",
    "four students build a rocket from kitchen pots while their teacher looks the other way",
    "a judge who never sleeps hears one last case about a stolen painting and a silent witness",
    "miners under a frozen lake discover a door that nobody remembers and decide to open it",
    "a taxi driver finds a suitcase of letters and delivers each of them during a single night",
)


@pytest.fixture
def labeled():
    """Six train titles, three of a class, and two test titles; no two are alike."""
    n = len(STORIES)
    frame = pd.DataFrame(
        {
            "show_id": [f"s{i}" for i in range(n)],
            "title": [f"{story.split()[2].title()} {i}" for i, story in enumerate(STORIES)],
            "description": STORIES,
        }
    ).reindex(columns=list(CATALOG_COLUMNS))
    frame = frame.astype("str").assign(type="Movie", listed_in="Dramas", rating="PG")
    return frame.assign(
        label=pd.array([1, 0, 0, 1, 0, 0, 1, 0], dtype="Int8"),
        probability=0.5,
        split=pd.array(["train"] * 6 + ["test"] * 2, dtype="str"),
        content_group=frame["show_id"],
    )


@pytest.fixture
def training(labeled, tmp_path):
    """The training table that the stage augment makes of the titles."""
    workspace = Volume(tmp_path).workspace("a")
    with workspace.write("label", StageConfig()) as out:
        out.write_table("labeled.parquet", labeled)
        out.write_table("near_duplicates.parquet", near_duplicates(labeled))
        out.write_json("rules.json", [])
    augment(workspace, AugmentConfig(operations=("random_swap", "random_deletion")))
    return workspace.read("augment").read_table("augmented.parquet")


def guard(training, labeled):
    check_training_rows(training, labeled, near_duplicates(labeled))


def with_row(training, **cells):
    row = training.iloc[[0]].assign(parent_id=None, operation=None).assign(**cells)
    return pd.concat([training, row], ignore_index=True)


def test_a_clean_table_passes_and_is_described(training, labeled, caplog):
    with caplog.at_level(logging.INFO):
        guard(training, labeled)
    assert len(training) > 6
    expected = f"Training guard: {len(training)} training rows have nothing of 2 test titles"
    assert expected in caplog.text


def test_a_test_title_among_the_rows_is_found_whatever_it_is_called(training, labeled):
    texts = title_text(labeled)
    disguised = training.copy()
    disguised.loc[disguised["show_id"] == "s2", "text"] = texts[6]
    copy = {"show_id": "s6~x~1", "parent_id": "s6", "operation": "x"}
    cases = {
        r"^Training row s6 is a test title\. Training must see": with_row(training, show_id="s6"),
        r"Training row s6~x~1 is an augmented copy of the test title s6": with_row(
            training, **copy
        ),
        r"Training row s99 has 100% of its words in common with the test title s7 \('Driver 7'\)": (
            with_row(training, show_id="s99", text=texts[7])
        ),
        r"Training row s2 has 100% .* the test title s6": disguised,
    }
    for expected, rows in cases.items():
        with pytest.raises(LeakageError, match=expected):
            guard(rows, labeled)


def test_an_augmented_copy_of_a_test_title_is_found_under_another_parents_name(training, labeled):
    for operation in (random_swap, random_deletion):
        text = operation(Passage.of(title_text(labeled)[7]), random.Random(1), Context())
        row = with_row(training, show_id="s0~x~1", parent_id="s0", operation="x", text=text)
        expected = r"Training row s0~x~1, a copy of s0, has \d+% of its words .* the test title s7"
        with pytest.raises(LeakageError, match=expected):
            guard(row, labeled)


def test_near_duplicates_of_test_titles_and_their_copies_are_named(training, labeled):
    edited = labeled.copy()
    edited.loc[edited["show_id"] == "s0", "description"] = STORIES[7]
    expected = r"Training row s0 is a near-duplicate of the test title s7 \(the same description\)"
    with pytest.raises(LeakageError, match=expected):
        guard(training, edited)
    copies = training[training["parent_id"] == "s0"]
    with pytest.raises(LeakageError, match=r"s0~random_\w+~1, a copy of s0, is a near-duplicate"):
        guard(copies, edited)


def test_a_row_that_comes_from_no_train_title(training, labeled):
    for split in ("nowhere", None):
        edited = labeled.copy()
        edited.loc[edited["show_id"] == "s1", "split"] = split
        with pytest.raises(LeakageError, match="Training row s1 comes from no title on the train"):
            guard(training, edited)
    with pytest.raises(LeakageError, match="Training row x comes from no title on the train side"):
        guard(with_row(training, show_id="x", text="of no title at all"), labeled)


def test_many_offenders_are_counted_and_some_named(training, labeled):
    expected = (
        r"^Training row s0 is a test title; .*s1.*; .*s2.*; and \d+ rows more\. Training must"
    )
    with pytest.raises(LeakageError, match=expected):
        guard(training, labeled.assign(split="test"))


@pytest.mark.catalog
def test_nothing_leaks_in_the_real_catalog(real_catalog):
    catalog = load_netflix_data(real_catalog)
    labeled = pd.concat([catalog, split_by_content(catalog)], axis=1)
    near = near_duplicates(labeled)
    kept = (labeled["split"] == "train") & ~labeled["show_id"].isin(near["show_id"])
    rows = labeled.loc[kept, ["show_id"]].assign(text=title_text(labeled), parent_id=None)
    check_training_rows(rows.astype("str"), labeled, near)

"""Deliberate sabotage of the training table and of the rulebook; each is caught and named."""

import random

import numpy as np
import pandas as pd
import pytest

from tasks.augment.stage import augment
from tasks.augment.transform import Context, Passage
from tasks.augment.transforms import random_deletion, random_swap
from tasks.catalog.columns import CATALOG_COLUMNS, FAMILY, NOT_FAMILY
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import gold_labels, load_netflix_data, title_text
from tasks.config import AugmentConfig, StageConfig
from tasks.errors import LeakageError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import labeling_function
from tasks.label.split import split_by_content
from tasks.label.vote import apply_rules
from tasks.train import guard
from tasks.train.guard import check_rules
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


def check_training_rows(training, labeled):
    return guard.check_training_rows(training, labeled, near_duplicates(labeled))


def with_row(training, **cells):
    row = training.iloc[[0]].assign(parent_id=None, operation=None).assign(**cells)
    return pd.concat([training, row], ignore_index=True)


def test_a_clean_table_passes_and_is_described(training, labeled):
    assert len(training) > 6
    assert check_training_rows(training, labeled) == {
        "status": "clean",
        "training_rows": len(training),
        "test_titles": 2,
        "near_duplicates_left_out": 0,
    }


def test_a_test_title_under_its_own_id(training, labeled):
    with pytest.raises(LeakageError, match=r"^Training row s6 is a test title\. Training must see"):
        check_training_rows(with_row(training, show_id="s6"), labeled)


def test_a_test_title_under_another_id(training, labeled):
    text = title_text(labeled).iloc[7]
    expected = (
        r"Training row s99 has 100% of its words in common with the test title s7 \('Driver 7'\)"
    )
    with pytest.raises(LeakageError, match=expected):
        check_training_rows(with_row(training, show_id="s99", text=text), labeled)


def test_a_test_title_under_a_train_titles_id(training, labeled):
    disguised = training.copy()
    disguised.loc[disguised["show_id"] == "s2", "text"] = title_text(labeled).iloc[6]
    with pytest.raises(LeakageError, match=r"Training row s2 has 100% .* the test title s6"):
        check_training_rows(disguised, labeled)


def test_an_augmented_copy_of_a_test_title(training, labeled):
    row = with_row(training, show_id="s6~random_swap~1", parent_id="s6", operation="random_swap")
    expected = r"Training row s6~random_swap~1 is an augmented copy of the test title s6"
    with pytest.raises(LeakageError, match=expected):
        check_training_rows(row, labeled)


@pytest.mark.parametrize("operation", [random_swap, random_deletion], ids=lambda o: o.name)
def test_an_augmented_copy_of_a_test_title_under_another_parents_name(training, labeled, operation):
    passage = Passage.of(title_text(labeled).iloc[7])
    text = operation(passage, random.Random(1), Context())
    row = with_row(training, show_id="s0~x~1", parent_id="s0", operation="x", text=text)
    expected = r"Training row s0~x~1, a copy of s0, has \d+% of its words .* the test title s7"
    with pytest.raises(LeakageError, match=expected):
        check_training_rows(row, labeled)


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"title": "DRIVER 7!"}, r"the same title"),
        ({"description": STORIES[7].upper() + "..."}, r"the same description"),
        ({"description": "A" + STORIES[7][1:] + " Again"}, r"93% of the description"),
    ],
)
def test_a_near_duplicate_of_a_test_title(training, labeled, cells, why):
    edited = labeled.copy()
    edited.loc[edited["show_id"] == "s0", list(cells)] = list(cells.values())
    expected = rf"Training row s0 is a near-duplicate of the test title s7 \({why}\)"
    with pytest.raises(LeakageError, match=expected):
        check_training_rows(training, edited)
    assert near_duplicates(edited)[["show_id", "test_id"]].to_numpy().tolist() == [["s0", "s7"]]


def test_the_copies_of_a_near_duplicate_are_named_too(training, labeled):
    edited = labeled.copy()
    edited.loc[edited["show_id"] == "s0", "description"] = STORIES[7]
    copies = training[training["parent_id"] == "s0"]
    with pytest.raises(LeakageError, match=r"s0~random_\w+~1, a copy of s0, is a near-duplicate"):
        check_training_rows(copies, edited)


@pytest.mark.parametrize("split", ["nowhere", None])
def test_a_row_that_comes_from_no_train_title(training, labeled, split):
    edited = labeled.copy()
    edited.loc[edited["show_id"] == "s1", "split"] = split
    with pytest.raises(LeakageError, match="Training row s1 comes from no title on the train side"):
        check_training_rows(training, edited)
    with pytest.raises(LeakageError, match="Training row x comes from no title on the train side"):
        check_training_rows(with_row(training, show_id="x", text="of no title at all"), labeled)


def test_many_offenders_are_counted_and_some_named(training, labeled):
    expected = (
        r"^Training row s0 is a test title; .*s1.*; .*s2.*; and \d+ rows more\. Training must"
    )
    with pytest.raises(LeakageError, match=expected):
        check_training_rows(training, labeled.assign(split="test"))


def test_rows_without_texts_are_checked_by_their_ids(labeled):
    ids = labeled[["show_id"]]
    assert check_training_rows(ids[:6], labeled)["training_rows"] == 6
    with pytest.raises(LeakageError, match="Training row s6 is a test title"):
        check_training_rows(ids, labeled)


def test_twins_on_the_same_side_are_nobodys_business(labeled):
    edited = labeled.copy()
    edited.loc[1, "description"] = STORIES[0]
    edited.loc[7, "description"] = STORIES[6]
    assert near_duplicates(edited).empty
    assert near_duplicates(labeled.assign(description=None, title="")).empty


def make_rated(n=800):
    """A catalog of which every fourth title is family; titles and genres say nothing."""
    return (
        pd.DataFrame(
            {
                "show_id": [f"s{i}" for i in range(n)],
                "type": "Movie",
                "title": [f"Title {i}" for i in range(n)],
                "listed_in": "Dramas",
                "description": [f"words {i * 7 % 13}" for i in range(n)],
                "rating": ["TV-Y" if i % 4 == 0 else "TV-MA" for i in range(n)],
            }
        )
        .reindex(columns=list(CATALOG_COLUMNS))
        .astype("str")
    )


def spy_on(catalog, side, keep):
    """A rule that looks its titles up in the ratings, though it declares to read the title."""
    answers = dict(zip(catalog["title"], gold_labels(catalog["rating"]) == side, strict=True))

    @labeling_function(reads=("title",), votes=side)
    def spy(titles):
        """Reads the title, and what a file says of it."""
        known = titles["title"].map(answers).to_numpy(dtype=bool)
        return known & (np.arange(len(titles)) % 100 < keep)

    return spy


def check(catalog, rule):
    check_rules(apply_rules(catalog, [rule]), [rule], gold_labels(catalog["rating"]))


@pytest.mark.parametrize(("side", "keep"), [(FAMILY, 100), (NOT_FAMILY, 100), (NOT_FAMILY, 60)])
def test_a_rule_that_reads_gold(side, keep):
    catalog = make_rated()
    expected = r"Rule spy reads gold: \d+ of the \d+ titles .* declares to read title only"
    with pytest.raises(LeakageError, match=expected):
        check(catalog, spy_on(catalog, side, keep))


def test_a_rule_that_is_right_on_few_titles_may_be_prior_knowledge():
    catalog = make_rated()
    check(catalog, spy_on(catalog, FAMILY, keep=30))


def test_a_rule_that_declares_to_read_ratings_is_let_be():
    catalog = make_rated()

    @labeling_function(reads=("rating",), votes=FAMILY)
    def rated(titles):
        """Rated for children."""
        return (titles["rating"] == "TV-Y").to_numpy()

    check(catalog, rated)


def test_too_little_gold_proves_nothing():
    catalog = make_rated(400)
    check(catalog, spy_on(catalog, FAMILY, keep=100))
    one_class = make_rated().assign(rating="TV-Y").astype("str")
    check(one_class, spy_on(one_class, FAMILY, keep=100))


def test_a_class_that_nearly_every_title_has_is_easily_found():
    catalog = make_rated()
    catalog["rating"] = ["TV-MA" if i % 250 == 0 else "TV-Y" for i in range(len(catalog))]

    @labeling_function(reads=("type",), votes=FAMILY)
    def film(titles):
        """Is a film."""
        return (titles["type"] == "Movie").to_numpy()

    check(catalog, film)


@pytest.mark.catalog
def test_nothing_leaks_in_the_real_catalog(real_catalog):
    catalog = load_netflix_data(real_catalog)
    labeled = pd.concat([catalog, split_by_content(catalog)], axis=1)
    rules = [rule for rule in LABELING_FUNCTIONS if "rating" not in rule.reads]
    check_rules(apply_rules(catalog, rules), rules, gold_labels(catalog["rating"]))
    train = labeled[labeled["split"] == "train"]
    rows = train[["show_id"]].assign(text=title_text(train))
    assert check_training_rows(rows, labeled)["status"] == "clean"

"""The stage on a small catalog: its files, its counts, and what it refuses."""

import logging

import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.config import LabelConfig
from tasks.errors import ArtifactError, LabelingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.stage import label
from tasks.volume.runs import Volume

FILES = {
    "labeled.parquet",
    "near_duplicates.parquet",
    "votes.parquet",
    "rules.json",
    "changes.json",
    "label.json",
    "netflix_labeled_family.csv",
}
KINDS = [
    {"rating": "TV-Y", "listed_in": "Kids' TV", "description": "A puppy and a toddler."},
    {"rating": "R", "listed_in": "Horror Movies", "description": "A murder."},
    {"rating": None, "listed_in": "Dramas", "description": "A quiet year."},
    {"rating": None, "listed_in": "Children & Family Movies, Dramas", "description": "Drugs."},
]


def make_catalog(kinds=KINDS, n=40):
    rows = [
        dict.fromkeys(CATALOG_COLUMNS)
        | {"show_id": f"s{i:03}", "type": "Movie", "title": f"No {i}"}
        | kinds[i % len(kinds)]
        for i in range(n)
    ]
    for i, row in enumerate(rows):
        row["description"] = f"{row['description']} ({i})"
    catalog = pd.DataFrame(rows, columns=CATALOG_COLUMNS, dtype="str")
    return catalog.assign(release_year=pd.array([2020] * n, dtype="Int64"))


@pytest.fixture
def run_stage(tmp_path):
    def run(catalog, run_id="run_1", **config):
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write("fetch", LabelConfig()) as out:
            out.write_table("catalog.parquet", catalog)
        config = LabelConfig(**{"aggregator": "majority"} | config)
        return label(workspace, config), workspace.read("label")

    return run


def test_the_files_and_the_counts(run_stage):
    counts, written = run_stage(make_catalog())
    assert set(written.manifest["files"]) == FILES
    assert written.read_json("label.json") == counts
    assert counts["titles"] == 40
    assert counts["labels"] == {"family": 10, "not family": 10, "unlabelled": 20}
    assert counts["reasons"] == {"voted": 20, "tie": 10, "no votes": 10}
    assert sum(sum(side.values()) for side in counts["split"].values()) == 40
    assert counts["twins_on_both_sides"] == 0
    assert counts["tie_policy"] == "abstain"


def test_the_tables(run_stage):
    catalog = make_catalog()
    _, written = run_stage(catalog)
    labeled = written.read_table("labeled.parquet")
    weak = ["label", "probability", "reason", "split"]
    assert list(labeled.columns) == [*CATALOG_COLUMNS, *weak, "content_group"]
    pd.testing.assert_frame_equal(labeled[list(CATALOG_COLUMNS)], catalog)
    assert labeled["label"].dtype == "Int8"
    assert labeled["label"].head(4).to_list() == [1, 0, pd.NA, pd.NA]
    assert labeled["probability"].head(2).to_list() == [1.0, 0.0]
    assert labeled["reason"].head(4).to_list() == ["voted", "voted", "no votes", "tie"]
    assert set(labeled["split"]) == {"train", "test"}

    votes = written.read_table("votes.parquet")
    assert list(votes.columns) == ["show_id", *(rule.name for rule in LABELING_FUNCTIONS)]
    assert set(votes.dtypes.drop("show_id")) == {pd.Int8Dtype().numpy_dtype}
    assert [rule["name"] for rule in written.read_json("rules.json")] == list(votes.columns[1:])

    lines = written.read_bytes("netflix_labeled_family.csv").decode().splitlines()
    assert lines[0] == ",".join([*CATALOG_COLUMNS, *weak])
    first = labeled["split"].head(3)
    assert lines[1].endswith(f"A puppy and a toddler. (0),1,1.0,voted,{first[0]}")
    assert lines[2].endswith(f"A murder. (1),0,0.0,voted,{first[1]}")
    assert lines[3].endswith(f"A quiet year. (2),,,no votes,{first[2]}")


def test_by_default_votes_are_weighted_and_hints_count(run_stage):
    assert LabelConfig().aggregator == "weighted"
    counts, written = run_stage(make_catalog(), aggregator="weighted")
    assert counts["aggregator"] == "weighted"
    assert counts["labels"] == {"family": 20, "not family": 20, "unlabelled": 0}
    chances = written.read_table("labeled.parquet")["probability"].head(4).tolist()
    assert chances[0] > 0.99
    assert chances[1] < 0.01
    assert 0.2 < chances[2] < 0.5 < chances[3] < 0.95


def test_what_is_wrong_with_a_rule_is_said_and_logged(run_stage, caplog):
    with caplog.at_level(logging.INFO):
        counts, written = run_stage(make_catalog())
    dead = "genre_teen is dead: votes on no title"
    assert dead in counts["findings"]
    assert dead in caplog.text
    rules = {rule["name"]: rule for rule in written.read_json("rules.json")}
    assert rules["genre_teen"]["findings"] == ["dead: votes on no title"]
    assert rules["genre_drama"]["findings"] == []


def test_rules_are_judged_on_train_titles(run_stage):
    _, written = run_stage(make_catalog())
    labeled = written.read_table("labeled.parquet")
    horror = (labeled["listed_in"] == "Horror Movies") & (labeled["split"] == "train")
    rule = next(r for r in written.read_json("rules.json") if r["name"] == "genre_horror")
    assert rule["votes_cast"] == 10
    assert rule["accuracy_n"] == rule["label_agreement_n"] == horror.sum() < 10


def test_a_second_run_says_what_changed(run_stage):
    _, first = run_stage(make_catalog())
    assert first.read_json("changes.json")["run"] is None
    kinds = [KINDS[0] | {"listed_in": "Dramas"}, *KINDS[1:]]
    counts, second = run_stage(make_catalog(kinds), run_id="run_2")
    changes = second.read_json("changes.json")
    assert (changes["run"], changes["same_catalog"]) == ("run_1", False)
    said = "genre_drama votes on 10 titles more than in run run_1 (30, was 20)"
    assert said in counts["changes"]
    assert counts["changes"] == changes["messages"]


def test_a_shuffled_catalog_gives_the_same_files(run_stage):
    _, written = run_stage(make_catalog())
    digests = {name: file["sha256"] for name, file in written.manifest["files"].items()}
    _, again = run_stage(make_catalog().sample(frac=1, random_state=0))
    assert {name: file["sha256"] for name, file in again.manifest["files"].items()} == digests


def test_the_tie_policy_decides_ties(run_stage):
    counts, written = run_stage(make_catalog(), tie_policy="not_family")
    assert counts["labels"] == {"family": 10, "not family": 20, "unlabelled": 10}
    assert counts["reasons"]["tie"] == 10
    tied = written.read_table("labeled.parquet").query("reason == 'tie'")
    assert tied["label"].tolist() == [0] * 10
    assert tied["probability"].tolist() == [0.5] * 10


def test_withheld_columns_silence_the_rules_that_read_them(run_stage):
    counts, written = run_stage(make_catalog(), withhold=("rating",))
    assert counts["rules"] == len(LABELING_FUNCTIONS) - 7
    assert not [r for r in written.read_json("rules.json") if "rating" in r["reads"]]


def test_every_rating_missing_still_gives_labels_by_genre_and_words(run_stage):
    counts, written = run_stage(make_catalog().assign(rating=pd.NA))
    assert counts["labels"] == {"family": 10, "not family": 10, "unlabelled": 20}
    judged = {rule["name"]: rule for rule in written.read_json("rules.json")}
    assert judged["genre_horror"]["status"] == "votes on no title that has gold"
    assert judged["rated_for_adults"]["votes_cast"] == 0


def test_one_class_after_labelling_is_an_error_and_writes_nothing(run_stage, tmp_path):
    with pytest.raises(
        LabelingError, match="Only one class after labelling: the train titles have 0 family and"
    ):
        run_stage(make_catalog(KINDS[1:3]))
    assert [p.name for p in (tmp_path / "runs" / "run_1").iterdir()] == ["fetch"]


def test_nothing_labelled_is_an_error(run_stage):
    with pytest.raises(
        LabelingError,
        match=r"None of the 40 titles got a label: 20 with no votes, 20 with tie\. Check the",
    ):
        run_stage(make_catalog(KINDS[2:]))


def test_no_rule_left_is_an_error(run_stage):
    withheld = ("rating", "listed_in", "title", "type", "country", "release_year")
    with pytest.raises(
        LabelingError, match="No labeling function is left without rating, listed_in, title, type"
    ):
        run_stage(make_catalog(), withhold=withheld)


def test_a_test_side_of_one_class_is_a_warning(run_stage, caplog):
    catalog = make_catalog()
    _, written = run_stage(catalog)
    labeled = written.read_table("labeled.parquet")
    kept = ~((labeled["split"] == "test") & (labeled["label"] == 1))
    with caplog.at_level(logging.WARNING):
        counts, _ = run_stage(catalog[kept])
    assert counts["split"]["test"]["family"] == 0
    assert "No ['family'] among the labelled test titles" in caplog.text


def test_without_fetch_there_is_nothing_to_label(tmp_path):
    with pytest.raises(ArtifactError, match="Run run_1 has no fetch"):
        label(Volume(tmp_path).workspace("run_1"), LabelConfig())

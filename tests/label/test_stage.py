"""The stage on a small catalog: its files, its counts, and what it refuses."""

import logging

import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.config import LabelConfig
from tasks.errors import LabelingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import rules_from_json
from tasks.label.stage import label, label_catalog
from tasks.pipeline import (
    ANSWERS,
    CATALOG,
    FETCH,
    LABEL,
    LABEL_REPORT,
    LABELED,
    LABELED_CSV,
    RULE_CHANGES,
    RULEBOOK,
    RULES,
    VOTES,
)
from tasks.volume.runs import Volume

KINDS = [
    {"rating": "TV-Y", "listed_in": "Kids' TV", "description": "A puppy and a toddler."},
    {"rating": "R", "listed_in": "Horror Movies", "description": "A murder."},
    {"rating": None, "listed_in": "Dramas", "description": "A quiet year."},
    {"rating": None, "listed_in": "Children & Family Movies, Dramas", "description": "Drugs."},
]


def make_catalog(kinds=KINDS, n=40):
    rows = []
    for i in range(n):
        row = {"show_id": f"s{i:03}", "type": "Movie", "title": f"No {i}"} | kinds[i % len(kinds)]
        rows.append(row | {"description": f"{row['description']} ({i})"})
    catalog = pd.DataFrame(rows, columns=CATALOG_COLUMNS, dtype="str")
    return catalog.assign(release_year=pd.array([2020] * n, dtype="Int64"))


@pytest.fixture
def run_stage(tmp_path):
    def run(catalog, run_id="run_1"):
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write(FETCH, LabelConfig()) as out:
            out.write_table(CATALOG, catalog)
        return label(workspace, LabelConfig(aggregator="majority")), workspace.read(LABEL)

    return run


def label_as(aggregator, catalog=None, **config):
    catalog = make_catalog() if catalog is None else catalog
    return label_catalog(catalog, LabelConfig(aggregator=aggregator, **config))


def test_the_counts_and_the_tables(run_stage):
    catalog = make_catalog()
    counts, written = run_stage(catalog)
    assert written.read_json(LABEL_REPORT) == counts
    assert counts["titles"] == 40
    assert counts["labels"] == {"family": 10, "not family": 10, "unlabelled": 20}
    assert counts["reasons"] == {"voted": 20, "tie": 10, "no votes": 10}
    assert sum(sum(side.values()) for side in counts["split"].values()) == 40
    assert counts["twins_on_both_sides"] == 0
    assert counts["tie_policy"] == "abstain"

    labeled = written.read_table(LABELED)
    weak = ["label", "probability", "reason", "split"]
    added = [*weak, "content_group", "votes", "rating_votes"]
    assert list(labeled.columns) == [*CATALOG_COLUMNS, *added]
    pd.testing.assert_frame_equal(labeled[list(CATALOG_COLUMNS)], catalog)
    assert labeled["label"].dtype == "Int8"
    assert labeled["label"].head(4).to_list() == [1, 0, pd.NA, pd.NA]
    assert labeled["probability"].head(2).to_list() == [1.0, 0.0]
    assert labeled["reason"].head(4).to_list() == ["voted", "voted", "no votes", "tie"]
    assert set(labeled["split"]) == {"train", "test"}
    assert labeled["votes"].to_list()[1:3] == ["genre_horror, kw_violence", "genre_drama"]
    assert labeled["rating_votes"].head(1).to_list() == ["rated_for_families, rated_for_children"]

    votes = written.read_table(VOTES)
    assert list(votes.columns) == ["show_id", *(rule.name for rule in LABELING_FUNCTIONS)]
    assert set(votes.dtypes.drop("show_id")) == {pd.Int8Dtype().numpy_dtype}
    assert [rule["name"] for rule in written.read_json(RULES)] == list(votes.columns[1:])

    assert rules_from_json(written.read_bytes(RULEBOOK).decode()) == LABELING_FUNCTIONS

    lines = written.read_bytes(LABELED_CSV).decode().splitlines()
    assert lines[0] == ",".join([*CATALOG_COLUMNS, *weak])
    first = labeled["split"].head(3)
    assert lines[1].endswith(f"A puppy and a toddler. (0),1,1.0,voted,{first[0]}")
    assert lines[2].endswith(f"A murder. (1),0,0.0,voted,{first[1]}")
    assert lines[3].endswith(f"A quiet year. (2),,,no votes,{first[2]}")


def test_answers_are_read_off_the_volume_and_vote_on_train_titles_if_they_may(tmp_path):
    volume, catalog = Volume(tmp_path), make_catalog()
    horror = catalog["listed_in"] == "Horror Movies"
    answer = horror.map({True: "not", False: "family"})
    said = catalog[["show_id"]].assign(answer=answer).to_dict("records")
    volume.answers.record(said, "anna", catalog)
    for way in ("evaluate", "vote"):
        workspace = volume.workspace(way)
        with workspace.write(FETCH, LabelConfig()) as out:
            out.write_table(CATALOG, catalog)
        report = label(workspace, LabelConfig(answers=way))
        found = report["answers"]
        written = workspace.read(LABEL)
        labeled, answers = written.read_table(LABELED), written.read_table(ANSWERS)
        in_train = labeled["split"] == "train"
        assert (found["train"], found["test"]) == (in_train.sum(), (~in_train).sum())
        votes, expected = written.read_table(VOTES), in_train & (way == "vote")
        for name, value, side in (("family", 1, ~horror), ("not_family", 0, horror)):
            cast = votes.get(f"answered_{name}", pd.Series(-1, votes.index))
            assert cast.to_list() == (expected & side).map({True: value, False: -1}).to_list()
        assert answers["strength"].notna().sum() == found["voting"] == expected.sum()
        quiet = labeled["listed_in"] == "Dramas"
        assert ((labeled["label"] == 1) & quiet).sum() == (expected & quiet).sum()
        assert found["labels_changed"] == (expected & quiet).sum()
        assert report["rules"] == len(LABELING_FUNCTIONS)
        assert b"answered" not in written.read_bytes(RULEBOOK)
        assert not labeled["votes"].str.contains("answered").any()


def test_by_default_votes_are_weighted_and_hints_count():
    titles = label_catalog(make_catalog(), LabelConfig()).titles
    assert titles["label"].head(4).to_list() == [1, 0, 0, 1]
    chances = titles["probability"].head(4).tolist()
    assert chances[0] > 0.99
    assert chances[1] < 0.01
    assert 0.1 < chances[2] < 0.5 < chances[3] < chances[0]


def test_rules_are_judged_on_train_titles():
    titles, _, _, rules, _ = label_as("majority")
    horror = (titles["listed_in"] == "Horror Movies") & (titles["split"] == "train")
    rule = next(rule for rule in rules if rule["name"] == "genre_horror")
    assert rule["votes_cast"] == 10
    assert rule["accuracy_n"] == rule["label_agreement_n"] == horror.sum() < 10


def test_what_is_wrong_with_a_rule_and_what_changed_is_said_and_logged(run_stage, caplog):
    kinds = [KINDS[0] | {"listed_in": "Dramas"}, *KINDS[1:]]
    with caplog.at_level(logging.INFO):
        _, first = run_stage(make_catalog())
        counts, second = run_stage(make_catalog(kinds), run_id="run_2")
    assert first.read_json(RULE_CHANGES)["run"] is None
    changes = second.read_json(RULE_CHANGES)
    assert (changes["run"], changes["same_catalog"]) == ("run_1", False)
    assert counts["changes"] == changes["messages"]
    changed = "genre_drama votes on 10 titles more than in run run_1 (30, was 20)"
    dead = "genre_faith is dead: votes on no title"
    for sentence, where in ((changed, counts["changes"]), (dead, counts["findings"])):
        assert sentence in where
        assert sentence in caplog.text


def test_a_shuffled_catalog_gives_the_same_files(run_stage):
    digests = []
    for catalog in (make_catalog(), make_catalog().sample(frac=1, random_state=0)):
        _, written = run_stage(catalog)
        digests.append({n: file["sha256"] for n, file in written.manifest["files"].items()})
    assert digests[0] == digests[1]


def test_the_tie_policy_decides_ties_and_withheld_columns_silence_the_rules_that_read_them():
    titles = label_as("majority", tie_policy="not_family").titles
    assert titles["label"].value_counts(dropna=False).to_dict() == {0: 20, 1: 10, pd.NA: 10}
    tied = titles.query("reason == 'tie'")
    assert set(zip(tied["label"], tied["probability"], strict=True)) == {(0, 0.5)}
    labeled = label_as("majority", withhold=("rating",))
    assert len(labeled.rules) == labeled.votes.shape[1] == len(LABELING_FUNCTIONS) - 7
    assert not [rule["name"] for rule in labeled.rules if "rating" in rule["reads"]]
    titles = label_as("majority", make_catalog().assign(rating=pd.NA)).titles
    assert titles["label"].value_counts(dropna=False).to_dict() == {pd.NA: 20, 1: 10, 0: 10}


def test_labels_that_no_model_can_learn_from_are_an_error():
    everything = ("rating", "listed_in", "title", "type", "country", "release_year")
    for message, kinds, withheld in (
        ("Only one class after labelling: the train titles have 0 family and", KINDS[1:3], ()),
        (r"None of the 40 titles got a label: 20 with no votes, 20 with tie\. Check the",
         KINDS[2:], ()),
        ("No labeling function is left without rating, listed_in, title, type", KINDS, everything),
    ):  # fmt: skip
        with pytest.raises(LabelingError, match=message):
            label_as("majority", make_catalog(kinds), withhold=withheld)


def test_a_test_side_of_one_class_is_a_warning(caplog):
    catalog = make_catalog()
    labeled = label_as("majority").titles
    kept = ~((labeled["split"] == "test") & (labeled["label"] == 1))
    with caplog.at_level(logging.WARNING):
        counts = label_as("majority", catalog[kept]).counts
    assert counts["split"]["test"]["family"] == 0
    assert "No ['family'] among the labelled test titles" in caplog.text

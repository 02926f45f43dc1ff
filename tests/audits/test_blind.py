import numpy as np
import pandas as pd
import pytest

from tasks.audits.blind import hide
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import rules_without


def test_no_rule_that_reads_a_withheld_column_votes(run, labeled):
    written = run(labeled).read_json("blind_audit.json")
    reads = {rule.name: rule.reads for rule in LABELING_FUNCTIONS}
    assert written["withhold"] == ["rating"]
    assert written["rules"]
    assert not any("rating" in reads[name] for name in written["rules"])


def test_it_scores_the_test_titles_that_have_gold(run, labeled):
    artifacts = run(labeled)
    written, table = (
        artifacts.read_json("blind_audit.json"),
        artifacts.read_table("predictions.parquet"),
    )
    assert list(table.columns) == ["show_id", "gold", "probability"]
    assert table["show_id"].tolist() == [f"s{i + 1:03d}" for i in range(40) if i % 4 > 1 and i != 3]
    assert table["gold"].tolist() == [1 - i % 2 for i in range(40) if i % 4 > 1 and i != 3]
    assert (written["n_test"], written["n_gold"], written["n_gold_family"]) == (20, 19, 10)
    assert written["n_train"] + written["label_counts"]["unlabelled"] == 20
    assert written["roc_auc"] > 0.9
    assert written["average_precision"] > 0.9


def test_ratings_of_train_and_test_titles_change_no_probability(run, labeled):
    one = run(labeled).read_table("predictions.parquet").set_index("show_id")
    swapped = labeled["rating"].map({"TV-Y": "TV-MA", "TV-MA": "TV-Y", "NR": "NR"}).astype("str")
    other = run(labeled.assign(rating=swapped), run_id="run2").read_table("predictions.parquet")
    np.testing.assert_array_equal(other["probability"], one["probability"])
    assert (other["gold"].to_numpy() == 1 - one["gold"].to_numpy()).all()


def test_the_weak_labels_of_the_run_are_not_read(run, labeled):
    one = run(labeled).read_table("predictions.parquet")
    flipped = labeled.assign(label=1 - labeled["label"])
    pd.testing.assert_frame_equal(
        run(flipped, run_id="run2").read_table("predictions.parquet"), one
    )


def test_the_order_of_rows_changes_nothing(run, labeled):
    one, other = (
        run(table, run_id=run_id).manifest["files"]["predictions.parquet"]["sha256"]
        for run_id, table in (
            ("run1", labeled),
            ("run2", labeled.sample(frac=1, random_state=1)),
        )
    )
    assert one == other


def test_any_columns_can_be_withheld(run, labeled):
    config = BlindAuditConfig(draws=1, withhold=("rating", "listed_in", "duration"))
    written = run(labeled, config).read_json("blind_audit.json")
    assert written["withhold"] == ["rating", "listed_in", "duration"]
    assert written["rules"] == [
        rule.name for rule in rules_without(LABELING_FUNCTIONS, config.withhold)
    ]
    assert not any(name.startswith("genre_") for name in written["rules"])


def test_a_withheld_column_is_gone_where_it_can_be(labeled):
    hidden = hide(labeled, ("rating", "listed_in"))
    assert "rating" not in hidden.columns
    assert "listed_in" in hidden.columns
    assert "label" not in hidden.columns


def test_without_gold_there_is_no_figure_and_no_error(run, labeled):
    unrated = labeled.assign(rating=pd.Series(None, index=range(40), dtype="str"))
    written = run(unrated).read_json("blind_audit.json")
    assert (written["n_gold"], written["roc_auc"], written["average_precision"]) == (0, None, None)


def test_gold_of_one_class_has_no_figure(run, labeled):
    written = run(labeled.assign(rating="TV-Y")).read_json("blind_audit.json")
    assert written["n_gold"] == written["n_gold_family"] == 20
    assert (written["roc_auc"], written["average_precision"]) == (None, None)
    assert written["ceiling"] == {"n_train": 20, "roc_auc": None, "average_precision": None}
    assert written["hand_labels_needed"]["n"] is None


def test_without_test_titles_nothing_is_scored(run, labeled):
    artifacts = run(labeled[labeled["split"] == "train"])
    assert artifacts.read_table("predictions.parquet").empty
    assert artifacts.read_json("blind_audit.json")["ladder"] == []


def test_rules_that_label_one_class_only_are_an_error(run, labeled):
    few = labeled.assign(
        listed_in="Kids' TV", description="The unicorn.", duration="90 min", release_year=2015
    )
    expected = r"^Without rating, \d+ rules label 20 of 20 train titles family and 0 not family"
    with pytest.raises(TrainingError, match=expected):
        run(few)


def test_beside_the_figure_stand_those_that_it_is_measured_by(run, labeled):
    written = run(labeled).read_json("blind_audit.json")
    assert written["ceiling"]["n_train"] == 20
    assert written["ceiling"]["roc_auc"] > 0.9
    assert written["hand_labels_needed"].keys() == {
        *("n", "low", "high", "at_most", "draws", "reached"),
    }
    steps = {step["step"]: step["roc_auc"] for step in written["ladder"]}
    assert list(steps)[-2:] == ["weighted vote alone", "weighted vote and model averaged"]
    assert steps["weighted vote and model averaged"] == written["roc_auc"]


@pytest.mark.parametrize("aggregator", ["majority", "weighted", "label_model"])
def test_any_aggregator_will_do(run, labeled, aggregator):
    config = BlindAuditConfig(draws=1, aggregator=aggregator)
    written = run(labeled, config).read_json("blind_audit.json")
    assert written["aggregator"] == aggregator
    assert written["roc_auc"] > 0.9

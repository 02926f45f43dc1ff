import numpy as np
import pandas as pd
import pytest

from tasks.blind_audit import blind_audit, hide, label_train_titles, score
from tasks.config import BlindAuditConfig, StageConfig
from tasks.errors import TrainingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import rules_without
from tasks.volume import Volume

CONFIG = BlindAuditConfig()


def make_labeled(n_titles=40):
    """Half of the titles is for children; ratings and descriptions say so, genres mostly."""
    titles = []
    for i in range(n_titles):
        family = i % 2 == 0
        titles.append(
            {
                "show_id": f"s{i + 1:03d}",
                "type": "Movie",
                "title": f"Title number{i}",
                "director": None,
                "cast": None,
                "country": None,
                "date_added": None,
                "release_year": 2000 + i % 9,
                "rating": "NR" if i == 3 else "TV-Y" if family else "TV-MA",
                "duration": f"{80 + i} min",
                "listed_in": "Dramas" if i % 10 > 7 else "Kids' TV" if family else "Horror Movies",
                "description": f"The {'unicorn' if family else 'massacre'} of place{i % 7}.",
                "split": "test" if i % 4 > 1 else "train",
                "content_group": f"g{i}",
            }
        )
    catalog = pd.DataFrame(titles)
    catalog = catalog.astype({c: "str" for c in catalog.columns if c != "release_year"})
    return catalog.astype({"release_year": "Int64"}).assign(
        label=pd.Series([1 - i % 2 for i in range(n_titles)], dtype="Int8"),
        probability=1.0,
        reason="voted",
    )


@pytest.fixture
def run(tmp_path):
    """Runs the audit on a labelled catalog and returns its artifacts."""

    def audit(labeled, config=CONFIG, run_id="run1"):
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write("label", StageConfig()) as out:
            out.write_table("labeled.parquet", labeled)
        blind_audit(workspace, config)
        return workspace.read("blind_audit")

    return audit


def test_no_rule_that_reads_a_withheld_column_votes(run):
    written = run(make_labeled()).read_json("blind_audit.json")
    reads = {rule.name: rule.reads for rule in LABELING_FUNCTIONS}
    assert written["withhold"] == ["rating"]
    assert written["rules"]
    assert not any("rating" in reads[name] for name in written["rules"])


def test_it_scores_the_test_titles_that_have_gold(run):
    artifacts = run(make_labeled())
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


def test_ratings_of_train_and_test_titles_change_no_probability(run):
    labeled = make_labeled()
    one = run(labeled).read_table("predictions.parquet").set_index("show_id")
    swapped = labeled["rating"].map({"TV-Y": "TV-MA", "TV-MA": "TV-Y", "NR": "NR"}).astype("str")
    other = run(labeled.assign(rating=swapped), run_id="run2").read_table("predictions.parquet")
    np.testing.assert_array_equal(other["probability"], one["probability"])
    assert (other["gold"].to_numpy() == 1 - one["gold"].to_numpy()).all()


def test_the_weak_labels_of_the_run_are_not_read(run):
    labeled = make_labeled()
    one = run(labeled).read_table("predictions.parquet")
    flipped = labeled.assign(label=1 - labeled["label"])
    pd.testing.assert_frame_equal(
        run(flipped, run_id="run2").read_table("predictions.parquet"), one
    )


def test_the_order_of_rows_changes_nothing(run):
    one, other = (
        run(table, run_id=run_id).manifest["files"]["predictions.parquet"]["sha256"]
        for run_id, table in (
            ("run1", make_labeled()),
            ("run2", make_labeled().sample(frac=1, random_state=1)),
        )
    )
    assert one == other


def test_any_columns_can_be_withheld(run):
    config = BlindAuditConfig(withhold=("rating", "listed_in", "duration"))
    written = run(make_labeled(), config).read_json("blind_audit.json")
    assert written["withhold"] == ["rating", "listed_in", "duration"]
    assert written["rules"] == [
        rule.name for rule in rules_without(LABELING_FUNCTIONS, config.withhold)
    ]
    assert not any(name.startswith("genre_") for name in written["rules"])


def test_a_withheld_column_is_gone_where_it_can_be():
    hidden = hide(make_labeled(), ("rating", "listed_in"))
    assert "rating" not in hidden.columns
    assert "listed_in" in hidden.columns
    assert "label" not in hidden.columns


def test_without_gold_there_is_no_figure_and_no_error(run):
    unrated = make_labeled().assign(rating=pd.Series(None, index=range(40), dtype="str"))
    written = run(unrated).read_json("blind_audit.json")
    assert (written["n_gold"], written["roc_auc"], written["average_precision"]) == (0, None, None)


def test_gold_of_one_class_has_no_figure():
    predictions = pd.DataFrame({"gold": [1, 1], "probability": [0.2, 0.3]})
    assert score(predictions) == {
        "n_gold": 2,
        "n_gold_family": 2,
        "roc_auc": None,
        "average_precision": None,
    }


def test_rules_that_label_one_class_only_are_an_error():
    labeled = make_labeled().assign(listed_in="Dramas", description="The unicorn.")
    rules = rules_without(LABELING_FUNCTIONS, ("rating",))
    expected = (
        r"^Without rating, \d+ rules label 20 of 20 train titles family and 0 not family; expected"
    )
    with pytest.raises(TrainingError, match=expected):
        label_train_titles(hide(labeled, ("rating",)), rules, CONFIG)

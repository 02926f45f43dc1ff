"""The audit on a small volume: what it compares, and that it sees no test title."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.audits.augmentation import (
    augmentation_audit,
    compare_arms,
    make_arms,
    read_blind,
    recipe_of,
)
from tasks.augment.transform import Context
from tasks.augment.transforms import random_deletion, random_swap
from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.twins import near_duplicates
from tasks.config import AugmentationAuditConfig, StageConfig
from tasks.volume.runs import Volume

PLAIN = ("random_swap", "random_deletion")
CONFIG = AugmentationAuditConfig(
    operations=PLAIN, resamples=100, aggregator="majority", features="seed"
)


def make_labeled(n=120):
    """Every third title is for children; ratings say so, genres mostly, words a little."""
    number = np.arange(n)
    family = number % 3 == 0
    words = np.where(number % 5 == 0, "day", np.where(family, "unicorn", "massacre"))
    genres = np.where(number % 7 == 0, "Dramas", np.where(family, "Kids' TV", "Horror Movies"))
    frame = pd.DataFrame(
        {
            "show_id": [f"s{i:03d}" for i in number],
            "type": "Movie",
            "title": [f"Title number{i}" for i in number],
            "rating": np.where(family, "TV-Y", "TV-MA"),
            "listed_in": genres,
            "description": [f"The {w} of place{i} goes by slowly" for i, w in enumerate(words)],
        }
    ).reindex(columns=list(CATALOG_COLUMNS))
    frame = frame.astype("str").assign(
        release_year=pd.array([2000 + i % 9 for i in number], "Int64")
    )
    return frame.assign(
        label=pd.array(family, dtype="Int8"),
        probability=family.astype(float),
        split=pd.array(np.where(number % 4 == 1, "test", "train"), dtype="str"),
        content_group=[f"g{i}" for i in number],
    )


@pytest.fixture
def run(tmp_path):
    def audit(labeled, config=CONFIG, run_id="a"):
        workspace = Volume(tmp_path).workspace(run_id)
        with workspace.write("label", StageConfig()) as out:
            out.write_table("labeled.parquet", labeled)
            out.write_table("near_duplicates.parquet", near_duplicates(labeled))
        summary = augmentation_audit(workspace, config)
        assert summary == workspace.read("augmentation_audit").read_json("audit.json")
        return summary

    return audit


def test_every_operation_is_measured_against_no_copies_and_repeated_ones(run):
    audit = run(make_labeled())
    assert audit["status"] == "ok"
    assert (audit["withhold"], audit["folds"], audit["n"], audit["n_family"]) == (
        ["rating"],
        3,
        90,
        30,
    )
    assert sorted(audit["operations"]) == sorted(PLAIN)
    for block in (audit["with"], *audit["operations"].values()):
        assert block["copies"] == audit["repeated"]["copies"] > 0
        for other in ("without", "repeated"):
            found = block[f"against_{other}"]
            assert found["difference"] == pytest.approx(block["roc_auc"] - audit[other]["roc_auc"])
            assert found["outcome"] in {"better", "worse", "not enough evidence"}
        assert sum(rate["kept"] for rate in block["kept_rates"].values()) == block["copies"]
    assert audit["without"]["copies"] == 0
    assert "against_repeated" not in audit["repeated"]


def test_it_trains_as_the_lab_does_where_no_rating_is():
    recipe = recipe_of(AugmentationAuditConfig())
    assert (recipe.features, recipe.soft_labels, recipe.mask_rating) == ("rich", True, False)
    assert recipe_of(CONFIG).features == "seed"


def test_test_titles_change_nothing(run):
    labeled = make_labeled()
    changed = labeled.copy()
    in_test = changed["split"] == "test"
    changed.loc[in_test, "rating"] = "TV-Y"
    changed.loc[in_test, "listed_in"] = "Kids' TV"
    assert run(changed, run_id="b") == run(labeled)


def test_ratings_reach_no_rule_and_no_feature(run):
    labeled = make_labeled()
    swapped = labeled.assign(
        rating=labeled["rating"].map({"TV-Y": "TV-MA", "TV-MA": "TV-Y"}).astype("str")
    )
    one, other = run(labeled), run(swapped, run_id="b")
    assert other["without"]["roc_auc"] == pytest.approx(1 - one["without"]["roc_auc"])
    assert other["with"]["kept_rates"] == one["with"]["kept_rates"]


def test_the_weak_labels_of_the_run_are_not_read(run):
    labeled = make_labeled()
    flipped = labeled.assign(label=1 - labeled["label"], probability=0.5)
    assert run(flipped, run_id="b") == run(labeled)


def test_the_order_of_rows_changes_nothing(run):
    labeled = make_labeled()
    assert run(labeled.sample(frac=1, random_state=1), run_id="b") == run(labeled)


def test_an_operation_that_hurts_is_harmful():
    labeled = make_labeled(300)
    blind = read_blind(labeled, set(), CONFIG)
    arms = make_arms(blind, (random_swap, random_deletion), Context(), CONFIG)
    rows = arms["random_swap"].rows
    wrong = rows.assign(label=1 - rows["label"], probability=1 - rows["probability"])
    arms["random_swap"] = replace(arms["random_swap"], rows=wrong)
    figures = compare_arms(blind, arms, CONFIG)
    assert figures["operations"]["random_swap"]["against_without"]["outcome"] == "worse"
    assert figures["harmful"] == ["random_swap"]


@pytest.mark.parametrize(
    ("change", "config", "status"),
    [
        ({}, {"operations": ()}, "no operation is chosen"),
        ({"rating": None}, {}, "gold of both classes is lacking"),
        ({"listed_in": "Kids' TV", "description": "unicorn"}, {}, "0 distinct titles of a class"),
        ({}, {"balance": 0.01}, "the classes are balanced as they are"),
    ],
)
def test_where_there_is_nothing_to_compare_it_says_why(run, change, config, status, caplog):
    labeled = make_labeled()
    for column, value in change.items():
        labeled[column] = pd.Series(value, index=labeled.index, dtype="str")
    labeled["description"] += " " + labeled["show_id"] if "description" in change else ""
    audit = run(labeled, AugmentationAuditConfig(**{"operations": PLAIN, **config}))
    assert audit["status"].startswith(status)
    assert (audit["operations"], audit["harmful"]) == ({}, [])
    assert f"Nothing to audit about augmentation: {status}" in caplog.text

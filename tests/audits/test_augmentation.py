"""The augmentation audit: what it compares, and that it sees no rating and no test title."""

import numpy as np
import pandas as pd
import pytest

from tasks.audits import augmentation
from tasks.audits.augmentation import (
    arms_of,
    augmentation_audit,
    compare_arms,
    compare_copies,
    find_harmful,
    folds_of_groups,
    rank_held_out,
    train_titles,
)
from tasks.audits.blind_run import BlindRun
from tasks.audits.relabel import recipe_of
from tasks.augment.transforms import random_deletion, random_swap
from tasks.config import AugmentationAuditConfig
from tasks.pipeline import AUGMENTATION_AUDIT
from tasks.train.models import logistic_regression

PLAIN = (random_swap, random_deletion)
NOBODY = pd.DataFrame({"show_id": []}, dtype="str")
CONFIG = AugmentationAuditConfig(resamples=100, aggregator="majority", features="seed")


def blind_run_of(titles, operations=PLAIN, config=CONFIG, near=NOBODY):
    return BlindRun(labeled=titles, near=near, operations=operations, synonyms={}, config=config)


def compare(titles, operations=PLAIN, config=CONFIG):
    return compare_copies(blind_run_of(titles, operations, config), config)[0]


def test_every_operation_is_measured_against_no_copies(labeled):
    audit = compare(labeled())
    facts = [audit[name] for name in ("status", "withhold", "folds", "n", "n_family")]
    assert facts == ["ok", ["rating"], 2, 90, 30]
    assert list(audit["operations"]) == ["random_deletion", "random_swap"]
    assert audit["with"]["made_by"] == ["random_swap", "random_deletion"]
    copies = [block["copies"] for block in audit["operations"].values()]
    assert sum(copies) == audit["with"]["copies"]
    assert min(copies) > 0
    for block in (audit["with"], *audit["operations"].values()):
        found = block["against_without"]
        assert found["difference"] == pytest.approx(block["roc_auc"] - audit["without"]["roc_auc"])
        assert found["outcome"] in {"better", "worse", "not enough evidence"}
    assert audit["without"]["copies"] == 0
    assert "against_without" not in audit["without"]


def test_it_trains_as_the_lab_does_where_no_rating_is():
    recipe = recipe_of(AugmentationAuditConfig())
    assert (recipe.features, recipe.soft_labels, recipe.mask_rating) == ("rich", True, False)
    assert recipe_of(CONFIG).features == "seed"


def test_it_reads_no_test_title_no_rating_and_none_of_the_runs_labels(labeled):
    titles = labeled()
    one = compare(titles)
    in_test = titles["split"] == "test"
    kids = titles.assign(
        rating=titles["rating"].mask(in_test, "TV-Y"),
        listed_in=titles["listed_in"].mask(in_test, "Kids' TV"),
    )
    assert compare(kids) == one
    assert compare(titles.assign(label=1 - titles["label"], probability=0.5)) == one
    other = titles["rating"].map({"TV-Y": "TV-MA", "TV-MA": "TV-Y", "NR": "NR"}).astype("str")
    swapped = compare(titles.assign(rating=other))
    assert swapped["without"]["roc_auc"] == pytest.approx(1 - one["without"]["roc_auc"])
    assert swapped["with"]["copies"] == one["with"]["copies"]


def test_near_duplicates_of_test_titles_take_no_part(labeled):
    near = pd.DataFrame({"show_id": ["s000", "s002"]}, dtype="str")
    blind_run = blind_run_of(labeled(), near=near)
    assert len(train_titles(blind_run)) == 88
    assert not {"s000", "s002"} & {*train_titles(blind_run)["show_id"], *blind_run.rows["show_id"]}


def test_a_title_is_ranked_by_who_learned_from_neither_it_nor_its_twin_nor_their_copies(labeled):
    titles = labeled().assign(content_group=[f"g{i // 4}" for i in range(120)])
    config = AugmentationAuditConfig(features="seed")
    run = blind_run_of(titles, config=config)
    train = train_titles(run)
    assert train["label"].notna().all()
    ranked = rank_held_out(run, train, arms_of(run.rows, PLAIN), config)["with"]
    fold_of_group = folds_of_groups(train, config)
    fold = dict(zip(train["show_id"], train["content_group"].map(fold_of_group), strict=True))
    fold_of_row = run.rows["parent_id"].fillna(run.rows["show_id"]).map(fold)
    for held_out in range(2):
        learned = np.flatnonzero(fold_of_row != held_out)
        weighed = run.prepared.weighed_by(learned)
        model = weighed.fit(logistic_regression, learned, recipe_of(config), config.seed)
        expected = pd.Series(model.predict_proba(weighed.matrix)[:, 1], run.rows["show_id"])
        scored = (train["show_id"].map(fold) == held_out).to_numpy()
        np.testing.assert_array_equal(ranked[scored], expected[train["show_id"][scored]])


def test_an_operation_that_hurts_is_harmful(labeled):
    blind_run = blind_run_of(labeled(300), (random_swap,))
    rows = blind_run.rows
    for column in ("label", "probability"):
        rows[column] = rows[column].where(rows["parent_id"].isna(), 1 - rows[column])
    arms = arms_of(rows, (random_swap,))
    arms["nothing"] = arms["without"]
    figures = compare_arms(blind_run, train_titles(blind_run), arms, CONFIG)
    assert figures["operations"]["random_swap"]["against_without"]["outcome"] == "worse"
    assert figures["operations"]["nothing"]["against_without"]["difference"] == 0
    assert figures["harmful"] == ["random_swap"]


def test_harm_that_nobody_would_notice_or_that_is_not_sure_is_none():
    found = {"a": ("worse", -0.002), "b": ("worse", -0.0009), "c": ("not enough evidence", -0.1)}
    blocks = {
        name: {"against_without": {"outcome": outcome, "difference": difference}}
        for name, (outcome, difference) in found.items()
    }
    assert find_harmful(blocks) == ["a"]


def test_where_there_is_nothing_to_compare_it_says_why(labeled):
    titles = labeled()
    for_kids = titles["show_id"].radd("unicorn ")
    unrated = pd.Series(None, index=titles.index, dtype="str")
    balanced = AugmentationAuditConfig(balance=0.01)
    for found, reason in (
        (compare(titles, ()), "no operation is chosen"),
        (compare(titles.assign(rating=unrated)), "no gold"),
        (
            compare(titles.assign(listed_in="Kids' TV", description=for_kids)),
            "0 distinct titles of a class for 2 folds",
        ),
        (compare(titles, config=balanced), "the classes are balanced as they are"),
    ):
        assert found["status"] == reason
        assert (found["operations"], found["harmful"]) == ({}, []), reason


def test_the_stage_writes_the_comparison_and_says_what_hurts(sample_copy, caplog):
    written = sample_copy.read(AUGMENTATION_AUDIT)
    config = AugmentationAuditConfig(**written.manifest["config"])
    audit = written.read_json("audit.json")
    with caplog.at_level("INFO"):
        assert augmentation_audit(sample_copy, config) == audit
        augmentation._report(audit | {"harmful": ["random_swap"]}, 1.0)
        augmentation_audit(sample_copy, config.model_copy(update={"operations": ()}))
    assert f"Every operation, {audit['with']['copies']} copies: against without" in caplog.text
    assert "These operations hurt: random_swap. Leave them out" in caplog.text
    assert "Nothing to audit about augmentation: no operation is chosen" in caplog.text

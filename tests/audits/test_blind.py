"""The blind audit: it sees no withheld column, and scores test titles with gold at the end."""

import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tasks.audits.blind import audit, blind_audit
from tasks.audits.blind_run import BlindRun
from tasks.audits.ladder import average, take_apart
from tasks.audits.relabel import hide, relabel
from tasks.augment.stage import make_training_table
from tasks.augment.transforms import random_deletion, random_swap
from tasks.config import BlindAuditConfig
from tasks.errors import TrainingError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import rules_without
from tasks.pipeline import ANSWERS, BLIND_AUDIT, BLIND_AUDIT_PREDICTIONS, LABEL, NEAR_DUPLICATES
from tasks.train.features import CatalogFeatures
from tasks.train.models import logistic_regression
from tasks.train.prepared import prepare
from tasks.train.recipe import Recipe
from tasks.volume import atomic

PLAIN = (random_swap, random_deletion)
NOBODY = pd.DataFrame({"show_id": []}, dtype="str")
CONFIG = BlindAuditConfig(draws=2)
NAN = float("nan")


def run_audit(titles, config=CONFIG, near=NOBODY):
    run = BlindRun(labeled=titles, near=near, operations=PLAIN, synonyms={}, config=config)
    summary, tables = audit(run, config)
    return tables[BLIND_AUDIT_PREDICTIONS], summary


def test_the_stage_writes_what_the_audit_of_the_labels_says(sample_run):
    label = sample_run.read(LABEL)
    labeled = label.read_table("labeled.parquet").sort_values("show_id", ignore_index=True)
    written = sample_run.read(BLIND_AUDIT)
    config = BlindAuditConfig(**written.manifest["config"])
    predictions, summary = run_audit(labeled, config, label.read_table(NEAR_DUPLICATES))
    assert written.read_json("blind_audit.json") == summary | {"wordnet": None}
    assert written.read_bytes("blind_audit_predictions.csv") == atomic.to_csv(predictions)


def test_it_scores_the_test_titles_that_have_gold(labeled):
    predictions, summary = run_audit(labeled(), CONFIG)
    scored = [i for i in range(120) if i % 4 == 1 and i != 1]
    assert list(predictions.columns) == ["show_id", "gold", "probability"]
    assert predictions["show_id"].tolist() == [f"s{i:03d}" for i in scored]
    assert predictions["gold"].tolist() == [int(i % 3 == 0) for i in scored]
    assert (summary["n_test"], summary["n_gold"], summary["n_gold_family"]) == (30, 29, 10)
    assert summary["n_train"] + summary["label_counts"]["unlabelled"] == 90
    assert summary["roc_auc"] > 0.9
    assert summary["average_precision"] > 0.9


def test_rules_and_features_that_read_a_withheld_column_sit_out(labeled):
    for withhold in (("rating",), ("rating", "listed_in", "duration")):
        config = BlindAuditConfig(draws=1, withhold=withhold)
        _, summary = run_audit(labeled(), config)
        rules = [rule.name for rule in rules_without(LABELING_FUNCTIONS, withhold)]
        assert summary["withhold"] == list(withhold)
        assert summary["rules"] == rules
        assert rules
    hidden = hide(labeled(), ("rating", "listed_in"))
    assert "rating" not in hidden
    assert "label" not in hidden
    assert "listed_in" in hidden, "every catalog has it"


def test_the_answer_is_that_of_the_model_that_would_be_published_without_ratings(labeled):
    titles = labeled()
    predictions, summary = run_audit(titles)
    unrated = titles.drop(columns=["rating", "label", "probability"])
    again = relabel(unrated.assign(rating=pd.Series(None, index=titles.index, dtype="str")), CONFIG)
    rows, _ = make_training_table(again.titles, NOBODY, PLAIN, {}, again.rules, CONFIG)
    assert summary["n_copies"] == rows["parent_id"].notna().sum() > 0
    recipe = Recipe("rich", soft_labels=True)
    prepared = prepare(rows, "rich", ("rating",))
    fitted = prepared.fit_all(logistic_regression, recipe, CONFIG.seed)
    scored = unrated[unrated["show_id"].isin(predictions["show_id"])]
    expected = fitted.predict_proba(CatalogFeatures(again.rules).transform(scored))[:, 1]
    np.testing.assert_array_equal(predictions["probability"], expected)


def test_answers_that_vote_do_so_blind_and_leave_no_gold_behind(labeled):
    titles = labeled()
    train = titles["split"] == "train"
    said = titles[train | (titles["show_id"] == "s001")]  # a test title without a rating
    strength = pd.Series(0.97, said.index).where(train[said.index])
    answers = pd.DataFrame({"show_id": said["show_id"], "answer": 1, "strength": strength})
    again = relabel(titles, CONFIG, answers.astype({"answer": "Int8"}))
    assert [rule.name for rule in again.rules][-1] == "answered_family"
    assert (again.votes["answered_family"] == 1).to_list() == train.to_list()
    before = relabel(titles, CONFIG).titles["probability"][train]
    assert (again.titles["probability"][train] > before.fillna(0)).all()
    assert again.gold[train].isna().all()
    assert again.gold[~train].notna().all()
    assert not again.features()["votes"].fillna("").str.contains("answered").any()


def test_features_know_no_test_title(labeled):
    def prepare_blind(titles):
        again = relabel(titles, CONFIG)
        rows, _ = make_training_table(again.titles, NOBODY, PLAIN, {}, again.rules, CONFIG)
        return take_apart(prepare(rows, "rich", ("rating",)), again, CONFIG.seed)

    titles = labeled()
    in_test = titles["split"] == "test"
    changed = titles["description"].mask(in_test, "Another zebra.")
    other = titles.assign(rating="TV-MA", description=changed)
    one, other = (prepare_blind(some) for some in (titles, other))
    assert (one.prepared.matrix != other.prepared.matrix).nnz == 0
    assert (one.test != other.test).nnz > 0
    assert one.train_gold.tolist() != other.train_gold.tolist()


def test_what_is_not_defined_is_none(labeled):
    titles = labeled()
    _, summary = run_audit(
        titles.assign(rating=pd.Series(None, index=titles.index, dtype="str")), CONFIG
    )
    assert (summary["n_gold"], summary["roc_auc"], summary["average_precision"]) == (0, None, None)
    _, summary = run_audit(titles.assign(rating="TV-Y"), CONFIG)
    assert summary["n_gold"] == summary["n_gold_family"] == 30
    assert (summary["roc_auc"], summary["average_precision"]) == (None, None)
    assert summary["ceiling"] == {"n_train": 90, "roc_auc": None, "average_precision": None}
    assert summary["hand_labels_needed"]["n"] is None
    predictions, summary = run_audit(titles[titles["split"] == "train"], CONFIG)
    assert predictions.empty
    assert {step["roc_auc"] for step in summary["ladder"]} == {None}


def test_rules_that_label_one_class_only_are_an_error(labeled):
    few = labeled().assign(
        listed_in="Kids' TV", description="The unicorn.", duration="90 min", release_year=2015
    )
    expected = r"^Without rating, \d+ rules label 90 of 90 train titles family and 0 not family"
    with pytest.raises(TrainingError, match=expected):
        run_audit(few, CONFIG)


def test_beside_the_figure_stand_those_that_it_is_measured_by(labeled):
    for name in ("majority", "weighted", "label_model"):
        predictions, summary = run_audit(labeled(), BlindAuditConfig(draws=1, aggregator=name))
        assert predictions["probability"].between(0, 1, inclusive="neither").all(), name
        assert summary["aggregator"] == name
        assert summary["ceiling"]["n_train"] == summary["n_train"]
        assert summary["ceiling"]["roc_auc"] > 0.9, name
        assert summary["hand_labels_needed"]["draws"] == 1
        steps = {step["step"]: step["roc_auc"] for step in summary["ladder"]}
        models = [
            f"{vote} vote, {labels} labels, model"
            for vote in dict.fromkeys(["majority", name])
            for labels in ("hard", "soft")
        ]
        assert list(steps) == [
            *(*models, f"{name} vote alone", f"{name} vote and model averaged"),
            *("soft labels, model that reads the votes", "the same with copies, as published"),
        ]
        assert all(0.5 < roc_auc <= 1 for roc_auc in steps.values()), steps
        assert steps["the same with copies, as published"] == summary["roc_auc"]


def test_votes_and_model_are_averaged_as_log_odds():
    found = average(np.array([2.0, -1.0, NAN]), np.array([0.0, -3.0, 0.5]))
    np.testing.assert_allclose(found, expit([1.0, -2.0, 0.5]))


def test_an_earlier_run_answers_if_it_had_the_same_to_work_on(sample_copy, monkeypatch):
    config = BlindAuditConfig(**sample_copy.read(BLIND_AUDIT).manifest["config"])
    again = sample_copy.volume.workspace("again")
    shutil.copytree(sample_copy.run.path / LABEL, again.run.path / LABEL)
    monkeypatch.setattr("tasks.audits.blind.audit", None)  # nothing is computed
    answer = blind_audit(again, config)
    assert answer == sample_copy.read(BLIND_AUDIT).read_json("blind_audit.json")
    for name in ("blind_audit.json", "blind_audit_predictions.csv"):
        found = (again.read(BLIND_AUDIT).read_bytes(name), sample_copy.read(BLIND_AUDIT).path)
        assert found[0] == (found[1] / name).read_bytes(), name
    monkeypatch.setattr("tasks.audits.blind_run.synonyms_for", lambda *_: ({}, "another WordNet"))
    with pytest.raises(TypeError, match="not callable"):
        blind_audit(again, config)
    label = again.read(LABEL)
    label.read_table("labeled.parquet")
    label.read_table(NEAR_DUPLICATES)
    label.read_table(ANSWERS)
    assert again.answered_before(BLIND_AUDIT, config, [label])
    other = config.model_copy(update={"seed": config.seed + 1})
    assert again.answered_before(BLIND_AUDIT, other, [label]) is None
    (sample_copy.run.path / BLIND_AUDIT / "blind_audit.json").write_text("{}")
    assert again.answered_before(BLIND_AUDIT, config, [label]) is None
    label.used["labeled.parquet"] = "of another catalog"
    assert again.answered_before(BLIND_AUDIT, config, [label]) is None

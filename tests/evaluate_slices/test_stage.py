"""The stage on a real run on the sample: blocks, joins, champion, files."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tasks.config import EvaluateConfig
from tasks.errors import ArtifactError, EvaluationError
from tasks.evaluate_slices.evidence import Champion, join_out_of_fold, read_champion, read_evidence
from tasks.evaluate_slices.measure import average_slices, compare_with_champion, measure
from tasks.evaluate_slices.metrics import METRICS
from tasks.evaluate_slices.slices import SLICES
from tasks.evaluate_slices.stage import evaluate_slices, rounded, summarise
from tasks.volume import atomic
from tasks.volume.releases import File

CONFIG = EvaluateConfig(resamples=100)
HIDDEN = "probability_rating_hidden"
KEYS = {
    *("seed_protocol", "rating_hidden", "blind_audit", "labels", "leakage", "comparison"),
    *("label_issues", "answers", "proposed_slices", "candidates", "augmentation", "notes"),
    "home",
}


def test_the_blocks_are_those_of_the_design_short_enough_to_be_read(sample_run, metrics):
    assert set(metrics) == KEYS
    lines = sample_run.read("evaluate_slices").read_bytes("metrics.json").decode().splitlines()
    assert len(lines) < 1000
    assert rounded(metrics) == metrics
    assert metrics["notes"]["seed_protocol"].startswith("Circular")
    assert "fictional sample" in metrics["notes"]["sample"]
    for name in ("twins_across_split", "augmented_in_test", "near_duplicates_in_training"):
        assert metrics["leakage"][name] == 0, name
    assert metrics["leakage"]["undeclared_features"] == []
    home = metrics["home"]
    assert (home["is_foreign"], home["genre_names"]["unmapped"]) == (False, 0)
    voted = {rule["name"]: rule["votes_cast"] for rule in metrics["labels"]["rules"]}
    assert home["dead_rules"] == [name for name, n in voted.items() if not n] != []
    issues = atomic.from_csv(sample_run.read("evaluate_slices").read_bytes("label_issues.csv"))
    assert len(issues) == metrics["label_issues"]["found"] > 0
    rated = issues["rests_on"] == "rating"
    assert rated.sum() == metrics["label_issues"]["rest_on_rating"]
    assert rated.is_monotonic_increasing


def test_the_seeds_protocol_and_its_slices_are_scored_on_the_labelled_test_titles(
    evidence, metrics
):
    block, labelled = metrics["seed_protocol"], evidence.labelled
    assert block["model"] == "logistic_regression"
    assert block["cv_roc_auc"]["n"] == len(evidence.out_of_fold["logistic_regression"])
    called = labelled["probability"] >= evidence.decision["threshold"]
    right = called == (labelled["label"] == 1)
    assert block["test"]["n"] == block["n"] == len(labelled)
    assert block["test"]["accuracy"] == pytest.approx(right.mean(), abs=1e-4)
    assert set(block["test"]["intervals"]) == {metric.name for metric in METRICS}
    assert list(block["slices"]) == [rule.name for rule in SLICES]
    for rule in SLICES:
        n, found = int(rule(labelled).sum()), block["slices"][rule.name]
        assert (found["n"], found["description"]) == (n, rule.doc), rule.name
        assert found["share"] == pytest.approx(n / len(labelled), abs=1e-4), rule.name
    accuracies = [found["accuracy"] for found in block["slices"].values()]
    assert block["slice_average_accuracy"] == pytest.approx(np.mean(accuracies), abs=1e-4)
    assert block["slices_averaged"] == len(SLICES)
    weighed = average_slices(list(block["slices"].values()))
    assert block["slices_weighed"]["accuracy"] == pytest.approx(weighed["accuracy"], abs=1e-4)


def test_a_slice_weighs_as_much_as_it_has_titles_so_that_one_of_two_decides_nothing():
    def block(n, accuracy, low, high):
        return {"n": n, "accuracy": accuracy, "intervals": {"accuracy": [low, high]}}

    large, tiny = block(198, 0.95, 0.9, 0.98), block(2, 0.5, 0.1, 0.9)
    found = average_slices([large, tiny])
    assert (found["n"], found["accuracy"]) == (200, pytest.approx(0.9455))
    assert found["intervals"]["accuracy"] == pytest.approx([0.892, 0.9792])
    assert average_slices([]) == {"n": 0, "accuracy": None, "intervals": {"accuracy": None}}


def test_gold_judges_the_rating_hidden_and_the_blind_audit(evidence, metrics):
    hidden, blind = metrics["rating_hidden"], metrics["blind_audit"]
    for block, table, column in (
        (hidden, evidence.gold, HIDDEN),
        (hidden["rating_visible"], evidence.gold, "probability"),
        (blind, evidence.blind, "probability"),
    ):
        assert block["n"] == len(table), column
        expected = roc_auc_score(table["gold"].astype(int), table[column])
        assert block["roc_auc"] == pytest.approx(expected, abs=1e-4), column
    assert hidden["rating_visible"]["roc_auc"] > hidden["roc_auc"]
    assert hidden["calibration"]["n"] == hidden["n"]
    assert blind["calibration"]["n"] == blind["n"]
    assert hidden["decision"]["false_alarm_cost"] == 2
    (ours,) = (row for row in hidden["thresholds"] if row["false_alarm_cost"] == 2)
    assert ours["threshold"] == hidden["decision"]["threshold"] == pytest.approx(2 / 3, abs=1e-4)
    assert (ours["precision"], ours["recall"]) == (hidden["precision"], hidden["recall"])
    assert blind["withhold"] == ["rating"]
    assert not [rule for rule in blind["rules"] if rule.startswith("rated")]


def test_labels_are_counted_compared_with_gold_and_the_rules_judged(evidence, metrics):
    block, titles = metrics["labels"], evidence.titles
    labelled = titles["label"].notna()
    assert block["n"] == len(titles) == sum(block[k] for k in ("voted", "tie", "no_votes"))
    assert block["family"] + block["not_family"] == labelled.sum()
    assert block["coverage"] == pytest.approx(labelled.mean(), abs=1e-4)
    assert block["by_split"]["test"]["n"] == len(evidence.test)
    both = titles[labelled & titles["gold"].notna()]
    agreement = block["agreement_with_gold"]
    assert (agreement["n"], agreement["agreeing"]) == (
        len(both),
        (both["label"] == both["gold"]).sum(),
    )
    assert [rule["name"] for rule in block["rules"]] == [rule["name"] for rule in evidence.rules]


def test_the_order_of_rows_changes_nothing(evidence):
    shuffled = replace(
        evidence,
        training=evidence.training.sample(frac=1, random_state=1),
        votes=evidence.votes.sample(frac=1, random_state=2),
    )
    assert measure(shuffled, CONFIG) == measure(evidence, CONFIG)


def test_without_any_rating_or_title_of_a_slice_the_figure_is_missing_and_the_rest_is_there(
    evidence,
):
    titles, test = evidence.titles.assign(gold=pd.NA), evidence.test.assign(gold=pd.NA)
    test = test.assign(listed_in="Dramas")
    blind = replace(evidence, titles=titles, test=test, blind=evidence.blind[:0])
    metrics, _ = measure(blind, CONFIG)
    empty = metrics["seed_protocol"]["slices"]["horror_and_thriller"]
    assert (empty["n"], empty["status"], empty["accuracy"]) == (0, "no titles", None)
    assert metrics["seed_protocol"]["slices_averaged"] == len(SLICES) - 2
    assert metrics["rating_hidden"]["status"] == metrics["blind_audit"]["status"] == "no gold"
    assert metrics["labels"]["agreement_with_gold"]["accuracy"] is None
    assert summarise(metrics)["rating_hidden_roc_auc"] is None


def test_the_winner_is_compared_with_the_champion(evidence):
    gold = evidence.gold.astype({"gold": "float64"})
    perfect = gold.assign(**{HIDDEN: gold["gold"]})
    predictions = gold[["show_id", "title", HIDDEN]].iloc[1:]  # one title is new
    block = compare_with_champion(perfect, Champion("v0001", "r0", predictions), CONFIG)
    assert (block["champion_version"], block["champion_run_id"]) == ("v0001", "r0")
    assert (block["n"], block["status"], block["outcome"]) == (len(gold) - 1, "ok", "better")
    assert block["difference"] == 1 - block["champion"] > 0
    others = evidence.gold.assign(title="Another")[["show_id", "title", HIDDEN]]
    block = compare_with_champion(evidence.gold, Champion("v0001", "r0", others), CONFIG)
    assert (block["n"], block["status"]) == (0, "no titles")
    assert block["outcome"] == "not enough evidence"


def publish(volume, content):
    source = volume.root / "incoming.csv"
    atomic.write_bytes(source, content)
    version, file = volume.releases.next_version(), File(source, atomic.sha256(source))
    volume.releases.add(version, {"predictions_test.csv": file}, {"run_id": "r0"})
    volume.releases.switch(version, "r0")
    return volume.releases.folder(version) / "predictions_test.csv"


def test_a_champion_that_was_altered_or_lacks_its_columns_is_refused(sample_copy):
    volume = sample_copy.volume
    released = publish(volume, sample_copy.read("select").read_bytes("predictions_test.csv"))
    champion = read_champion(volume.releases)
    assert (champion.version, champion.run_id) == ("v0001", "r0")
    released.chmod(0o644)
    released.write_bytes(released.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match="is not the file that was released"):
        read_champion(volume.releases)
    publish(volume, b"show_id,title\ns000,Title 0\n")
    with pytest.raises(EvaluationError, match=f"release v0002 has no column {HIDDEN}"):
        read_champion(volume.releases)


def rewrite(workspace, stage, name, change):
    """Let a stage have written another table of predictions."""
    artifacts = workspace.read(stage)
    files = {file: artifacts.read_bytes(file) for file in artifacts.manifest["files"]}
    files[name] = atomic.to_csv(change(atomic.from_csv(files[name])))
    with workspace.write(stage, CONFIG) as out:
        for file, content in files.items():
            out.write_bytes(file, content)


def test_predictions_that_do_not_fit_the_labels_are_refused(sample_copy):
    other = {"0": "1", "1": "0"}
    for stage, name in (
        ("select", "predictions_test.csv"),
        ("blind_audit", "blind_audit_predictions.csv"),
    ):
        table = atomic.from_csv(sample_copy.read(stage).read_bytes(name))
        first = table["show_id"].min()
        for damaged, message in [
            (table[table["show_id"] != first], rf"1 are lacking \({first}\), 0 are not"),
            (table.replace(first, "x1"), rf"1 are lacking \({first}\), 1 are not .* \(x1\)"),
            (pd.concat([table, table[table["show_id"] == first]]), f"titles twice: {first}"),
            (table.assign(gold=table["gold"].map(other)), "another gold than the labels on"),
            (table.assign(label="0"), r"another label .* titles \(\w+, \w+, \w+, \.\.\.\)"),
        ][: 5 if "label" in table else 4]:
            rewrite(sample_copy, stage, name, lambda _, damaged=damaged: damaged)
            with pytest.raises(EvaluationError, match=f"of {stage} .*{message}"):
                read_evidence(sample_copy)
        rewrite(sample_copy, stage, name, lambda _, table=table: table)
    read_evidence(sample_copy)


def test_a_run_again_gives_the_same_bytes_and_a_refused_one_leaves_nothing(sample_copy, caplog):
    before = sample_copy.read("evaluate_slices").manifest["files"]
    with caplog.at_level(logging.INFO):
        summary = evaluate_slices(sample_copy, CONFIG)
    assert summary["comparison"] == "no champion yet"
    assert all(isinstance(value, str | int | float) for value in summary.values())
    assert sample_copy.read("evaluate_slices").manifest["files"] == before
    assert "logistic_regression: ROC-AUC" in caplog.text
    assert "against gold with the rating hidden" in caplog.text
    before = sample_copy.read("evaluate_slices").manifest
    rewrite(sample_copy, "select", "predictions_test.csv", lambda t: t.assign(**{HIDDEN: None}))
    with pytest.raises(EvaluationError, match="probabilities are missing or outside"):
        evaluate_slices(sample_copy, CONFIG)
    assert sample_copy.read("evaluate_slices").manifest == before


def test_out_of_fold_titles_that_are_not_labelled_are_refused(evidence):
    out_of_fold = evidence.out_of_fold["logistic_regression"]
    titles = evidence.titles[~evidence.titles["show_id"].isin(out_of_fold["show_id"][:7])]
    with pytest.raises(EvaluationError, match=rf"7 of {len(out_of_fold)} out-of-fold titles"):
        join_out_of_fold(out_of_fold, titles)


def test_figures_keep_five_decimals_or_two_digits_that_tell_them_from_0_and_1():
    for value, expected in [
        (0.1234567, 0.12346),
        (0.99996, 0.99996),
        (0.99999997, 0.99999997),
        (-2.345e-06, -2.3e-06),
        (7.03e-08, 7.0e-08),
        (0.0000346, 0.000035),
        (12.345678, 12.34568),
        (1.0, 1.0),
        (0.0, 0.0),
        (3, 3),
        (None, None),
        (True, True),
        ({"a": [0.00004, "x"]}, {"a": [4e-05, "x"]}),
    ]:
        assert rounded(value) == expected

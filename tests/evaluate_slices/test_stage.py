"""The whole stage on a tiny run: blocks, joins, champion, figures."""

import json
import logging

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.utilities import gold_labels
from tasks.config import EvaluateConfig, StageConfig
from tasks.errors import ArtifactError, EvaluationError
from tasks.evaluate_slices.slices import SLICES
from tasks.evaluate_slices.stage import evaluate_slices
from tasks.volume import atomic
from tasks.volume.runs import Volume

CONFIG = EvaluateConfig(seed=3, resamples=100)
STAGE = StageConfig(seed=3)
FIGURES = [
    "calibration.png",
    "class_balance.png",
    "confusion_matrix.png",
    "pr_curves.png",
    "roc_curves.png",
    "rules.png",
    "slices.png",
]
RULES = [
    {
        "name": "rated",
        "group": "rating",
        "reads": ["rating"],
        "votes": 0,
        "coverage": 0.6,
        "conflicts": 0.1,
    },
    {
        "name": "genre",
        "group": "genre",
        "reads": ["listed_in"],
        "votes": 1,
        "coverage": 0.4,
        "conflicts": 0.1,
    },
]
CANDIDATE = {"n_titles": 30, "n_rows": 35, "seconds": 0.1}


def make_titles(n=60):
    """Every other title a test title; every third for families, one in ten without gold."""
    i = np.arange(n)
    family = i % 3 == 0
    columns = {
        "show_id": [f"s{k:03}" for k in i],
        "type": "Movie",
        "title": [f"Title {k}" for k in i],
        "duration": np.where(i % 4 == 0, "80 min", "95 min"),
        "rating": np.where(i % 10 == 9, "NR", np.where(family, "TV-Y", "TV-MA")),
        "listed_in": np.where(family, "Children & Family Movies", "Dramas"),
        "description": [f"Story number {k}." for k in i],
    }
    titles = pd.DataFrame({c: columns.get(c) for c in CATALOG_COLUMNS}).astype("str")
    unlabelled = i % 15 == 14
    label = pd.array(np.where(family, 1, 0), dtype="Int8")
    label[unlabelled] = pd.NA
    return titles.assign(
        label=label,
        probability=np.where(unlabelled, np.nan, family),
        reason=np.where(unlabelled, "no votes", "voted"),
        split=np.where(i % 2 == 0, "test", "train"),
        content_group=titles["show_id"],
    )


def make_run(root, titles=None, run_id="r1", **changes):
    """Write what the earlier stages leave; `changes` replace tables by name."""
    titles = make_titles() if titles is None else titles
    workspace = Volume(root).workspace(run_id)
    test, train = titles[titles["split"] == "test"], titles[titles["split"] == "train"]
    rng = np.random.default_rng(0)
    hidden = np.round(rng.random(len(test)), 3)
    gold = gold_labels(test["rating"])
    predictions = test[["show_id", "title", "label"]].assign(
        prediction=(test["probability"].fillna(0) >= 0.5).astype("int8"),
        probability=test["probability"].fillna(0.1) * 0.9,
        probability_rating_hidden=hidden,
        gold=gold,
    )
    blind = test[["show_id"]].assign(gold=gold, probability=hidden)[gold.notna()]
    labelled = train[train["label"].notna()]
    training = labelled[["show_id", "label", "rating"]].assign(
        text=labelled["title"] + ". " + labelled["description"], parent_id=None, operation=None
    )
    copies = training[training["label"] == 1].assign(
        show_id=lambda t: t["show_id"] + "~swap~0", parent_id=training["show_id"], operation="swap"
    )
    tables = {
        "predictions": predictions,
        "blind": blind,
        "training": pd.concat([training, copies]),
        "fetch": {"is_sample": False},
    } | changes
    with workspace.write("fetch", STAGE) as out:
        out.write_json("fetch.json", tables["fetch"])
    with workspace.write("label", STAGE) as out:
        out.write_table("labeled.parquet", titles)
        out.write_json("rules.json", RULES)
        votes = {rule["name"]: np.int8(-1) for rule in RULES}
        out.write_table("votes.parquet", titles[["show_id"]].assign(**votes))
    with workspace.write("augment", STAGE) as out:
        out.write_table("augmented.parquet", tables["training"])
    candidates = []
    for name, mean in (("forest", 0.98), ("linear", 0.99)):
        roc_auc = {"mean": mean, "std": 0.01, "folds": [mean, mean]}
        candidates.append({"model": name, "roc_auc": roc_auc, **CANDIDATE})
        with workspace.write(f"train/{name}", STAGE) as out:
            scored = labelled[["show_id", "label"]].assign(probability=labelled["probability"])
            out.write_table("out_of_fold.parquet", scored.assign(fold=0))
    with workspace.write("select", STAGE) as out:
        out.write_table("predictions.parquet", tables["predictions"])
        out.write_json("candidates.json", {"winner": "linear", "candidates": candidates[::-1]})
    with workspace.write("blind_audit", STAGE) as out:
        out.write_table("predictions.parquet", tables["blind"])
        facts = {"withhold": ["rating"], "rules": ["genre"], "n_train": 28, "roc_auc": 0.123}
        out.write_json("blind_audit.json", facts)
    return workspace


def publish(volume, predictions):
    source = volume.root / "incoming.csv"
    atomic.write_bytes(source, atomic.to_csv(predictions))
    version = volume.releases.add({"predictions_test.csv": source}, "r0", {})
    volume.releases.switch(version, "r0")


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    workspace = make_run(tmp_path_factory.mktemp("volume"))
    summary = evaluate_slices(workspace, CONFIG)
    artifacts = workspace.read("evaluate_slices")
    return summary, artifacts.read_json("metrics.json"), artifacts


def test_writes_the_figures_and_names_its_inputs(evaluated):
    _, _, artifacts = evaluated
    files = artifacts.manifest["files"]
    assert sorted(files) == [*(f"figures/{name}" for name in FIGURES), "metrics.json"]
    assert sorted(artifacts.manifest["inputs"]) == [
        "augment",
        "blind_audit",
        "fetch",
        "label",
        "select",
        "train/forest",
        "train/linear",
    ]


def test_the_seeds_protocol(evaluated):
    block = evaluated[1]["seed_protocol"]
    assert block["model"] == "linear"
    assert block["cv_roc_auc"] == {"mean": 0.99, "std": 0.01, "folds": [0.99, 0.99], "n": 30}
    assert (block["test"]["n"], block["test"]["n_family"]) == (28, 10)
    assert block["test"]["accuracy"] == block["test"]["roc_auc"] == 1
    assert set(block["test"]["intervals"]) == {
        "accuracy",
        "precision",
        "recall",
        "f1",
        "roc_auc",
        "average_precision",
    }


def test_every_slice_is_reported_however_few_titles_it_has(evaluated):
    slices = evaluated[1]["seed_protocol"]["slices"]
    found = {name: (block["n"], block["status"]) for name, block in slices.items()}
    assert found == {
        "kids_and_family_genres": (10, "only family titles"),
        "horror_and_thriller": (0, "no titles"),
        "long_tv_shows": (0, "no titles"),
        "short_movies": (14, "ok"),
        "kids_keywords": (0, "no titles"),
    }
    assert list(slices) == [rule.name for rule in SLICES]
    assert slices["short_movies"]["share"] == 0.5
    assert slices["short_movies"]["description"] == "Movies under 90 minutes."
    assert slices["horror_and_thriller"]["accuracy"] is None


def test_the_slice_average_leaves_empty_slices_out(evaluated):
    block = evaluated[1]["seed_protocol"]
    assert (block["slice_average_accuracy"], block["slices_averaged"]) == (1, 2)


def test_the_rating_hidden_is_judged_on_the_titles_with_gold(evaluated):
    block = evaluated[1]["rating_hidden"]
    assert block["n"] == block["rating_visible"]["n"] == 30
    assert block["rating_visible"]["roc_auc"] > 0.9 > block["roc_auc"]
    assert block["slices"]["kids_and_family_genres"]["status"] == "only family titles"


def test_the_blind_audit_is_scored_here_and_keeps_its_facts(evaluated):
    _, metrics, _ = evaluated
    block = metrics["blind_audit"]
    assert (block["withhold"], block["rules"], block["n_train"]) == (["rating"], ["genre"], 28)
    assert block["roc_auc"] == metrics["rating_hidden"]["roc_auc"]


def test_labels_are_counted_and_compared_with_gold(evaluated):
    block = evaluated[1]["labels"]
    counts = {name: block[name] for name in ("n", "voted", "tie", "no_votes", "family")}
    assert counts == {"n": 60, "voted": 56, "tie": 0, "no_votes": 4, "family": 20}
    assert block["coverage"] == 56 / 60
    assert [block["by_split"][side]["n"] for side in ("train", "test")] == [30, 30]
    agreement = block["agreement_with_gold"]
    assert (agreement["n"], agreement["agreeing"], agreement["accuracy"]) == (52, 52, 1)
    assert agreement["intervals"]["accuracy"][0] == pytest.approx(0.931, abs=1e-3)
    assert block["rules"] == RULES


def test_leakage_candidates_and_notes_are_there(evaluated):
    metrics = evaluated[1]
    assert metrics["leakage"]["twins_across_split"] == 0
    assert metrics["leakage"]["augmented_in_test"] == 0
    assert [c["model"] for c in metrics["candidates"]] == ["linear", "forest"]
    assert metrics["notes"]["seed_protocol"].startswith("Circular")
    assert "sample" not in metrics["notes"]


def test_the_first_run_has_no_champion(evaluated):
    assert evaluated[1]["comparison"] == {"status": "no champion yet"}


def test_the_summary_is_small_and_flat(evaluated):
    summary, metrics, _ = evaluated
    assert summary["winner"] == "linear"
    assert (summary["test_n"], summary["rating_hidden_n"], summary["blind_audit_n"]) == (28, 30, 30)
    assert summary["rating_hidden_roc_auc"] == round(metrics["rating_hidden"]["roc_auc"], 4)
    assert summary["comparison"] == "no champion yet"
    assert len(json.dumps(summary)) < 1000
    assert all(isinstance(value, str | int | float) for value in summary.values())


def test_shuffled_artifacts_give_the_same_metrics(evaluated, tmp_path):
    titles = make_titles()
    shuffled = make_run(tmp_path, titles).read("select").read_table("predictions.parquet")
    workspace = make_run(
        tmp_path, titles.iloc[::-1], predictions=shuffled.sample(frac=1, random_state=1)
    )
    blind = workspace.read("blind_audit").read_table("predictions.parquet")
    original = evaluated[1]["blind_audit"]
    assert len(blind) == original["n"]
    evaluate_slices(workspace, CONFIG)
    again = workspace.read("evaluate_slices").read_json("metrics.json")
    for name in ("seed_protocol", "rating_hidden", "labels", "leakage"):
        assert again[name] == evaluated[1][name]


def test_the_sample_is_called_one(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    workspace = make_run(tmp_path, fetch={"is_sample": True})
    evaluate_slices(workspace, CONFIG)
    notes = workspace.read("evaluate_slices").read_json("metrics.json")["notes"]
    assert "fictional sample" in notes["sample"]
    assert "linear: ROC-AUC 1.0 on 28 test titles" in caplog.text


@pytest.mark.parametrize(
    ("better", "outcome"),
    [(True, "better"), (False, "worse"), (None, "not enough evidence")],
)
def test_the_winner_is_compared_with_the_champion(tmp_path, better, outcome):
    titles = make_titles(240)
    workspace = make_run(tmp_path, titles)
    mine = workspace.read("select").read_table("predictions.parquet")
    perfect = mine.assign(probability_rating_hidden=mine["gold"].astype("Float64").fillna(0))
    challenger, champion = (perfect, mine) if better else (mine, perfect)
    workspace = make_run(tmp_path, titles, predictions=challenger)
    others = champion if better is not None else mine
    publish(workspace.volume, others[others["show_id"] != "s000"])
    summary = evaluate_slices(workspace, CONFIG)
    block = workspace.read("evaluate_slices").read_json("metrics.json")["comparison"]
    assert (block["outcome"], summary["comparison"]) == (outcome, outcome)
    assert (block["champion_version"], block["champion_run_id"]) == ("v0001", "r0")
    assert block["n"] == 119
    assert block["status"] == "ok"
    assert block["difference"] == block["challenger"] - block["champion"]


def test_the_champion_of_another_catalog_is_not_compared_title_by_title(tmp_path):
    workspace = make_run(tmp_path)
    mine = workspace.read("select").read_table("predictions.parquet")
    publish(workspace.volume, mine.assign(title="Another"))
    evaluate_slices(workspace, CONFIG)
    block = workspace.read("evaluate_slices").read_json("metrics.json")["comparison"]
    assert (block["n"], block["status"]) == (0, "no titles")
    assert block["outcome"] == "not enough evidence"


def test_an_altered_champion_stops_the_run(tmp_path):
    workspace = make_run(tmp_path)
    publish(workspace.volume, workspace.read("select").read_table("predictions.parquet"))
    path = workspace.volume.releases.folder("v0001") / "predictions_test.csv"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match="is not the file that was released"):
        evaluate_slices(workspace, CONFIG)
    assert not workspace.run.has(["evaluate_slices"])


def test_a_champion_without_its_columns_is_refused(tmp_path):
    workspace = make_run(tmp_path)
    publish(workspace.volume, pd.DataFrame({"show_id": ["s000"], "title": ["Title 0"]}))
    message = "release v0001 has no column probability_rating_hidden"
    with pytest.raises(EvaluationError, match=message):
        evaluate_slices(workspace, CONFIG)


def altered(tmp_path, table, change):
    workspace = make_run(tmp_path)
    stage = "select" if table == "predictions" else "blind_audit"
    found = workspace.read(stage).read_table("predictions.parquet")
    return make_run(tmp_path, **{table: change(found)})


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        (
            "predictions",
            lambda t: t.iloc[2:],
            r"of select are not about .*: 2 are lacking \(s000, s002\), 0 are not",
        ),
        (
            "predictions",
            lambda t: t.assign(show_id=t["show_id"].replace("s000", "s001")),
            r"1 are lacking \(s000\), 1 are not test titles \(s001\)",
        ),
        (
            "predictions",
            lambda t: pd.concat([t, t.iloc[:1]]),
            "of select name titles twice: s000",
        ),
        (
            "predictions",
            lambda t: t.assign(label=1 - t["label"]),
            r"of select have another label .* on 28 titles \(s000, s002, s004, \.\.\.\)",
        ),
        (
            "predictions",
            lambda t: t.assign(gold=pd.array([pd.NA] * len(t), dtype="Int8")),
            "of select have another gold than the labels on 30 titles",
        ),
        (
            "predictions",
            lambda t: t.assign(probability_rating_hidden=np.nan),
            "30 of 30 probabilities are missing or outside",
        ),
        ("blind", lambda t: t.iloc[1:], r"of blind_audit are not about .*: 1 are lacking \(s000\)"),
        (
            "blind",
            lambda t: t.assign(gold=1 - t["gold"]),
            "of blind_audit have another gold than the labels on 30 titles",
        ),
    ],
)
def test_predictions_that_do_not_fit_the_labels_are_refused(tmp_path, table, change, message):
    workspace = altered(tmp_path, table, change)
    with pytest.raises(EvaluationError, match=message):
        evaluate_slices(workspace, CONFIG)
    assert not workspace.run.has(["evaluate_slices"])


def test_a_catalog_without_any_rating_has_no_gold_and_still_ends_well(tmp_path):
    titles = make_titles().assign(rating=pd.Series(None, index=range(60), dtype="str"))
    workspace = make_run(tmp_path, titles)
    summary = evaluate_slices(workspace, CONFIG)
    assert (summary["rating_hidden_n"], summary["rating_hidden_roc_auc"]) == (0, None)
    metrics = workspace.read("evaluate_slices").read_json("metrics.json")
    assert metrics["rating_hidden"]["status"] == metrics["blind_audit"]["status"] == "no titles"
    assert metrics["labels"]["agreement_with_gold"]["accuracy"] is None

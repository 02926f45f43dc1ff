"""A catalog of another service, all the way round: run, released, scored, reviewed, run again."""

import io

import pandas as pd
import pytest

from labeling_lab.answers import record_file
from tasks.config import DecideConfig, PublishConfig, ScoreConfig
from tasks.pipeline import EVALUATE_SLICES, LABEL, METRICS, TO_REVIEW
from tasks.publish.decision import decide
from tasks.publish.stage import publish
from tasks.score.scoring import score_catalog
from tests.catalogs import other_catalog

pytestmark = pytest.mark.slow

REVIEWED = 40


def test_another_services_catalog_goes_all_the_way_round(run_on, tmp_path):
    catalog = tmp_path / "world.csv"
    other_catalog("world").to_csv(catalog, index=False)
    workspace = run_on(tmp_path, catalog, EVALUATE_SLICES)
    home = workspace.read(EVALUATE_SLICES).read_json(METRICS)["home"]
    assert (home["is_foreign"], home["genre_names"]["unmapped"]) == (True, 0)
    decide(workspace, DecideConfig(publish_unproven=True))
    published = publish(workspace, PublishConfig())
    assert published["outcome"] == "published", published["reasons"]

    report = score_catalog(workspace.volume, ScoreConfig(catalog=str(catalog)))
    assert (report["scored"], report["quarantined"]) == (900, 0)
    assert (report["drift"]["outcome"], report["adapt"]["adapted"]) == ("stable", True)

    # Filled in as a spreadsheet saves it.
    queue = io.BytesIO(workspace.read(EVALUATE_SLICES).read_bytes(TO_REVIEW))
    rows = pd.read_csv(queue, dtype="str", keep_default_na=False)
    rows.loc[: REVIEWED - 1, "answer"] = ["Family", "not"] * (REVIEWED // 2)
    answered = tmp_path / "answered.csv"
    rows.to_csv(answered, sep=";", index=False)
    assert record_file(workspace.volume, answered, "anna")["recorded"] == REVIEWED
    stages = [LABEL, "augment", "train", "select", EVALUATE_SLICES]
    run_on(tmp_path, catalog, EVALUATE_SLICES, stages, answers="vote")
    again = workspace.read(EVALUATE_SLICES).read_json(METRICS)["answers"]
    assert again["n"] == REVIEWED > again["voting"] > 0
    assert again["labels_changed"] + again["labels_gained"] > 0

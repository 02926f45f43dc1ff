"""A catalog of another service, all the way round: run, released, scored, reviewed, run again."""

import csv
import io

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


def fill_in(queue):
    """Answer the first titles of a queue as a spreadsheet would save it: by every other row."""
    rows = list(csv.DictReader(io.StringIO(queue.decode("utf-8-sig"))))
    for place, row in enumerate(rows[:REVIEWED]):
        row["answer"] = ("Family", "not")[place % 2]
    filled = io.StringIO()
    writer = csv.DictWriter(filled, rows[0], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    return filled.getvalue()


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

    answered = tmp_path / "answered.csv"
    answered.write_text(fill_in(workspace.read(EVALUATE_SLICES).read_bytes(TO_REVIEW)))
    assert record_file(workspace.volume, answered, "anna")["recorded"] == REVIEWED
    stages = [LABEL, "blind_audit", "augmentation_audit", "augment", "train", "select"]
    run_on(tmp_path, catalog, EVALUATE_SLICES, [*stages, EVALUATE_SLICES], answers="vote")
    again = workspace.read(EVALUATE_SLICES).read_json(METRICS)["answers"]
    assert again["n"] == REVIEWED > again["voting"] > 0
    assert again["labels_changed"] + again["labels_gained"] > 0

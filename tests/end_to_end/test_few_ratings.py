"""A catalog that no model can be judged by, from the file to the release: it has no rating."""

import io
import json

import pytest
from rich.console import Console

from labeling_lab.summary import summary
from tasks.config import DecideConfig, PublishConfig
from tasks.explain.vote_card import vote_card
from tasks.pipeline import DECISION, METRICS
from tasks.publish.decision import ONLY_UNPROVEN, decide, question
from tasks.publish.stage import publish
from tasks.volume.releases import Releases
from tests.catalogs import other_catalog

pytestmark = pytest.mark.slow

GOLD_GATES = {"rating_hidden_roc_auc", "blind_audit_roc_auc"}
SHOWN = "Nothing honest could be measured: {} of the test titles "


def test_without_any_rating_all_runs_nothing_is_claimed_and_a_person_decides(run_on, tmp_path):
    titles = other_catalog("unrated")[:300]
    titles.to_csv(tmp_path / "blind.csv", index=False)
    workspace = run_on(tmp_path, tmp_path / "blind.csv", "evaluate_slices")
    metrics = workspace.read("evaluate_slices").read_json(METRICS)
    for block in (metrics["rating_hidden"], metrics["blind_audit"]):
        assert (block["n"], block["status"], block["roc_auc"]) == (0, "no gold", None)
    assert metrics["augmentation"]["status"] == "no gold"
    assert json.dumps(metrics, allow_nan=False)

    refused = decide(workspace, DecideConfig())
    gates = workspace.read("decide").read_json(DECISION)["gates"]
    found = {gate["gate"]: gate["outcome"] for gate in gates if gate["blocks"]}
    assert (found.keys() >= GOLD_GATES, {*found.values()}) == (True, {"insufficient evidence"})
    assert refused["reasons"][-1] == ONLY_UNPROVEN
    assert publish(workspace, PublishConfig())["outcome"] == "refused"

    passed = decide(workspace, DecideConfig(publish_unproven=True))
    assert len(passed["unproven"]) == len(found)
    assert SHOWN.format("none") in question(workspace)
    assert publish(workspace, PublishConfig())["version"] == "v0001"
    releases = Releases(tmp_path / "releases")
    card = releases.read_bytes("v0001", "model_card.md").decode()
    assert SHOWN.format("none") in card
    assert "it is **unproven**" in card
    console = Console(width=120, file=io.StringIO())
    console.print(summary(workspace.volume, workspace.run))
    said = " ".join(console.file.getvalue().split())
    assert SHOWN.format("none") in said
    assert "Published v0001, unproven" in said
    assert "nan" not in (card + said).lower().split()
    assert vote_card(workspace.volume, titles["show_id"][0]).gold is None
    assert releases.history()[-1]["unproven"] == passed["unproven"]

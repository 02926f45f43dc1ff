import logging
from collections import Counter

from tasks.pipeline import DECISION
from tasks.publish.decision import question


def test_the_decision_is_written_with_all_that_the_next_steps_need(lab, caplog):
    workspace = lab.run()
    with caplog.at_level(logging.INFO):
        summary = lab.decide(workspace)
    digest = workspace.read("select").manifest["files"]["best_model.skops"]["sha256"]
    facts = {"run_id": "run1", "challenger_sha256": digest, "is_sample": False, "champion": None,
             "compared_with": None, "passed": True, "reasons": []}  # fmt: skip
    assert summary.items() >= facts.items()
    decided = workspace.run.read("decide")
    decision = decided.read_json(DECISION)
    assert decision.items() >= facts.items()
    assert decision["doubts"] == summary["doubts"] != []
    counts = Counter(gate["outcome"] for gate in decision["gates"])
    assert summary["gates"] == {"passed": 0, "failed": 0, "insufficient evidence": 0} | counts
    assert f"{counts['passed']} passed, 0 failed, " in caplog.text
    assert b"Draft: not a release." in decided.read_bytes("model_card.html")
    lab.decide(workspace)
    assert workspace.run.read("decide").manifest["files"] == decided.manifest["files"]
    assert not lab.releases.root.exists()


def test_the_approver_sees_gates_figures_champion_and_where_to_look(lab, metrics):
    workspace = lab.run()
    lab.decide(workspace)
    asked = question(workspace)
    assert "Approved, it becomes release **v0001** and the champion. Rejected, nothing" in asked
    assert "There was no champion to compare with." in asked
    assert r"| label\_coverage | passed | " in asked
    assert r"runs/run1/decide/model\_card.html" in asked
    lab.publish(workspace)
    second = lab.run("run2")
    lab.decide(second)
    asked = question(second)
    assert "becomes release **v0002** and the champion, in place of v0001" in asked
    assert "| | This run | Champion v0001 |" in asked
    (row,) = [line for line in asked.splitlines() if line.startswith(r"| ROC\-AUC, rating hidden")]
    _, _, challenger, champion, _ = row.split("|")
    assert challenger == champion != r" \- "
    assert "difference 0.010" in asked
    assert r"releases/v0001/model\_card.md" in asked
    third = lab.run("run3", labels=metrics["labels"] | {"coverage": 0.1})
    lab.decide(third)
    asked = question(third)
    assert "**The gates refuse this run's winner; an approval would not change that.**" in asked
    assert r"| label\_coverage | **failed** | 0.1000 | at least 0.5 | " in asked

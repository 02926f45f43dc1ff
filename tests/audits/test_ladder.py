from tasks.audits.blind_parts import learn_soft, prepare, vote
from tasks.audits.ladder import climb
from tasks.config import BlindAuditConfig


def test_every_step_has_a_name_and_its_figures(labeled):
    config = BlindAuditConfig()
    blind = prepare(labeled, config)
    weak = vote(blind, config)
    steps = climb(blind, weak, learn_soft(blind, weak), config)
    assert [step["step"] for step in steps] == [
        "majority vote, hard labels, model",
        "majority vote, soft labels, model",
        "weighted vote, hard labels, model",
        "weighted vote, soft labels, model",
        "weighted vote alone",
        "weighted vote and model averaged",
    ]
    assert all(0.5 < step["roc_auc"] <= 1 and step["average_precision"] <= 1 for step in steps)

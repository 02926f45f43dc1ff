"""What both audits work on: made of what the stage label wrote, once for the two, never stale."""

import pandas as pd

from tasks.audits import blind_run
from tasks.audits.augmentation import compare_copies
from tasks.audits.blind import audit
from tasks.audits.blind_run import BlindRun, read_blind_run
from tasks.augment.transforms import random_swap
from tasks.config import AugmentationAuditConfig, BlindAuditConfig, LabelConfig
from tasks.pipeline import ANSWERS, LABEL, LABELED, NEAR_DUPLICATES
from tasks.volume.runs import Volume

NEAR = pd.DataFrame({"show_id": ["s000"]}, dtype="str")
CHOSEN = {"operations": ("random_swap",)}
ONE, OTHER = BlindAuditConfig(draws=1, **CHOSEN), AugmentationAuditConfig(resamples=100, **CHOSEN)
CHANGED = (
    *({"operations": ("random_deletion",)}, {"balance": 0.9}, {"max_copies": 1}, {"seed": 1}),
    *({"aggregator": "majority"}, {"tie_policy": "family"}, {"withhold": ()}, {"features": "seed"}),
)


def write_label(root, titles):
    """Write what the audits read of the stage label; a person said of one title that it is none."""
    answers = pd.DataFrame({"show_id": ["s003"], "answer": [0], "strength": [0.97]})
    workspace = Volume(root).workspace("r1")
    with workspace.write(LABEL, LabelConfig()) as out:
        out.write_table(LABELED, titles)
        out.write_table(NEAR_DUPLICATES, NEAR)
        out.write_table(ANSWERS, answers.astype({"show_id": "str", "answer": "Int8"}))
    return workspace


def read(workspace, config):
    return read_blind_run(workspace, workspace.read(LABEL), config)


def test_the_second_audit_takes_what_the_first_left_if_it_is_of_the_same(labeled, tmp_path):
    titles = labeled()
    workspace = write_label(tmp_path, titles.sample(frac=1, random_state=1))
    first = read(workspace, ONE)
    pd.testing.assert_frame_equal(first.labeled, titles)
    assert first.again.rules[-1].name == "answered_not_family"
    assert not {"s000", "s000~random_swap~1"} & set(first.rows["show_id"])
    assert read(workspace, OTHER) is first
    assert not blind_run._left, "nothing is kept for a third"
    for changed in CHANGED:
        first = read(workspace, ONE)
        other = read(workspace, OTHER.model_copy(update=changed))
        assert other is not first, changed
        assert [*blind_run._left.values()] == [other], changed
    first = read(workspace, ONE)
    other = read(write_label(tmp_path, labeled(90)), ONE)
    assert (len(first.labeled), len(other.labeled)) == (120, 90)


def test_neither_audit_changes_what_the_other_finds(labeled):
    def make():
        parts = {"near": NEAR, "operations": (random_swap,), "synonyms": {}, "config": ONE}
        return BlindRun(labeled=labeled(), **parts)

    def look(run):
        summary, (predictions,) = (found := audit(run, ONE))[0], found[1].values()
        return summary, predictions.to_dict("list")

    one, other = make(), make()
    blind, copies = look(one), compare_copies(one, OTHER)
    assert (compare_copies(other, OTHER), look(other)) == (copies, blind)

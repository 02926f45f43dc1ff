"""Answers are gold or votes, never both; those to test titles never vote; votes do not travel."""

import pandas as pd
import pytest

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.catalog.utilities import known_gold
from tasks.label.answers import (
    STRENGTH,
    answer_rules,
    describe_answers,
    strength_of_answers,
    weigh_answers,
)

IDS = pd.Series(["s1", "s2", "s3", "s4"])
SPLIT = pd.Series(["train", "test", "train", None])


def settled(**said):
    """What people say by title: how many of them family, not, unsure."""
    rows = [
        (
            show_id,
            "family" if family and not against else "not" if against and not family else None,
            *(family, against, unsure),
        )
        for show_id, (family, against, unsure) in said.items()
    ]
    table = pd.DataFrame(rows, columns=["show_id", "said", "family", "not_family", "unsure"])
    answer = table.pop("said").map({"family": FAMILY, "not": NOT_FAMILY}).astype("Int8")
    return table.assign(answer=answer, status="settled")


GIVEN = settled(s1=(1, 0, 0), s2=(1, 0, 0), s3=(1, 1, 0), s4=(0, 1, 0))


def test_settled_answers_to_train_titles_vote_if_they_may_and_no_others():
    for voting, strengths in ((False, [None] * 4), (True, [True, None, None, None])):
        answers = weigh_answers(GIVEN, IDS, SPLIT, voting)
        assert [s or None for s in answers["strength"].notna()] == strengths
        assert answers["split"].to_list()[:3] == ["train", "test", "train"]
    assert answer_rules(weigh_answers(GIVEN, IDS, SPLIT, voting=False)) == ()
    assert weigh_answers(None, IDS, SPLIT, voting=True).empty


def test_a_title_whose_answer_votes_is_no_gold_and_others_are_where_the_rating_says_nothing():
    titles = pd.DataFrame({"show_id": IDS, "rating": ["TV-MA", None, None, "TV-Y"]}, dtype="str")
    evaluated, voted = (
        known_gold(titles, weigh_answers(GIVEN, IDS, SPLIT, voting)).to_list()
        for voting in (False, True)
    )
    assert evaluated == [NOT_FAMILY, FAMILY, pd.NA, FAMILY]
    assert voted == [pd.NA, FAMILY, pd.NA, FAMILY]
    assert known_gold(titles).to_list() == [NOT_FAMILY, pd.NA, pd.NA, FAMILY]


def test_answers_are_as_strong_as_people_agree():
    lone = settled(s1=(1, 0, 0), s2=(0, 1, 3))
    assert strength_of_answers(lone) == pytest.approx(STRENGTH)
    many = {f"s{n}": (2, 0, 0) for n in range(500)}
    agreed = strength_of_answers(settled(**many))
    # 100 of 600 pairs disagree: p^2 + (1 - p)^2 is about 5/6 for p = 0.908.
    torn = strength_of_answers(settled(**many, **{f"t{n}": (1, 1, 0) for n in range(100)}))
    assert agreed == 0.99
    assert torn == pytest.approx(0.91, abs=0.005)
    assert strength_of_answers(settled(**{f"t{n}": (1, 1, 0) for n in range(500)})) == 0.6


def test_what_they_changed_is_counted():
    answers = weigh_answers(GIVEN, IDS, SPLIT, voting=True)
    now, before = (pd.Series(v, dtype="Int8") for v in ([1, 1, None, 0], [0, None, None, 0]))
    assert describe_answers(answers, now, before) == {
        "train": 1,
        "test": 1,
        "disagreement": 1,
        "voting": 1,
        "strength": pytest.approx(0.95, abs=0.02),
        "labels_changed": 1,
        "labels_gained": 1,
    }

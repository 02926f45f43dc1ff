"""Answers survive two writers and a kill; the last of a person counts; disagreement does not."""

import pandas as pd
import pytest

from tasks.errors import LabError
from tasks.volume import atomic
from tasks.volume.runs import Volume

CATALOG = pd.DataFrame(
    {
        "show_id": [f"s{n}" for n in range(200)],
        "title": [f"Title {n}" for n in range(200)],
        "description": [f"Story {n}." for n in range(200)],
    },
    dtype="str",
)


@pytest.fixture
def answers(tmp_path):
    return Volume(tmp_path).answers


def rows(**said):
    return [{"show_id": show_id, "answer": answer} for show_id, answer in said.items()]


def settled(answers, catalog=CATALOG):
    table = answers.settled(catalog)
    return dict(
        zip(table["show_id"], zip(table["answer"], table["status"], strict=True), strict=True)
    )


def test_two_writers_at_once_lose_nothing_and_record_nothing_twice(answers, exit_codes):
    everything = rows(**dict.fromkeys(CATALOG["show_id"], "family"))

    def write(by):
        for start in range(0, 200, 20):
            answers.record(everything[start : start + 30], by, CATALOG)

    same = [lambda: write("anna")] * 2
    assert exit_codes(*same, lambda: write("ben")) == [0, 0, 0]
    history = answers.history()
    assert len(history) == len({(a.person, a.show_id) for a in history}) == 400


def test_a_kill_in_the_middle_costs_no_answer_that_was_there_and_the_same_file_mends_it(
    answers, exit_codes, kill, monkeypatch, caplog
):
    answers.record(rows(s0="family"), "anna", CATALOG)
    before = answers.path.read_bytes()
    delivery = rows(s1="family", s2="no")

    def be_killed():
        monkeypatch.setattr(atomic.os, "fsync", kill)
        answers.record(delivery, "anna", CATALOG, source="file")

    assert exit_codes(be_killed) == [-9]
    whole = answers.path.read_bytes()
    answers.path.write_bytes(whole[: len(before) + 250])  # the second line is torn
    assert [a.show_id for a in answers.history()] == ["s0", "s1"]
    assert "line 3 is cut off" in caplog.text
    receipt = answers.record(delivery, "anna", CATALOG, source="file")
    assert (receipt.recorded, receipt.known) == (1, 1)
    assert [a.show_id for a in answers.history()] == ["s0", "s1", "s2"]
    # What is no answer is none, whoever wrote it.
    with answers.path.open("ab") as stream:
        stream.write(b'[]\n{"show_id": 1}\n{"show_id": "s3", "by": "eve", "answer": "maybe"}\n')
    assert len(answers.history()) == 3


def test_the_last_answer_of_a_person_counts_and_disagreement_does_not(answers):
    answers.record(rows(s0="Family", s1="F", s2="yes", s3="?", s4="no"), "Anna", CATALOG)
    answers.record(rows(s1="not", s2="unsure", s4="n"), "ben", CATALOG)
    answers.record(rows(s0="not family"), " anna ", CATALOG)
    assert settled(answers) == {
        "s0": (0, "settled"),
        "s1": (pd.NA, "disagreement"),
        "s2": (1, "settled"),
        "s3": (pd.NA, "unsure"),
        "s4": (0, "settled"),
    }
    answers.record(rows(s1="withdraw", s3="withdraw"), "Anna", CATALOG)
    assert settled(answers)["s1"] == (0, "settled")
    assert "s3" not in settled(answers)
    assert len(answers.history()) == 11  # nothing is ever deleted


def test_what_a_person_says_again_is_known_and_a_file_never_revives_what_was_changed(answers):
    delivery = rows(s0="family", s1="", s2="no")
    counts = [answers.record(delivery, "anna", CATALOG, source="a") for _ in range(2)]
    assert [(c.recorded, c.known, c.empty) for c in counts] == [(2, 0, 1), (0, 2, 1)]
    answers.record(rows(s0="withdraw"), "anna", CATALOG)
    assert answers.record(delivery, "anna", CATALOG, source="a").recorded == 0
    assert answers.record(rows(s9="withdraw"), "anna", CATALOG).recorded == 0
    assert list(settled(answers)) == ["s2"]


def test_undo_puts_back_what_the_person_said_before_one_answer_at_a_time(answers):
    for said in ("family", "not family"):
        answers.record([{"show_id": "s0", "answer": said, "note": said}], "anna", CATALOG)
    answers.record(rows(s1="unsure"), "Anna", CATALOG, source="file")
    answers.record(rows(s0="unsure"), "ben", CATALOG)
    assert not answers.undo("anna", "s0")  # the last was about s1
    assert answers.undo("anna", "s1")
    assert answers.undo("anna", "s0")
    current = answers.current()
    assert current[["show_id", "answer", "by", "note"]].to_numpy().tolist() == [
        ["s0", "family", "anna", "family"],
        ["s0", "unsure", "ben", ""],
    ]
    assert answers.record(rows(s1="unsure"), "anna", CATALOG, source="file").recorded == 0
    assert answers.undo("anna", "s0")
    assert not answers.undo("anna", "s0")
    assert answers.current()["by"].tolist() == ["ben"]
    assert len(answers.history()) == 7  # nothing is ever deleted


def test_another_catalog_does_not_inherit_an_answer_by_its_ids(answers):
    row = {"show_id": "s0", "answer": "family", "title": "Alien", "description": "In space."}
    receipt = answers.record([row], "anna", CATALOG)
    assert (receipt.recorded, receipt.elsewhere) == (1, 1)
    assert settled(answers) == {}
    aliens = pd.DataFrame([row]).replace("Alien", "ALIEN!")
    assert settled(answers, aliens) == {"s0": (1, "settled")}
    # A spreadsheet may have spoiled one of the two.
    spoiled = [row | {"show_id": "s1", "title": "1-Feb", "description": "Story 1."}]
    assert answers.record(spoiled, "anna", CATALOG).elsewhere == 0
    assert list(settled(answers)) == ["s1"]


def test_bad_rows_are_refused_with_their_reason_and_good_ones_recorded(answers):
    bad = {
        "expected one of: family, f, yes": {"show_id": "s1", "answer": "maybe"},
        "it has a note but no answer": {"show_id": "s2", "note": "odd"},
        "it has no show_id": {"answer": "family"},
        "the latest catalog has no title 's999'": {"show_id": "s999", "answer": "no"},
        "is 'Title 3', which is another": {"show_id": "s3", "answer": "no", "title": "Alien"},
        "the note has 3,000": {"show_id": "s4", "answer": "no", "note": "x" * 3000},
        "an earlier row says family of the same": {"show_id": "s5", "answer": "no"},
    }
    receipt = answers.record([*rows(s5="family"), *bad.values()], "anna", CATALOG)
    assert receipt.recorded == 1
    for number, (why, row, refused) in enumerate(
        zip(bad, bad.values(), receipt.refused, strict=True), start=2
    ):
        assert (refused["row"], refused["show_id"]) == (number, row.get("show_id", ""))
        assert why in refused["why"]
    for name in ("", " ", "x" * 101, "a\x00b"):
        with pytest.raises(LabError, match="say who gave them, as in BY=anna"):
            answers.record(rows(s0="no"), name, CATALOG)

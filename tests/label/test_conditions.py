"""Keywords are found whole, in any case, anywhere; a test of cells runs once a distinct value."""

import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.errors import RuleError
from tasks.label.conditions import Keywords, Minutes, Names, View, Years, keywords
from tasks.label.reasons import find_words

WORDS = keywords("kid, murder*, sex*, serial killer, one-night stand*, no-holds-barred, dr. seuss")
WITH_WORDS = (
    "A kid.", "KID", "“Kid”", "a kid's dream", "kid—and dog", "9 kid", "<b>kid</b>",
    "murder", "Murderers", "sexy", "sex", "serial killer", "serial\nkiller", "one-night stands",
    "No-Holds-Barred!", "éa kid", "İstanbul kid", "ékid", "kidé", "Dr. Seuss",
    "x " * 40_000 + "kid",
)  # fmt: skip
WITHOUT_WORDS = (
    "kids", "kidney", "skid", "2kid", "kid_a", "Essex", "serial. killer", "a series", "dr  seuss",
    "\u212aid", "\u017fex", "", None,
)  # fmt: skip


def found(*texts, words=WORDS):
    texts = pd.Series(texts, dtype="str")
    frame = pd.DataFrame({"title": texts, "description": pd.Series(index=texts.index, dtype="str")})
    return View(frame).mentioning(words).tolist()


def test_words_are_found_whole_and_in_any_case_and_a_reason_finds_the_same():
    texts = dict.fromkeys(WITH_WORDS, True) | dict.fromkeys(WITHOUT_WORDS, False)
    assert dict(zip(texts, found(*texts), strict=True)) == texts
    assert {text: bool(find_words(text or "", WORDS)) for text in texts} == texts
    assert found() == []


def test_both_columns_are_searched_and_no_phrase_runs_into_the_next():
    rows = [("kid", None), (None, "kid"), ("serial", "killer"), ("ki", "d"), (None, None)]
    frame = pd.DataFrame(rows, columns=["title", "description"], dtype="str")
    for columns in (frame, frame.astype(object)):
        view = View(columns)
        assert view.mentioning(WORDS).tolist() == [True, True, False, False, False]
        assert view.mentioning(keywords("dog") + keywords("ki")).tolist() == [0, 0, 0, 1, 0]


@settings(deadline=None)
@given(st.lists(st.text(alphabet="kidmurdesx KIDSéſ\u212a’-_9.\n", max_size=30), max_size=6))
def test_they_are_those_that_pythons_regular_expressions_find(texts):
    pattern = re.compile(r"\b(?:kid|murder\w*|sex\w*)\b", re.ASCII | re.IGNORECASE)
    expected = [bool(pattern.search(text)) for text in texts]
    assert found(*texts, words=keywords("kid, murder*, sex*")) == expected


def test_keywords_are_read_from_text_and_refused_if_they_cannot_be_one():
    assert keywords(" kid,  serial\n killer, murder*\n").words == (
        "kid",
        "serial killer",
        "murder*",
    )
    for word in ("", "a", "a*", "Kid", "9 lives", "mur*der", "café"):
        with pytest.raises(RuleError, match=rf"Keywords {re.escape(repr(word))}: expected two or"):
            Keywords(("kid", word))


def test_cells_are_tested():
    cases = [
        (Names(any_of=("A", "B")), ["A", "C, B", " A ,D"], ["", "AB", "C"]),
        (Names(none_of=("A", "B")), ["C", "AB"], ["A", "C, B"]),
        (Names(only=("A", "B")), ["A", "B, A"], ["A, C", "C", ""]),
        (Names(any_of=("A",), none_of=("B",)), ["A", "A, C"], ["A, B", "B", "C"]),
        (Names(any_of=("A",), only=("A", "B")), ["A", "A, B"], ["B", "A, C"]),
        (Minutes(50, 85), ["50 min", "84 Min"], ["49 min", "85 min", "60 Seasons", "min", ""]),
        (Years(1968, 1983), ["1968", "1983"], ["1967", "1984", "", "<NA>", "1970.5"]),
    ]
    for test, passes, fails in cases:
        assert [cell for cell in passes if not test(cell)] == [], test
        assert [cell for cell in fails if test(cell)] == [], test


def test_each_distinct_cell_is_judged_once_and_a_missing_one_never_passes():
    judged = []

    def is_short(value):
        judged.append(value)
        return len(value) < 3

    rating = pd.Series(["R", None, "PG", "R", "TV-MA", "R"], dtype="str")
    year = pd.Series([1994, None, 1989, 1995, 1990, None], dtype="Int64")
    view = View(pd.DataFrame({"rating": rating, "release_year": year}))
    assert view.passing("rating", is_short).tolist() == [True, False, True, True, False, True]
    assert judged == ["R", "PG", "TV-MA"]
    assert view.passing("rating", {"PG"}.__contains__).sum() == 1
    assert view.passing("release_year", Years(1990, 1994)).tolist() == [1, 0, 0, 0, 1, 0]

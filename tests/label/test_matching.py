"""Keywords are found whole, in any case, anywhere; genres and values by their distinct cells."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.errors import RuleError
from tasks.label import matching
from tasks.label.matching import (
    BLOCK_BYTES,
    Keywords,
    has_genre,
    keywords,
    mentions,
    on_distinct,
    shared_work,
)

WORDS = keywords("kid, murder*, sex*, serial killer, one-night stand*, no-holds-barred")


def found(*texts, words=WORDS):
    frame = pd.DataFrame({"description": pd.Series(texts, dtype="str")})
    return mentions(frame, words).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A kid.", True),
        ("KID", True),
        ("“Kid”", True),
        ("a kid's dream", True),
        ("kid—and dog", True),
        ("9 kid", True),
        ("kids", False),
        ("kidney", False),
        ("skid", False),
        ("2kid", False),
        ("kid_a", False),
        ("murder", True),
        ("Murderers", True),
        ("sexy", True),
        ("sex", True),
        ("Essex", False),
        ("serial killer", True),
        ("serial\nkiller", True),
        ("serial. killer", False),
        ("a series", False),
        ("one-night stands", True),
        ("No-Holds-Barred!", True),
        ("éa kid", True),
        ("İstanbul kid", True),
        ("<b>kid</b>", True),
        ("", False),
        (None, False),
    ],
)
def test_one_text(text, expected):
    assert found(text) == [expected]


def test_words_do_not_run_from_one_row_or_column_into_the_next():
    frame = pd.DataFrame({"title": ["serial", "ki"], "description": ["killer", "d"]}, dtype="str")
    assert mentions(frame, WORDS).tolist() == [False, False]


def test_every_column_of_the_frame_is_searched():
    frame = pd.DataFrame({"title": ["kid", None], "description": [None, "kid"]}, dtype="str")
    assert mentions(frame, WORDS).tolist() == [True, True]
    assert mentions(frame[["title"]], WORDS).tolist() == [True, False]


def test_nothing_to_search():
    assert found() == []
    assert found(None, "") == [False, False]


@pytest.mark.parametrize("shift", range(-6, 3))
def test_a_word_across_two_blocks_is_found(shift):
    padding = "x " * ((BLOCK_BYTES - 2) // 2)
    assert found("." * (shift % 2) + padding[: shift + len(padding)] + " kid") == [True]
    assert found(padding + " murderers", "kid", padding, "kid") == [True, True, False, True]


@settings(deadline=None)
@given(
    st.lists(
        st.text(alphabet=st.sampled_from("kidmurdesx KIDSéſK’-_9.\n"), max_size=30), max_size=6
    )
)
def test_the_short_cut_finds_what_the_plain_regular_expression_finds(texts):
    pattern = re.compile(r"\b(?:kid|murder\w*|sex\w*)\b", re.ASCII | re.IGNORECASE)
    expected = [bool(pattern.search(text)) for text in texts]
    assert found(*texts, words=keywords("kid, murder*, sex*")) == expected


def test_keys_that_collide_are_told_apart(monkeypatch):
    monkeypatch.setattr(
        matching, "_pack", lambda letters: np.zeros(len(letters[0]), dtype=np.uint16)
    )
    assert found("a dog", "a kid", words=keywords("kid")) == [False, True]


def test_shared_work_is_done_once_and_gives_the_same(monkeypatch):
    frame = pd.DataFrame({"title": ["a kid", "a kidney", "murder"]}, dtype="str")
    kid, murder = keywords("kid"), keywords("murder*")
    calls = []
    word_hits = matching._word_hits

    def counting(*columns, given):
        calls.append(given)
        return word_hits(*columns, given=given)

    monkeypatch.setattr(matching, "_word_hits", counting)
    with shared_work({kid, murder}):
        assert mentions(frame, kid).tolist() == [True, False, False]
        assert mentions(frame, murder).tolist() == [False, False, True]
        assert len(calls) == 1
        assert mentions(frame, keywords("kidney")).tolist() == [False, True, False]
        changed = frame.assign(title=["none", "none", "a kid"])
        assert mentions(changed, kid).tolist() == [False, False, True]
        assert len(calls) == 3
    assert mentions(frame, kid).tolist() == [True, False, False]
    assert len(calls) == 4


def test_keywords_are_read_from_text():
    assert keywords("""
        kid,  serial
        killer, murder*
    """) == Keywords(("kid", "serial killer", "murder*"))


@pytest.mark.parametrize("word", ["", "ab", "ab*", "Kid", "9 lives", "mur*der", "café", "x" * 32])
def test_a_word_that_cannot_be_a_keyword_is_an_error(word):
    with pytest.raises(RuleError, match=rf"Keywords {re.escape(repr(word))}: expected 3 to 31"):
        Keywords(("kid", word))


def test_the_longest_keyword_is_found():
    word = "a" * 31
    assert found(f"an {word}.", f"an {word}s", words=Keywords((word,))) == [True, False]
    assert found(f"an {word}s", words=Keywords((f"{word}*",))) == [True]


def test_has_genre_wants_whole_genres():
    cells = ["Thrillers, Dramas", "TV Thrillers", "Dramas,Thrillers ", "Kids' TV", "", None]
    frame = pd.DataFrame({"listed_in": pd.Series(cells, dtype="str")})
    assert has_genre(frame, "Thrillers").tolist() == [True, False, True, False, False, False]
    assert has_genre(frame, "Kids' TV", "Dramas").tolist() == [
        True, False, True, True, False, False,
    ]  # fmt: skip


def test_on_distinct_judges_each_value_once():
    judged = []

    def is_short(value):
        judged.append(value)
        return len(value) < 3

    column = pd.Series(["R", None, "PG", "R", "TV-MA", "R"], dtype="str")
    assert on_distinct(column, is_short).tolist() == [True, False, True, True, False, True]
    assert judged == ["R", "PG", "TV-MA"]


def test_cells_of_other_types_are_matched_as_text():
    column = pd.Series(["R", None, "PG"], dtype=object)
    assert on_distinct(column, {"PG"}.__contains__).tolist() == [False, False, True]
    assert mentions(column.to_frame(), keywords("kid")).tolist() == [False, False, False]

import json

import pytest
from rich.console import Console

from labeling_lab.explain_console import main, render_card
from tasks.config import LabelConfig
from tasks.explain.vote_card import Opinion, VoteCard
from tasks.explain.votes import Vote
from tasks.pipeline import LABEL, LABELED, RULEBOOK, RULES
from tasks.volume.runs import DATA_ENV, Volume

TITLE = {
    "show_id": "s7", "type": "Movie", "title": "Wild [Kids]", "director": None, "cast": None,
    "country": None, "date_added": None, "release_year": 2001, "rating": "PG",
    "duration": "99 min", "listed_in": "Comedies", "description": "Kids at war.",
}  # fmt: skip
VOTES = (
    Vote("kw_children", "Speaks of children.", "keyword", 0.8, "family", ("kids",)),
    Vote("kw_war", "About war.", "keyword", None, "not family", ("war",)),
    Vote("genre_horror", "Horror, by genre.", "genre", 0.9, "abstain", ()),
)
RATING, WAR = (
    {"feature": "rating = PG", "value": 1.0, "contribution": 2.5},
    {"feature": "word: war", "value": 0.5, "contribution": -1.25},
)
SHOWN, HIDDEN = Opinion(0.9, "log-odds", 0.5, (RATING,)), Opinion(0.6, "log-odds", 0.5, (WAR,))


def card(**facts):
    everything = {
        "title": TITLE, "version": "v0003", "run_id": "run", "label": "family",
        "probability": 0.75, "reason": "voted", "explanation": "The rules disagree.",
        "split": "train", "gold": "family", "votes": VOTES, "with_rating": SHOWN,
        "without_rating": HIDDEN, "threshold": 2 / 3, "notes": (),
    }  # fmt: skip
    return VoteCard(**{**everything, **facts})


def show(found, everything=False, width=90):
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(render_card(found, everything))
    return [line.rstrip() for line in captured.get().splitlines()]


def test_the_card_shows_label_model_votes_and_features():
    lines = show(card())
    assert lines[0] == "Wild [Kids]"
    assert lines[1] == "s7 · Movie · 2001 · PG · 99 min · Comedies"
    rows = [" ".join(line.split()) for line in lines]
    for row in (
        "label family 0.750 split: train",
        "model, rating shown family 0.900 release v0003: family from 0.67 on",
        "model, rating hidden not family 0.600 release v0003: family from 0.67 on",
        "gold family rating: PG",
        "The rules disagree.",
        "1 for family strength why",
        "kw_children 0.80 kids: Speaks of children.",
        "kw_war - war: About war.",
        "1 abstain",
        "1 genre horror",
        "rating = PG +2.500",
        "word: war -1.250",
    ):
        assert row in rows
    assert rows.index("rating = PG +2.500") < rows.index("word: war -1.250")
    rows = [" ".join(line.split()) for line in show(card(), everything=True)]
    assert "genre_horror Horror, by genre." in rows


def test_what_is_not_there_is_left_out():
    lines = show(
        card(
            label=None, probability=None, gold=None, split=None, votes=VOTES[2:],
            with_rating=None, without_rating=None, notes=("Nothing is released yet.",),
        )
    )  # fmt: skip
    text = "\n".join(lines)
    assert "none" in text
    assert "neither side" in text
    assert "model" not in text
    assert "for family" not in text
    assert lines[-2:] == ["Nothing is released yet.", ""]


def test_the_card_fits_the_terminal():
    long = tuple(
        Vote(f"genre_rule_{n}", "Says a lot " * 9, "genre", 0.7, side, ("International Movies",))
        for n in range(20)
        for side in ("family", "abstain")
    )
    for width in (80, 100):
        assert max(map(len, show(card(votes=long), width=width))) <= width


@pytest.fixture
def volume(tmp_path, monkeypatch):
    monkeypatch.setenv(DATA_ENV, str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    return Volume(tmp_path)


def test_the_command_prints_a_card_json_or_an_error_of_one_line(volume, capsys):
    import pandas as pd

    assert main(["s1"]) == 1
    assert "make run" in capsys.readouterr().err

    labeled = pd.DataFrame([TITLE]).assign(
        label=pd.array([1], dtype="Int8"), probability=0.75, reason="voted", split="train"
    )
    with volume.workspace("manual__1").write(LABEL, LabelConfig()) as out:
        out.write_table(LABELED, labeled)
        out.write_json(RULES, [])
        out.write_json(RULEBOOK, [])
    assert main(["wild [kids]"]) == 0
    printed = capsys.readouterr().out
    assert "Wild [Kids]" in printed
    assert "Nothing is released yet" in printed
    assert main(["s7", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["title"]["show_id"] == "s7"
    assert main(["--", "-wilt [kids]"]) == 1
    assert capsys.readouterr().err == (
        "No title of the catalog has the show_id or name '-wilt [kids]'. Did you mean "
        "Wild [Kids]?\n"
    )

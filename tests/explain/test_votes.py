import pandas as pd

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.explain.votes import Vote, changed_rules, explain_votes
from tasks.label.conditions import Names, keywords
from tasks.label.rule import having, listing, mentioning

TITLE = pd.DataFrame(
    {
        "show_id": ["s1"],
        "type": "Movie",
        "title": "Kids at War",
        "listed_in": "Comedies, Horror Movies",
        "description": "Two kids and a murderer. KIDS!",
        "rating": "TV-MA",
        "duration": "70 min",
        "release_year": 1940,
    }
)


def test_every_rule_is_asked_and_one_that_abstains_has_no_reason():
    horror = listing("horror", NOT_FAMILY, 0.9, "Horror Movies", doc="Horror.")
    anime = having("anime", FAMILY, None, listed_in=Names(any_of=("Anime",)), doc="Anime.")
    assert explain_votes(TITLE, (horror, anime)) == (
        Vote("horror", "Horror.", "genre", 0.9, "not family", ("Horror Movies",)),
        Vote("anime", "Anime.", "metadata", None, "abstain", ()),
    )


def test_rules_that_changed_since_are_named():
    horror = listing("horror", NOT_FAMILY, 0.9, "Horror Movies", doc="Horror.")
    kids = mentioning("kids", FAMILY, 0.8, keywords("kids"), doc="Kids.")
    same = [
        {"name": "horror", "strength": 0.9, "keywords": []},
        {"name": "kids", "strength": 0.8, "keywords": ["kids"]},
    ]
    assert changed_rules(same, (horror, kids)) == []
    other = [
        {"name": "kids", "strength": 0.8, "keywords": ["kid"]},
        {"name": "anime"},
        {"name": "answered_family", "group": "answer"},
    ]
    (sentence,) = changed_rules(other, (horror, kids))
    assert sentence.endswith("have changed (new: horror; gone: anime; changed: kids).")

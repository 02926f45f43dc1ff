"""Why rules voted and what the votes came to, in words."""

import pandas as pd

from tasks.catalog.columns import ABSTAIN, FAMILY, NOT_FAMILY
from tasks.label.conditions import Minutes, Names, keywords
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.reasons import cells_for, explain_reason, why_it_voted
from tasks.label.rule import having, labeling_function, listing, mentioning, rated
from tasks.label.vote import apply_rules

STAND_UP = having(
    "film_compact", FAMILY, 0.65, duration=Minutes(50, 85),
    listed_in=Names(none_of=("Stand-Up Comedy",)), doc="Short films but no stand-up.",
)  # fmt: skip


@labeling_function(reads=("title", "release_year"), votes=FAMILY)
def is_old(catalog):
    """Old films."""
    return (catalog["release_year"] < 1950).fillna(False).to_numpy(dtype=bool)


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


def listed(test):
    return having("listed", FAMILY, 0.9, listed_in=test, doc="Listed.")


def test_a_vote_says_which_words_or_cells_made_it():
    for rule, why in (
        (mentioning("kids", FAMILY, 0.8, keywords("kid, kids"), doc="Kids."), ("kids",)),
        (mentioning("war", FAMILY, 0.8, keywords("murder*, war"), doc="W."), ("war", "murderer")),
        (rated("for_adults", NOT_FAMILY, 0.9, "R", "TV-MA", doc="Rated."), ("TV-MA",)),
        (listing("horror", NOT_FAMILY, 0.9, "Horror Movies", doc="H."), ("Horror Movies",)),
        (STAND_UP, ("70 min",)),
        (is_old, ("1940",)),
        (listed(Names(only=("Comedies", "Horror Movies"))), ("Comedies", "Horror Movies")),
        (listed("Comedies, Horror Movies".__eq__), ("Comedies, Horror Movies",)),
    ):
        (cells,) = cells_for(TITLE, [rule])
        assert why_it_voted(cells, rule) == why, rule


def test_every_vote_of_the_rulebook_has_a_reason(repo):
    sample = pd.read_csv(repo / "data" / "sample_titles.csv", dtype="str", keep_default_na=False)
    sample = sample.mask(sample == "").head(40)
    votes = apply_rules(sample, LABELING_FUNCTIONS)
    cells = cells_for(sample, LABELING_FUNCTIONS)
    for place, rule in ((i, r) for r in LABELING_FUNCTIONS for i in range(len(sample))):
        if votes[rule.name].iloc[place] != ABSTAIN:
            assert why_it_voted(cells[place], rule), rule.name


def test_the_sum_of_the_votes_is_said_in_a_sentence():
    disagree = "The rules disagree (2 for family, 1 for not family); weighed up, family is "
    for cast, reason, label, probability, sentence in (
        ("-", "no votes", None, None, "No rule votes on this title."),
        ("f-", "no votes", None, None, "It has hints only, which majority voting does not count."),
        ("fn-", "tie", None, 0.5, "The votes balance (1 for family, 1 for not family); a tie gets"),
        ("fn-", "tie", "family", 0.5, "the tie policy made it family."),
        ("ffn-", "voted", "family", 0.875, disagree + "87.5\u00a0% likely."),
        ("fn-", "voted", "not family", 1e-5, "family is 0.001\u00a0% likely."),
        ("fn-", "voted", "family", 0.9999, "family is 99.99\u00a0% likely."),
        ("nn-", "voted", "not family", 0.1, "Every vote (2) is for not family."),
        ("--", "voted", "family", 0.9, "No rule shown made the label."),
    ):
        sides = cast.count("f"), cast.count("n")
        assert sentence in explain_reason(reason, label, probability, *sides), sentence

import pandas as pd

from tasks.catalog.columns import FAMILY, NOT_FAMILY
from tasks.explain.votes import Vote, explain_votes
from tasks.label.conditions import Names
from tasks.label.rule import having, listing


def test_every_rule_is_asked_and_one_that_abstains_has_no_reason():
    title = pd.DataFrame({"show_id": ["s1"], "listed_in": "Comedies, Horror Movies"}, dtype="str")
    horror = listing("horror", NOT_FAMILY, 0.9, "Horror Movies", doc="Horror.")
    anime = having("anime", FAMILY, None, listed_in=Names(any_of=("Anime",)), doc="Anime.")
    assert explain_votes(title, (horror, anime)) == (
        Vote("horror", "Horror.", "genre", 0.9, "not family", ("Horror Movies",)),
        Vote("anime", "Anime.", "metadata", None, "abstain", ()),
    )

import pandas as pd
import pytest

from tasks.catalog.home import count_languages, describe_distance, has_many_unmapped, is_foreign
from tasks.catalog.utilities import derive_features, read_column
from tasks.evaluate_slices.slices import SLICES, horror_and_thriller
from tasks.explain.votes import explain_votes
from tasks.fetch.source import load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import apply_rules
from tests.catalogs import other_catalog


def test_a_catalog_tells_what_it_shares_with_the_labs_own():
    titles = pd.DataFrame(
        {
            "listed_in": ["Dramas, Kids, Podcast", "Podcast, Aaa", None],
            "rating": ["PG", "Q", None],
            "description": ["The end of the road.", "La fin de la route.", "道路の終わり"],
        }
    )
    assert describe_distance(titles) == {
        "genre_names": {"n": 5, "known": 1, "mapped": 1, "unmapped": 3},
        "unmapped_genres": {"Podcast": 2, "Aaa": 1},
        "ratings": {"n": 3, "with_gold": 1, "missing": 1, "unknown": 1},
        "unknown_ratings": {"Q": 1},
        "languages": {"English": 1, "French": 1, "another language": 1},
    }
    unrated = describe_distance(titles.drop(columns="rating"))
    assert unrated["ratings"] == {"n": 3, "with_gold": 0, "missing": 3, "unknown": 0}


def test_a_vocabulary_is_foreign_if_less_than_nine_tenths_of_it_are_the_labs_own():
    for known, unmapped, foreign, many in [(90, 10, False, False), (89, 11, True, True)]:
        distance = {"genre_names": {"n": 100, "known": known, "unmapped": unmapped}}
        assert (is_foreign(distance), has_many_unmapped(distance)) == (foreign, many)
    nothing = {"genre_names": {"n": 0, "known": 0, "unmapped": 0}}
    assert not is_foreign(nothing)


def test_rules_slices_and_features_see_a_catalog_of_other_words_as_the_labs_own():
    titles = pd.DataFrame(
        {
            "show_id": list("abcd"),
            "type": ["Movie", "Movie", "TV Show", "TV Show"],
            "rating": ["7+", "FSK 16", "?", None],
            "listed_in": ["Kids, Comedy", "Horror, Suspense", "Crime", "Animation"],
        }
    ).assign(title="T", description="D")
    own = titles.assign(
        rating=["TV-PG", "TV-MA", "?", None],
        listed_in=[
            "Children & Family Movies, Comedies",
            "Horror Movies, Thrillers",
            "Crime TV Shows",
            "Kids' TV",
        ],
    )
    votes = apply_rules(titles, LABELING_FUNCTIONS)
    assert votes["genre_children"].tolist() == [1, -1, -1, 1]
    assert votes["rated_for_adults"].tolist() == [-1, 0, -1, -1]
    assert horror_and_thriller(titles).tolist() == [False, True, False, False]
    for read in (
        lambda some: apply_rules(some, LABELING_FUNCTIONS),
        lambda some: explain_votes(some.head(1), LABELING_FUNCTIONS),
        lambda some: pd.DataFrame([in_slice(some) for in_slice in SLICES]),
        derive_features,
    ):
        pd.testing.assert_frame_equal(pd.DataFrame(read(titles)), pd.DataFrame(read(own)))


def test_languages_are_told_of_a_sample_whatever_the_order_of_rows():
    texts = other_catalog("world")["Synopsis"]
    counts = count_languages(texts)
    assert counts == {"English": 603, "French": 259}  # of those that differ
    assert count_languages(texts[::-1]) == counts
    many = pd.Series([f"{n} days of rain and the end" for n in range(1500)])
    assert count_languages(many) == {"English": 1000}


@pytest.mark.catalog
def test_the_labs_own_catalog_is_at_home(real_catalog):
    table = load_netflix_data(real_catalog)
    assert read_column(table, "listed_in").equals(table["listed_in"])
    distance = describe_distance(table)
    assert distance["genre_names"] == {"n": 19323, "known": 19323, "mapped": 0, "unmapped": 0}
    assert distance["ratings"] == {"n": 8807, "with_gold": 8717, "missing": 4, "unknown": 3}
    assert distance["languages"]["English"] >= 980

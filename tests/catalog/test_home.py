import pandas as pd
import pytest

from tasks.catalog.home import count_languages, describe_distance, has_many_unmapped, is_foreign
from tasks.catalog.utilities import read_column
from tasks.fetch.source import SAMPLE, load_netflix_data
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
    own, other = load_netflix_data(SAMPLE), other_catalog("unrated")
    assert not is_foreign(describe_distance(own))
    assert is_foreign(describe_distance(other))


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

import pandas as pd
import pytest

from tasks.catalog.genres import GENRES, common_genres

# A name of another catalog, and what it is called here for a film and for a series.
NAMES = [
    ("Kids", "Children & Family Movies", "Kids' TV"),
    ("Family", "Children & Family Movies", "Kids' TV"),
    ("Animation", "Children & Family Movies", "Kids' TV"),
    ("Adult Animation", "Comedies", "TV Comedies"),
    ("Action-Adventure", "Action & Adventure", "TV Action & Adventure"),
    ("Science Fiction", "Sci-Fi & Fantasy", "TV Sci-Fi & Fantasy"),
    ("Stand Up", "Stand-Up Comedy", "Stand-Up Comedy & Talk Shows"),
    ("Crime", "Thrillers", "Crime TV Shows"),
    ("Animals & Nature", "Documentaries", "Science & Nature TV"),
    ("LGBTQ+", "LGBTQ Movies", "TV Shows"),
    ("romantic comedy", "Romantic Movies, Comedies", "Romantic TV Shows, TV Comedies"),
    ("Podcast", "Podcast", "Podcast"),
]


def translate(cells, types):
    return common_genres(pd.Series(cells, dtype="str"), pd.Series(types, dtype="str")).tolist()


@pytest.mark.parametrize(("name", "film", "series"), NAMES)
def test_a_foreign_name_is_translated_by_the_type_of_the_title(name, film, series):
    assert translate([name, name], ["Movie", "TV Show"]) == [film, series]


@pytest.mark.parametrize("name", sorted(GENRES))
@pytest.mark.parametrize("kind", ["Movie", "TV Show"])
def test_a_name_of_the_labs_own_stays(name, kind):
    assert translate([name], [kind]) == [name]


def test_names_come_once_and_missing_cells_stay_missing():
    found = translate(["Kids, Family,  Dramas", None, ""], ["Movie", "Movie", "TV Show"])
    assert found[0] == "Children & Family Movies, Dramas"
    assert pd.isna(found[1])
    assert found[2] == ""


@pytest.mark.catalog
def test_the_labs_own_catalog_stays_as_it_is(real_catalog):
    from tasks.catalog.utilities import load_netflix_data

    table = load_netflix_data(real_catalog)
    assert common_genres(table["listed_in"], table["type"]).equals(table["listed_in"])

import pandas as pd

from tasks.catalog.genres import GENRES, common_genres, count_genres, split_genres

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
    ("Military and War", "Action & Adventure", "TV Action & Adventure"),
    ("Game Show / Competition", "Movies", "Reality TV"),
    ("Young Adult Audience", "Dramas", "Teen TV Shows"),
    ("Comédie dramatique", "Comedies, Dramas", "TV Comedies, TV Dramas"),
    ("Dessins animés", "Children & Family Movies", "Kids' TV"),
    ("Ciencia ficción", "Sci-Fi & Fantasy", "TV Sci-Fi & Fantasy"),
    ("Comedy Movies", "Comedies", "TV Comedies"),  # a word that says little does not count
    ("Anthology", "Movies", "TV Shows"),  # but where there is no other
    ("Podcast", "Podcast", "Podcast"),
]


def translate(cells, types):
    return common_genres(pd.Series(cells, dtype="str"), pd.Series(types, dtype="str")).tolist()


def test_a_foreign_name_is_translated_by_the_type_of_the_title_and_the_labs_own_stays():
    for name, film, series in NAMES:
        assert translate([name, name], ["Movie", "TV Show"]) == [film, series], name
    for kind in ("Movie", "TV Show"):
        assert translate(sorted(GENRES), [kind] * len(GENRES)) == sorted(GENRES)
    found = translate(["Kids, Family,  Dramas", None, ""], ["Movie", "Movie", "TV Show"])
    assert found[0] == "Children & Family Movies, Dramas"
    assert pd.isna(found[1])
    assert found[2] == ""


def test_a_name_with_commas_is_one_and_cells_list_names_in_several_ways():
    arts = "Arts, Entertainment, and Culture"
    for cell, names in [
        (f"Drama, {arts}, Comedy", ("Drama", arts, "Comedy")),
        (f"{arts.lower()}", (arts.lower(),)),
        ("Action, Adventure | Kids", ("Action, Adventure", "Kids")),
        ("Action, Adventure;Kids", ("Action, Adventure", "Kids")),
        ("['Drama', \"Kids' TV\"]", ("Drama", "Kids' TV")),
        ('[{"id": 16, "name": "Animation"}, {"id": 1, "name": "Family"}]', ("Animation", "Family")),
        ("[]", ()),
    ]:
        assert split_genres(cell) == names, cell
    assert translate([arts], ["Movie"]) == ["Documentaries"]
    odd = translate(["Foo, bar | Drama"], ["Movie"])  # the common way has commas between names
    assert odd == ["Foo bar, Dramas"]
    assert translate(odd, ["Movie"]) == odd


def test_what_is_not_mapped_is_counted_the_most_frequent_first():
    cells = pd.Series(["Podcast, Kids", "Dramas, Aaa", "Podcast", None, ""], dtype="str")
    assert count_genres(cells)[2].to_dict() == {"Podcast": 2, "Aaa": 1}

import pandas as pd

from tasks.catalog.genres import GENRES, common_genres, count_genres, split_genres
from tasks.catalog.utilities import derive_features
from tasks.evaluate_slices.slices import horror_and_thriller, kids_and_family_genres
from tasks.explain.votes import explain_votes
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import apply_rules

(GENRE_CHILDREN,) = (rule for rule in LABELING_FUNCTIONS if rule.name == "genre_children")

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


def test_rules_slices_and_features_see_a_catalog_with_other_names_as_the_labs_own():
    foreign = ["Kids, Comedy", "Horror, Suspense", "Crime", "Animation"]
    own = [
        "Children & Family Movies, Comedies",
        "Horror Movies, Thrillers",
        "Crime TV Shows",
        "Kids' TV",
    ]
    types = ["Movie", "Movie", "TV Show", "TV Show"]
    titles = pd.DataFrame({"show_id": list("abcd"), "type": types, "listed_in": foreign})
    titles = titles.assign(title="T", description="D")
    votes = apply_rules(titles, LABELING_FUNCTIONS)
    assert votes.equals(apply_rules(titles.assign(listed_in=own), LABELING_FUNCTIONS))
    assert votes["genre_children"].tolist() == [1, -1, -1, 1]
    assert votes["genre_horror"].tolist() == [-1, 0, -1, -1]
    assert votes["genre_crime"].tolist() == [-1, -1, 0, -1]
    assert kids_and_family_genres(titles).tolist() == [True, False, False, True]
    assert horror_and_thriller(titles).tolist() == [False, True, False, False]
    features = derive_features(titles)
    assert features["listed_in"].tolist() == own
    assert features["genre_count"].tolist() == [2, 2, 1, 1]
    (why,) = (v.why for v in explain_votes(titles.head(1), [GENRE_CHILDREN]))
    assert why == ("Children & Family Movies",)

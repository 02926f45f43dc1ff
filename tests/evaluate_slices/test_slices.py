"""The contract of every slice, and which titles each one has."""

import re

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.catalog.rulebook import rulebook
from tasks.errors import RuleError
from tasks.evaluate_slices.slice import slicing_function
from tasks.evaluate_slices.slices import SLICES

TITLES = pd.DataFrame(
    {
        "show_id": ["s1", "s2", "s3", "s4", "s5", "s6"],
        "type": ["Movie", "Movie", "TV Show", "TV Show", "Movie", None],
        "title": ["Puppy Town", "The Crypt", "Long Road", "Short Road", "My Two Kids", "Kidnapped"],
        "duration": ["89 min", "90 min", "3 Seasons", "2 Seasons", None, "4 Seasons"],
        "listed_in": [
            "Children & Family Movies",
            "Horror Movies, Thrillers",
            "Kids' TV",
            "TV Horror",
            "Dramas",
            None,
        ],
        "description": ["A dog.", "A ghost.", "Trucks.", "A CHILD drives.", None, "A heist."],
    }
).astype("str")
MEMBERS = {
    "kids_and_family_genres": ["s1", "s3"],
    "horror_and_thriller": ["s2", "s4"],
    "long_tv_shows": ["s3"],
    "short_movies": ["s1"],
    "kids_keywords": ["s4", "s5"],
}


def test_every_slice_finds_its_titles_is_documented_and_declares_columns_of_the_catalog():
    found = {rule.name: TITLES.loc[rule(TITLES), "show_id"].tolist() for rule in SLICES}
    assert found == MEMBERS
    for rule in SLICES:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", rule.name), rule.name
        assert rule.doc.endswith("."), rule.name
        assert set(rule.reads) <= set(CATALOG_COLUMNS), rule.name


def test_every_slice_is_pure_reads_what_it_declares_and_depends_on_no_other_row_or_column():
    for rule in SLICES:
        before = TITLES.copy(deep=True)
        first = rule(TITLES)
        assert (first.dtype, first.shape) == (np.bool_, (len(TITLES),)), rule.name
        np.testing.assert_array_equal(rule(TITLES), first, err_msg=rule.name)
        pd.testing.assert_frame_equal(TITLES, before)
        np.testing.assert_array_equal(rule(TITLES[list(rule.reads)]), first, err_msg=rule.name)
        shuffled = TITLES.sample(frac=1, random_state=3)
        one_by_one = [bool(rule(TITLES.iloc[[i]])[0]) for i in shuffled.index]
        expected = rule(TITLES)[shuffled.index].tolist()
        assert rule(shuffled).tolist() == one_by_one == expected, rule.name
        assert rule(shuffled.set_axis([7] * len(TITLES))).tolist() == expected, rule.name
        assert not rule(TITLES[["show_id"]]).any(), rule.name
        assert not rule(pd.DataFrame({c: [None] for c in CATALOG_COLUMNS})).any(), rule.name
        assert rule(TITLES.iloc[:0]).tolist() == [], rule.name


@pytest.mark.catalog
def test_every_slice_finds_titles_in_the_real_catalogue(real_catalog):
    catalog = pd.read_csv(real_catalog, dtype="str", keep_default_na=False, na_values=[""])
    for rule in SLICES:
        assert 100 < rule(catalog).sum() < 0.3 * len(catalog), rule.name


def test_a_slice_is_refused_what_a_rule_is():
    def sneaky(titles):
        """Titles with a rating."""
        return titles["rating"].notna()

    def undocumented(titles):
        return titles["title"].notna()

    for finds, reads, message in [
        (sneaky, ("title",), "sneaky reads rating, which it does not declare"),
        (undocumented, ("title",), "undocumented needs a docstring of one line"),
        (undocumented, ("budget",), "undocumented reads budget, which a catalog does not have"),
    ]:
        with pytest.raises(RuleError, match=message):
            slicing_function(reads=reads)(finds)(TITLES)
    with pytest.raises(RuleError, match="short_movies: two rules have this name"):
        rulebook(*SLICES, SLICES[3])

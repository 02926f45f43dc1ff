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

every_slice = pytest.mark.parametrize("rule", SLICES, ids=lambda rule: rule.name)


def test_every_slice_has_a_row_in_the_table_of_members():
    assert [rule.name for rule in SLICES] == list(MEMBERS)


@every_slice
def test_finds_its_titles(rule):
    assert TITLES.loc[rule(TITLES), "show_id"].tolist() == MEMBERS[rule.name]


@every_slice
def test_is_named_documented_and_declares_columns_of_the_catalog(rule):
    assert re.fullmatch(r"[a-z][a-z0-9_]*", rule.name)
    assert rule.doc.endswith(".")
    assert "\n" not in rule.doc
    assert set(rule.reads) <= set(CATALOG_COLUMNS)


@every_slice
def test_answers_with_one_bool_a_title(rule):
    mask = rule(TITLES)
    assert isinstance(mask, np.ndarray)
    assert (mask.dtype, mask.shape) == (np.bool_, (len(TITLES),))


@every_slice
def test_is_pure(rule):
    before = TITLES.copy(deep=True)
    first, second = rule(TITLES), rule(TITLES)
    np.testing.assert_array_equal(first, second)
    pd.testing.assert_frame_equal(TITLES, before)


@every_slice
def test_does_not_depend_on_row_order_or_on_other_rows(rule):
    shuffled = TITLES.sample(frac=1, random_state=3)
    one_by_one = [bool(rule(TITLES.iloc[[i]])[0]) for i in shuffled.index]
    assert rule(shuffled).tolist() == rule(TITLES)[shuffled.index].tolist() == one_by_one


@every_slice
def test_reads_no_more_than_it_declares(rule):
    np.testing.assert_array_equal(rule(TITLES[list(rule.reads)]), rule(TITLES))


@every_slice
def test_is_empty_where_its_columns_are_absent_or_missing(rule):
    assert not rule(TITLES[["show_id"]]).any()
    assert not rule(pd.DataFrame({c: [None] for c in CATALOG_COLUMNS})).any()
    assert rule(TITLES.iloc[:0]).tolist() == []


@every_slice
def test_ignores_the_index(rule):
    doubled = TITLES.set_axis([7] * len(TITLES))
    np.testing.assert_array_equal(rule(doubled), rule(TITLES))


@pytest.mark.catalog
@every_slice
def test_finds_titles_in_the_real_catalogue(rule, real_catalog):
    catalog = pd.read_csv(real_catalog, dtype="str", keep_default_na=False, na_values=[""])
    assert 100 < rule(catalog).sum() < 0.3 * len(catalog)


def test_a_slice_that_reads_what_it_does_not_declare_is_named():
    @slicing_function(reads=("title",))
    def sneaky(titles):
        """Titles with a rating."""
        return titles["rating"].notna()

    with pytest.raises(RuleError, match=r"sneaky reads 'rating', which it does not declare"):
        sneaky(TITLES)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (lambda t: t["title"], r"shape \(6,\) of "),
        (lambda t: t["title"].notna().iloc[:2], r"shape \(2,\) of bool"),
        (lambda t: t["title"].str.len(), r"shape \(6,\) of int64"),
        (lambda _: True, r"shape \(\) of bool"),
    ],
)
def test_an_answer_that_is_no_mask_is_refused(answer, found):
    def odd(titles):
        """Titles."""
        return answer(titles)

    with pytest.raises(RuleError, match=rf"odd answered with {found}"):
        slicing_function(reads=("title",))(odd)(TITLES)


def test_a_malformed_declaration_is_refused():
    def undocumented(titles):
        return titles["title"].notna()

    with pytest.raises(RuleError, match="undocumented needs a docstring of one line"):
        slicing_function(reads=("title",))(undocumented)
    with pytest.raises(RuleError, match="undocumented reads budget, which a catalog does not have"):
        slicing_function(reads=("budget",))(undocumented)
    with pytest.raises(RuleError, match=r"undocumented declares reads=\(\)"):
        slicing_function(reads=())(undocumented)


def test_two_slices_of_one_name_are_refused():
    with pytest.raises(RuleError, match="short_movies: two rules have this name"):
        rulebook(*SLICES, SLICES[3])

"""A rule that knows the gold is caught by its votes, and honest rules are let be."""

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS, FAMILY, NOT_FAMILY
from tasks.catalog.utilities import gold_labels
from tasks.errors import LeakageError
from tasks.fetch.source import load_netflix_data
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.gold_check import check_rules
from tasks.label.rule import labeling_function
from tasks.label.vote import apply_rules, rules_without


def make_rated(n=800):
    """A catalog of which every fourth title is family; titles and genres say nothing."""
    return (
        pd.DataFrame(
            {
                "show_id": [f"s{i}" for i in range(n)],
                "type": "Movie",
                "title": [f"Title {i}" for i in range(n)],
                "listed_in": "Dramas",
                "description": [f"words {i * 7 % 13}" for i in range(n)],
                "rating": ["TV-Y" if i % 4 == 0 else "TV-MA" for i in range(n)],
            }
        )
        .reindex(columns=list(CATALOG_COLUMNS))
        .astype("str")
    )


def spy_on(catalog, side, keep):
    """A rule that looks its titles up in the ratings, though it declares to read the title."""
    answers = dict(zip(catalog["title"], gold_labels(catalog["rating"]) == side, strict=True))

    @labeling_function(reads=("title",), votes=side)
    def spy(titles):
        """Reads the title, and what a file says of it."""
        known = titles["title"].map(answers).to_numpy(dtype=bool)
        return known & (np.arange(len(titles)) % 100 < keep)

    return spy


def check(catalog, rule):
    check_rules(apply_rules(catalog, [rule]), [rule], gold_labels(catalog["rating"]))


def test_a_rule_that_reads_gold_is_named():
    catalog = make_rated()
    expected = r"Rule spy reads gold: \d+ of the \d+ titles .* declares to read title only"
    for side, keep in ((FAMILY, 100), (NOT_FAMILY, 100), (NOT_FAMILY, 60)):
        with pytest.raises(LeakageError, match=expected):
            check(catalog, spy_on(catalog, side, keep))


def test_a_rule_that_is_right_on_few_titles_may_be_prior_knowledge():
    catalog = make_rated()
    check(catalog, spy_on(catalog, FAMILY, keep=30))


def test_a_rule_that_declares_to_read_ratings_is_let_be():
    catalog = make_rated()

    @labeling_function(reads=("rating",), votes=FAMILY)
    def rated(titles):
        """Rated for children."""
        return (titles["rating"] == "TV-Y").to_numpy()

    check(catalog, rated)


def test_too_little_gold_proves_nothing():
    catalog = make_rated(400)
    check(catalog, spy_on(catalog, FAMILY, keep=100))
    one_class = make_rated().assign(rating="TV-Y").astype("str")
    check(one_class, spy_on(one_class, FAMILY, keep=100))


def test_a_class_that_nearly_every_title_has_is_easily_found():
    catalog = make_rated()
    catalog["rating"] = ["TV-MA" if i % 250 == 0 else "TV-Y" for i in range(len(catalog))]

    @labeling_function(reads=("type",), votes=FAMILY)
    def film(titles):
        """Is a film."""
        return (titles["type"] == "Movie").to_numpy()

    check(catalog, film)


@pytest.mark.catalog
def test_no_rule_reads_gold_in_the_real_catalogue(real_catalog):
    catalog = load_netflix_data(real_catalog)
    rules = rules_without(LABELING_FUNCTIONS, ("rating",))
    check_rules(apply_rules(catalog, rules), rules, gold_labels(catalog["rating"]))

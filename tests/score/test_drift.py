"""A shift is told from chance, and its size in one of three words."""

import pandas as pd
import pytest

from tasks.catalog.columns import VOTE_COLUMNS
from tasks.catalog.utilities import derive_features
from tasks.label.profile import EMPTY, profile
from tasks.pipeline import LABEL, LABELED
from tasks.score.drift import chance, compare, measure_drift, outcome_of, stability_index


def test_the_index_is_as_computed_by_hand():
    # Half a title more in each bin: p = (50.5, 50.5) / 101 and q = (25.5, 75.5) / 101, so
    # (0.252475 - 0.5) ln 0.504950 + (0.747525 - 0.5) ln 1.495050 = 0.169133 + 0.099545.
    assert stability_index([50, 50], [25, 75]) == pytest.approx(0.268678, abs=2e-5)
    assert stability_index([3, 7], [3, 7]) == 0
    # Two samples of 100: (2 - 1) (1/100 + 1/100) on average, and 3.841 of that once in twenty.
    assert chance(2, 100, 100) == pytest.approx((0.02, 0.0768), abs=1e-4)
    found = compare({"a": 50, "b": 50}, {"a": 25, "b": 75})
    assert found == {
        "psi": 0.2487, "outcome": "shifted", "n_trained": 100, "n": 100, "chance": 0.0768,
    }  # fmt: skip


def test_thresholds_make_three_outcomes_and_what_chance_explains_is_stable():
    assert [outcome_of(psi) for psi in (0, 0.099, 0.1, 0.249, 0.25, 4.0)] == [
        *("stable", "stable", "shifted", "shifted", "foreign", "foreign")
    ]
    few, many = {"a": 6, "b": 14}, {"a": 500, "b": 1500}
    assert compare({"a": 50, "b": 50}, few)["outcome"] == "stable"
    assert compare({"a": 5000, "b": 5000}, many)["outcome"] == "foreign"
    assert compare({"a": 50}, {})["psi"] is None


@pytest.fixture(scope="module")
def count(sample_run):
    labeled = sample_run.read(LABEL).read_table(LABELED)

    def count(chosen, countries=None, **cells):
        titles = labeled[chosen].assign(**cells)
        features = pd.concat([derive_features(titles), titles[list(VOTE_COLUMNS)]], axis=1)
        return profile(features, titles, countries)

    return count


def test_profiles_add_up_and_parts_of_one_catalog_do_not_drift(count):
    whole = count(slice(None))
    parts = EMPTY
    for start in range(0, 1500, 400):
        parts += count(slice(start, start + 400), whole.columns["country"])
    assert parts.to_json() == whole.to_json()
    assert whole.titles == sum(whole.columns["duration"].values()) == 1500
    small = measure_drift(whole, count(slice(None, None, 5), whole.columns["country"]))
    assert (small["outcome"], small["shifts"], small["n"]) == ("stable", [], 300)


def test_what_shifted_is_named_and_a_catalog_without_ratings_is_not_foreign_for_that(count):
    whole = count(slice(None))
    names = whole.columns["country"]
    bare = measure_drift(whole, count(slice(None), names, rating=None, rating_votes=None))
    assert bare["outcome"] == "stable"
    assert bare["columns"]["rating"]["n"] == bare["rules"]["rated_for_adults"]["n"] == 0

    strange = count(slice(None), names, listed_in="Qzx", country="Atlantis")
    found = measure_drift(whole, strange)
    assert found["outcome"] == "foreign"
    assert found["unmapped_genres"] == {"trained": 0.0, "now": 1.0, "outcome": "foreign"}
    assert found["shifts"][0] == "100% of genre names unmapped, 0% in training"
    assert found["columns"]["release_year"]["outcome"] == "stable"
    assert measure_drift(strange, strange)["outcome"] == "stable"
    assert measure_drift(None, whole)["outcome"] == "not measured"

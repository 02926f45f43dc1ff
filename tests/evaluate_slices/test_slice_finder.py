"""Slices that fail are found, confirmed and written as code; chance is not."""

import json

import numpy as np
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.evaluate_slices import slices
from tasks.evaluate_slices.slice import slicing_function
from tasks.evaluate_slices.slice_finder import propose_slices

N = 1200


def make_titles(seed=3, error_in_slice=0.6, error_elsewhere=0.1):
    """Titles on which a model errs at random, and more often on long dramas."""
    random = np.random.default_rng(seed)
    ids = [f"s{i}" for i in range(N)]
    titles = pd.DataFrame(
        {
            "show_id": ids,
            "type": random.choice(["Movie", "TV Show"], N),
            "listed_in": random.choice(["Dramas", "Comedies", "Horror Movies"], N),
            "country": random.choice(["India", "Japan", "France"], N),
            "duration": random.choice(["40 min", "95 min", "130 min"], N),
            "director": np.where(random.random(N) < 0.3, None, "Someone"),
            "cast": "Someone",
            "release_year": pd.array(random.integers(1990, 2020, N), dtype="Int64"),
            "content_group": ids,
            "label": random.integers(0, 2, N),
        }
    ).reindex(columns=[*CATALOG_COLUMNS, "content_group", "label"])
    bad = (titles["listed_in"] == "Dramas") & (titles["duration"] == "130 min")
    wrong = random.random(N) < np.where(bad, error_in_slice, error_elsewhere)
    return titles.assign(model=0.1 + 0.8 * (titles["label"].to_numpy() ^ wrong))


@slicing_function(reads=("listed_in", "duration"))
def long_dramas(titles):
    """Dramas of two hours or more."""
    return (titles["listed_in"] == "Dramas") & (titles["duration"] == "130 min")


def test_the_slice_that_fails_is_found_described_and_written_as_code():
    titles = make_titles()
    found = propose_slices(titles, [])[0]
    assert found["name"] == "dramas_of_120_to_149_minutes"
    assert found["predicate"] == "titles listed under Dramas and of 120 to 149 minutes"
    low, high = found["interval"]
    assert low < found["error_rate"] < high
    assert low > 2 * found["overall_error"]
    assert found["p_value"] < 0.001
    assert sum(found["missed"].values()) == round(found["error_rate"] * found["n"])
    scope = dict(vars(slices))
    exec(found["code"], scope)
    np.testing.assert_array_equal(scope[found["name"]](titles), long_dramas(titles))
    assert found["n"] < found["n_all"] == long_dramas(titles).sum()
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_what_has_a_name_is_not_proposed_again():
    names = [found["name"] for found in propose_slices(make_titles(), [long_dramas])]
    assert "dramas_of_120_to_149_minutes" not in names


def test_where_errors_are_chance_nothing_is_proposed():
    for seed in range(8):
        titles = make_titles(seed, error_in_slice=0.15, error_elsewhere=0.15)
        assert propose_slices(titles, []) == [], seed
    assert propose_slices(make_titles(error_in_slice=0, error_elsewhere=0), []) == []


def test_proposals_are_few_and_the_worst_first_in_any_order_of_rows():
    titles = make_titles()
    assert propose_slices(titles.sample(frac=1, random_state=1), []) == propose_slices(titles, [])
    comedies = (titles["listed_in"] == "Comedies") & (np.arange(N) % 3 == 0)
    rates = [
        found["error_rate"]
        for found in propose_slices(
            titles.assign(model=titles["model"].where(~comedies, 1 - titles["model"])), []
        )
    ]
    assert rates == sorted(rates, reverse=True)
    assert 1 < len(rates) <= 5

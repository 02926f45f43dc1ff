import json

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import EvaluationError
from tasks.evaluate_slices import slices
from tasks.evaluate_slices.slice import slicing_function
from tasks.evaluate_slices.slice_finder import propose_slices

N = 1200


def make_tables(seed=3, error_in_slice=0.6, error_elsewhere=0.1):
    """Titles on which a model errs at random, and more often on long dramas."""
    random = np.random.default_rng(seed)
    ids = [f"s{i}" for i in range(N)]
    labeled = pd.DataFrame(
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
            "label": pd.array(random.integers(0, 2, N), dtype="Int8"),
            "probability": 0.5,
            "reason": "voted",
        }
    ).reindex(columns=[*CATALOG_COLUMNS, "content_group", "label", "probability", "reason"])
    bad = (labeled["listed_in"] == "Dramas") & (labeled["duration"] == "130 min")
    wrong = random.random(N) < np.where(bad, error_in_slice, error_elsewhere)
    predicted = labeled["label"].to_numpy(int) ^ wrong
    scores = {"show_id": ids, "label": labeled["label"].astype("int64"), "fold": 0}
    return pd.DataFrame({**scores, "probability": 0.1 + 0.8 * predicted}), labeled


def paste(code, name):
    scope = dict(vars(slices))
    exec(code, scope)
    return scope[name]


@slicing_function(reads=("listed_in", "duration"))
def long_dramas(titles):
    """Dramas of two hours or more."""
    return (titles["listed_in"] == "Dramas") & (titles["duration"] == "130 min")


def test_the_slice_that_fails_is_found_and_described():
    out_of_fold, labeled = make_tables()
    found = propose_slices(out_of_fold, labeled)[0]
    assert found["name"] == "dramas_of_120_to_149_minutes"
    assert found["predicate"] == "titles listed under Dramas and of 120 to 149 minutes"
    low, high = found["interval"]
    assert low < found["error_rate"] < high
    assert low > 2 * found["overall_error"]
    assert found["p_value"] < 0.001
    assert sum(found["missed"].values()) == round(found["error_rate"] * found["n"])
    assert found["n"] < found["n_all"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_code_selects_the_titles_that_the_figures_are_of():
    out_of_fold, labeled = make_tables()
    found = propose_slices(out_of_fold, labeled)[0]
    mask = paste(found["code"], found["name"])(labeled)
    assert mask.sum() == found["n_all"]
    np.testing.assert_array_equal(mask, long_dramas(labeled))


def test_what_has_a_name_is_not_proposed_again():
    names = [found["name"] for found in propose_slices(*make_tables(), known=[long_dramas])]
    assert "dramas_of_120_to_149_minutes" not in names


@pytest.mark.parametrize("seed", range(8))
def test_where_errors_are_chance_nothing_is_proposed(seed):
    tables = make_tables(seed, error_in_slice=0.15, error_elsewhere=0.15)
    assert propose_slices(*tables) == []


def test_a_model_without_errors_has_no_slice_that_fails():
    assert propose_slices(*make_tables(error_in_slice=0, error_elsewhere=0)) == []


def test_the_order_of_rows_does_not_matter():
    tables = make_tables()
    shuffled = [table.sample(frac=1, random_state=i) for i, table in enumerate(tables)]
    assert propose_slices(*shuffled) == propose_slices(*tables)


def test_errors_with_the_rating_hidden_count_where_they_are_known():
    out_of_fold, labeled = make_tables(error_in_slice=0, error_elsewhere=0)
    hidden = make_tables()[0]["probability"]
    both = out_of_fold.assign(probability_rating_hidden=hidden)
    assert propose_slices(both, labeled)[0]["name"] == "dramas_of_120_to_149_minutes"
    assert propose_slices(both, labeled, column="probability") == []


def test_proposals_are_few_and_the_worst_first():
    out_of_fold, labeled = make_tables()
    comedies = (labeled["listed_in"] == "Comedies").to_numpy()
    flipped = comedies & (np.arange(N) % 3 == 0)
    out_of_fold.loc[flipped, "probability"] = 1 - out_of_fold.loc[flipped, "probability"]
    found = propose_slices(out_of_fold, labeled)
    rates = [each["error_rate"] for each in found]
    assert rates == sorted(rates, reverse=True)
    assert len(found) > 1
    assert propose_slices(out_of_fold, labeled, top=1) == found[:1]


def test_tables_that_do_not_fit_together_are_refused():
    out_of_fold, labeled = make_tables()
    with pytest.raises(EvaluationError, match=r"no column probability; expected show_id, label"):
        propose_slices(out_of_fold.drop(columns="probability"), labeled)
    with pytest.raises(EvaluationError, match=r"200 of 1200 out-of-fold titles are not among"):
        propose_slices(out_of_fold, labeled.head(1000))

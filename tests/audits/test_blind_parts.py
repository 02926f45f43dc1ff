import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tasks.audits.blind_parts import average, log_odds_of_votes, prepare, rank_figures
from tasks.config import BlindAuditConfig

NAN = float("nan")


def test_votes_and_model_are_averaged_as_log_odds():
    found = average(np.array([2.0, -1.0, NAN]), np.array([0.0, -3.0, 0.5]))
    np.testing.assert_allclose(found, expit([1.0, -2.0, 0.5]))


def test_a_certain_vote_is_bounded_and_no_vote_is_missing():
    found = log_odds_of_votes(pd.Series([0.5, 1.0, 0.0, NAN]))
    assert found[0] == 0
    assert 13 < found[1] == pytest.approx(-found[2])
    assert np.isnan(found[3])


def test_titles_without_gold_do_not_count():
    gold, ranking = np.array([1, 0, NAN, 0]), np.array([0.9, 0.2, 1.0, 0.1])
    assert rank_figures(gold, ranking) == {"roc_auc": 1.0, "average_precision": 1.0}


def test_features_read_no_withheld_column_and_know_no_test_title(labeled):
    config = BlindAuditConfig()
    one = prepare(labeled, config)
    in_test = labeled["split"] == "test"
    other = prepare(
        labeled.assign(
            rating="TV-MA", description=labeled["description"].mask(in_test, "Another zebra.")
        ),
        config,
    )
    assert (one.train != other.train).nnz == 0
    assert (one.test != other.test).nnz > 0
    assert one.train_gold.tolist() != other.train_gold.tolist()

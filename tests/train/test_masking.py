import pandas as pd
import pytest
from scipy import sparse

from tasks.train.features import build_features
from tasks.train.masking import hide_rating, reads_rating


@pytest.mark.parametrize("withhold", [(), ("rating",), ("listed_in", "type")])
def test_hiding_the_rating_is_as_if_it_were_missing(training, withhold):
    features = build_features(withhold, feature_set="rich")
    matrix = sparse.csr_matrix(features.fit_transform(training))
    nothing = pd.Series(None, index=training.index, dtype="str")
    expected = features.transform(training.assign(rating=nothing))
    assert (hide_rating(features, matrix, training) != expected).nnz == 0
    assert ((matrix != expected).nnz == 0) == (not reads_rating(features))

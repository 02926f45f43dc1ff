import zipfile
from io import BytesIO

import numpy as np
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tasks.volume.model_file import to_skops

X = np.arange(12.0).reshape(6, 2) % 5
Y = np.array([0, 1, 0, 1, 1, 0])


def fit():
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)


def test_a_model_written_and_read_again_says_the_same_to_the_bit():
    model = fit()
    loaded = skops.io.loads(to_skops(model))
    assert np.array_equal(loaded.predict_proba(X), model.predict_proba(X))


def test_the_same_model_gives_the_same_bytes():
    assert to_skops(fit()) == to_skops(fit())


def test_what_is_shared_stays_shared():
    shared = np.arange(3.0)
    first, second = skops.io.loads(to_skops([shared, shared]))
    assert first is second


def test_no_file_names_or_dates_of_this_moment_are_inside():
    with zipfile.ZipFile(BytesIO(to_skops(fit()))) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert sorted(archive.namelist())[:2] == ["0.npy", "1.npy"]

import pytest
from scipy.stats import binomtest

from tasks.catalog.intervals import wilson_interval


def test_wilson_gives_the_published_interval():
    assert wilson_interval(81, 263) == pytest.approx([0.2553, 0.3662], abs=5e-5)
    assert wilson_interval(0, 10) == pytest.approx([0, 0.2775], abs=5e-5)
    assert wilson_interval(0, 0) is None


def test_wilson_is_scipys():
    for n in (1, 7, 400):
        for successes in {0, 1, n // 2, n}:
            expected = binomtest(successes, n).proportion_ci(method="wilson")
            assert wilson_interval(successes, n) == pytest.approx([*expected], abs=1e-12)

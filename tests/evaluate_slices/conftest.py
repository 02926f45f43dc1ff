"""The finished run on the sample, as the stage reads it and as it left it."""

import pytest

from tasks.evaluate_slices.evidence import read_evidence


@pytest.fixture(scope="session")
def evidence(sample_run):
    return read_evidence(sample_run)


@pytest.fixture(scope="session")
def metrics(sample_run):
    return sample_run.read("evaluate_slices").read_json("metrics.json")

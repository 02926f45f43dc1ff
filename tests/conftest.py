"""What every test shares: an Airflow home of its own, the catalogue, WordNet, a small volume."""

import os
import tempfile
from pathlib import Path

import pytest

# Before anything imports Airflow, which reads its configuration on import.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="labeling-lab-airflow-")
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW__CORE__UNIT_TEST_MODE"] = "False"
os.environ["LABELING_LAB_OFFLINE"] = "1"

REPO = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repo() -> Path:
    """The repository's root."""
    return REPO


@pytest.fixture(scope="session")
def real_catalog() -> Path:
    """The real catalogue's path; it is not part of the repository."""
    path = os.environ.get("NETFLIX_TITLES_CSV")
    if not path:
        pytest.skip("set NETFLIX_TITLES_CSV to the real netflix_titles.csv to run this test")
    return Path(path)

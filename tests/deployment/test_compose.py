"""docker-compose.yaml: what Compose, Airflow and the lab demand of it; no Docker engine needed."""

import configparser
import importlib.util
import itertools
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
EXAMPLE = ROOT / ".env.example"
DATA = "/opt/airflow/volume"

# `$${X}` is for the container's shell; `${X}`, `${X:-default}` and `${X:?message}` are for Compose.
REFERENCE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|AUTH$|_KEY$", re.IGNORECASE)

CONFIG = yaml.safe_load(COMPOSE.read_text("utf-8"))
SERVICES = CONFIG["services"]
SHARED = CONFIG["x-airflow"]
AIRFLOW = sorted(name for name in SERVICES if name.startswith("airflow-"))
LONG_RUNNING = sorted(SERVICES.keys() - {"airflow-init"})
REFERENCES = [
    (match["name"], match["rest"])
    for line in COMPOSE.read_text("utf-8").splitlines()
    for match in REFERENCE.finditer(line.partition(" #")[0])
]
EXAMPLE_LINES = EXAMPLE.read_text("utf-8").splitlines()
EXAMPLE_VALUES = dict(
    line.split("=", 1) for line in EXAMPLE_LINES if line and not line.startswith("#")
)


def example_commands():
    """Commands of .env.example that make a secret, by the variable on the line below."""
    pairs = itertools.pairwise(EXAMPLE_LINES)
    return {
        assignment.rstrip("="): match[1]
        for comment, assignment in pairs
        if (match := re.search(r"`(.+)`$", comment))
    }


@pytest.fixture(scope="module")
def filled_env():
    """A .env as a user would fill it in: the example's own commands, run by a shell."""
    commands = {"ADMIN_USERNAME": "echo admin", **example_commands()}
    return {
        name: subprocess.check_output(command, shell=True, text=True).strip()
        for name, command in commands.items()
    }


def compose_command():
    """Compose as it is installed: the plugin of Docker, else the program of its own."""
    docker = shutil.which("docker")
    if (
        docker
        and subprocess.run([docker, "compose", "version"], capture_output=True).returncode == 0
    ):
        return [docker, "compose"]
    if program := shutil.which("docker-compose"):
        return [program]
    if os.environ.get("LABELING_LAB_REQUIRE_COMPOSE") == "1":
        pytest.fail("LABELING_LAB_REQUIRE_COMPOSE=1, but there is no Docker Compose on the PATH")
    pytest.skip("no Docker Compose on the PATH (Debian: apt-get install docker-compose)")


def check_with_compose(env_file):
    """Run `config`, which resolves the file as `up` would and needs no engine."""
    arguments = ["--env-file", str(env_file), "--file", str(COMPOSE), "config", "--quiet"]
    clean = {"PATH": os.environ["PATH"]}  # exported variables would beat the file
    return subprocess.run(
        [*compose_command(), *arguments], env=clean, capture_output=True, text=True
    )


def options_of_airflow():
    """Every AIRFLOW__SECTION__KEY that this Airflow or its known providers read."""
    templates = Path(importlib.util.find_spec("airflow").origin).parent / "config_templates"
    core = yaml.safe_load((templates / "config.yml").read_text("utf-8"))
    sections = {name: section["options"] for name, section in core.items()}
    providers = configparser.ConfigParser(interpolation=None)
    providers.read(templates / "provider_config_fallback_defaults.cfg", encoding="utf-8")
    sections |= {name: providers.options(name) for name in providers.sections()}
    sections["celery"].append("result_backend")  # the file above leaves out what has no default
    return {
        f"AIRFLOW__{section}__{option}".upper()
        for section in sections
        for option in sections[section]
    }


def environment_entries():
    """(service, variable, value as written) of the whole file."""
    return [
        (service, name, str(value))
        for service, spec in SERVICES.items()
        for name, value in spec.get("environment", {}).items()
    ]


# What Compose says


def test_matches_the_schema_of_compose_files():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, str(COMPOSE)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_compose_accepts_it_with_the_example_filled_in(tmp_path, filled_env):
    env_file = tmp_path / ".env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in filled_env.items()), "utf-8")
    result = check_with_compose(env_file)
    assert result.returncode == 0, result.stderr


def test_compose_refuses_the_example_as_it_is():
    result = check_with_compose(EXAMPLE)
    assert result.returncode != 0
    assert "see .env.example" in result.stderr


def test_no_project_name_because_compose_1_rejects_it():
    assert "name" not in CONFIG


def test_every_dependency_exists_and_can_meet_its_condition():
    for name, spec in SERVICES.items():
        for needed, rule in spec.get("depends_on", {}).items():
            assert needed in SERVICES, f"{name} depends on {needed}, which is not a service"
            if rule["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[needed], f"{name} waits for {needed} for ever"
            else:
                assert (needed, rule["condition"]) == (
                    "airflow-init",
                    "service_completed_successfully",
                )


def test_every_named_volume_is_declared_and_used():
    mounted = {
        mount.split(":")[0] for spec in SERVICES.values() for mount in spec.get("volumes", [])
    }
    assert mounted == set(CONFIG["volumes"])


# Secrets


def test_example_names_exactly_the_variables_that_the_file_reads():
    assert sorted(EXAMPLE_VALUES) == sorted({name for name, _ in REFERENCES})


def test_example_holds_no_value():
    assert {name for name, value in EXAMPLE_VALUES.items() if value} == set()


def test_example_tells_how_to_make_every_secret():
    assert sorted(example_commands()) == sorted(filter(SECRET.search, EXAMPLE_VALUES))


def test_every_variable_is_required_or_has_a_harmless_default():
    for name, rest in REFERENCES:
        harmless = rest.startswith(":-") and not SECRET.search(name)
        assert rest == ":?see .env.example" or harmless, name


def test_secrets_come_from_the_environment_only():
    for service, name, value in environment_entries():
        if SECRET.search(name):
            assert REFERENCE.fullmatch(value), f"{service}: {name} is written in the file"
        if "://" in value and "@" in value:
            user, password = re.search(r"://([^:]*):(.*)@", value).groups()
            assert user in {"", "airflow"}, f"{service}: {name}"
            assert REFERENCE.fullmatch(password), f"{service}: {name} contains a password"


def test_redis_asks_for_a_password():
    arguments = SERVICES["redis"]["command"]
    password = arguments[arguments.index("--requirepass") + 1]
    assert REFERENCE.fullmatch(password)["name"] == "REDIS_PASSWORD"


def test_example_commands_make_secrets_of_the_right_kind(filled_env):
    Fernet(filled_env["FERNET_KEY"])
    assert len(filled_env["JWT_SECRET"]) >= 64
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "API_SECRET_KEY", "ADMIN_PASSWORD"):
        # They stand inside URLs and after command line options, where other characters would bite.
        assert re.fullmatch(r"[0-9a-f]{32,}", filled_env[name])


# Services


def test_services_are_those_of_a_celery_cluster():
    assert LONG_RUNNING == [
        "airflow-apiserver",
        "airflow-dag-processor",
        "airflow-scheduler",
        "airflow-triggerer",
        "airflow-worker",
        "postgres",
        "redis",
    ]


def test_airflow_services_share_image_environment_and_volumes():
    for name in AIRFLOW:
        service = SERVICES[name]
        assert service["environment"].items() >= SHARED["environment"].items(), name
        for key in ("image", "build", "volumes"):
            assert service[key] == SHARED[key], f"{name}: {key}"


def test_airflow_finds_the_lab_and_its_volume():
    environment = SHARED["environment"]
    assert environment["PYTHONPATH"] == "/opt/airflow"
    assert environment["LABELING_LAB_DATA"] == DATA
    assert f"lab-data:{DATA}" in SHARED["volumes"]


def test_long_running_services_are_checked_and_restarted():
    for name in LONG_RUNNING:
        assert SERVICES[name]["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert SERVICES[name]["restart"] == "unless-stopped", name


def test_init_runs_once_and_before_every_airflow_service():
    assert SERVICES["airflow-init"]["restart"] == "no"
    for name in set(AIRFLOW) - {"airflow-init"}:
        assert "airflow-init" in SERVICES[name]["depends_on"]


def test_images_are_pinned():
    for name, service in SERVICES.items():
        tag = service["image"].partition(":")[2]
        assert re.search(r"\d+\.\d+", tag), f"{name}: {tag or 'no tag'}"


def test_workers_scale_and_finish_their_tasks_when_stopped():
    worker = SERVICES["airflow-worker"]
    assert not worker.keys() & {"container_name", "hostname", "ports"}
    assert worker["environment"]["DUMB_INIT_SETSID"] == "0"
    assert worker["stop_grace_period"] == "5m"


def test_only_the_web_interface_is_published_and_only_to_this_machine():
    published = {name: spec["ports"] for name, spec in SERVICES.items() if "ports" in spec}
    assert published == {"airflow-apiserver": ["${AIRFLOW_ADDRESS:-127.0.0.1:8080}:8080"]}


def test_airflow_options_exist():
    written = {name for _, name, _ in environment_entries() if name.startswith("AIRFLOW__")}
    assert written - options_of_airflow() == set()

"""docker-compose.yaml: what Compose, Airflow and the lab demand of it; no Docker engine needed."""

import configparser
import contextlib
import importlib.util
import io
import itertools
import os
import re
import shlex
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

# `$${X}` is for the container's shell; `${X}`, `${X:-default}` and `${X:?message}` are for Compose.
REFERENCE = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|AUTH$|_KEY$", re.IGNORECASE)

CONFIG = yaml.safe_load(COMPOSE.read_text("utf-8"))
SERVICES = CONFIG["services"]
EXAMPLE_LINES = EXAMPLE.read_text("utf-8").splitlines()
# The commands of .env.example that make a secret, by the variable on the line below.
COMMANDS = {
    assignment.rstrip("="): match[1]
    for comment, assignment in itertools.pairwise(EXAMPLE_LINES)
    if (match := re.search(r"`(.+)`$", comment))
}
# (service, variable, value as written) of the whole file
ENVIRONMENT = [
    (service, name, str(value))
    for service, spec in SERVICES.items()
    for name, value in spec.get("environment", {}).items()
]


def printed_by(option, code):
    """What a `python3 -c ...` prints, without the seconds that starting each one takes."""
    assert option == "-c"
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(code, {})
    return out.getvalue()


@pytest.fixture(scope="module")
def filled_env():
    """A .env as a user would fill it in, with what the example's own commands print."""
    made = {
        name: printed_by(*shlex.split(command)[1:]).strip() for name, command in COMMANDS.items()
    }
    return {"ADMIN_USERNAME": "admin", **made}


def compose_command():
    """Compose as it is installed: the plugin of Docker, else the program of its own."""
    docker = shutil.which("docker")
    if (
        docker
        and not subprocess.run([docker, "compose", "version"], capture_output=True).returncode
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


def test_matches_the_schema_of_compose_files():
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    result = subprocess.run([*command, str(COMPOSE)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "name" not in CONFIG  # Compose 1 rejects it


def test_compose_accepts_it_with_the_example_filled_in_and_refuses_it_empty(tmp_path, filled_env):
    env_file = tmp_path / ".env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in filled_env.items()), "utf-8")
    filled, empty = check_with_compose(env_file), check_with_compose(EXAMPLE)
    assert filled.returncode == 0, filled.stderr
    assert empty.returncode != 0
    assert "see .env.example" in empty.stderr


def test_every_variable_is_in_the_example_and_required_or_has_a_harmless_default():
    references = [
        (match["name"], match["rest"])
        for line in COMPOSE.read_text("utf-8").splitlines()
        for match in REFERENCE.finditer(line.partition(" #")[0])
    ]
    for name, rest in references:
        harmless = rest.startswith(":-") and not SECRET.search(name)
        assert rest == ":?see .env.example" or harmless, name
    assignments = [line for line in EXAMPLE_LINES if line and not line.startswith("#")]
    assert sorted(assignments) == sorted({f"{name}=" for name, _ in references})


def test_the_example_s_commands_make_every_secret_and_of_the_right_kind(filled_env):
    names = {line.partition("=")[0] for line in EXAMPLE_LINES if not line.startswith("#")}
    assert sorted(COMMANDS) == sorted(filter(SECRET.search, names))
    Fernet(filled_env["FERNET_KEY"])
    assert len(filled_env["JWT_SECRET"]) >= 64
    for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "API_SECRET_KEY", "ADMIN_PASSWORD"):
        # They stand inside URLs and after command line options, where other characters would bite.
        assert re.fullmatch(r"[0-9a-f]{32,}", filled_env[name]), name


def test_secrets_come_from_the_environment_only():
    for service, name, value in ENVIRONMENT:
        if SECRET.search(name):
            assert REFERENCE.fullmatch(value), f"{service}: {name} is written in the file"
        if "://" in value and "@" in value:
            user, password = re.search(r"://([^:]*):(.*)@", value).groups()
            assert user in {"", "airflow"}, f"{service}: {name}"
            assert REFERENCE.fullmatch(password), f"{service}: {name} contains a password"
    arguments = SERVICES["redis"]["command"]
    password = arguments[arguments.index("--requirepass") + 1]
    assert REFERENCE.fullmatch(password)["name"] == "REDIS_PASSWORD"


def test_services_start_in_order_are_checked_restarted_and_pinned():
    for name, service in SERVICES.items():
        assert re.search(r":\S*\d+\.\d+", service["image"]), name
        for needed, rule in service.get("depends_on", {}).items():
            once = (needed, rule["condition"]) == ("airflow-init", "service_completed_successfully")
            healthy = rule["condition"] == "service_healthy" and "healthcheck" in SERVICES[needed]
            assert once or healthy, f"{name} waits for {needed} for ever"
        if name == "airflow-init":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}, name
        assert "airflow-init" in service.get("depends_on", {}) or name in {"postgres", "redis"}


def test_airflow_services_share_image_environment_and_volumes():
    shared = CONFIG["x-airflow"]
    for name in (name for name in SERVICES if name.startswith("airflow-")):
        service = SERVICES[name]
        assert service["environment"].items() >= shared["environment"].items(), name
        for key in ("image", "build", "volumes"):
            assert service[key] == shared[key], f"{name}: {key}"
    assert f"lab-data:{shared['environment']['LABELING_LAB_DATA']}" in shared["volumes"]


def test_workers_scale_and_finish_their_tasks_when_stopped():
    worker = SERVICES["airflow-worker"]
    assert not worker.keys() & {"container_name", "hostname", "ports"}
    assert worker["environment"]["DUMB_INIT_SETSID"] == "0"
    assert worker["stop_grace_period"] == "5m"


def test_only_the_web_interface_is_published_and_only_to_this_machine():
    published = {name: spec["ports"] for name, spec in SERVICES.items() if "ports" in spec}
    assert published == {"airflow-apiserver": ["${AIRFLOW_ADDRESS:-127.0.0.1:8080}:8080"]}


def test_airflow_options_exist():
    written = {name for _, name, _ in ENVIRONMENT if name.startswith("AIRFLOW__")}
    assert written - options_of_airflow() == set()

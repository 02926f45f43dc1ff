"""Airflow on this machine: its environment, its calm, its exit codes, its clean stop."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from labeling_lab import local


def test_airflow_finds_the_lab_and_nothing_else(tmp_path):
    env = local.environment(tmp_path, {"PATH": "/usr/bin", "NETFLIX_TITLES_CSV": "titles.csv"})
    assert env["AIRFLOW_HOME"] == str(tmp_path)
    assert env["AIRFLOW__CORE__DAGS_FOLDER"] == str(local.REPO / "dags")
    assert env["AIRFLOW__CORE__LOAD_EXAMPLES"] == "False"
    assert str(local.REPO) in env["PYTHONPATH"].split(os.pathsep)
    assert env["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert env["NETFLIX_TITLES_CSV"] == "titles.csv"


def test_calm_silences_airflow_and_not_the_lab():
    env = local.calm({})
    levels = dict(pair.split("=") for pair in env["AIRFLOW__LOGGING__NAMESPACE_LEVELS"].split())
    assert env["AIRFLOW__LOGGING__LOGGING_LEVEL"] == "INFO"
    assert levels["airflow"] == "ERROR"
    assert not any(name.startswith("tasks") for name in levels)


@pytest.mark.parametrize(
    ("printed", "failed"),
    [
        ("Labelled 8807 titles", False),
        ("Task failed with exception", True),
        ("Task failed due to SystemExit.code=1", True),
        ("[DAG TEST] Error running task x", True),
    ],
)
def test_a_failed_task_is_recognised_by_what_airflow_prints(printed, failed, capsys):
    command = [sys.executable, "-c", f"print({printed!r})"]
    assert local.stream(command, dict(os.environ)) == (0, failed)
    assert (printed in capsys.readouterr().out) != printed.startswith("[DAG TEST]")


def test_the_exit_code_of_airflow_is_passed_on():
    assert local.stream([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ))[0] == 3


def test_a_taken_port_is_refused_with_another_one_to_try():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"make ui PORT={port + 1}"):
            local.serve(port)


def test_a_mapped_task_alone_is_its_first_instance(monkeypatch):
    called = []
    monkeypatch.setattr(local, "run_task", lambda *arguments: called.append(arguments) or 0)
    monkeypatch.setattr(sys, "argv", ["local", "task", "train"])
    assert local.main() == 0
    assert called == [("train", None, 0, None)]


@pytest.mark.airflow
@pytest.mark.slow
def test_the_ui_says_how_to_get_in_and_leaves_nothing_behind(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "LABELING_LAB_AIRFLOW": str(tmp_path / "airflow"),
        "LABELING_LAB_DATA": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join([str(local.REPO), str(local.REPO / "plugins")]),
        # The schedule would start a run at once; this test is about the service.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    command = [sys.executable, "-m", "labeling_lab.local", "ui", "--port", str(port)]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if line.startswith("Stop with"):
                break
        said = "".join(lines)
        assert f"http://localhost:{port}/dags/netflix_labeling_lab" in said
        assert re.search(r"Log in as +admin +with password +\S+", said)
        with urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=10) as answer:
            assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    assert processes_of(tmp_path) == []


def processes_of(home):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in environment and int(folder.name) != os.getpid():
            found.append((folder / "cmdline").read_bytes())
    return found

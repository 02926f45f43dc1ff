"""One Airflow home: its settings, its environment, its lock; commands say what is wrong."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import pytest

from labeling_lab import home, run, ui
from labeling_lab.server import ADDRESS_FILE, find_server
from labeling_lab.task import check_task, main
from tasks.errors import LabError


@pytest.fixture
def airflow_home(tmp_path, monkeypatch):
    monkeypatch.setenv(home.HOME_ENV, str(tmp_path / "airflow"))
    (tmp_path / "airflow").mkdir()
    return tmp_path / "airflow"


def test_a_terminal_shows_the_lab_and_not_airflow(airflow_home):
    env = home.environment({"PATH": "/usr/bin", "NETFLIX_TITLES_CSV": "titles.csv"})
    assert env["AIRFLOW_HOME"] == str(airflow_home)
    assert env["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert env["NETFLIX_TITLES_CSV"] == "titles.csv"
    levels = dict(pair.split("=") for pair in env["AIRFLOW__LOGGING__NAMESPACE_LEVELS"].split())
    assert levels["airflow"] == "ERROR"
    assert not any(name.startswith("tasks") for name in levels)


def test_runs_work_beside_each_other_and_never_beside_a_scheduler(airflow_home):
    with home.hold(alone=False) as one, home.hold(alone=False) as other:
        assert None not in (one, other)
        with home.hold(alone=True) as scheduler:
            assert scheduler is None
    with home.hold(alone=True) as scheduler, home.hold(alone=False) as run_of_ours:
        assert scheduler is not None
        assert run_of_ours is None


def test_a_ui_is_refused_on_a_taken_port_or_while_a_run_works_and_a_dead_server_is_none(
    airflow_home, monkeypatch
):
    assert find_server() is None
    (airflow_home / ADDRESS_FILE).write_text("http://localhost:1")
    assert find_server() is None
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit, match=f"make ui PORT={port + 1}"):
            ui.serve(port)
    monkeypatch.setattr(ui, "prepare", lambda: None)
    with home.hold(alone=False), pytest.raises(SystemExit, match="a make run that still works"):
        ui.serve(1)


def test_an_unknown_task_or_instance_is_one_line_with_those_that_there_are(capsys):
    for task, map_index, message in (
        ("lable", None, "There is no task lable; there are fetch, label"),
        ("label", 0, "leave MAP away for label"),
        ("train", 9, r"no instance 9 of train; there are 0 \(logistic_regression\)"),
        ("train", -1, "no instance -1 of train"),
    ):
        with pytest.raises(LabError, match=message):
            check_task(task, map_index)
    assert [check_task("train", None), check_task("train", 2), check_task("label", None)] == [
        *(0, 2, -1)
    ]
    assert main(["lable"]) == 1
    assert capsys.readouterr().err.startswith("There is no task lable; there are fetch, label")
    # So is a run that needs an answer where nobody can answer.
    with pytest.raises(LabError, match="start make ui first"):
        run.run_here(home.DAG_ID, {"approval": True})


def test_a_stopped_process_group_is_gone():
    process = subprocess.Popen(
        ["bash", "-c", "trap '' INT; sleep 99 & wait"], text=True, start_new_session=True
    )
    run.stop(process)
    assert process.poll() is not None
    for _ in range(100):  # the system may take a moment to bury the last of them
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 0)
            time.sleep(0.05)
            continue
        return
    pytest.fail("something of the group still lives")


@pytest.mark.airflow
@pytest.mark.slow
def test_the_ui_says_how_to_get_in_and_leaves_nothing_behind(tmp_path, prepared_home):
    shutil.copytree(prepared_home, tmp_path / "airflow")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        home.HOME_ENV: str(tmp_path / "airflow"),
        "LABELING_LAB_DATA": str(tmp_path / "data"),
        "PYTHONPATH": os.pathsep.join([str(home.REPO), str(home.REPO / "plugins")]),
        # The schedule would start a run at once; this test is about the service.
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
    }
    command = [sys.executable, "-m", "labeling_lab.ui", "--port", str(port)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout:
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


def processes_of(folder):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:
            continue
        if str(folder).encode() in environment and int(process.name) != os.getpid():
            found.append((process / "cmdline").read_bytes())
    return found

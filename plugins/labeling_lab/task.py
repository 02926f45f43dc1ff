"""Runs one task alone: the command behind ``make task``.

``airflow tasks test`` with what it lacks: an unknown run is an error, a failed task an exit code.
"""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from labeling_lab.home import APPROVE, DAG_ID, environment, prepare
from labeling_lab.params import CHOICES, parse_conf
from labeling_lab.terminal import command
from tasks.errors import LabError
from tasks.pipeline import DECIDE, STAGES, TRAIN

FAR_AWAY = timedelta(days=36_500)


def task_names() -> list[str]:
    """Return the tasks of the workflow, in order."""
    names = [entry.name for entry in STAGES]
    names.insert(names.index(DECIDE) + 1, APPROVE)
    return names


def check_task(task: str, map_index: int | None) -> int:
    """Return which instance of a task is meant: -1 if it has only one, else 0 or what was given."""
    if task not in task_names():
        raise LabError(f"There is no task {task}; there are {', '.join(task_names())}.")
    if task != TRAIN:
        if map_index is not None:
            raise LabError(f"Only {TRAIN} has several instances; leave MAP away for {task}.")
        return -1
    models = CHOICES["models"]
    if not 0 <= (map_index or 0) < len(models):
        known = ", ".join(f"{index} ({name})" for index, name in enumerate(models))
        raise LabError(f"There is no instance {map_index} of {TRAIN}; there are {known}.")
    return map_index or 0


def run_task(task: str, run_id: str, map_index: int, params: str) -> int:
    """Run a task in a run of the home, or without one in a scratch run; return the exit code.

    A scratch run gets a date of its own far away: without a date Airflow deletes a run that has
    none, and a scheduler would go on with one that is due.
    """
    os.environ.update(environment())
    from airflow.__main__ import main as airflow
    from airflow.sdk.listener import get_listener_manager

    from labeling_lab.callbacks import Endings

    logging.getLogger("airflow.sdk.definitions.dag").setLevel(logging.ERROR)
    if run_id:
        check_run(run_id)
    where = run_id or (datetime.now(UTC) + FAR_AWAY).isoformat()
    endings = Endings()
    get_listener_manager().add_listener(endings)
    sys.argv = ["airflow", "tasks", "test", DAG_ID, task, where, "--map-index", str(map_index)]
    sys.argv += ["-t", params] if params else []
    airflow()
    return int(not endings.good)


def check_run(run_id: str) -> None:
    """Refuse the id of a run that the home does not know, naming the newest that it knows."""
    from airflow.models.dagrun import DagRun

    runs = DagRun.find(dag_id=DAG_ID)
    if run_id not in {run.run_id for run in runs}:
        newest = sorted(runs, key=lambda run: run.run_after, reverse=True)[:3]
        known = ", ".join(run.run_id for run in newest) or "none yet"
        raise LabError(f"There is no run {run_id}; the newest are {known}.")


@command
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one task alone; return the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    parser = argparse.ArgumentParser(prog="python -m labeling_lab.task", description=__doc__)
    parser.add_argument("task")
    parser.add_argument("--run", default="", help="id of a run; without it, a scratch run")
    parser.add_argument("--map-index", type=int, help="which instance of a mapped task")
    parser.add_argument("--params", default="", help="params as JSON")
    chosen = parser.parse_args(arguments)
    map_index = check_task(chosen.task, chosen.map_index)
    parse_conf(chosen.params)
    prepare()
    return run_task(chosen.task, chosen.run, map_index, chosen.params)


if __name__ == "__main__":
    sys.exit(main())

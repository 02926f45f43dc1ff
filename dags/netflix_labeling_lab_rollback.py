"""
# Roll back, or forward, to a kept release

Makes another release the champion. Before the pointer moves, a fresh process checks every digest of
the release, loads its model and replays its golden predictions to the bit; a release that fails is
left alone, and so is the champion. `history.jsonl` says who, when and why.

Releases are never removed: a roll back can be rolled back.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param

from labeling_lab.callbacks import ON_FAILURE, explain_retry
from labeling_lab.operators import RollbackOperator
from labeling_lab.params import LONGEST_REASON, SHORTEST_REASON, VERSION

PARAMS = {
    "version": Param(
        "previous",
        type="string",
        pattern=VERSION,
        title="Version",
        description="The release to make current, such as v0003, older or newer; previous is "
        "the newest that was published before the present one.",
    ),
    "reason": Param(
        type="string",
        minLength=SHORTEST_REASON,
        maxLength=LONGEST_REASON,
        title="Reason",
        description="Why; the history of releases keeps it beside your name.",
    ),
}

with DAG(
    dag_id="netflix_labeling_lab_rollback",
    description="make another kept release the champion, canary first",
    doc_md=__doc__,
    schedule=None,
    start_date=pendulum.datetime(2026, 1, 4, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    params=PARAMS,
    tags=["weak-supervision", "releases", "netflix"],
    default_args={
        "owner": "labeling-lab",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "execution_timeout": timedelta(minutes=15),
        "on_failure_callback": ON_FAILURE,
        "on_retry_callback": explain_retry,
    },
) as dag:
    RollbackOperator(
        task_id="roll_back", version="{{ params.version }}", reason="{{ params.reason }}"
    )

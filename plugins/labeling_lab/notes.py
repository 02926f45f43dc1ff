"""The note on a finished run: its outcome in one line, seen in the grid without opening a log.

A task cannot write a note, so it leaves the text as XCom; this listener, in whatever process
finishes the run, puts it on the run.
"""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

NOTE = "note"


@hookimpl
def on_dag_run_success(dag_run: "DagRun") -> None:
    """Put the text that one of the run's tasks left on the run, unless somebody wrote a note."""
    from airflow.models.xcom import XComModel
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None or dag_run.note:
        return
    query = XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id, key=NOTE, limit=1)
    if (found := session.scalar(query)) is not None:
        dag_run.note = XComModel.deserialize_value(found)

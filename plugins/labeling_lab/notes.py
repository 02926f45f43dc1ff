"""The note on a finished run: its outcome in one line, seen in the grid without opening a log.

A task cannot write a note, so it leaves the text as XCom; this listener, in whatever process
finishes the run, puts it on the run.
"""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

NOTE = "note"


@hookimpl
def on_dag_run_success(dag_run: "DagRun") -> None:
    """Put the text that one of the run's tasks left on the run, unless somebody wrote a note."""
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    if session := object_session(dag_run):
        write_note(dag_run, session)
    else:  # ``dags test`` holds the run outside any session
        with create_session() as session:
            write_note(session.merge(dag_run, load=True), session)


def write_note(dag_run: "DagRun", session: "Session") -> None:
    """Write the note, if a task left one and nobody else did."""
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id, key=NOTE, limit=1)
    if not dag_run.note and (found := session.scalar(query)) is not None:
        dag_run.note = XComModel.deserialize_value(found)

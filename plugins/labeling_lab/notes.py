"""The note on a finished run: its outcome in few words, seen in the grid without opening a log.

A task cannot write a note, so it leaves the text as XCom; this listener, in whatever process
finishes the run, puts it on the run. Mapped tasks leave a line each.
"""

from typing import TYPE_CHECKING

from airflow.listeners import hookimpl

from tasks.catalog.formats import shorten

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

NOTE = "note"
LONGEST = 1000


@hookimpl
def on_dag_run_success(dag_run: "DagRun") -> None:
    """Put the text that the run's tasks left on the run, unless somebody wrote a note."""
    from airflow.utils.session import create_session
    from sqlalchemy.orm import object_session

    if session := object_session(dag_run):
        write_note(dag_run, session)
    else:  # ``dags test`` holds the run outside any session
        with create_session() as session:
            write_note(session.merge(dag_run, load=True), session)


def write_note(dag_run: "DagRun", session: "Session") -> None:
    """Write the note, if tasks left one and nobody else did."""
    from airflow.models.xcom import XComModel

    query = XComModel.get_many(run_id=dag_run.run_id, dag_ids=dag_run.dag_id, key=NOTE)
    lines = [str(XComModel.deserialize_value(found)) for found in session.scalars(query)]
    if lines and not dag_run.note:
        dag_run.note = shorten("\n".join(sorted(lines)), LONGEST - 30)

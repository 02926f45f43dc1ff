"""
# Score catalogs with a release

Writes a release's probability beside every title of any catalog, CSV or Parquet: all its own
columns, then `family_probability`, `family` (1 from the release's threshold on), `rating_read` (1
where a rating was there to be read), `rules_voted` and `release`.

A catalog whose genres have other names than the lab's is adapted to: the release's own rules teach
the end model there, and both are averaged (the param `adapt`). The run's note and the report say
how far the catalog has drifted from the one that the release was trained on.

Trigger it with the path of a catalog, or put catalogs into the folder `catalogs` of the volume:
those are scored again whenever the champion changes. The scores go to `scores/<file name>` on the
volume, with a report and the records that could not be scored beside them, all or nothing. In CSV a
text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Param

from labeling_lab.callbacks import ON_FAILURE, explain_retry
from labeling_lab.operators import RELEASE
from labeling_lab.score_operators import FindCatalogsOperator, ScoreOperator
from tasks.config import ScoreConfig, form

PARAMS = {
    name: Param(schema.pop("default"), description_md=schema.pop("description"), **schema)
    for name, schema in form(configs=[ScoreConfig]).items()
}

with DAG(
    dag_id="score_catalog",
    description="score any catalog with a release: by hand, and when the champion changes",
    doc_md=__doc__,
    schedule=[RELEASE],
    start_date=pendulum.datetime(2026, 1, 4, tz="UTC"),
    catchup=False,
    dagrun_timeout=timedelta(days=1),
    params=PARAMS,
    tags=["weak-supervision", "scores", "netflix"],
    default_args={
        "owner": "labeling-lab",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2,
        "execution_timeout": timedelta(hours=6),
        "on_failure_callback": ON_FAILURE,
        "on_retry_callback": explain_retry,
    },
) as dag:
    find_catalogs = FindCatalogsOperator(task_id="find_catalogs", catalog="{{ params.catalog }}")
    ScoreOperator.partial(
        task_id="score", map_index_template="{{ task.catalog }}", max_active_tis_per_dag=2
    ).expand(catalog=find_catalogs.output)

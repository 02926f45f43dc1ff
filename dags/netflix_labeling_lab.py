"""
# Netflix Data Labeling Lab

Turns a raw title catalog into a family-friendly classifier without hand labels. Rules vote, votes
become labels, the minority class is augmented, candidates compete, the winner is examined slice by
slice, and only a winner that holds up is published.

| task | what it leaves in the run's folder |
|---|---|
| fetch | the checked catalog, quarantined rows |
| label | votes, weak labels, the train/test split |
| augmentation_audit | what copies bring, in all and by operation |
| augment | the balanced training table |
| train | one cross-validated candidate a mapped instance |
| select | the refitted winner, its predictions on test titles |
| blind_audit | the pipeline repeated with `rating` withheld |
| evaluate_slices | `metrics.json`, figures |
| decide | what the gates say of the winner |
| approve | a person's answer, when the param `approval` is on and the gates let the winner pass |
| publish | a release; skipped, with the reasons, where there is none |

It runs weekly, and whenever the asset `netflix_labeling_lab_catalog` gets an event, which says that
the catalog has changed. A run that finds catalog, code, libraries and params to be those of the
champion ends after `fetch`, with a note that says so; one that a person triggers always goes on.

The tab *Labeling Lab* of a run is its report; *Lab* in the navigation has the releases,
the titles with why they have their labels, and the review, one keystroke an answer.

**Read the honest figures.** A model that reads `rating` scores 0.99 and more against labels that
come from `rating`; that is the seed's protocol. What the model is worth on a title without a rating
stands beside it as `rating_hidden` and `blind_audit`.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import (
    DAG,
    AssetOrTimeSchedule,
    CronTriggerTimetable,
    Label,
    Param,
    TriggerRule,
    chain,
)

from labeling_lab.approval import ApproveOperator
from labeling_lab.callbacks import ON_FAILURE, explain_retry
from labeling_lab.home import APPROVE
from labeling_lab.notifier import WebhookNotifier
from labeling_lab.operators import (
    CATALOG,
    FetchOperator,
    PublishOperator,
    StageOperator,
    TrainOperator,
)
from labeling_lab.params import CHOICES, schemas
from tasks import pipeline

PARAMS = {
    name: Param(schema.pop("default"), description_md=schema.pop("description"), **schema)
    for name, schema in schemas().items()
}

with DAG(
    dag_id="netflix_labeling_lab",
    description="label, augment, train, evaluate slices, publish: a classifier without hand labels",
    doc_md=__doc__,
    schedule=AssetOrTimeSchedule(
        timetable=CronTriggerTimetable("@weekly", timezone="UTC"), assets=CATALOG
    ),
    start_date=pendulum.datetime(2026, 1, 4, tz="UTC"),
    catchup=False,
    # A run that waits for a person must not hold up the next one; see max_active_tis_per_dag.
    max_active_runs=16,
    dagrun_timeout=timedelta(days=6),
    params=PARAMS,
    tags=["weak-supervision", "classification", "netflix"],
    default_args={
        "owner": "labeling-lab",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2,
        "execution_timeout": timedelta(minutes=30),
        "max_active_tis_per_dag": 1,
        "on_failure_callback": ON_FAILURE,
        "on_retry_callback": explain_retry,
    },
) as dag:
    fetch = FetchOperator(task_id=pipeline.FETCH)
    label = StageOperator(task_id=pipeline.LABEL)
    augmentation_audit = StageOperator(task_id=pipeline.AUGMENTATION_AUDIT)
    augment = StageOperator(task_id=pipeline.AUGMENT)
    train = TrainOperator.partial(
        task_id=pipeline.TRAIN,
        doc_md=pipeline.stage(pipeline.TRAIN).doc,
        map_index_template="{{ task.model }}",
        max_active_tis_per_dag=len(CHOICES["models"]),
    ).expand(model=CHOICES["models"])
    select = StageOperator(
        task_id=pipeline.SELECT, trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS
    )
    blind_audit = StageOperator(task_id=pipeline.BLIND_AUDIT)
    evaluate_slices = StageOperator(task_id=pipeline.EVALUATE_SLICES)
    decide = StageOperator(task_id=pipeline.DECIDE)
    approve = ApproveOperator(
        task_id=APPROVE,
        subject="Publish the winner of {{ run_id }}?",
        response_timeout=timedelta(days=5),
        notifiers=[WebhookNotifier("{{ run_id }} waits for an answer under Required Actions")],
        max_active_tis_per_dag=None,
    )
    publish = PublishOperator(
        task_id=pipeline.PUBLISH,
        trigger_rule=TriggerRule.NONE_FAILED,
        on_skipped_callback=WebhookNotifier(
            "{{ run_id }} published nothing: {{ ti.xcom_pull(task_ids=ti.task_id, key='note') }}"
        ),
    )

    chain(fetch, label, augmentation_audit, augment, train, select, evaluate_slices, decide)
    chain(decide, approve, publish)
    label >> Label("rating withheld") >> blind_audit >> evaluate_slices

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
| approve | a person's answer, when the param `approval` is on |
| publish | a release, or the reasons why there is none |

**Read the honest figures.** A model that reads `rating` scores 0.99 and more against labels that
come from `rating`; that is the seed's protocol. What the model is worth on a title without a rating
stands beside it as `rating_hidden` and `blind_audit`.
"""

from datetime import timedelta

import pendulum
from airflow.sdk import DAG, Label, Param, TriggerRule, chain

from labeling_lab.callbacks import explain_failure
from labeling_lab.operators import (
    ApproveOperator,
    AugmentationAuditOperator,
    AugmentOperator,
    BlindAuditOperator,
    DecideOperator,
    EvaluateSlicesOperator,
    FetchOperator,
    LabelOperator,
    PublishOperator,
    SelectOperator,
    TrainOperator,
)
from tasks.augment.transforms import TRANSFORMS
from tasks.config import form
from tasks.train.models import MODELS

MODEL_NAMES = [model.name for model in MODELS]
OPERATION_NAMES = [transform.name for transform in TRANSFORMS]

PARAMS = {
    name: Param(schema.pop("default"), description_md=schema.pop("description"), **schema)
    for name, schema in form({"operations": OPERATION_NAMES, "models": MODEL_NAMES}).items()
}

QUESTION = """\
{%- set figures = ti.xcom_pull(task_ids='evaluate_slices') or {} -%}
{% for name, value in figures.items() %}
- {{ name }}: {{ value }}
{%- endfor %}

The gates decide after this; a rejection publishes nothing.
"""

with DAG(
    dag_id="netflix_labeling_lab",
    description="label, augment, train, evaluate slices, publish: a classifier without hand labels",
    doc_md=__doc__,
    schedule="@weekly",
    start_date=pendulum.datetime(2026, 1, 4, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(days=6),
    params=PARAMS,
    tags=["weak-supervision", "classification", "netflix"],
    default_args={
        "owner": "labeling-lab",
        "retries": 2,
        "retry_delay": timedelta(seconds=30),
        "retry_exponential_backoff": 2,
        "execution_timeout": timedelta(minutes=30),
        "on_failure_callback": explain_failure,
    },
) as dag:
    fetch = FetchOperator(task_id="fetch")
    label = LabelOperator(task_id="label")
    augmentation_audit = AugmentationAuditOperator(task_id="augmentation_audit")
    augment = AugmentOperator(task_id="augment")
    train = TrainOperator.partial(
        task_id="train", doc_md=TrainOperator.__doc__, map_index_template="{{ task.model }}"
    ).expand(model=MODEL_NAMES)
    select = SelectOperator(task_id="select", trigger_rule=TriggerRule.NONE_FAILED_MIN_ONE_SUCCESS)
    blind_audit = BlindAuditOperator(task_id="blind_audit")
    evaluate_slices = EvaluateSlicesOperator(task_id="evaluate_slices")
    approve = ApproveOperator(
        task_id="approve",
        subject="Publish the winner of {{ run_id }}?",
        body=QUESTION,
        response_timeout=timedelta(days=5),
    )
    decide = DecideOperator(task_id="decide")
    publish = PublishOperator(task_id="publish", approval_task_id="approve")

    chain(
        fetch,
        label,
        augmentation_audit,
        augment,
        train,
        select,
        evaluate_slices,
        decide,
        approve,
        publish,
    )
    label >> Label("rating withheld") >> blind_audit >> evaluate_slices

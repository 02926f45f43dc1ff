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
    EvaluateSlicesOperator,
    FetchOperator,
    LabelOperator,
    PublishOperator,
    SelectOperator,
    TrainOperator,
)
from tasks.augment.transforms import TRANSFORMS
from tasks.config import (
    AGGREGATORS,
    BEST,
    FEATURE_SETS,
    TIE_POLICIES,
    AugmentConfig,
    FetchConfig,
    LabelConfig,
    PublishConfig,
    TrainConfig,
)
from tasks.train.models import MODELS

MODEL_NAMES = [model.name for model in MODELS]
OPERATION_NAMES = [transform.name for transform in TRANSFORMS]

PARAMS = {
    "source": Param(
        FetchConfig.default("source"),
        type="string",
        minLength=1,
        title="Source",
        description="`auto` (NETFLIX_TITLES_CSV, the volume, a download, the embedded sample), "
        "`sample`, a path, or an http(s) address.",
        section="Catalog",
    ),
    "aggregator": Param(
        LabelConfig.default("aggregator"),
        type="string",
        enum=list(AGGREGATORS),
        title="Aggregator",
        description="How votes add up: `weighted` by the rules' declared strengths, by a "
        "`label_model` fitted on the votes, or by `majority`, in which hints do not count.",
        section="Labels",
    ),
    "tie_policy": Param(
        LabelConfig.default("tie_policy"),
        type="string",
        enum=list(TIE_POLICIES),
        title="Tie policy",
        description="What a title becomes that is as likely of one class as of the other.",
        section="Labels",
    ),
    "operations": Param(
        OPERATION_NAMES,
        type="array",
        items={"type": "string", "enum": OPERATION_NAMES},
        examples=OPERATION_NAMES,
        uniqueItems=True,
        title="Operations",
        description="How copies of minority titles are made; none switches augmentation off.",
        section="Augmentation",
    ),
    "balance": Param(
        AugmentConfig.default("balance"),
        type="number",
        exclusiveMinimum=0,
        maximum=1,
        title="Balance",
        description="Minority titles for each majority title after augmentation.",
        section="Augmentation",
    ),
    "drop_harmful_operations": Param(
        AugmentConfig.default("drop_harmful_operations"),
        type="boolean",
        title="Drop harmful operations",
        description="Leave out operations that the augmentation audit found to hurt.",
        section="Augmentation",
    ),
    "models": Param(
        MODEL_NAMES,
        type="array",
        items={"type": "string", "enum": MODEL_NAMES},
        examples=MODEL_NAMES,
        minItems=1,
        uniqueItems=True,
        title="Models",
        description="The candidates that compete.",
        section="Training",
    ),
    "features": Param(
        TrainConfig.default("features"),
        type="string",
        enum=[*FEATURE_SETS, BEST],
        title="Features",
        description="`seed`; `rich` (genres, cast, directors, countries as well); or `best`: both "
        "compete, judged out of fold with the rating hidden.",
        section="Training",
    ),
    "mask_rating": Param(
        TrainConfig.default("mask_rating"),
        type="boolean",
        title="Mask ratings",
        description="Train on each title also with its rating masked.",
        section="Training",
    ),
    "soft_labels": Param(
        TrainConfig.default("soft_labels"),
        type="boolean",
        title="Soft labels",
        description="Weigh a title by how sure its votes are, instead of taking its label as fact.",
        section="Training",
    ),
    "folds": Param(
        TrainConfig.default("folds"),
        type="integer",
        minimum=2,
        maximum=20,
        title="Folds",
        description="Folds of the cross-validation that picks the winner.",
        section="Training",
    ),
    "thresholds": Param(
        PublishConfig.default("thresholds"),
        type="object",
        title="Thresholds",
        description='Replaces thresholds of the gate by name, as in `{"rating_hidden": 0.6}`.',
        section="Publishing",
    ),
    "approval": Param(
        default=False,
        type="boolean",
        title="Approval",
        description="Ask a person under Required Actions before publishing.",
        section="Publishing",
    ),
    "keep_runs": Param(
        PublishConfig.default("keep_runs"),
        type="integer",
        minimum=1,
        maximum=1000,
        title="Runs to keep",
        description="Older run folders are removed after publishing; releases always stay.",
        section="Publishing",
    ),
    "seed": Param(
        FetchConfig.default("seed"),
        type="integer",
        minimum=0,
        maximum=2**31 - 1,
        title="Seed",
        description="All randomness derives from it. The split does not: content decides it.",
        section="Randomness",
    ),
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
    publish = PublishOperator(task_id="publish", approval_task_id="approve")

    chain(
        fetch, label, augmentation_audit, augment, train, select, evaluate_slices, approve, publish
    )
    label >> Label("rating withheld") >> blind_audit >> evaluate_slices

"""One operator a stage: it turns params into a configuration, opens the run, calls the stage.

Nothing here knows data. A stage is imported when it is executed, so that parsing a DAG file costs
neither pandas nor scikit-learn.
"""

import inspect
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import Any, ClassVar

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, AssetAlias, BaseOperator, Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from tasks.config import (
    AugmentationAuditConfig,
    AugmentConfig,
    BlindAuditConfig,
    DecideConfig,
    EvaluateConfig,
    FetchConfig,
    LabelConfig,
    PublishConfig,
    StageConfig,
    TrainConfig,
)
from tasks.errors import LabError, RetryableError

RELEASE = Asset(name="netflix_labeling_lab_release", uri="labeling-lab://releases/current")
RELEASE_ALIAS = AssetAlias("netflix_labeling_lab_published")

_TEMPORARY_RUN = "__airflow_temporary_run_"


class StageOperator(BaseOperator):
    """Runs one stage in the folder of its run and returns the stage's small summary as XCom.

    A subclass names the stage's function, its configuration and the stages that it reads. Errors
    that a retry cannot mend (a bad parameter, a bad catalog) fail the task at once; trouble with
    the volume is retried.
    """

    function: ClassVar[str]
    config_class: ClassVar[type[StageConfig]]
    reads: ClassVar[tuple[str, ...]] = ()
    ui_color = "#e8f1fa"

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("doc_md", inspect.cleandoc(type(self).__doc__ or ""))
        super().__init__(**kwargs)

    def execute(self, context: Context) -> dict[str, Any]:
        """Run the stage; see the class."""
        try:
            config = self.config_class.from_params(context["params"])
            return self.run_stage(context, config)
        except RetryableError:
            raise
        except LabError as error:
            raise AirflowFailException(f"{type(error).__name__}: {error}") from error

    def run_stage(self, context: Context, config: StageConfig) -> dict[str, Any]:
        """Open the workspace and call the stage."""
        return load(self.function)(self.open_workspace(context), config)

    def open_workspace(self, context: Context) -> Any:
        """Open this run's folder, or a scratch run for ``airflow tasks test`` without a run id."""
        from tasks.volume.runs import SCRATCH_PREFIX, Volume

        run_id = context["run_id"]
        if run_id.startswith(_TEMPORARY_RUN):
            run_id = SCRATCH_PREFIX + run_id.removeprefix(_TEMPORARY_RUN).strip("_")
        return Volume.from_environment().workspace(run_id, self.reads)


def load(path: str) -> Callable[..., dict[str, Any]]:
    """Import ``module:function``."""
    module, name = path.split(":")
    return getattr(import_module(module), name)


class FetchOperator(StageOperator):
    """Finds and checks the catalog.

    `NETFLIX_TITLES_CSV`, else `netflix_titles.csv` in the volume, else a download, else the
    embedded sample. Bad rows are quarantined with their reason; a bad file is an error.
    """

    function = "tasks.fetch.stage:fetch"
    config_class = FetchConfig

    def run_stage(self, context: Context, config: StageConfig) -> dict[str, Any]:
        """Refuse thresholds that no gate has before minutes of work, then fetch."""
        load("tasks.publish.judge:check_thresholds")(context["params"].get("thresholds") or {})
        return super().run_stage(context, config)


class LabelOperator(StageOperator):
    """Rules vote, votes become weak labels.

    Every labeling function votes family, not family or abstains on every title; the param
    `aggregator` says how the votes add up. Content decides which side of the train/test split
    a title is on.
    """

    function = "tasks.label.stage:label"
    config_class = LabelConfig
    reads = ("fetch",)


class AugmentationAuditOperator(StageOperator):
    """Measures what augmentation brings: with, without, and each operation alone.

    The blind protocol on the gold of held-out train folds; no test title takes part. With the
    param `drop_harmful_operations` an operation that hurts is left out.
    """

    function = "tasks.audits.augmentation:augmentation_audit"
    config_class = AugmentationAuditConfig
    reads = ("label",)


class AugmentOperator(StageOperator):
    """Balances the classes.

    Train titles of the minority class are copied with words replaced, swapped or deleted; every
    copy names its parent and operation. Test titles are never touched.
    """

    function = "tasks.augment.stage:augment"
    config_class = AugmentConfig
    reads = ("label", "augmentation_audit")


class TrainOperator(StageOperator):
    """Cross-validates one candidate.

    Mapped over the models. Folds keep a copy with its parent and score real titles only. A model
    that the param `models` leaves out is skipped.

    Parameters
    ----------
    model : str
        The candidate's name in `tasks.train.models.MODELS`.
    """

    function = "tasks.train.stage:train"
    config_class = TrainConfig
    reads = ("label", "augment")
    template_fields = ("model",)

    def __init__(self, *, model: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def run_stage(self, context: Context, config: StageConfig) -> dict[str, Any]:
        """Skip a model that was not asked for; else train it."""
        chosen = context["params"].get("models")
        if chosen is not None and self.model not in chosen:
            raise AirflowSkipException(f"{self.model} is not among the param models: {chosen}")
        return load(self.function)(self.open_workspace(context), config, model=self.model)


class SelectOperator(StageOperator):
    """Picks the best candidate by cross-validated ROC-AUC and refits it on all train titles.

    The refitted pipeline takes a raw catalog; only now are test titles scored.
    """

    function = "tasks.train.select:select"
    config_class = TrainConfig
    reads = ("label", "augment", "train")


class BlindAuditOperator(StageOperator):
    """Repeats the pipeline with `rating` withheld, and scores it against the ratings.

    Rules and features that read a withheld column sit out. This answers whether weak supervision
    works at all when no rating exists.
    """

    function = "tasks.audits.blind:blind_audit"
    config_class = BlindAuditConfig
    reads = ("label",)


class EvaluateSlicesOperator(StageOperator):
    """Examines the winner: overall, slice by slice, with the rating hidden, and for leakage.

    Writes `metrics.json` and the figures.
    """

    function = "tasks.evaluate_slices.stage:evaluate_slices"
    config_class = EvaluateConfig
    reads = (*SelectOperator.reads, "fetch", "augmentation_audit", "select", "blind_audit")


class DecideOperator(StageOperator):
    """Applies the gates, so that whoever approves sees the decision."""

    function = "tasks.publish.decision:decide"
    config_class = DecideConfig
    reads = (*EvaluateSlicesOperator.reads, "evaluate_slices")


class PublishOperator(StageOperator):
    """A winner that holds up becomes a release.

    A refusal is a successful run that published nothing and says why. The asset event fires only
    when something was published.
    """

    function = "tasks.publish.stage:publish"
    config_class = PublishConfig
    reads = (*DecideOperator.reads, "decide")

    def __init__(self, *, approval_task_id: str | None = None, **kwargs: Any) -> None:
        super().__init__(outlets=[RELEASE_ALIAS], **kwargs)
        self.approval_task_id = approval_task_id

    def run_stage(self, context: Context, config: StageConfig) -> dict[str, Any]:
        """Check the approval, publish, and announce a release that is new."""
        self.check_approval(context)
        config = config.model_copy(update={"approval": False})  # checked above
        summary = super().run_stage(context, config)
        if summary["published"]:
            extra = {"version": summary["version"], "run_id": context["run_id"]}
            context["outlet_events"][RELEASE_ALIAS].add(RELEASE, extra=extra)
        return summary

    def check_approval(self, context: Context) -> None:
        """Refuse to publish without the approval that the run asked for.

        A rejection skips this task, but clearing it by hand would run it all the same.
        """
        is_try_out = context["run_id"].startswith(_TEMPORARY_RUN)
        if is_try_out or not context["params"].get("approval"):
            return
        answer = context["ti"].xcom_pull(task_ids=self.approval_task_id) or {}
        if ApproveOperator.APPROVE not in answer.get("chosen_options", ()):
            raise AirflowFailException(
                f"This run asks for approval and {self.approval_task_id} has none; "
                "approve it under Required Actions, or trigger a run without approval."
            )


class ApproveOperator(ApprovalOperator):
    """Asks a person before publishing, when the param `approval` is on.

    The question shows the figures. No answer in time counts as a rejection.
    """

    def __init__(self, *, response_timeout: timedelta, **kwargs: Any) -> None:
        kwargs.setdefault("doc_md", inspect.cleandoc(type(self).__doc__ or ""))
        super().__init__(
            response_timeout=response_timeout,
            defaults=self.REJECT,
            ignore_downstream_trigger_rules=True,
            execution_timeout=None,
            **kwargs,
        )

    def execute(self, context: Context) -> Mapping[str, Any] | None:
        """Wait for an answer, or return at once when nobody asked for approval."""
        if not context["params"]["approval"]:
            self.log.info("No approval asked for (param approval is off)")
            return {"chosen_options": [self.APPROVE]}
        return super().execute(context)

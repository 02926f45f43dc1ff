"""Operators: params become a stage's configuration, the run is opened, the stage called.

Nothing here knows data. A stage is imported when it is executed, so that parsing a DAG file costs
neither pandas nor scikit-learn.
"""

import gc
import getpass
import inspect
import logging
import os
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import Any

from airflow.providers.standard.utils.skipmixin import SkipMixin
from airflow.sdk import Asset, AssetAlias, BaseOperator, Context
from airflow.sdk.exceptions import AirflowException, AirflowFailException, AirflowSkipException

from labeling_lab.callbacks import TEMPORARY_RUN
from labeling_lab.home import APPROVE
from labeling_lab.links import LINKS, page_link
from labeling_lab.notes import NOTE
from labeling_lab.params import check_run_params
from tasks.catalog.formats import count, figure_in, shorten
from tasks.errors import RetryableError
from tasks.pipeline import METRICS, MODEL, load, needed_by, stage

log = logging.getLogger(__name__)

RELEASE = Asset(name="netflix_labeling_lab_release", uri="labeling-lab://releases/current")
RELEASE_ALIAS = AssetAlias("netflix_labeling_lab_published")
# An event of it says that the catalog has changed, from a DAG that updates it or by REST.
CATALOG = Asset(name="netflix_labeling_lab_catalog", uri="labeling-lab://catalog")
BY_HAND = "manual"  # what Airflow calls a run that a person, a command or a REST call triggered
LONGEST_NOTE = 900
HONEST = ("rating_hidden", "blind_audit")
# What a second try may mend: the volume, the network, a lost worker process, too little memory.
MENDED_BY_A_RETRY = (RetryableError, OSError, BrokenExecutor, MemoryError)


@contextmanager
def no_vain_retries() -> Iterator[None]:
    """Fail a task at once on what a retry cannot mend: a bad param, a bad catalog, a bug."""
    try:
        yield
    except (AirflowException, *MENDED_BY_A_RETRY):
        raise
    except Exception as error:
        raise AirflowFailException(f"{type(error).__name__}: {error}") from error


class StageOperator(BaseOperator):
    """Runs the stage that the task is called after, and returns its small summary as XCom."""

    ui_color = "#e8f1fa"

    def __init__(self, *, task_id: str, **kwargs: Any) -> None:
        self.stage = stage(task_id)
        self.operator_extra_links = (LINKS[task_id],) if task_id in LINKS else ()
        super().__init__(task_id=task_id, **{"doc_md": self.stage.doc, **kwargs})

    def execute(self, context: Context) -> dict[str, Any]:
        """Run the stage in the folder of its run."""
        gc.freeze()  # to look through all that Airflow has built takes seconds, and frees nothing
        with no_vain_retries():
            check_run_params(context["params"])
            return self.call(context)

    def call(self, context: Context, **more: Any) -> dict[str, Any]:
        """Call the stage's function."""
        config = self.stage.config.from_params(context["params"])
        return load(self.stage.function)(open_workspace(context, self.stage.name), config, **more)


class FetchOperator(StageOperator, SkipMixin):
    """Fetches the catalog, and ends the run there, green, if nothing is new since the champion.

    Everything after it is skipped then, whatever its trigger rule, and the run's folder goes: the
    champion's run had the same. A run by hand goes on in any case, as with the param ``force``.
    """

    inherits_from_skipmixin = True  # a task after it that is cleared is skipped again

    def call(self, context: Context, **more: Any) -> dict[str, Any]:
        """Fetch, and look for news unless the run goes on in any case."""
        summary = super().call(context, **more)
        by_hand = context["dag_run"].run_type == BY_HAND or "AIRFLOW_TEST_MODE" in os.environ
        if by_hand or context["params"].get("force"):
            return summary
        workspace, ti = open_workspace(context, self.stage.name), context["ti"]
        news = load("tasks.publish.news:find_news")(workspace, context["params"])
        if not news:
            load("tasks.volume.runs:remove_run")(workspace.run)
            champion = workspace.volume.releases.current()
            same = "same catalog, answers, code, libraries and params"
            note = f"nothing new since {champion}: {same}"
            ti.xcom_push(key=NOTE, value=note)
            ti.xcom_push(key="return_value", value=summary)
            log.info("Ends here: %s", note)
            self.skip(ti, self.get_flat_relatives(upstream=False))
        log.info("New since the champion: %s", ", ".join(news))
        return summary


class TrainOperator(StageOperator):
    """Cross-validates one candidate; skipped if the param ``models`` leaves it out."""

    template_fields = ("model",)

    def __init__(self, *, model: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.model = model

    def call(self, context: Context, **more: Any) -> dict[str, Any]:
        """Train the model if it was asked for."""
        chosen = context["params"].get("models")
        if chosen is not None and self.model not in chosen:
            raise AirflowSkipException(f"{self.model} is not among the param models: {chosen}")
        return super().call(context, model=self.model, **more)


class PublishOperator(StageOperator):
    """Publishes, or records why not; skipped in the latter case, so that the grid shows it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(outlets=[RELEASE_ALIAS], **kwargs)

    def call(self, context: Context, **more: Any) -> dict[str, Any]:
        """Publish with the answer, if somebody was asked, and announce a new champion."""
        answer = context["ti"].xcom_pull(task_ids=APPROVE)
        summary = super().call(context, approval=answer, **more)
        if summary["published"]:
            announce(context, summary["version"], summary["outcome"])
        elif summary["outcome"] in ("refused", "rejected"):
            why = f"{summary['outcome']}: {'; '.join(summary['reasons'])}"
            context["ti"].xcom_push(key=NOTE, value=shorten(why, LONGEST_NOTE))
            context["ti"].xcom_push(key="return_value", value=summary)
            raise AirflowSkipException(why)
        return summary


class RollbackOperator(BaseOperator):
    """Makes another kept release the champion, older or newer.

    A fresh process first loads it and replays its golden predictions. History says who, when and
    why. The asset event fires, as it does for a new release.
    """

    template_fields = ("version", "reason")
    ui_color = "#faf0e8"

    def __init__(self, *, version: str, reason: str, **kwargs: Any) -> None:
        super().__init__(**{"outlets": [RELEASE_ALIAS], "doc_md": inspect.getdoc(self), **kwargs})
        self.version = version
        self.reason = reason

    def execute(self, context: Context) -> dict[str, Any]:
        """Move the pointer and announce the release."""
        with no_vain_retries():
            done = load("tasks.publish.rollback:roll_back")(
                open_volume().releases,
                self.version,
                reason=self.reason,
                by=who(context),
                run_id=context["run_id"],
            )
            announce(context, done["version"], done["event"])
            return done


def who(context: Context) -> str:
    """Return who triggered the run; in a terminal, who is logged in there."""
    name = getattr(context["dag_run"], "triggering_user_name", None)
    if name == "dag_test":  # what Airflow calls everybody who runs a DAG without a scheduler
        return getpass.getuser()
    return name or "the scheduler"


def is_scratch(context: Context) -> bool:
    """Return whether a task is tried out alone, outside any run."""
    return context["run_id"].startswith(TEMPORARY_RUN)


def open_workspace(context: Context, task_id: str) -> Any:
    """Open the run's folder for a stage; for a task tried out alone, a scratch run."""
    from tasks.volume.runs import SCRATCH_PREFIX

    run_id = context["run_id"]
    if is_scratch(context):
        run_id = SCRATCH_PREFIX + run_id.removeprefix(TEMPORARY_RUN).strip("_")
    return open_volume().workspace(run_id, needed_by(task_id))


def open_volume() -> Any:
    """Open the volume; this imports the libraries that read it."""
    from tasks.volume.runs import Volume

    return Volume.from_environment()


def announce(context: Context, version: str, event: str) -> None:
    """Fire the release's asset event with its honest figures, and leave them as the run's note."""
    releases = open_volume().releases
    metrics = releases.read_json(version, METRICS)
    extra: dict[str, Any] = {"version": version, "run_id": context["run_id"], "event": event}
    extra["model_sha256"] = releases.manifest(version)["files"][MODEL]["sha256"]
    extra["link"] = page_link(f"releases/{version}")
    extra |= {name: {key: metrics[name].get(key) for key in ("n", "roc_auc")} for name in HONEST}
    context["outlet_events"][RELEASE_ALIAS].add(RELEASE, extra=extra)
    hidden, unmeasured = metrics["rating_hidden"], metrics["notes"].get("unmeasured")
    said = f"ROC-AUC {figure_in(hidden, 'roc_auc')}, rating hidden, {count(hidden['n'], 'title')}"
    unproven = ", unproven" * any(gate.get("waived") for gate in metrics["gates"])
    note = f"{event} {version}{unproven}: {unmeasured or said}"
    context["ti"].xcom_push(key=NOTE, value=note)

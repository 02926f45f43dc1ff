"""Overview: the current release, how its honest figures moved, the last runs, what waits."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from labeling_lab.home import DAG_ID
from labeling_lab.pages.guard import ask_airflow
from labeling_lab.pages.reading import read, read_release, volume
from labeling_lab.pages.render import page
from labeling_lab.pages.review import open_questions, queue_run
from tasks.errors import ArtifactError
from tasks.pipeline import FETCH, OUTCOME, PUBLISH
from tasks.volume.runs import Run

router = APIRouter()

SHOWN_RUNS, SHOWN_RELEASES = 10, 12
BLOCKS = (
    ("rating_hidden", "Rating hidden", ("rating_hidden",)),
    ("blind_audit", "Blind audit", ("blind_audit",)),
    ("seed", "Seed's protocol (circular)", ("seed_protocol", "test")),
)
LOWEST = 0.5  # a coin
CHART = {"left": 44, "top": 12, "width": 600, "height": 200}


async def airflow_runs(request: Request) -> list[dict[str, Any]]:
    """Return the newest runs as Airflow knows them; none if it cannot say."""
    try:
        path = f"dags/{DAG_ID}/dagRuns?limit={SHOWN_RUNS}&order_by=-run_after"
        found: list[dict[str, Any]] = (await ask_airflow(request, "GET", path))["dag_runs"]
    except HTTPException:  # the workflow is not known yet
        return []
    return found


async def questions(request: Request) -> list[dict[str, Any]]:
    """Return the questions of the workflow that wait for a person."""
    try:
        path = f"dags/{DAG_ID}/dagRuns/~/hitlDetails?response_received=false&limit=20"
        found: list[dict[str, Any]] = (await ask_airflow(request, "GET", path))["hitl_details"]
    except HTTPException:
        return []
    return found


@router.get("/")
def overview(
    request: Request,
    known: Annotated[list[dict[str, Any]], Depends(airflow_runs)],
    waiting: Annotated[list[dict[str, Any]], Depends(questions)],
) -> HTMLResponse:
    """Show the state of the lab."""
    store = volume()
    version, trouble = None, ""
    try:
        version = store.releases.current()
        metrics = read_release(version) if version else {}
    except ArtifactError as error:
        metrics, trouble = {}, str(error)
    return page(
        request,
        "overview",
        500 if trouble else 200,
        version=version,
        trouble=trouble,
        manifest=store.releases.manifest(version) if version and metrics else {},
        blocks=[(words, dig(metrics, path)) for _, words, path in BLOCKS],
        chart=trend(store.releases.versions()[-SHOWN_RELEASES:]),
        runs=last_runs(store.runs()[:SHOWN_RUNS], known),
        questions=waiting,
        reviews=waiting_for_review(),
    )


def waiting_for_review() -> int:
    """Return how many titles wait for an answer."""
    try:
        run = queue_run()
        return 0 if run is None else len(open_questions(run))
    except ArtifactError:  # the run's report tells it
        return 0


def dig(metrics: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """Return a block of ``metrics.json``."""
    for name in path:
        metrics = metrics.get(name) or {}
    return metrics


def last_runs(runs: list[Run], known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put together what Airflow and the volume know of the newest runs."""
    states = {run["dag_run_id"]: run for run in known}
    found = {run.id: describe_run(run) for run in runs}
    ids = list(dict.fromkeys([*states, *found]))[:SHOWN_RUNS]
    return [{"id": i, "stages": [], **found.get(i, {}), "airflow": states.get(i)} for i in ids]


def describe_run(run: Run) -> dict[str, Any]:
    """Say how far a run got and how it ended."""
    found: dict[str, Any] = {"stages": run.stages(), "finished_at": run.finished_at()}
    try:
        if run.has([PUBLISH]):
            found["outcome"] = read(run.read(PUBLISH), OUTCOME)
        elif not run.has([FETCH]):
            found["trouble"] = "nothing finished yet"
    except ArtifactError as error:
        found["trouble"] = str(error)
    return found


def trend(versions: list[str]) -> dict[str, Any]:
    """Lay out how ROC-AUC moved over the releases, for a picture; damaged ones are left aside."""
    points: dict[str, list[dict[str, Any]]] = {name: [] for name, *_ in BLOCKS}
    labels = []
    for index, version in enumerate(versions):
        x = CHART["left"] + CHART["width"] * (index + 0.5) / len(versions)
        labels.append((x, version))
        try:
            metrics = read_release(version)
        except ArtifactError:
            continue
        for name, _, path in BLOCKS:
            block = dig(metrics, path)
            if (value := block.get("roc_auc")) is not None:
                low, high = (block.get("intervals") or {}).get("roc_auc") or (value, value)
                heights = {"y": height(value), "low": height(low), "high": height(high)}
                points[name].append({"x": x, "value": value, "version": version, **heights})
    series = [(name, words, points[name]) for name, words, _ in BLOCKS]
    ticks = [(height(value / 10), value / 10) for value in range(5, 11)]
    return {**CHART, "labels": labels, "series": series, "ticks": ticks}


def height(value: float) -> float:
    """Return where a ROC-AUC is drawn; what is worse than a coin is drawn at the bottom."""
    share = (max(value, LOWEST) - LOWEST) / (1 - LOWEST)
    return round(CHART["top"] + CHART["height"] * (1 - share), 1)

"""Run report: a run as a story, a section for each thing that it did."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from labeling_lab.home import DAG_ID, ROLLBACK_DAG_ID, SCORE_DAG_ID
from labeling_lab.pages import report_path
from labeling_lab.pages.overview import describe_run
from labeling_lab.pages.reading import find_run, read, volume
from labeling_lab.pages.render import OTHER_LAB, download, page, plain_rows, table_csv
from tasks import pipeline
from tasks.errors import ArtifactError
from tasks.volume import atomic
from tasks.volume.runs import Run

router = APIRouter()

EXAMPLES = SHOWN_ROWS = 10
ELSEWHERE = {ROLLBACK_DAG_ID: "releases", SCORE_DAG_ID: "scores"}  # what other workflows leave
RULE_COLUMNS = {
    "name": "Rule",
    "polarity": "Votes for",
    "votes_cast": "Votes",
    "coverage": "Coverage",
    "overlaps": "Overlaps",
    "conflicts": "Conflicts",
    "accuracy": "Accuracy against gold",
    "label_agreement": "Agrees with labels",
}


@dataclass(frozen=True)
class Section:
    """One part of the story."""

    name: str  # its anchor and its template
    title: str
    stage: str = ""  # that must be whole
    reads: Mapping[str, str] = field(
        default_factory=dict
    )  # its files, by their names in a template
    more: Callable[[Run, dict[str, str]], dict[str, Any]] | None = None

    def tell(self, run: Run, query: dict[str, str]) -> dict[str, Any]:
        """Return what it has to say."""
        files = {name: read(run.read(self.stage), file) for name, file in self.reads.items()}
        return files | (self.more(run, query) if self.more else {})


def quarantine(run: Run, _query: dict[str, str]) -> dict[str, Any]:
    """Read the first rows that were quarantined."""
    table = read(run.read(pipeline.FETCH), pipeline.QUARANTINE)
    return {"quarantined": plain_rows(table.head(SHOWN_ROWS))}


def rules(run: Run, query: dict[str, str]) -> dict[str, Any]:
    """Read the rules, in the order that was asked for, and what changed since the run before."""
    label = run.read(pipeline.LABEL)
    chosen = query.get("sort") if query.get("sort") in RULE_COLUMNS else None
    down = query.get("order") == "down"
    found = read(label, pipeline.RULES)
    if chosen:
        known = sorted((r for r in found if r[chosen] is not None), key=lambda r: r[chosen])
        found = known[:: -1 if down else 1] + [r for r in found if r[chosen] is None]
    return {
        "rules": found,
        "columns": RULE_COLUMNS,
        "sorted": chosen,
        "down": down,
    }


def augmentation(run: Run, _query: dict[str, str]) -> dict[str, Any]:
    """Read how the classes were balanced, with copies beside their parents."""
    audit = {}
    if run.has([pipeline.AUGMENTATION_AUDIT]):
        audit = read(run.read(pipeline.AUGMENTATION_AUDIT), pipeline.AUGMENTATION_AUDIT_REPORT)
    digest = run.read(pipeline.AUGMENT).manifest["files"][pipeline.AUGMENTED]["sha256"]
    return {"audit": audit, "examples": examples(run.id, digest)}


@lru_cache(maxsize=4)
def examples(run_id: str, _digest: str) -> list[dict[str, Any]]:
    """Choose some copies and tell what was changed in each."""
    table = read(volume().run(run_id).read(pipeline.AUGMENT), pipeline.AUGMENTED)
    copies = table[table["operation"].notna()]
    step = max(len(copies) // EXAMPLES, 1)
    chosen = copies.iloc[::step].head(EXAMPLES)
    parents = table[table["operation"].isna() & table["show_id"].isin(chosen["parent_id"])]
    texts = dict(zip(parents["show_id"], parents["text"], strict=True))
    return [
        {
            "parent": copy.parent_id,
            "operation": copy.operation,
            "parts": changes(str(texts.get(copy.parent_id, "")), str(copy.text)),
        }
        for copy in chosen.itertuples()
    ]


def changes(before: str, after: str) -> list[tuple[str, str]]:
    """Split a copy's text into parts that are kept, gone or new against its parent's."""
    old, new = before.split(), after.split()
    parts = []
    for tag, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("kept", " ".join(new[k:m])))
            continue
        sides = (("gone", old[i:j]), ("new", new[k:m]))
        parts += [(kind, " ".join(words)) for kind, words in sides if words]
    return parts


def blind_figures(run: Run, _query: dict[str, str]) -> dict[str, Any]:
    """Read the blind audit's figures with their intervals, once they are there."""
    if not run.has([pipeline.EVALUATE_SLICES]):
        return {"figures": {}}
    metrics = read(run.read(pipeline.EVALUATE_SLICES), pipeline.METRICS)
    return {"figures": metrics["blind_audit"]}


def files(run: Run, _query: dict[str, str]) -> dict[str, Any]:
    """Read how long every stage took and which files it left."""
    manifests = [(stage, run.read(stage).manifest) for stage in run.stages()]
    manifests.sort(key=lambda found: found[1].get("finished_at") or "")
    return {"manifests": manifests, "seconds": sum(m["seconds"] for _, m in manifests)}


EVALUATED = (pipeline.EVALUATE_SLICES, {"metrics": pipeline.METRICS})
SECTIONS = (
    Section("catalog", "Catalog", pipeline.FETCH, {"report": pipeline.FETCH_REPORT}, quarantine),
    Section("rules", "Rules", pipeline.LABEL, {"changes": pipeline.RULE_CHANGES}, rules),
    Section("labels", "Labels and split", pipeline.LABEL, {"report": pipeline.LABEL_REPORT}),
    Section(
        "augmentation",
        "Augmentation",
        pipeline.AUGMENT,
        {"report": pipeline.AUGMENT_REPORT},
        augmentation,
    ),
    Section("candidates", "Candidates", pipeline.SELECT, {"report": pipeline.CANDIDATES}),
    Section("figures", "What the winner is worth", *EVALUATED),
    Section("slices", "Slices", *EVALUATED),
    Section(
        "blind",
        "Blind audit",
        pipeline.BLIND_AUDIT,
        {"audit": pipeline.BLIND_AUDIT_REPORT},
        blind_figures,
    ),
    Section("leakage", "Leakage", *EVALUATED),
    Section("gates", "Gates", pipeline.DECIDE, {"decision": pipeline.DECISION}),
    Section("files", "Timings and files", more=files),
)


@router.get("/runs")
def choose(request: Request, run: str = "") -> Response:
    """Go to a run's report, by default the newest run's, or say that there is none yet."""
    runs = [find_run(run)] if run else volume().runs()
    if not runs:
        return page(request, "empty", what="run")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/{report_path(runs[0].id)}")


@router.get("/runs/{run_id}")
def report(request: Request, run_id: str, dag: str = DAG_ID) -> Response:
    """Show a run; a section whose stage is not there, or damaged, says so in its place."""
    if dag in ELSEWHERE:
        return RedirectResponse(f"{request.scope.get('root_path', '')}/{ELSEWHERE[dag]}")
    if dag != DAG_ID:
        raise HTTPException(404, f"This is a run of {dag}; reports are about those of {DAG_ID}.")
    run, query = find_run(run_id), dict(request.query_params)
    told = [(section, *tell(section, run, query)) for section in SECTIONS]
    broken = any("trouble" in said and whole for _, whole, said in told)
    return page(
        request,
        "report",
        500 if broken else 200,
        run=run,
        runs=[other.id for other in volume().runs()],
        end=describe_run(run),
        sections=told,
        pictures=pictures(run),
    )


def tell(section: Section, run: Run, query: dict[str, str]) -> tuple[bool, dict[str, Any]]:
    """Return whether a section's stages are whole, and what it has to say or what is wrong."""
    if section.stage and not run.has([section.stage]):
        return False, {"trouble": f"Not there yet: {section.stage} has not finished."}
    try:
        return True, section.tell(run, query)
    except ArtifactError as error:
        return True, {"trouble": str(error)}
    except KeyError as error:
        return True, {"trouble": OTHER_LAB.format(error)}


def pictures(run: Run) -> list[str]:
    """Return the names of the pictures that the run drew."""
    if not run.has([pipeline.EVALUATE_SLICES]):
        return []
    try:
        names = run.read(pipeline.EVALUATE_SLICES).manifest["files"]
    except ArtifactError:
        return []
    return [name for name in names if name.startswith(pipeline.FIGURES)]


@router.get("/runs/{run_id}/file")
def run_file(run_id: str, stage: str, name: str) -> Response:
    """Send a file of a stage, Parquet as CSV; 404 if the stage's manifest does not name it."""
    run = find_run(run_id)
    if stage not in run.stages() or name not in run.read(stage).manifest["files"]:
        raise HTTPException(404, f"Run {run_id} has no such file.")
    artifacts = run.read(stage)
    if name.endswith(".parquet"):
        return download(atomic.to_csv(read(artifacts, name)), f"{name[:-8]}.csv")
    return download(artifacts.read_bytes(name), name)


@router.get("/runs/{run_id}/rules.csv")
def rules_csv(run_id: str) -> Response:
    """Send the table of rules."""
    rows = find_run(run_id).read(pipeline.LABEL).read_json(pipeline.RULES)
    return download(table_csv(rows), "rules.csv")

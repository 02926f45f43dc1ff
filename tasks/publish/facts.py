"""What a release's manifest and card say about where the release comes from."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from tasks.errors import PublishError
from tasks.publish.decision import Decision
from tasks.volume.artifacts import Artifacts

FILES: Mapping[str, str] = {
    "netflix_labeled_family.csv": "label",
    "netflix_augmented.csv": "augment",
    "best_model.pkl": "select",
    "best_model.skops": "select",
    "golden.json": "select",
    "predictions_test.csv": "select",
    "blind_audit_predictions.csv": "blind_audit",
}
METRICS = "metrics.json"
FIGURES = "figures/"
LOADING = ("joblib", "scipy", "skops")
CATALOG_FACTS = ("source", "kind", "sha256", "bytes", "encoding", "rows", "quarantined", "repaired")


def release_files(stages: Mapping[str, Artifacts]) -> dict[str, Artifacts]:
    """Return which stage's artifacts hold each file of the release.

    Metrics and model card are not among them: publish itself writes what the gates said into both.

    Raises
    ------
    PublishError
        If a file that belongs into every release was not written.
    """
    evaluated = stages["evaluate_slices"]
    figures = {n: evaluated for n in evaluated.manifest["files"] if n.startswith(FIGURES)}
    files = {name: stages[stage] for name, stage in FILES.items()} | figures
    missing = [name for name, source in files.items() if name not in source.manifest["files"]]
    if missing or not figures:
        lacking = ", ".join(missing) or FIGURES
        raise PublishError(
            f"Run {evaluated.run_id} has no {lacking}, which every release holds; "
            "clear the task that writes it and those after it, then publish again."
        )
    return files


def gather_facts(stages: Mapping[str, Artifacts], decision: Decision) -> dict[str, Any]:
    """Collect catalog, configurations, seeds, versions and verdicts.

    Parameters
    ----------
    stages : mapping of str to Artifacts
        Everything that led to the metrics, by stage.
    decision : Decision

    Returns
    -------
    dict
        JSON values: ``run_id``, ``is_sample``, ``catalog``, ``winner``, ``seeds``, ``versions``,
        ``stages`` and ``gates``.
    """
    fetched = stages["fetch"].read_json("fetch.json")
    manifests = {stage: artifacts.manifest for stage, artifacts in stages.items()}
    versions = {name: v for m in manifests.values() for name, v in m["versions"].items()}
    return {
        "run_id": stages["select"].run_id,
        "is_sample": bool(fetched.get("is_sample")),
        "catalog": {name: fetched.get(name) for name in CATALOG_FACTS},
        "winner": stages["select"].read_json("candidates.json").get("winner"),
        "seeds": sorted({manifest["seed"] for manifest in manifests.values()}),
        "versions": {
            "python": platform.python_version(),
            **versions,
            **{name: version(name) for name in LOADING},
        },
        "stages": {
            stage: {name: manifest[name] for name in ("config", "seed", "versions")}
            for stage, manifest in manifests.items()
        },
        "gates": [verdict.to_dict() for verdict in decision.verdicts],
    }

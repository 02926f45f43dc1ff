"""The workflow's params: the trigger form, and the checks before a run starts."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from tasks.augment.transforms import TRANSFORMS
from tasks.catalog.formats import count, shorten
from tasks.config import CONFIGS, check_params, form
from tasks.errors import ConfigError
from tasks.publish.gate import GATES
from tasks.publish.judge import check_thresholds
from tasks.train.models import MODELS

CHOICES = {
    "operations": [transform.name for transform in TRANSFORMS],
    "models": [model.name for model in MODELS],
}
EXAMPLE_GATE = "rating_hidden_roc_auc"
VERSION = r"^(previous|v[0-9]{4,})$"
SHORTEST_REASON, LONGEST_REASON = 3, 500


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON schema of every param; that of the thresholds lists the gates."""
    found = form(CHOICES)
    example = {EXAMPLE_GATE: 0.8}
    gates = "".join(f"\n- {gate.name}: {gate.bound} {gate.threshold:g}" for gate in GATES)
    found["thresholds"] |= {
        "description": f"{found['thresholds']['description']} As in {json.dumps(example)}; one "
        f"slice as in slice_accuracy[short_movies]. The gates:\n{gates}",
        "examples": [example],
    }
    return found


def check_run_params(params: Mapping[str, Any]) -> None:
    """Refuse params that a stage would refuse after minutes of work; `ConfigError` says why."""
    check_params(params)
    for config in CONFIGS:
        config.from_params(params)
    for name, known in CHOICES.items():
        for chosen in params.get(name) or ():
            if chosen not in known:
                near = difflib.get_close_matches(chosen, known, n=1)
                meant = f"did you mean {near[0]}? " if near else ""
                raise ConfigError(f"{name} names {chosen}; {meant}Known: {', '.join(known)}.")
    check_thresholds(params.get("thresholds") or {})


def parse_conf(text: str) -> dict[str, Any]:
    """Return the checked params that a JSON object holds; see `check_run_params`."""
    try:
        conf = json.loads(text or "{}")
    except ValueError as error:
        raise ConfigError(
            f"{shorten(text)} is no JSON ({error}); as in: '{{\"folds\": 3}}'."
        ) from error
    if not isinstance(conf, dict):
        raise ConfigError(f"{shorten(text)} is no JSON object; as in: '{{\"folds\": 3}}'.")
    check_run_params(conf)
    return conf


def check_rollback(version: str, reason: str) -> None:
    """Refuse a version or a reason that the rollback DAG would refuse; `ConfigError` says why."""
    if not re.match(VERSION, version):
        raise ConfigError(f"VERSION is {shorten(version)!r}; expected such as v0003, or previous.")
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise ConfigError(
            f"REASON has {count(len(reason), 'character')}; expected {SHORTEST_REASON} to "
            f"{LONGEST_REASON}: say why, history keeps it."
        )

"""The gates applied to a run's metrics: one verdict a number.

A verdict rests on the number's interval: it is passed or failed only if the whole interval is on
one side of the threshold. What insufficient evidence means, each gate declares itself.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tasks.catalog.formats import count, figure, shorten
from tasks.errors import ConfigError
from tasks.publish.gate import AT_LEAST, BLOCKS, GATES, Gate, Interval, number

PASSED = "passed"
FAILED = "failed"
INSUFFICIENT = "insufficient evidence"
DIGITS = 4
Block = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one gate said about one number; `sentence` says it in words."""

    gate: str
    metric: str
    outcome: str
    blocks: bool
    waived: bool  # insufficient evidence that would block, but for the param publish_unproven
    value: float | None
    interval: Interval
    bound: str
    threshold: float
    n: int | None
    minimum_n: int
    sentence: str


def check_thresholds(thresholds: Mapping[str, float], gates: Sequence[Gate] = GATES) -> None:
    """Refuse thresholds that fit no gate; needs no metrics, so it runs before minutes of work.

    A single slice is named in brackets: ``slice_accuracy[short_movies]``.
    """
    known = {gate.name: gate for gate in gates}
    for name, value in thresholds.items():
        base, bracket, rest = name.partition("[")
        gate = known.get(base)
        if gate is None or (bracket and not ("*" in gate.metric and rest.endswith("]"))):
            near = difflib.get_close_matches(base, known, n=1)
            hint = f" Did you mean {near[0]}?" if near and near[0] != name else ""
            raise ConfigError(
                f"thresholds names {shorten(name)}, which is no gate.{hint} Expected some of "
                f"{', '.join(sorted(known))} (one slice: slice_accuracy[name])."
            )
        low, high = gate.limits
        if not low <= value <= high:
            raise ConfigError(
                f"thresholds[{name}] is {value!r}; expected a number from {low} to {high:,}. "
                "Change the parameter thresholds."
            )


def judge(
    metrics: Block,
    thresholds: Mapping[str, float],
    gates: Sequence[Gate] = GATES,
    *,
    publish_unproven: bool = False,
) -> tuple[Verdict, ...]:
    """Judge a run's metrics by every gate; `thresholds` replaces declared ones by name.

    With `publish_unproven` insufficient evidence blocks nothing.
    """
    check_thresholds(thresholds, gates)
    verdicts = tuple(
        v for gate in gates for v in _judge_gate(gate, metrics, thresholds, publish_unproven)
    )
    names = {v.gate for v in verdicts}
    if missing := sorted(name for name in thresholds if "[" in name and name not in names):
        raise ConfigError(
            f"thresholds names {shorten(', '.join(missing))}, but the run has no such slice; "
            f"it has {', '.join(sorted(n for n in names if '[' in n)) or 'none'}."
        )
    return verdicts


def _judge_gate(
    gate: Gate, metrics: Block, thresholds: Mapping[str, float], publish_unproven: bool
) -> Iterator[Verdict]:
    """Yield a gate's verdict, or one for each slice."""
    *path, key = gate.metric.split(".")
    found = _find(metrics, path)
    for where, block in (found or {tuple(path): {}}).items():
        slice_name = where[path.index("*")] if found and "*" in path else None
        name = f"{gate.name}[{slice_name}]" if slice_name else gate.name
        declared = gate.per_slice.get(slice_name or "", gate.threshold)
        threshold = thresholds.get(name, thresholds.get(gate.name, declared))
        value, n = number(block.get(key)), number(block.get("n"))
        interval = None if value is None else gate.interval(block, key)
        obstacle = _obstacle(gate, block, value, n, interval)
        outcome = INSUFFICIENT if obstacle else _side(gate, interval, threshold)
        unproven = outcome == INSUFFICIENT and (gate.insufficient == BLOCKS or not found)
        waived = unproven and bool(found) and publish_unproven
        among = "" if n is None or value is None else f" on {count(n, 'title')}"
        why = f" ({obstacle})" if obstacle else ""
        said = "cannot be judged" if value is None else f"is {show(value, interval, threshold)}"
        yield Verdict(
            gate=name,
            metric=".".join([*where, key]),
            outcome=outcome,
            blocks=outcome == FAILED or (unproven and not waived),
            waived=waived,
            value=value,
            interval=interval,
            bound=gate.bound,
            threshold=threshold,
            n=None if n is None else int(n),
            minimum_n=gate.minimum_n,
            sentence=f"{name} {said}{among}{why}; {gate.bound} {threshold:g} is asked: {outcome}.",
        )


def _find(metrics: Block, path: Sequence[str]) -> dict[tuple[str, ...], Block]:
    """Return every block that a path means, by the path to it; ``*`` stands for any name."""
    blocks: dict[tuple[str, ...], Block] = {(): metrics}
    for key in path:
        blocks = {
            (*where, name): inner
            for where, block in blocks.items()
            for name, inner in block.items()
            if key in ("*", name) and isinstance(inner, Mapping)
        }
    return blocks


def _side(gate: Gate, interval: Interval, threshold: float) -> str:
    """Return on which side of the threshold an interval is."""
    low, high = interval or (float("-inf"), float("inf"))
    if gate.bound != AT_LEAST:
        low, high, threshold = -high, -low, -threshold
    if low >= threshold:
        return PASSED
    return FAILED if high < threshold else INSUFFICIENT


def _obstacle(
    gate: Gate, block: Block, value: float | None, n: float | None, interval: Interval
) -> str | None:
    """Say why a number is no evidence, or return None."""
    status = block.get("status")
    said = None if status in (None, "ok") else str(status)
    if value is None:
        return said or f"metrics.json has no number at {gate.metric}"
    if gate.minimum_n and n is None:
        return "metrics.json does not say on how many titles"
    if n is not None and n < gate.minimum_n:
        return f"at least {gate.minimum_n:,} titles are needed"
    if interval is None:
        return said or "metrics.json gives no interval"
    return None


def show(value: float | None, interval: Interval, threshold: float) -> str:
    """Write a number and its interval so that both differ visibly from the threshold."""
    ends = None if interval is None or interval[0] == interval[1] else interval
    return figure(value, ends, DIGITS, beside=threshold)

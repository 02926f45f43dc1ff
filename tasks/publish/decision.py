"""Gates applied to a run's metrics: one verdict a number, and the decision that follows.

A verdict rests on the number's interval: it is passed or failed only if the whole interval is on
one side of the threshold. What insufficient evidence means, each gate declares itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tasks.errors import ConfigError
from tasks.publish.gate import AT_LEAST, BLOCKS, GATES, Gate
from tasks.publish.intervals import Interval, number

PASSED = "passed"
FAILED = "failed"
INSUFFICIENT = "insufficient evidence"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one gate said about one number; `sentence` says it in words."""

    gate: str
    metric: str
    outcome: str
    blocks: bool
    value: float | None
    interval: Interval
    bound: str
    threshold: float
    n: int | None
    minimum_n: int
    sentence: str

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Decision:
    """The verdicts of every gate; the challenger passes if none blocks it."""

    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Whether no gate blocks the challenger."""
        return not self.reasons

    @property
    def reasons(self) -> list[str]:
        """Why the challenger is refused: the sentences of the gates that block it."""
        return [v.sentence for v in self.verdicts if v.blocks]

    @property
    def doubts(self) -> list[str]:
        """What was let pass without enough evidence: the sentences that say so."""
        return [v.sentence for v in self.verdicts if v.outcome == INSUFFICIENT and not v.blocks]

    def in_short(self) -> dict[str, str]:
        """Return outcome and rule of each gate, as history keeps them."""
        return {v.gate: f"{v.outcome}: {v.bound} {show(v.threshold)}" for v in self.verdicts}


def check_thresholds(thresholds: Mapping[str, float], gates: Sequence[Gate] = GATES) -> None:
    """Refuse thresholds for gates that do not exist; needs no metrics, so it can run early.

    A single slice is named in brackets: ``slice_accuracy[short_movies]``.

    Raises
    ------
    ConfigError
        If a name belongs to no gate, listing the gates.
    """
    per_slice = {gate.name for gate in gates if "*" in gate.metric}
    known = {gate.name for gate in gates}
    for name in thresholds:
        base, bracket, rest = name.partition("[")
        fits = base in per_slice and rest.endswith("]") if bracket else name in known
        if not fits:
            raise ConfigError(
                f"thresholds names {name}, which is no gate; expected some of "
                f"{', '.join(sorted(known))} (one slice: slice_accuracy[name])."
            )


def decide(
    metrics: Mapping[str, Any],
    thresholds: Mapping[str, float] | None = None,
    gates: Sequence[Gate] = GATES,
) -> Decision:
    """Judge a run's metrics by every gate.

    Parameters
    ----------
    metrics : mapping
        The content of ``metrics.json``.
    thresholds : mapping of str to float, optional
        Replaces declared thresholds by name.
    gates : sequence of Gate

    Raises
    ------
    ConfigError
        If `thresholds` names a gate, or the slice of a gate, that does not exist.
    """
    changed = dict(thresholds or {})
    check_thresholds(changed, gates)
    verdicts = tuple(v for gate in gates for v in _judge(gate, metrics, changed))
    names = {v.gate for v in verdicts}
    if missing := sorted(name for name in changed if "[" in name and name not in names):
        raise ConfigError(
            f"thresholds names {', '.join(missing)}, but the run has no such slice; "
            f"it has {', '.join(sorted(n for n in names if '[' in n)) or 'none'}."
        )
    return Decision(verdicts)


def _judge(
    gate: Gate, metrics: Mapping[str, Any], changed: Mapping[str, float]
) -> Iterator[Verdict]:
    """Yield a gate's verdict, or one for each slice."""
    found = list(_find(metrics, gate.metric.split("."), ()))
    for path, slice_name, block in found or [(tuple(gate.metric.split(".")), None, {})]:
        name = f"{gate.name}[{slice_name}]" if slice_name else gate.name
        declared = gate.per_slice.get(slice_name or "", gate.threshold)
        threshold = changed.get(name, changed.get(gate.name, declared))
        yield _verdict(gate, name, path, block, threshold, any_found=bool(found))


def _find(
    block: Any, rest: Sequence[str], path: tuple[str, ...], slice_name: str | None = None
) -> Iterator[tuple[tuple[str, ...], str | None, Mapping[str, Any]]]:
    """Yield path, slice and surrounding block of every number that a path means."""
    if not isinstance(block, Mapping):
        return
    key, *deeper = rest
    if not deeper:
        yield (*path, key), slice_name, block
    elif key == "*":
        for name, inner in block.items():
            yield from _find(inner, deeper, (*path, name), name)
    elif key in block:
        yield from _find(block[key], deeper, (*path, key), slice_name)


def _verdict(
    gate: Gate,
    name: str,
    path: Sequence[str],
    block: Mapping[str, Any],
    threshold: float,
    any_found: bool,
) -> Verdict:
    value, n = number(block.get(path[-1])), number(block.get("n"))
    interval = None if value is None else gate.interval(block, path[-1])
    obstacle = _obstacle(gate, block, value, n, interval)
    outcome = INSUFFICIENT if obstacle else _side(gate, interval, threshold)
    unproven = gate.insufficient == BLOCKS or not any_found
    return Verdict(
        gate=name,
        metric=".".join(path),
        outcome=outcome,
        blocks=outcome == FAILED or (outcome == INSUFFICIENT and unproven),
        value=value,
        interval=interval,
        bound=gate.bound,
        threshold=threshold,
        n=None if n is None else int(n),
        minimum_n=gate.minimum_n,
        sentence=f"{name} {_found(value, interval, n, obstacle, threshold)}; "
        f"{gate.bound} {show(threshold)} is asked: {outcome}.",
    )


def _side(gate: Gate, interval: Interval, threshold: float) -> str:
    """Return on which side of the threshold an interval is."""
    low, high = interval or (float("-inf"), float("inf"))
    if gate.bound != AT_LEAST:
        low, high, threshold = -high, -low, -threshold
    if low >= threshold:
        return PASSED
    return FAILED if high < threshold else INSUFFICIENT


def _found(
    value: float | None, interval: Interval, n: float | None, obstacle: str | None, threshold: float
) -> str:
    """Say what was found: the number, its interval, how many titles, why it is no evidence."""
    if value is None:
        return f"cannot be judged ({obstacle})"
    low, high = interval or (value, value)
    ends = "" if low == high else f" ({show(low, threshold)} to {show(high, threshold)})"
    among = "" if n is None else f" on {n:,.0f} titles"
    why = f" ({obstacle})" if obstacle else ""
    return f"is {show(value, threshold)}{ends}{among}{why}"


def _obstacle(
    gate: Gate,
    block: Mapping[str, Any],
    value: float | None,
    n: float | None,
    interval: Interval,
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


def show(value: float, beside: float | None = None) -> str:
    """Format a number with four digits, or as many as it takes to tell it from others.

    A value just below 1 never looks like 1, nor a value like another one `beside` it.
    """
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    others = {round(value), value if beside is None else beside} - {value}
    shown = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next((text for text in shown if float(text) not in others), repr(value))

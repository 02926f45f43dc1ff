"""Gates applied to a run's metrics: one verdict a number, and the decision that follows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tasks.errors import ConfigError
from tasks.publish.gate import AT_LEAST, GATES, Gate

PASSED = "passed"
FAILED = "failed"
NOT_JUDGED = "not judged"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one gate said about one number; `sentence` says it in words."""

    gate: str
    metric: str
    outcome: str
    value: float | None
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
    """The verdicts of every gate; the challenger passes if none failed."""

    verdicts: tuple[Verdict, ...]

    @property
    def passed(self) -> bool:
        """Whether no gate failed."""
        return not self.reasons

    @property
    def reasons(self) -> list[str]:
        """Why the challenger is refused: the sentences of the gates that failed."""
        return [v.sentence for v in self.verdicts if v.outcome == FAILED]


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
        threshold = changed.get(name, changed.get(gate.name, gate.threshold))
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
    value, n = _number(block.get(path[-1])), _number(block.get("n"))
    asked = f"{gate.bound} {show(threshold)} is asked"
    obstacle = _obstacle(gate, block, value, n)
    if obstacle is None and value is not None:
        held = value >= threshold if gate.bound == AT_LEAST else value <= threshold
        outcome = PASSED if held else FAILED
        among = "" if n is None else f" on {n:,.0f} titles"
        sentence = f"{name} is {show(value, threshold)}{among}; {asked}."
    elif gate.required or not any_found:
        outcome = FAILED
        sentence = f"{name} cannot be judged ({obstacle}); {asked}, and it may not go unjudged."
    else:
        outcome = NOT_JUDGED
        sentence = f"{name} is not judged ({obstacle}); {asked}."
    return Verdict(
        gate=name,
        metric=".".join(path),
        outcome=outcome,
        value=value,
        bound=gate.bound,
        threshold=threshold,
        n=None if n is None else int(n),
        minimum_n=gate.minimum_n,
        sentence=sentence,
    )


def _obstacle(
    gate: Gate, block: Mapping[str, Any], value: float | None, n: float | None
) -> str | None:
    """Say why a number cannot be judged, or return None."""
    if value is None:
        status = block.get("status")
        absent = f"metrics.json has no number at {gate.metric}"
        return absent if status in (None, "ok") else str(status)
    if gate.minimum_n and n is None:
        return "metrics.json does not say on how many titles"
    if n is not None and n < gate.minimum_n:
        return f"{n:,.0f} titles, at least {gate.minimum_n:,} are needed"
    return None


def _number(value: Any) -> float | None:
    """Return a JSON number; None for anything else, NaN included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return value


def show(value: float, beside: float | None = None) -> str:
    """Format a number with four digits, or as many as it takes to tell it from others.

    A value just below 1 never looks like 1, nor a value like another one `beside` it.
    """
    if abs(value) >= 10_000:
        return f"{value:,.0f}"
    others = {round(value), value if beside is None else beside} - {value}
    shown = (f"{value:.{digits}g}" for digits in range(4, 18))
    return next((text for text in shown if float(text) not in others), repr(value))

"""One frozen, validated configuration a stage; the DAG's params become these."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from types import MappingProxyType
from typing import Any, Self

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import ConfigError

DEFAULT_SEED = 20211
AGGREGATORS = ("majority", "weighted", "label_model")
FEATURE_SETS = ("seed", "rich")
BEST = "best"
TIE_POLICIES = ("abstain", "family", "not_family")


def _check(condition: bool, name: str, value: object, expected: str) -> None:
    if not condition:
        raise ConfigError(f"{name} is {value!r}; expected {expected}. Change the parameter {name}.")


def _check_number(name: str, value: object, low: float, high: float, expected: str) -> None:
    real = isinstance(value, int | float) and not isinstance(value, bool)
    _check(real and low <= value <= high, name, value, expected)  # type: ignore[operator]


def _check_whole(name: str, value: object, low: int, high: int, expected: str) -> None:
    _check(isinstance(value, int), name, value, expected)
    _check_number(name, value, low, high, expected)


def _check_list(name: str, value: object) -> None:
    ok = isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    _check(ok, name, value, "a list of names")


def _check_names(name: str, chosen: tuple[str, ...], known: tuple[str, ...]) -> None:
    _check_list(name, chosen)
    unknown = sorted(set(chosen) - set(known))
    _check(not unknown, name, unknown, f"some of {', '.join(known)}")
    _check(len(set(chosen)) == len(chosen), name, chosen, "each name once")


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """What every stage's configuration shares.

    Parameters
    ----------
    seed : int
        The one seed that all of the run's randomness derives from.
    """

    seed: int = DEFAULT_SEED

    def __post_init__(self) -> None:
        _check_whole("seed", self.seed, 0, 2**31 - 1, "a whole number from 0 to 2147483647")
        self._validate()

    def _validate(self) -> None:
        """Check the subclass's own fields."""

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Build the configuration from a flat mapping, such as a DAG run's params.

        Lists become tuples and mappings read-only; names that are not fields are other
        stages' business.

        Raises
        ------
        ConfigError
            If a value is out of range, naming the parameter.
        """
        return cls(**{f.name: _freeze(params[f.name]) for f in fields(cls) if f.name in params})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, for a manifest."""
        return {f.name: _thaw(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def default(cls, name: str) -> Any:
        """Return the default of one field as a plain JSON value, for a DAG param."""
        wanted = next(f for f in fields(cls) if f.name == name)
        factory = wanted.default_factory
        return _thaw(wanted.default if factory is MISSING else factory())


def _freeze(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return MappingProxyType(dict(value)) if isinstance(value, Mapping) else value


def _thaw(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return dict(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True, kw_only=True)
class FetchConfig(StageConfig):
    """Where the catalog comes from.

    Parameters
    ----------
    source : str
        ``auto`` (``NETFLIX_TITLES_CSV``, the volume, a download, the embedded sample, in this
        order), ``sample``, a path, or an http(s) address.
    """

    source: str = "auto"

    def _validate(self) -> None:
        ok = isinstance(self.source, str) and bool(self.source.strip())
        _check(ok, "source", self.source, "auto, sample, a path or an http(s) address")


@dataclass(frozen=True, kw_only=True)
class LabelConfig(StageConfig):
    """How votes become labels.

    Parameters
    ----------
    aggregator : str
        What adds the votes up: ``majority`` (the seed's: every rule counts the same, hints do
        not count), ``weighted`` (by prior strength) or ``label_model`` (by what the votes
        themselves show, starting from prior strength).
    tie_policy : str
        What a tie becomes: no label (``abstain``), ``family`` or ``not_family``.
    withhold : tuple of str
        Columns that no labeling function may read; rules that declare one of them sit out.
    """

    aggregator: str = "weighted"
    tie_policy: str = "abstain"
    withhold: tuple[str, ...] = ()

    def _validate(self) -> None:
        known = self.aggregator in AGGREGATORS
        _check(known, "aggregator", self.aggregator, f"one of {AGGREGATORS}")
        known = self.tie_policy in TIE_POLICIES
        _check(known, "tie_policy", self.tie_policy, f"one of {TIE_POLICIES}")
        _check_names("withhold", self.withhold, CATALOG_COLUMNS)


@dataclass(frozen=True, kw_only=True)
class AugmentConfig(StageConfig):
    """How the minority class of the train titles is augmented.

    Parameters
    ----------
    operations : tuple of str, optional
        Transforms to use, by name; by default every one of the rulebook. An empty tuple switches
        augmentation off.
    balance : float
        Target ratio of minority to majority titles after augmentation, in (0, 1].
    max_copies : int
        The most copies that one title and operation may give.
    drop_harmful_operations : bool
        Whether operations that the augmentation audit found to hurt are left out. The audit
        compares with gold of train titles, so this is a choice, and off by default.
    """

    operations: tuple[str, ...] | None = None
    balance: float = 1.0
    max_copies: int = 4
    drop_harmful_operations: bool = False

    def _validate(self) -> None:
        if self.operations is not None:
            _check_list("operations", self.operations)
        _check_number("balance", self.balance, 1e-9, 1, "a ratio in (0, 1]")
        _check_whole("max_copies", self.max_copies, 1, 20, "1 to 20")
        drop = self.drop_harmful_operations
        _check(isinstance(drop, bool), "drop_harmful_operations", drop, "true or false")


@dataclass(frozen=True, kw_only=True)
class TrainConfig(StageConfig):
    """Which candidates compete and how they are compared.

    Parameters
    ----------
    models : tuple of str, optional
        The candidates, by name; by default every one of the rulebook.
    folds : int
        Folds of the cross-validation, 2 to 20.
    withhold : tuple of str
        Columns that no feature may read.
    features : str
        What models read: ``seed`` (text, numbers, categories), ``rich`` (genres, cast, directors
        and countries as well), or ``best``: both compete in each candidate's cross-validation.
    mask_rating : bool
        Whether each row is also trained on with its rating masked as missing.
    soft_labels : bool
        Whether a row of probability p counts as family with the weight p and as not family with
        1 - p.
    """

    models: tuple[str, ...] | None = None
    folds: int = 5
    withhold: tuple[str, ...] = ()
    features: str = BEST
    mask_rating: bool = True
    soft_labels: bool = True

    def _validate(self) -> None:
        if self.models is not None:
            _check_list("models", self.models)
        _check(self.models != (), "models", self.models, "at least one model")
        _check_whole("folds", self.folds, 2, 20, "2 to 20")
        _check_names("withhold", self.withhold, CATALOG_COLUMNS)
        sets = (*FEATURE_SETS, BEST)
        _check(self.features in sets, "features", self.features, f"one of {sets}")
        for name in ("mask_rating", "soft_labels"):
            value = getattr(self, name)
            _check(isinstance(value, bool), name, value, "true or false")


@dataclass(frozen=True, kw_only=True)
class BlindAuditConfig(LabelConfig):
    """How the pipeline is repeated blind; see `LabelConfig` for the other fields.

    Here `withhold` also takes the columns away from the features.

    Parameters
    ----------
    draws : int
        How often each number of hand labels is drawn for the learning curve, 1 to 100.
    """

    withhold: tuple[str, ...] = ("rating",)
    draws: int = 5

    def _validate(self) -> None:
        super()._validate()
        _check_whole("draws", self.draws, 1, 100, "1 to 100")


@dataclass(frozen=True, kw_only=True)
class AugmentationAuditConfig(AugmentConfig):
    """How it is measured what augmentation brings; see `AugmentConfig` for the other fields.

    Parameters
    ----------
    aggregator, tie_policy : str
        How votes become labels; see `LabelConfig`.
    withhold : tuple of str
        Columns that neither rules nor features may read.
    features : str
        What the model reads, see `TrainConfig`; ``best`` counts as ``rich``.
    soft_labels : bool
        See `TrainConfig`.
    audit_folds : int
        Folds of the train titles, 2 to 20.
    resamples : int
        Bootstrap resamples behind each interval, 100 to 10,000.
    """

    aggregator: str = LabelConfig.aggregator
    tie_policy: str = LabelConfig.tie_policy
    withhold: tuple[str, ...] = ("rating",)
    features: str = TrainConfig.features
    soft_labels: bool = TrainConfig.soft_labels
    audit_folds: int = 3
    resamples: int = 1000

    def _validate(self) -> None:
        super()._validate()
        LabelConfig(aggregator=self.aggregator, tie_policy=self.tie_policy, withhold=self.withhold)
        TrainConfig(features=self.features, soft_labels=self.soft_labels)
        _check_whole("audit_folds", self.audit_folds, 2, 20, "2 to 20")
        _check_whole("resamples", self.resamples, 100, 10_000, "100 to 10000")


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig(StageConfig):
    """How the winner is examined.

    Parameters
    ----------
    resamples : int
        Bootstrap resamples behind each interval, 100 to 10,000.
    """

    resamples: int = 1000

    def _validate(self) -> None:
        _check_whole("resamples", self.resamples, 100, 10_000, "100 to 10000")


@dataclass(frozen=True, kw_only=True)
class PublishConfig(StageConfig):
    """What a challenger must show, and how many old runs stay on the volume.

    Parameters
    ----------
    thresholds : mapping of str to float
        Replaces declared thresholds of the gate by name.
    keep_runs : int
        Finished runs to keep; older ones are removed after publishing. Releases always stay.
    """

    thresholds: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    keep_runs: int = 10

    def _validate(self) -> None:
        mapping = isinstance(self.thresholds, Mapping)
        _check(mapping, "thresholds", self.thresholds, "a number for each name")
        for name, number in self.thresholds.items():
            _check_number(f"thresholds[{name}]", number, -1e9, 1e9, "a number")
        _check_whole("keep_runs", self.keep_runs, 1, 1000, "1 to 1000")

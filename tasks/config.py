"""One validated configuration a stage; its fields are the params of the DAG and its trigger form.

Each default, bound and text is said here once. A field with a ``section`` is shown in the form; the
others are for notebooks and tests.
"""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
)

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.errors import ConfigError

DEFAULT_SEED = 20211
FEATURE_SETS = ("seed", "rich")
Aggregator = Literal["weighted", "label_model", "majority"]
TiePolicy = Literal["abstain", "family", "not_family"]
AGGREGATORS: tuple[str, ...] = get_args(Aggregator)
TIE_POLICIES: tuple[str, ...] = get_args(TiePolicy)


def _check_names(names: Any) -> Any:
    """Return the names as a tuple, or None for all; a list is what JSON gives."""
    if names is None:
        return None
    is_list = isinstance(names, list | tuple) and all(isinstance(name, str) for name in names)
    if not is_list or len(set(names)) < len(names):
        raise ValueError("a list of names, each name once")
    return tuple(names)


def _check_columns(columns: tuple[str, ...]) -> tuple[str, ...]:
    if set(columns) - set(CATALOG_COLUMNS):
        raise ValueError(f"some of {', '.join(CATALOG_COLUMNS)}")
    return columns


def _check_some(models: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if models == ():
        raise ValueError("at least one model")
    return models


def _check_source(source: str) -> str:
    if not source.strip():
        raise ValueError("auto, sample, a path or an http(s) address")
    return source


Columns = Annotated[tuple[str, ...], BeforeValidator(_check_names), AfterValidator(_check_columns)]
Chosen = Annotated[
    tuple[str, ...] | None,
    BeforeValidator(_check_names),
    WithJsonSchema({"type": "array", "uniqueItems": True}),
]
ChosenModels = Annotated[
    Chosen,
    AfterValidator(_check_some),
    WithJsonSchema({"type": "array", "uniqueItems": True, "minItems": 1}),
]


def _param(default: Any, section: str, text: str, **more: Any) -> Any:
    """Return a field that the trigger form shows; `text` is Markdown, in which code overlaps."""
    return Field(default, description=text, json_schema_extra={"section": section}, **more)


class StageConfig(BaseModel):
    """What every stage's configuration shares."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        field_title_generator=lambda name, _: name.replace("_", " ").capitalize(),
    )

    seed: int = _param(
        DEFAULT_SEED,
        "Randomness",
        "All randomness derives from it. The split does not: content decides it.",
        ge=0,
        le=2**31 - 1,
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(_explain(error)) from error

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Self:
        """Build the configuration from a flat mapping, such as a DAG run's params.

        Names that are not fields are other stages' business; see `check_params`.
        """
        return cls(**{name: params[name] for name in cls.model_fields if name in params})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain JSON values, for a manifest."""
        return self.model_dump(mode="json")


def _explain(error: ValidationError) -> str:
    """Say in one line which parameter is what, and what was expected."""
    found = error.errors()[0]
    name, *inside = map(str, found["loc"])
    where = name + "".join(f"[{part}]" for part in inside)
    value = repr(found["input"])
    shown = value if len(value) <= 200 else f"{value[:200]}..."
    if found["type"] == "extra_forbidden":
        return f"There is no parameter {where}; take it out."
    expected = re.sub("^(Value error, |Input should be |String should match )", "", found["msg"])
    return f"{where} is {shown}; expected {expected}. Change the parameter {name}."


class FetchConfig(StageConfig):
    """Where the catalog comes from."""

    source: Annotated[str, AfterValidator(_check_source)] = _param(
        "auto",
        "Catalog",
        "*auto* (NETFLIX_TITLES_CSV, the volume, a download, the embedded sample, in this "
        "order), *sample*, a path, or an http(s) address.",
        min_length=1,
    )
    force: bool = _param(
        False,
        "Catalog",
        "Go on after *fetch* even if catalog, code and params are the champion's. A run that "
        "a person triggers always does; this is for backfills and for DAGs that trigger this one.",
    )


class LabelConfig(StageConfig):
    """How votes become labels; rules that read a column in `withhold` sit out."""

    aggregator: Aggregator = _param(
        "weighted",
        "Labels",
        "How votes add up: *weighted* by the rules' declared strengths, by a *label_model* fitted "
        "on the votes, or by *majority* (the seed's), in which hints do not count.",
    )
    tie_policy: TiePolicy = _param(
        "abstain",
        "Labels",
        "What a title becomes that is as likely of one class as of the other.",
    )
    answers: Literal["evaluate", "vote"] = _param(
        "evaluate",
        "Labels",
        "What people's answers do. *evaluate*: they are gold, beside the ratings'. *vote*: those "
        "to train titles vote on labels, as strongly as people agree, and are no gold; those to "
        "test titles only ever evaluate.",
    )
    withhold: Columns = ()


class AugmentConfig(StageConfig):
    """How the minority class of the train titles is augmented."""

    operations: Chosen = _param(
        None,
        "Augmentation",
        "How copies of minority titles are made; none switches augmentation off.",
    )
    balance: float = _param(
        1.0,
        "Augmentation",
        "Minority titles for each majority title after augmentation.",
        gt=0,
        le=1,
    )
    drop_harmful_operations: bool = _param(
        False,
        "Augmentation",
        "Leave out operations that the augmentation audit found to hurt. The audit compares "
        "with gold of train titles, so this is a choice, and off by default.",
    )
    max_copies: int = Field(4, ge=1, le=20, description="Copies of one title by one operation.")


class LearningConfig(StageConfig):
    """What models read and learn from."""

    features: Literal["rich", "seed"] = _param(
        "rich",
        "Training",
        "What models read: *seed* (text, numbers, categories), or *rich* (genres, cast, directors "
        "and countries as well).",
    )
    soft_labels: bool = _param(
        True,
        "Training",
        "Weigh a title by how sure its votes are, instead of taking its label as fact.",
    )


class TrainConfig(LearningConfig):
    """Which candidates compete and how they are compared."""

    models: ChosenModels = _param(None, "Training", "The candidates that compete.")
    mask_rating: bool = _param(
        True,
        "Training",
        "Train on each title also with its rating masked.",
        title="Mask ratings",
    )
    false_alarm_cost: float = _param(
        2.0,
        "Training",
        "How many missed family titles are as bad as one title that is wrongly called family. The "
        "model calls a title family from a probability of cost / (1 + cost) on: 2 makes it 0.67.",
        title="Cost of a false alarm",
        ge=0.01,
        le=100,
    )
    folds: int = _param(
        5,
        "Training",
        "Folds of the cross-validation that picks the winner.",
        ge=2,
        le=20,
    )

    @property
    def threshold(self) -> float:
        """The probability from which on calling a title family costs less than not to."""
        return self.false_alarm_cost / (1 + self.false_alarm_cost)


class AuditConfig(AugmentConfig, LabelConfig, LearningConfig):
    """How the pipeline is repeated blind; `withhold` takes columns from the features as well."""

    withhold: Columns = ("rating",)


class BlindAuditConfig(AuditConfig):
    """What the repeated pipeline is compared with."""

    draws: int = Field(5, ge=1, le=100, description="Draws of each point of the learning curve.")


class AugmentationAuditConfig(AuditConfig):
    """How it is measured what augmentation brings."""

    audit_folds: int = Field(2, ge=2, le=20, description="Folds of the train titles.")
    resamples: int = Field(1000, ge=100, le=10_000, description="Resamples behind an interval.")


class EvaluateConfig(StageConfig):
    """How the winner is examined, and how many titles people are asked about."""

    resamples: int = Field(1000, ge=100, le=10_000, description="Resamples behind an interval.")
    to_review: int = Field(500, ge=0, le=10_000, description="Titles to review, at most.")
    slice_share: float = Field(0.5, gt=0, le=1, description="The most of them in one slice.")


class DecideConfig(StageConfig):
    """What a challenger must show."""

    thresholds: dict[str, Annotated[float, Field(allow_inf_nan=False)]] = _param(
        {}, "Publishing", "Replaces thresholds of the gates by name."
    )
    publish_unproven: bool = _param(
        False,
        "Publishing",
        "Publish also where a gate finds insufficient evidence, as on a catalog of few titles "
        "or without ratings. What fails a gate is refused all the same.",
    )


class PublishConfig(StageConfig):
    """Whether an approval is needed, and how many old runs stay on the volume."""

    approval: bool = _param(
        False,
        "Publishing",
        "Ask a person under *Required Actions* before publishing.",
    )
    keep_runs: int = _param(
        10,
        "Publishing",
        "Older run folders are removed after publishing; releases always stay.",
        title="Runs to keep",
        ge=1,
        le=1000,
    )


class ScoreConfig(StageConfig):
    """Which catalogue is scored, with which release."""

    catalog: str = _param(
        "",
        "Catalog",
        "Path of a CSV or Parquet file; empty for every file in the volume's folder *catalogs*.",
    )
    release: str = _param(
        "",
        "Release",
        "Such as *v0003*; empty for the champion.",
        pattern=r"^(v[0-9]{4,})?$",
    )
    format: Literal["csv", "parquet"] = _param(
        "csv",
        "Scores",
        "Of the scores, which go to *scores/<file name>* on the volume.",
    )
    adapt: Literal["auto", "true", "false"] = _param(
        "auto",
        "Scores",
        "Train the end model on the catalog's own weak labels too, and average it with the "
        "release: *auto* where the genres have other names than the lab's. No gold is asked.",
    )


# Those whose fields are in the form.
CONFIGS: tuple[type[StageConfig], ...] = (
    *(FetchConfig, LabelConfig, AugmentConfig, TrainConfig, DecideConfig, PublishConfig),
)


def form(
    choices: Mapping[str, Sequence[str]] | None = None,
    configs: Iterable[type[StageConfig]] = CONFIGS,
) -> dict[str, dict[str, Any]]:
    """Return the JSON schema of every param of the form, by name, sections together.

    Each has ``default``, ``title``, ``description`` (Markdown), ``section`` and its bounds. The
    `choices` are the names that a list of names may hold, by param: those of a rulebook.
    """
    fields: dict[str, dict[str, Any]] = {}
    for config in configs:
        fields |= config.model_json_schema()["properties"]
    shown = {name: schema for name, schema in fields.items() if "section" in schema}
    shown["seed"] = shown.pop("seed")  # every config has it; it comes last
    for name, known in (choices or {}).items():
        items = {"type": "string", "enum": list(known)}
        shown[name] |= {"default": list(known), "items": items, "examples": list(known)}
    return shown


def check_params(params: Iterable[str]) -> None:
    """Refuse names that are no param of the form, suggesting the nearest."""
    known = list(form())
    for name in params:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
            meant = f"did you mean {near[0]}? " if near else ""
            shown = str(name)[:80]
            raise ConfigError(f"There is no parameter {shown}; {meant}Known: {', '.join(known)}.")

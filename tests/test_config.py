import json
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from tasks.config import (
    CONFIGS,
    DEFAULT_SEED,
    AugmentationAuditConfig,
    AugmentConfig,
    BlindAuditConfig,
    DecideConfig,
    EvaluateConfig,
    FetchConfig,
    LabelConfig,
    PublishConfig,
    StageConfig,
    TrainConfig,
    check_params,
    form,
)
from tasks.errors import ConfigError

ALL = [*CONFIGS, BlindAuditConfig, AugmentationAuditConfig, EvaluateConfig]
REPO = Path(__file__).resolve().parents[1]


def test_defaults_survive_json_and_have_the_seed_and_cannot_be_changed():
    for config in ALL:
        params = json.loads(json.dumps(config().to_dict()))
        assert config.from_params(params) == config(), config.__name__
        assert config().seed == DEFAULT_SEED, config.__name__
        with pytest.raises(ValidationError, match="Instance is frozen"):
            config().seed = 1


def test_from_params_takes_its_own_fields_only():
    params = {"seed": 7, "models": ["a", "b"], "folds": 3, "keep_runs": 5, "tie_policy": "family"}
    assert TrainConfig.from_params(params) == TrainConfig(seed=7, models=("a", "b"), folds=3)
    assert LabelConfig.from_params(params).tie_policy == "family"


def test_the_audits_withhold_the_rating_unless_told_otherwise():
    assert BlindAuditConfig().withhold == AugmentationAuditConfig().withhold == ("rating",)
    assert BlindAuditConfig(withhold=("rating", "cast")).withhold == ("rating", "cast")


def test_impossible_values_are_refused_by_name():
    refused = [
        (StageConfig, {"seed": -1}, "seed is -1; expected greater .* Change the parameter seed"),
        (StageConfig, {"seed": 2**31}, "seed is 2147483648; expected less than or equal"),
        (StageConfig, {"seed": 1.5}, "seed is 1.5; expected a valid integer"),
        (StageConfig, {"seed": True}, "seed is True; expected a valid integer"),
        (StageConfig, {"seed": None}, "seed is None; expected a valid integer"),
        (StageConfig, {"sead": 1}, "There is no parameter sead"),
        (FetchConfig, {"source": "  "}, "source is '  '; expected auto, sample, a path"),
        (FetchConfig, {"source": None}, "source is None; expected a valid string"),
        (LabelConfig, {"aggregator": "mean"}, "aggregator is 'mean'; expected 'weighted', 'label"),
        (LabelConfig, {"tie_policy": "coin"}, "tie_policy is 'coin'; expected 'abstain'"),
        (LabelConfig, {"withhold": ("stars",)}, r"withhold is \('stars',\); expected some of"),
        (LabelConfig, {"withhold": ("cast", "cast")}, "withhold is .*; .*, each name once"),
        (LabelConfig, {"withhold": "rating"}, "withhold is 'rating'; expected a list of names"),
        (AugmentConfig, {"operations": "swap"}, "operations is 'swap'; expected a list of names"),
        (AugmentConfig, {"balance": 0}, "balance is 0; expected greater than 0"),
        (AugmentConfig, {"balance": 1.1}, "balance is 1.1; expected less than or equal to 1"),
        (AugmentConfig, {"balance": float("nan")}, "balance is nan; expected"),
        (AugmentConfig, {"balance": "1"}, "balance is '1'; expected a valid number"),
        (AugmentConfig, {"max_copies": 0}, "max_copies is 0; expected greater"),
        (TrainConfig, {"models": ()}, r"models is \(\); expected at least one model"),
        (TrainConfig, {"models": [1]}, r"models is \[1\]; expected a list of names"),
        (TrainConfig, {"folds": 1}, "folds is 1; expected greater than or equal to 2"),
        (TrainConfig, {"folds": "5"}, "folds is '5'; expected a valid integer"),
        (TrainConfig, {"features": "poor"}, "features is 'poor'; expected 'rich' or 'seed'"),
        (TrainConfig, {"mask_rating": 1}, "mask_rating is 1; expected a valid boolean"),
        (BlindAuditConfig, {"draws": 0}, "draws is 0; expected greater"),
        (EvaluateConfig, {"resamples": 99}, "resamples is 99; expected greater"),
        (PublishConfig, {"keep_runs": True}, "keep_runs is True; expected a valid integer"),
        (DecideConfig, {"thresholds": None}, "thresholds is None; expected a valid dictionary"),
        (DecideConfig, {"thresholds": {"a": "x"}}, r"thresholds\[a\] is 'x'; expected a valid num"),
        (DecideConfig, {"thresholds": {"a": float("nan")}}, r"thresholds\[a\] is nan; expected"),
        (FetchConfig, {"source": 10_000 * [1]}, r"^source is \[1, .{1,300}$"),
    ]
    for config, values, message in refused:
        with pytest.raises(ConfigError, match=message):
            config(**values)


def test_operations_may_be_none_for_all_and_empty_for_none():
    assert AugmentConfig.from_params({"operations": None}).operations is None
    assert AugmentConfig.from_params({"operations": []}).operations == ()


def test_the_form_is_made_of_the_fields():
    shown = form({"operations": ["swap"], "models": ["forest", "linear"]})
    assert [*shown][:2] == ["source", "aggregator"]
    assert [*shown][-1] == "seed"
    assert shown["folds"] == {
        "default": 5,
        "description": "Folds of the cross-validation that picks the winner.",
        "maximum": 20,
        "minimum": 2,
        "section": "Training",
        "title": "Folds",
        "type": "integer",
    }
    assert shown["models"]["default"] == shown["models"]["items"]["enum"] == ["forest", "linear"]
    assert "withhold" not in shown
    for name, schema in shown.items():
        assert {"title", "type", "default"} <= set(schema), name
        assert schema["description"].endswith("."), name


def test_an_unknown_parameter_is_refused_with_the_nearest():
    check_params(["folds", "seed"])
    with pytest.raises(ConfigError, match=r"no parameter modles; did you mean models\? Known: sou"):
        check_params(["folds", "modles"])
    with pytest.raises(ConfigError, match=r"no parameter x{80}; Known: source"):
        check_params(["x" * 10_000])


def test_importing_config_and_pipeline_imports_no_heavy_library():
    code = "import sys, tasks.pipeline; print({'pandas', 'sklearn', 'numpy'} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"

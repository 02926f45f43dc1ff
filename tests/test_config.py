import json

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
    ScoreConfig,
    StageConfig,
    TrainConfig,
    check_params,
    form,
)
from tasks.errors import ConfigError

ALL = [*CONFIGS, BlindAuditConfig, AugmentationAuditConfig, EvaluateConfig]


def test_defaults_survive_json_and_have_the_seed_and_cannot_be_changed():
    for config in ALL:
        params = json.loads(json.dumps(config().to_dict()))
        assert config.from_params(params) == config(), config.__name__
        assert config().seed == DEFAULT_SEED, config.__name__
        with pytest.raises(ValidationError, match="Instance is frozen"):
            config().seed = 1


def test_from_params_takes_its_own_fields_only_and_none_and_empty_are_told_apart():
    params = {"seed": 7, "models": ["a", "b"], "folds": 3, "keep_runs": 5, "tie_policy": "family"}
    assert TrainConfig.from_params(params) == TrainConfig(seed=7, models=("a", "b"), folds=3)
    assert LabelConfig.from_params(params).tie_policy == "family"
    assert AugmentConfig.from_params({"operations": None}).operations is None
    assert AugmentConfig.from_params({"operations": []}).operations == ()
    assert BlindAuditConfig().withhold == AugmentationAuditConfig().withhold == ("rating",)


def test_the_threshold_follows_from_what_a_false_alarm_costs():
    assert TrainConfig().false_alarm_cost == 2
    for cost, threshold in ((0.5, 1 / 3), (1, 1 / 2), (2, 2 / 3), (9, 0.9)):
        assert TrainConfig(false_alarm_cost=cost).threshold == threshold


def test_impossible_values_are_refused_by_name():
    refused = [
        (StageConfig, {"seed": -1}, "seed is -1; expected greater .* Change the parameter seed"),
        (StageConfig, {"seed": True}, "seed is True; expected a valid integer"),
        (StageConfig, {"sead": 1}, "There is no parameter sead"),
        (FetchConfig, {"source": "  "}, "source is '  '; expected auto, sample, a path"),
        (LabelConfig, {"aggregator": "mean"}, "aggregator is 'mean'; expected 'weighted', 'label"),
        (LabelConfig, {"tie_policy": "coin"}, "tie_policy is 'coin'; expected 'abstain'"),
        (LabelConfig, {"withhold": ("stars",)}, r"withhold is \('stars',\); expected some of"),
        (LabelConfig, {"withhold": ("cast", "cast")}, "withhold is .*; .*, each name once"),
        (LabelConfig, {"withhold": "rating"}, "withhold is 'rating'; expected a list of names"),
        (AugmentConfig, {"operations": "swap"}, "operations is 'swap'; expected a list of names"),
        (AugmentConfig, {"balance": 0}, "balance is 0; expected greater than 0"),
        (AugmentConfig, {"balance": float("nan")}, "balance is nan; expected"),
        (AugmentConfig, {"balance": "1"}, "balance is '1'; expected a valid number"),
        (TrainConfig, {"models": ()}, r"models is \(\); expected at least one model"),
        (TrainConfig, {"models": [1]}, r"models is \[1\]; expected a list of names"),
        (TrainConfig, {"folds": "5"}, "folds is '5'; expected a valid integer"),
        (TrainConfig, {"mask_rating": 1}, "mask_rating is 1; expected a valid boolean"),
        (TrainConfig, {"false_alarm_cost": 0}, "false_alarm_cost is 0; expected greater than or"),
        (DecideConfig, {"thresholds": {"a": "x"}}, r"thresholds\[a\] is 'x'; expected a valid num"),
        (DecideConfig, {"thresholds": {"a": float("nan")}}, r"thresholds\[a\] is nan; expected"),
        (ScoreConfig, {"release": "v9"}, r"release is 'v9'; expected pattern '\^\(v\[0-9\]"),
        (FetchConfig, {"source": 10_000 * [1]}, r"^source is \[1, .{1,300}$"),
    ]
    for config, values, message in refused:
        with pytest.raises(ConfigError, match=message):
            config(**values)


def test_the_form_is_made_of_the_fields():
    shown = form({"operations": ["swap"], "models": ["forest", "linear"]})
    assert [*shown][:3] == ["source", "force", "aggregator"]
    assert [*shown][-1] == "seed"
    folds = {"default": 5, "minimum": 2, "maximum": 20, "title": "Folds", "type": "integer"}
    assert shown["folds"].items() >= folds.items()
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

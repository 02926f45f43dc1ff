import json
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from tasks.config import (
    DEFAULT_SEED,
    AugmentationAuditConfig,
    AugmentConfig,
    BlindAuditConfig,
    EvaluateConfig,
    FetchConfig,
    LabelConfig,
    PublishConfig,
    StageConfig,
    TrainConfig,
)
from tasks.errors import ConfigError

CONFIGS = [
    StageConfig,
    FetchConfig,
    LabelConfig,
    AugmentConfig,
    AugmentationAuditConfig,
    TrainConfig,
    BlindAuditConfig,
    EvaluateConfig,
    PublishConfig,
]
ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_defaults_are_valid_json_and_make_the_same_config_again(config):
    params = json.loads(json.dumps(config().to_dict()))
    assert config.from_params(params) == config()
    assert {f.name: config.default(f.name) for f in fields(config)} == config().to_dict()


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
def test_every_config_has_the_seed_and_is_frozen(config):
    assert config().seed == DEFAULT_SEED
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'seed'"):
        config().seed = 1


def test_from_params_takes_its_own_fields_only_and_freezes_them():
    params = {"seed": 7, "models": ["a", "b"], "folds": 3, "keep_runs": 5, "tie_policy": "family"}
    assert TrainConfig.from_params(params) == TrainConfig(seed=7, models=("a", "b"), folds=3)
    assert LabelConfig.from_params(params).tie_policy == "family"


def test_thresholds_from_params_cannot_be_changed_afterwards():
    given = {"test_roc_auc": 0.9}
    config = PublishConfig.from_params({"thresholds": given})
    given["test_roc_auc"] = 0.1
    assert config.to_dict()["thresholds"] == {"test_roc_auc": 0.9}
    with pytest.raises(TypeError, match="does not support item assignment"):
        config.thresholds["test_roc_auc"] = 0.1


def test_the_blind_audit_withholds_the_rating_unless_told_otherwise():
    assert BlindAuditConfig().withhold == ("rating",)
    assert BlindAuditConfig(withhold=("rating", "cast")).withhold == ("rating", "cast")


@pytest.mark.parametrize(
    ("config", "values", "message"),
    [
        (StageConfig, {"seed": -1}, "seed is -1; expected a whole number .* parameter seed"),
        (StageConfig, {"seed": 2**31}, "seed is 2147483648; expected a whole number"),
        (StageConfig, {"seed": 1.5}, "seed is 1.5; expected a whole number"),
        (StageConfig, {"seed": True}, "seed is True; expected a whole number"),
        (StageConfig, {"seed": None}, "seed is None; expected a whole number"),
        (FetchConfig, {"source": "  "}, "source is '  '; expected auto, sample, a path"),
        (FetchConfig, {"source": None}, "source is None; expected auto"),
        (LabelConfig, {"aggregator": "mean"}, "aggregator is 'mean'; expected one of"),
        (LabelConfig, {"tie_policy": "coin"}, "tie_policy is 'coin'; expected one of"),
        (LabelConfig, {"withhold": ("stars",)}, r"withhold is \['stars'\]; expected some of"),
        (LabelConfig, {"withhold": ("cast", "cast")}, "withhold is .*; expected each name once"),
        (LabelConfig, {"withhold": "rating"}, "withhold is 'rating'; expected a list of names"),
        (AugmentConfig, {"operations": "swap"}, "operations is 'swap'; expected a list of names"),
        (AugmentConfig, {"balance": 0}, r"balance is 0; expected a ratio in \(0, 1\]"),
        (AugmentConfig, {"balance": 1.1}, "balance is 1.1; expected a ratio"),
        (AugmentConfig, {"balance": float("nan")}, "balance is nan; expected a ratio"),
        (AugmentConfig, {"balance": "1"}, "balance is '1'; expected a ratio"),
        (AugmentConfig, {"max_copies": 0}, "max_copies is 0; expected 1 to 20"),
        (AugmentConfig, {"max_copies": 2.5}, "max_copies is 2.5; expected 1 to 20"),
        (TrainConfig, {"models": ()}, r"models is \(\); expected at least one model"),
        (TrainConfig, {"models": "forest"}, "models is 'forest'; expected a list of names"),
        (TrainConfig, {"folds": 1}, "folds is 1; expected 2 to 20"),
        (TrainConfig, {"folds": "5"}, "folds is '5'; expected 2 to 20"),
        (TrainConfig, {"features": "poor"}, "features is 'poor'; expected one of"),
        (TrainConfig, {"mask_rating": 1}, "mask_rating is 1; expected true or false"),
        (TrainConfig, {"soft_labels": "no"}, "soft_labels is 'no'; expected true or false"),
        (BlindAuditConfig, {"draws": 0}, "draws is 0; expected 1 to 100"),
        (EvaluateConfig, {"resamples": 99}, "resamples is 99; expected 100 to 10000"),
        (PublishConfig, {"keep_runs": 0}, "keep_runs is 0; expected 1 to 1000"),
        (PublishConfig, {"keep_runs": True}, "keep_runs is True; expected 1 to 1000"),
        (PublishConfig, {"thresholds": None}, "thresholds is None; expected a number for each"),
        (PublishConfig, {"thresholds": {"a": "x"}}, r"thresholds\[a\] is 'x'; expected a number"),
        (PublishConfig, {"thresholds": {"a": float("nan")}}, r"thresholds\[a\] is nan"),
    ],
)
def test_impossible_values_are_refused_by_name(config, values, message):
    with pytest.raises(ConfigError, match=message):
        config(**values)


def test_operations_may_be_none_for_all_and_empty_for_none():
    assert AugmentConfig.from_params({"operations": None}).operations is None
    assert AugmentConfig.from_params({"operations": []}).operations == ()


def test_importing_the_config_imports_no_heavy_library():
    heavy = "import sys, tasks.config; print({'pandas', 'sklearn', 'numpy'} & set(sys.modules))"
    ran = subprocess.run(
        [sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"

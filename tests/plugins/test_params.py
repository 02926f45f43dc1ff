"""Params are checked before a run starts; the form runs with its own examples."""

import json

import pytest

from labeling_lab.params import check_rollback, check_run_params, parse_conf, schemas
from tasks.errors import ConfigError
from tasks.publish.gate import GATES


def test_the_form_s_defaults_and_examples_are_accepted():
    form = schemas()
    check_run_params({name: schema["default"] for name, schema in form.items()})
    for example in form["thresholds"]["examples"]:
        assert json.dumps(example) in form["thresholds"]["description"]
        check_run_params({"thresholds": example})
    for name in ("models", "operations"):
        check_run_params({name: form[name]["examples"]})
    for gate in GATES:
        assert f"- {gate.name}: {gate.bound} " in form["thresholds"]["description"], gate.name


def test_what_no_run_can_work_with_is_refused_at_once_with_the_nearest_name():
    for conf, message in (
        ('{"fold": 3}', "no parameter fold; did you mean folds"),
        ('{"folds": 1}', "folds is 1; expected greater than or equal to 2"),
        ('{"models": ["random_forrest"]}', "did you mean random_forest"),
        ('{"operations": ["back_translation"]}', "operations names back_translation"),
        ('{"thresholds": {"rating_hidden": 0.6}}', "rating_hidden_roc_auc"),
        ('{"thresholds": {"test_roc_auc": "high"}}', "thresholds"),
        ("{folds: 3}", "is no JSON"),
        ("[3]", "is no JSON object"),
    ):
        with pytest.raises(ConfigError, match=message):
            parse_conf(conf)
    assert parse_conf("") == {}


def test_a_rollback_is_refused_before_airflow_starts():
    check_rollback("previous", "too many false alarms")
    check_rollback("v0003", "why")
    for version, reason, message in (
        ("3", "too many false alarms", "VERSION is '3'; expected such as v0003, or previous"),
        ("v0003", "x", "REASON has 1 character; expected 3 to 500"),
        ("v0003", "x" * 501, "REASON has 501 characters"),
    ):
        with pytest.raises(ConfigError, match=message):
            check_rollback(version, reason)

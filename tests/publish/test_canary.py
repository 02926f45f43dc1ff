"""The canary, in a fresh process where it matters."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import joblib
import pandas as pd
import pytest

from tasks.catalog.columns import ABSTAIN
from tasks.catalog.utilities import derive_features
from tasks.errors import ProcessError, PublishError
from tasks.evaluate_slices.evidence import read_champion
from tasks.label import functions
from tasks.label.vote import apply_rules, name_votes
from tasks.publish import canary
from tasks.publish.canary import FAULT, check_replay, check_versions, examine, main, run_canary
from tasks.publish.rollback import roll_back
from tasks.train.features import CatalogFeatures
from tasks.volume.atomic import sha256, to_json
from tasks.volume.golden import golden_catalog
from tasks.volume.model_file import to_skops
from tasks.volume.releases import PUBLISHED, File

ROOT = Path(__file__).resolve().parents[2]
FILES = ("best_model.pkl", "best_model.skops", "golden.json", "predictions_test.csv")
VERSIONS = {name: canary._present(name) for name in ("python", "scikit-learn", "numpy")}


@pytest.fixture
def release(lab, tmp_path):
    """Put a release in place without publishing it."""

    def add(**changed):
        files, folder = {}, tmp_path / "source"
        folder.mkdir(exist_ok=True)
        selected = lab.finished.read("select")
        for name in FILES:
            content = changed.get(name, selected.read_bytes(name))
            (folder / name).write_bytes(content)
            files[name] = File(folder / name, sha256(folder / name))
        version = lab.releases.next_version()
        lab.releases.add(version, files, {"run_id": "run1", "versions": VERSIONS})
        return lab.releases.folder(version)

    return add


def alter(path):
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


UNNEEDED = {
    *("airflow", "matplotlib", "nltk", "cleanlab", "jinja2", "markdown_it"),
    *("pytest", "sklearn.utils._testing", "sklearn.neural_network", "tasks.evaluate_slices"),
}
ASKS_TODAYS_RULEBOOK = """

def _ask_todays_rulebook(self, catalog):
    from tasks.label.functions import LABELING_FUNCTIONS
    return derive_features(catalog)

CatalogFeatures.transform = _ask_todays_rulebook
"""


def test_a_fresh_process_needs_no_rulebook_nor_what_only_the_lab_needs(
    release, monkeypatch, tmp_path
):
    folder, ignored = release(), shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "tasks", tmp_path / "lab" / "tasks", ignore=ignored)
    monkeypatch.chdir(tmp_path / "lab")
    monkeypatch.setattr(canary, "REPO", tmp_path / "lab")
    Path("tasks/label/functions.py").write_text("LABELING_FUNCTIONS = ()\n")
    # Python tells each import on the standard error, where the canary has nothing to say.
    command = [sys.executable, "-W", "ignore", "-X", "importtime", "-m", "tasks.publish.canary"]
    done = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=True)
    assert "golden predictions replayed to the bit" in done.stdout
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "tasks.volume.model_file" in loaded
    assert loaded & UNNEEDED == set()
    with Path("tasks/train/features.py").open("a") as features:
        features.write(ASKS_TODAYS_RULEBOOK)
    message = (
        r"the canary refused the release: ModuleNotFoundError: import of tasks.label.functions"
    )
    with pytest.raises(PublishError, match=message):
        run_canary(folder)


def test_another_rulebook_changes_no_bit_of_a_release_and_would_if_it_were_asked(
    lab, release, monkeypatch
):
    rules = functions.LABELING_FUNCTIONS
    golden = lab.finished.read("select").read_json("golden.json")
    fired = apply_rules(golden_catalog(golden), rules) != ABSTAIN
    assert fired.any(axis=1).all()  # every golden row has a vote to be changed
    others = [rule.name for rule in (*rules[1:], rules[0])]
    changed = [replace(r, name=n, votes=1 - r.votes) for r, n in zip(rules, others, strict=True)]
    monkeypatch.setattr(functions, "LABELING_FUNCTIONS", tuple(changed))
    folder = release()
    assert examine(folder).startswith(f"{len(fired)} golden predictions replayed to the bit")

    def ask_todays_rulebook(self, catalog):
        votes = apply_rules(catalog, functions.LABELING_FUNCTIONS)
        named = name_votes(votes, functions.LABELING_FUNCTIONS)
        return pd.concat([derive_features(catalog), named], axis=1)

    monkeypatch.setattr(CatalogFeatures, "transform", ask_todays_rulebook)
    with pytest.raises(
        PublishError, match=rf"^{len(fired)} of {len(fired)} golden predictions dif"
    ):
        examine(folder)


def test_a_release_from_before_models_carried_rules_is_not_gone_to_and_holds_up_no_run(
    lab, release, monkeypatch
):
    model = joblib.load(lab.finished.read("select").file("best_model.pkl"))
    with monkeypatch.context() as patched:
        patched.setattr(CatalogFeatures, "__getstate__", lambda self: {})
        release(**{"best_model.skops": to_skops(model)})
    lab.releases.record(PUBLISHED, "run0", version="v0001")
    lab.releases.switch("v0001", "run0")
    assert read_champion(lab.releases).version == "v0001"
    assert lab.publish(lab.run())["version"] == "v0002"
    message = (
        r"refused the release: best_model.skops of release v0001: the model was made by an ear"
    )
    with pytest.raises(PublishError, match=message):
        roll_back(lab.releases, reason="Why not", by="ada", run_id="back1")
    assert lab.releases.current() == "v0002"


def test_one_byte_of_any_file_is_enough(release, capsys):
    for name in FILES:
        folder = release()
        alter(folder / name)
        assert main([str(folder)]) == 1
        assert f"{name} is missing or altered" in capsys.readouterr().err


def test_a_pickle_in_place_of_the_model_or_golden_predictions_cut_off_are_refused(release, capsys):
    with pytest.raises(PublishError, match=r"best_model.skops of release v0001 is not a skops fil"):
        examine(release(**{"best_model.skops": b"\x80\x04K\x01."}))
    assert main([str(release(**{"golden.json": to_json({"rows": []})}))]) == 1
    assert capsys.readouterr().err.startswith("KeyError: ")


def test_the_last_bit_counts():
    half = 0.5
    above = (half + 2**-53).hex()
    check_replay([half.hex()], [half.hex()], ["s1"], ["rating hidden"])
    message = r"1 of 2 golden predictions differ, first that of s2 \(rating hidden\): 0.50000000000"
    with pytest.raises(PublishError, match=message):
        check_replay(["0x0p+0", half.hex()], ["0x0p+0", above], ["s1", "s2"], ["", "rating hidden"])


def test_a_minor_version_of_what_loads_the_model_must_agree_and_others_are_named():
    minor = VERSIONS["scikit-learn"].rpartition(".")[0]
    recorded = VERSIONS | {"scikit-learn": f"{minor}.99", "numpy": "1.0", "gone": "3"}
    assert check_versions(recorded) == [
        "gone none for 3",
        f"numpy {VERSIONS['numpy']} for 1.0",
        f"scikit-learn {VERSIONS['scikit-learn']} for {minor}.99",
    ]
    assert check_versions(VERSIONS) == []
    for recorded, message in (
        (VERSIONS | {"scikit-learn": "0.24.2"}, r"made with scikit-learn 0.24.2, but \d+\.\d+"),
        (VERSIONS | {"python": "2.7.18"}, r"made with python 2.7.18, but 3"),
        ({}, r"made with python unknown, but 3"),
    ):
        with pytest.raises(PublishError, match=message):
            check_versions(recorded)


def test_a_canary_that_hangs_is_killed_or_lacks_memory_is_no_verdict(
    release, monkeypatch, tmp_path, capsys
):
    folder = release()
    with monkeypatch.context() as patched:
        patched.setattr(canary, "SECONDS", 0.01)
        with pytest.raises(ProcessError, match=r"did not answer within 0.01 s; try again"):
            run_canary(folder)
    killer = tmp_path / "python"
    killer.write_text("#!/bin/sh\nkill -TERM $$\n")
    killer.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(killer))
        with pytest.raises(ProcessError, match=r"the canary was killed by SIGTERM, perhaps out of"):
            run_canary(folder)
        patched.setattr(sys, "executable", str(tmp_path / "gone"))
        with pytest.raises(ProcessError, match=r"the canary could not be started: .*gone"):
            run_canary(folder)
    for trouble in (MemoryError("no room"), OSError("input/output error")):
        with monkeypatch.context() as patched:
            patched.setattr(canary, "examine", raises(trouble))
            assert main([str(folder)]) == FAULT, trouble
    assert "MemoryError: no room" in capsys.readouterr().err


def raises(error):
    def fail(folder):
        raise error

    return fail

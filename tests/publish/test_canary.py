"""The canary, in a fresh process where it matters."""

import subprocess
import sys
from pathlib import Path

import pytest

from tasks.errors import ProcessError, PublishError
from tasks.publish import canary
from tasks.publish.canary import FAULT, check_replay, check_versions, examine, main, run_canary
from tasks.volume.atomic import sha256, to_json
from tasks.volume.releases import File

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = {name: canary._present(name) for name in ("python", "scikit-learn", "numpy")}


@pytest.fixture
def release(lab, tmp_path):
    """Put a release in place without publishing it."""

    def add(**changed):
        files, folder = {}, tmp_path / "source"
        folder.mkdir(exist_ok=True)
        selected = lab.finished.read("select")
        for name in ("best_model.pkl", "best_model.skops", "golden.json"):
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


def test_a_fresh_process_replays_a_whole_release_and_says_why_it_refuses(release, caplog):
    folder = release()
    with caplog.at_level("INFO"):
        run_canary(folder)
    assert "golden predictions replayed to the bit, " in caplog.text
    alter(folder / "best_model.skops")
    message = r"the canary refused the release: .*best_model.skops is missing or altered"
    with pytest.raises(PublishError, match=message):
        run_canary(folder)


def test_one_byte_of_any_file_is_enough(release, capsys):
    for name in ("best_model.pkl", "best_model.skops", "golden.json"):
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


def test_it_loads_what_a_user_of_a_release_needs_and_nothing_else():
    unneeded = ("airflow", "matplotlib", "nltk", "cleanlab", "jinja2", "markdown_it")
    code = (
        "import sys, tasks.publish.canary, tasks.volume.model_file, skops.io, tasks.train.features;"
        f"print(sorted({{*{unneeded}}} & {{*sys.modules}}))"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == "[]"

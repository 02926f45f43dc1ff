"""The canary, in a fresh process where it matters."""

import json

import pytest

from tasks.errors import ArtifactError, PublishError
from tasks.publish import canary
from tasks.publish.canary import check_replay, check_versions, examine, main, run_canary

VERSIONS = {name: canary._present(name) for name in ("python", "scikit-learn", "numpy")}


@pytest.fixture
def release(lab, tmp_path, metrics):
    """Put a release in place without publishing it."""

    def add(**changed):
        files, folder = {}, tmp_path / "source"
        folder.mkdir(exist_ok=True)
        for name, content in {**lab.files(metrics)["select"], **changed}.items():
            files[name] = folder / name
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            files[name].write_bytes(raw)
        version = lab.releases.add(files, "run1", {"versions": VERSIONS})
        return lab.releases.folder(version)

    return add


def alter(path):
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_a_fresh_process_replays_a_whole_release(release, caplog):
    with caplog.at_level("INFO"):
        run_canary(release())
    assert "Canary: 26 golden predictions replayed to the bit, " in caplog.text


def test_a_fresh_process_says_why_it_refuses(release):
    folder = release()
    alter(folder / "best_model.skops")
    message = r"the canary refused the release: .*best_model.skops is missing or altered"
    with pytest.raises(PublishError, match=message):
        run_canary(folder)


@pytest.mark.parametrize("name", ["best_model.pkl", "best_model.skops", "golden.json"])
def test_one_byte_of_any_file_is_enough(release, name, capsys):
    folder = release()
    alter(folder / name)
    with pytest.raises(ArtifactError, match=f"{name} is missing or altered"):
        examine(folder)
    assert main([str(folder)]) == 1
    assert f"{name} is missing or altered" in capsys.readouterr().err


def test_a_pickle_in_place_of_the_model_is_refused(release):
    with pytest.raises(
        PublishError, match=r"best_model.skops of release v0001 is not a skops file"
    ):
        examine(release(**{"best_model.skops": b"\x80\x04K\x01."}))


def test_golden_predictions_that_are_cut_off_are_refused(release, capsys):
    assert main([str(release(**{"golden.json": {"rows": []}}))]) == 1
    assert capsys.readouterr().err.startswith("KeyError: ")


def test_the_last_bit_counts():
    half = 0.5
    above = (half + 2**-53).hex()
    check_replay([half.hex()], [half.hex()], ["s1"], ["rating hidden"])
    message = r"1 of 2 golden predictions differ, first that of s2 \(rating hidden\): 0.50000000000"
    with pytest.raises(PublishError, match=message):
        check_replay(["0x0p+0", half.hex()], ["0x0p+0", above], ["s1", "s2"], ["", "rating hidden"])


def test_other_versions_are_named_and_a_patch_of_scikit_learn_is_let_pass():
    minor = VERSIONS["scikit-learn"].rpartition(".")[0]
    recorded = VERSIONS | {"scikit-learn": f"{minor}.99", "numpy": "1.0", "gone": "3"}
    assert check_versions(recorded) == [
        "gone none for 3",
        f"numpy {VERSIONS['numpy']} for 1.0",
        f"scikit-learn {VERSIONS['scikit-learn']} for {minor}.99",
    ]
    assert check_versions(VERSIONS) == []


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        (VERSIONS | {"scikit-learn": "0.24.2"}, r"made with scikit-learn 0.24.2, but \d+\.\d+"),
        (VERSIONS | {"python": "2.7.18"}, r"made with python 2.7.18, but 3"),
        ({}, r"made with python unknown, but 3"),
    ],
)
def test_another_minor_version_of_what_loads_the_model_is_refused(recorded, message):
    with pytest.raises(PublishError, match=message):
        check_versions(recorded)


def test_a_canary_that_hangs_is_a_refusal(release, monkeypatch):
    monkeypatch.setattr(canary, "SECONDS", 0.01)
    with pytest.raises(PublishError, match=r"the canary did not answer within 0.01 s"):
        run_canary(release())

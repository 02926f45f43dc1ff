"""What the terminal says of a score, in an exit code and a dozen lines."""

import pytest

from labeling_lab.score_console import columns_in_words, main
from tasks.fetch.source import SAMPLE
from tasks.pipeline import METRICS, MODEL
from tasks.volume import atomic
from tasks.volume.releases import File


@pytest.fixture
def score(released_volume, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LABELING_LAB_DATA", str(released_volume.root))
    monkeypatch.setenv("COLUMNS", "200")

    def score(*arguments):
        code = main(["--out", str(tmp_path / "out.csv"), *arguments])
        return code, "".join(capsys.readouterr())

    return score


def test_it_says_what_came_out_what_drifted_and_what_to_open_next(score, tmp_path):
    code, said = score(str(SAMPLE))
    assert code == 0
    for line in (
        "v0001, family from 0.67 on",
        "1,500 titles in",
        "no: its genres have the lab's own names",
        "stable",
        "against 1,500 titles of training",
        str(tmp_path / "out.csv"),
        str(tmp_path / "out.report.json"),
    ):
        assert line in said, line
    assert "Read as" not in said


def test_a_release_from_before_profiles_scores_too(score, released_volume):
    releases = released_volume.releases
    if "v0002" not in releases.versions():
        paths = [releases.folder("v0001") / name for name in (METRICS, MODEL)]
        files = {path.name: File(path, atomic.sha256(path)) for path in paths}
        releases.add("v0002", files, {"run_id": "run_0"})
    code, said = score("--release", "v0002", str(SAMPLE))
    assert (code, "not measured (an older release, without a profile)" in said) == (0, True)


def test_what_is_refused_is_one_line(score, tmp_path):
    code, said = score(str(tmp_path / "no.csv"))
    assert (code, said.count("\n")) == (1, 1)
    assert "There is no catalog" in said


def test_columns_of_other_names_and_those_that_are_not_there_are_told():
    columns = {"title": "name", "cast": "cast", "director": None, "rating": "age"}
    assert columns_in_words(columns) == "name as title, age as rating; no director"
    assert columns_in_words({"title": "title", "rating": None}) == "no rating"

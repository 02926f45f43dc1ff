"""Finding and installing WordNet."""

import os
import shutil
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest

from tasks.augment import corpus, sources, wordnet
from tasks.augment.sources import NotHere, from_apt, from_debian_folder
from tasks.errors import VolumeError, WordNetError


@pytest.fixture
def only_here(monkeypatch, tmp_path):
    """Look for WordNet in the test's own folders only; returns an nltk_data folder to be."""
    monkeypatch.setattr(corpus, "search_path", lambda root: [root / "nltk_data"])
    monkeypatch.delenv("NLTK_DATA", raising=False)
    return tmp_path / "volume" / "nltk_data"


@pytest.fixture
def debian(debian_folder):
    return {"a folder": partial(from_debian_folder, folder=debian_folder)}


def nothing(corpora):
    raise NotHere("it is empty")


def test_lexnames_are_wordnets_forty_five():
    lines = sources.lexnames().splitlines()
    assert len(lines) == 45
    assert lines[0] == "00\tadj.all\t3"
    assert lines[3] == "03\tnoun.Tops\t1"
    assert lines[18] == "18\tnoun.person\t1"
    assert lines[28] == "28\tnoun.time\t1"
    assert lines[29] == "29\tverb.body\t2"
    assert lines[43] == "43\tverb.weather\t2"
    assert lines[44] == "44\tadj.ppl\t3"


def test_installing_from_a_debian_folder(only_here, debian):
    place = wordnet.install(only_here, debian)
    assert place == only_here / "corpora" / "wordnet"
    assert sorted(p.name for p in place.iterdir()) == sorted(corpus.REQUIRED_FILES)
    assert (place / "index.sense").read_bytes() == b""
    assert corpus.find(only_here.parent) == place
    assert [p.name for p in only_here.iterdir()] == ["corpora"]
    with corpus.reading(place) as reader:
        assert reader.synsets("film")[0].lemma_names() == ["movie", "film", "picture"]


def test_a_group_writable_root_is_fine(only_here, debian):
    only_here.mkdir(parents=True)
    only_here.chmod(0o775)
    wordnet.install(only_here, debian)


def test_the_first_source_that_has_it_is_used(only_here, debian):
    place = wordnet.install(only_here, {"an empty one": nothing, **debian})
    assert corpus.is_complete(place)


def test_what_was_tried_is_said(only_here):
    message = r"Tried: one \(it is empty\); two \(it is empty\)\. Connect to the internet"
    with pytest.raises(WordNetError, match=message):
        wordnet.install(only_here, {"one": nothing, "two": nothing})
    assert list(only_here.rglob("*")) == [only_here / "corpora"]


def test_a_source_with_a_broken_wordnet_is_passed_over(only_here, debian, debian_folder, tmp_path):
    broken = shutil.copytree(debian_folder, tmp_path / "broken")
    (broken / "index.noun").write_text("movie n one\n")
    sources_tried = {"broken": partial(from_debian_folder, folder=broken), **debian}
    assert corpus.is_complete(wordnet.install(only_here, sources_tried))


def test_a_wordnet_that_does_not_know_a_word_is_refused(only_here, debian_folder):
    for part in ("data.noun", "index.noun"):
        (debian_folder / part).write_text("")
    with pytest.raises(WordNetError, match="does not know the word 'movie'"):
        wordnet.install(only_here, {"x": partial(from_debian_folder, folder=debian_folder)})


def test_a_debian_folder_must_be_whole(tmp_path, debian_folder):
    (debian_folder / "data.verb").unlink()
    with pytest.raises(NotHere, match=r"it has no data\.verb"):
        from_debian_folder(tmp_path / "corpora", debian_folder)
    with pytest.raises(NotHere, match="no such folder"):
        from_debian_folder(tmp_path / "corpora", tmp_path / "nowhere")


def test_half_a_wordnet_is_replaced(only_here, debian, caplog):
    place = only_here / "corpora" / "wordnet"
    place.mkdir(parents=True)
    (place / "data.noun").write_text("cut off")
    assert corpus.find(only_here.parent) is None
    assert "is not a whole WordNet" in caplog.text
    wordnet.install(only_here, debian)
    assert corpus.find(only_here.parent) == place


def test_nltks_own_archive_will_do(only_here, debian, tmp_path):
    place = wordnet.install(tmp_path / "other", debian)
    archive = only_here / "corpora" / "wordnet.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as packed:
        for path in place.iterdir():
            packed.write(path, f"wordnet/{path.name}")
    assert corpus.find(only_here.parent) == archive
    with corpus.reading(archive) as reader:
        assert reader.synsets("kid")[0].lemma_names() == ["child", "kid", "youngster"]
    assert len(corpus.digest(archive)) == 64


def test_a_file_that_is_no_wordnet_is_an_error_that_says_what_to_do(tmp_path):
    archive = tmp_path / "corpora" / "wordnet.zip"
    archive.parent.mkdir()
    archive.write_text("not a zip")
    message = r"wordnet\.zip is not a WordNet that nltk can read .* remove it, then run python -m"
    with pytest.raises(WordNetError, match=message), corpus.reading(archive):
        pass


def test_the_search_path_is_the_volumes_then_nltks(monkeypatch, tmp_path):
    monkeypatch.setenv("NLTK_DATA", os.pathsep.join([str(tmp_path / "one"), "", "~/two"]))
    found = corpus.search_path(tmp_path)
    code = "import nltk.data; print(*nltk.data.path, sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    assert found[:2] == [tmp_path / "nltk_data", tmp_path / "one"]
    assert set(map(Path, done.stdout.split())) <= set(found)


def test_it_is_installed_where_nltk_data_says_else_in_the_volume(monkeypatch, tmp_path):
    monkeypatch.delenv("NLTK_DATA", raising=False)
    assert wordnet.home(tmp_path) == tmp_path / "nltk_data"
    monkeypatch.setenv("NLTK_DATA", str(tmp_path / "image"))
    assert wordnet.home(tmp_path) == tmp_path / "image"


def test_a_program_that_takes_too_long_is_given_up(tmp_path):
    with pytest.raises(NotHere, match="no answer within 1 s"):
        sources._run([sys.executable, "-c", "import time; time.sleep(30)"], tmp_path, 1)


def test_a_program_that_fails_is_quoted(tmp_path):
    code = "import sys; sys.exit('[nltk_data] no\\n[nltk_data]   network')"
    with pytest.raises(NotHere, match=r"^no network$"):
        sources._run([sys.executable, "-c", code], tmp_path, 10)


def test_a_machine_without_apt_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NotHere, match="this machine has no apt-get"):
        from_apt(tmp_path / "corpora")


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path, debian):
    (tmp_path / "file").write_text("")
    with pytest.raises(VolumeError, match="check the path and the disk"):
        wordnet.install(tmp_path / "file" / "nltk_data", debian)


class TestCommand:
    def test_it_installs_once(self, only_here, debian, monkeypatch, caplog):
        monkeypatch.setattr(wordnet, "SOURCES", debian)
        arguments = ["--data", str(only_here.parent)]
        with caplog.at_level("INFO"):
            assert wordnet.main(arguments) == 0
        assert "from a folder" in caplog.text
        assert "Synonyms of 16 words are ready" in caplog.text
        monkeypatch.setattr(wordnet, "SOURCES", {"an empty one": nothing})
        caplog.clear()
        with caplog.at_level("INFO"):
            assert wordnet.main(arguments) == 0
        assert caplog.messages[0] == f"WordNet is already in {only_here / 'corpora' / 'wordnet'}"

    def test_a_failure_is_one_line_and_exit_code_1(self, only_here, monkeypatch, caplog):
        monkeypatch.setattr(wordnet, "SOURCES", {"an empty one": nothing})
        assert wordnet.main(["--data", str(only_here.parent)]) == 1
        (record,) = [r for r in caplog.records if r.levelname == "ERROR"]
        assert record.message.startswith("WordNet could not be had. Tried: an empty one")
        assert "\n" not in record.message
        assert record.exc_info is None

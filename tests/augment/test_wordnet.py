"""Installing WordNet, from each of its sources and from none."""

import shutil
import sys
from functools import partial

import pytest

from tasks.augment import synonyms, wordnet
from tasks.augment.wordnet import from_apt, from_debian_folder
from tasks.errors import VolumeError, WordNetError


@pytest.fixture
def root(monkeypatch, tmp_path):
    """An nltk_data folder to be, in the volume, and no WordNet anywhere else."""
    monkeypatch.setattr(synonyms, "search_path", lambda volume: [volume / "nltk_data"])
    monkeypatch.delenv("NLTK_DATA", raising=False)
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path / "volume"))
    return tmp_path / "volume" / "nltk_data"


@pytest.fixture
def debian(debian_folder):
    return {"a folder": partial(from_debian_folder, folder=debian_folder)}


def nothing(target):
    raise WordNetError("it is empty")


def install(root, sources):
    wordnet.install(root, sources, root.parent / "cache")


def test_installing_from_the_first_source_that_has_it(root, debian):
    root.mkdir(parents=True)
    root.chmod(0o775)
    install(root, {"an empty one": nothing, **debian})
    place = root / "corpora" / "wordnet"
    expected = [*synonyms.FILES, "cntlist.rev", "index.sense", "lexnames"]
    assert sorted(path.name for path in place.iterdir()) == sorted(expected)
    assert synonyms.find(root.parent) == place
    assert [path.name for path in root.iterdir()] == ["corpora"]
    lines = (place / "lexnames").read_text().splitlines()
    assert (len(lines), lines[0], lines[-1]) == (45, "00\tadj.all\t3", "44\tadj.ppl\t3")


def test_a_source_that_is_broken_or_not_whole_is_passed_over(root, debian, debian_folder, tmp_path):
    def half(target):
        target.mkdir(parents=True)
        (target / "data.noun").write_text("cut off")

    broken = shutil.copytree(debian_folder, tmp_path / "broken")
    (broken / "index.noun").write_text("movie n one\n")
    sources = {"broken": partial(from_debian_folder, folder=broken), "half": half}
    with pytest.raises(WordNetError, match=r"broken \(.*be read.*; half \(.*not a whole WordNet\)"):
        install(root, sources)
    assert list(root.rglob("*")) == [root / "corpora"]
    install(root, sources | debian)
    assert synonyms.find(root.parent)


def test_half_a_wordnet_is_replaced_and_a_debian_folder_must_be_whole(
    root, debian, debian_folder, caplog
):
    place = root / "corpora" / "wordnet"
    place.mkdir(parents=True)
    (place / "data.noun").write_text("cut off")
    assert synonyms.find(root.parent) is None
    assert "is not a whole WordNet" in caplog.text
    install(root, debian)
    assert synonyms.find(root.parent) == place
    (debian_folder / "data.verb").unlink()
    with pytest.raises(WordNetError, match=r"it has no data\.verb"):
        from_debian_folder(root / "again", debian_folder)
    with pytest.raises(WordNetError, match="no such folder"):
        from_debian_folder(root / "again", root / "nowhere")


def test_an_installer_that_is_killed_leaves_no_wordnet_nor_one_where_it_cannot_be_written(
    root, debian, tmp_path
):
    def killed(target):
        debian["a folder"](target)
        raise KeyboardInterrupt("stopped")

    with pytest.raises(KeyboardInterrupt, match="stopped"):
        install(root, {"killed": killed})
    assert list(root.rglob("*")) == [root / "corpora"]
    (tmp_path / "file").write_text("")
    with pytest.raises(VolumeError, match="check the path and the disk"):
        install(tmp_path / "file" / "nltk_data", debian)


def test_a_program_that_hangs_is_given_up_and_one_that_fails_or_lacks_is_said(
    tmp_path, monkeypatch
):
    with pytest.raises(WordNetError, match="no answer within 1 s"):
        wordnet._run([sys.executable, "-c", "import time; time.sleep(30)"], tmp_path, 1)
    code = "import sys; sys.exit('[nltk_data] no\\n[nltk_data]   network')"
    with pytest.raises(WordNetError, match=r"^no network$"):
        wordnet._run([sys.executable, "-c", code], tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WordNetError, match="this machine has no apt-get"):
        from_apt(tmp_path / "corpora" / "wordnet")


def test_the_command_installs_once_and_makes_the_table_once(root, debian, monkeypatch, caplog):
    monkeypatch.setattr(wordnet, "SOURCES", debian)
    with caplog.at_level("INFO"):
        wordnet.main()
        assert "from a folder" in caplog.text
        assert caplog.text.count("Making the table") == 1
        assert caplog.messages[-1] == "Synonyms of 16 words are ready"
        monkeypatch.setattr(wordnet, "SOURCES", {})
        caplog.clear()
        wordnet.main()
    expected = f"WordNet is already in {root / 'corpora' / 'wordnet'}"
    assert caplog.messages == [expected, "Synonyms of 16 words are ready"]


def test_nltk_data_says_where_it_is_installed_and_a_failure_what_was_tried(
    root, debian, tmp_path, monkeypatch
):
    monkeypatch.setattr(wordnet, "SOURCES", {"one": nothing, "two": nothing})
    tried = r"^WordNet could not be had\. Tried: one \(it is empty\); two \(it is empty\)\. Connect"
    with pytest.raises(SystemExit, match=tried):
        wordnet.main()
    shutil.rmtree(root)
    monkeypatch.setattr(wordnet, "SOURCES", debian)
    monkeypatch.setattr(synonyms, "search_path", lambda volume: [tmp_path / "image"])
    monkeypatch.setenv("NLTK_DATA", str(tmp_path / "image"))
    wordnet.main()
    assert synonyms.is_complete(tmp_path / "image" / "corpora" / "wordnet")
    assert not root.exists()

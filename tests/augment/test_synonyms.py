"""Finding WordNet, the table of synonyms, and that nltk agrees with it."""

import os
import zipfile
from pathlib import Path

import pytest

from tasks.augment import synonyms
from tasks.augment.transform import STOP_WORDS
from tasks.augment.wordnet import from_debian_folder
from tasks.errors import WordNetError


@pytest.fixture
def place(tmp_path, debian_folder, monkeypatch):
    """The small WordNet in a volume, and no other anywhere."""
    monkeypatch.setattr(synonyms, "search_path", lambda root: [root / "nltk_data"])
    folder = tmp_path / "nltk_data" / "corpora" / "wordnet"
    from_debian_folder(folder, debian_folder)
    return folder


TABLE = {
    "beloved": ("dear",), "dear": ("beloved",), "brave": ("courageous",),
    "courageous": ("brave",), "bravely": ("courageously",), "courageously": ("bravely",),
    "child": ("kid", "youngster"), "kid": ("child", "youngster"), "youngster": ("child", "kid"),
    "film": ("movie", "picture"), "movie": ("film", "picture"), "picture": ("movie", "film"),
    "discover": ("find",), "find": ("discover",), "uncovering": ("find",), "establish": ("found",),
}  # fmt: skip


def test_the_table_is_made_once_for_each_wordnet(place, tmp_path, monkeypatch):
    assert synonyms.load_synonyms(tmp_path)[0] == TABLE
    (cached,) = (tmp_path / "cache").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(synonyms, "make_table", None)
        assert synonyms.load_synonyms(tmp_path)[0] == TABLE
    cached.write_text(cached.read_text()[:50])
    assert synonyms.load_synonyms(tmp_path)[0] == TABLE
    words = place / "data.adv"
    words.write_text(words.read_text().replace("courageously", "courageousle"))
    assert synonyms.load_synonyms(tmp_path)[0]["bravely"] == ("courageousle",)
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_nltks_own_archive_will_do(place, tmp_path):
    archive = place.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as packed:
        for path in place.iterdir():
            packed.write(path, f"wordnet/{path.name}")
    assert synonyms.find(tmp_path) == place
    (place / "data.noun").unlink()
    assert synonyms.find(tmp_path) == archive
    table, digest = synonyms.load_synonyms(tmp_path)
    assert (table, len(digest)) == (TABLE, 64)


def test_what_is_no_wordnet_is_an_error_that_says_what_to_do(place, tmp_path):
    archive = tmp_path / "wordnet.zip"
    archive.write_text("not a zip")
    advice = r"remove it, then run python -m tasks\.augment\.wordnet"
    with pytest.raises(WordNetError, match=rf"zip is not a WordNet that can be read .*; {advice}"):
        synonyms.make_table(archive)
    (place / "index.noun").write_text("movie n one\n")
    with pytest.raises(
        WordNetError, match=rf"wordnet is not a WordNet that can be read .*{advice}"
    ):
        synonyms.make_table(place)
    for part in ("data.noun", "index.noun"):
        (place / part).write_text("")
    with pytest.raises(WordNetError, match=rf"does not know the word 'movie'; {advice}"):
        synonyms.make_table(place)


@pytest.mark.wordnet
@pytest.mark.filterwarnings("ignore:The multilingual functions")
def test_the_table_of_the_real_wordnet_is_what_nltk_says(real_wordnet, monkeypatch):
    import nltk.data
    from nltk.corpus.reader.wordnet import WordNetCorpusReader

    given = set(synonyms.environment_paths())  # nltk has read them, when it was imported
    monkeypatch.setenv("NLTK_DATA", os.pathsep.join(["/one", "", "~/two"]))
    places = synonyms.search_path(real_wordnet)
    assert places[:3] == [real_wordnet / "nltk_data", Path("/one"), Path("~/two").expanduser()]
    assert set(map(Path, nltk.data.path)) - given <= set(places)
    table = synonyms.make_table(real_wordnet)
    assert len(table) > 30_000
    assert table["film"][:2] == ("movie", "picture")
    assert table["truth"] == ("verity", "trueness")
    assert table.keys().isdisjoint(STOP_WORDS)
    assert table.keys().isdisjoint({"found", "left", "men", "killing", "saw", "children"})
    for word, found in table.items():
        assert found, word
        assert word not in found
        assert len(set(found)) == len(found), word
        assert all(name.isalpha() and name.islower() for name in found), word

    monkeypatch.setattr(nltk.data, "path", [str(real_wordnet.parents[1])])
    reader = WordNetCorpusReader(nltk.data.find("corpora/wordnet"), None)
    for part, endings in synonyms._ENDINGS.items():
        ours = [tuple(ending.split("-")) for ending in endings.split()]
        assert ours == reader.MORPHOLOGICAL_SUBSTITUTIONS[part], part
    for word in sorted(table)[::400]:
        synsets = reader.synsets(word, check_exceptions=False)
        by_part = [
            [n for s in synsets if s.pos() in part for n in s.lemma_names()]
            for part in ("n", "v", "as", "r")
        ]
        assert any(set(table[word]) <= set(names) for names in by_part), word
    for stream in reader._data_file_map.values():
        stream.close()

"""The table of synonyms: what is in it, and that nltk agrees."""

import json
import sys

import pytest

from tasks.augment import corpus, synonyms
from tasks.augment.sources import from_debian_folder
from tasks.augment.transform import STOP_WORDS
from tasks.errors import WordNetError


@pytest.fixture
def volume_root(tmp_path, debian_folder):
    from_debian_folder(tmp_path / "volume" / "nltk_data" / "corpora", debian_folder)
    return tmp_path / "volume"


def test_the_table_of_a_small_wordnet(volume_root):
    table, digest = synonyms.load_synonyms(volume_root)
    assert digest == corpus.digest(volume_root / "nltk_data/corpora/wordnet")
    assert table == {
        "beloved": ("dear",),
        "brave": ("courageous",),
        "bravely": ("courageously",),
        "child": ("kid", "youngster"),
        "courageous": ("brave",),
        "courageously": ("bravely",),
        "dear": ("beloved",),
        "discover": ("find",),
        "establish": ("found",),
        "film": ("movie", "picture"),
        "find": ("discover",),
        "kid": ("child", "youngster"),
        "movie": ("film", "picture"),
        "picture": ("movie", "film"),
        "uncovering": ("find",),
        "youngster": ("child", "kid"),
    }


def test_the_second_time_the_table_comes_from_the_cache(volume_root, monkeypatch):
    first = synonyms.load_synonyms(volume_root)
    monkeypatch.setattr(synonyms, "make_table", None)
    assert synonyms.load_synonyms(volume_root) == first
    assert len(list((volume_root / "cache").iterdir())) == 1


def test_a_broken_cache_is_made_again(volume_root):
    first = synonyms.load_synonyms(volume_root)
    (cached,) = (volume_root / "cache").iterdir()
    cached.write_text(cached.read_text()[:50])
    assert synonyms.load_synonyms(volume_root) == first
    assert json.loads(cached.read_text())["dear"] == "beloved"


def test_another_wordnet_makes_another_table(volume_root):
    synonyms.load_synonyms(volume_root)
    words = volume_root / "nltk_data/corpora/wordnet/data.adv"
    words.write_text(words.read_text().replace("courageously", "courageousle"))
    table, _ = synonyms.load_synonyms(volume_root)
    assert table["bravely"] == ("courageousle",)
    assert len(list((volume_root / "cache").iterdir())) == 2


def test_without_wordnet_the_error_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "search_path", lambda root: [root / "nltk_data"])
    with pytest.raises(WordNetError, match=r"run python -m tasks.augment.wordnet"):
        synonyms.load_synonyms(tmp_path)


@pytest.fixture(scope="module")
def real(real_wordnet):
    with corpus.reading(real_wordnet) as reader:
        yield synonyms.make_table(reader), reader


@pytest.mark.wordnet
class TestRealWordNet:
    def test_known_words(self, real):
        table, _ = real
        assert table["film"][:2] == ("movie", "picture")
        assert "courageous" in table["brave"]
        assert table["truth"] == ("verity", "trueness")
        assert len(table) > 30_000

    def test_inflected_and_stop_words_have_none(self, real):
        table, _ = real
        assert table.keys().isdisjoint(STOP_WORDS)
        assert table.keys().isdisjoint({"found", "left", "men", "killing", "saw", "children"})

    def test_synonyms_are_other_plain_words(self, real):
        table, _ = real
        for word, found in table.items():
            assert found
            assert word not in found
            assert len(set(found)) == len(found)
            assert all(name.isalpha() and name.islower() for name in found)

    def test_nltk_gives_the_same(self, real):
        table, reader = real
        for word in sorted(table)[::400]:
            synsets = reader.synsets(word, check_exceptions=False)
            by_part = [
                [n for s in synsets if s.pos() in part for n in s.lemma_names()]
                for part in ("n", "v", "as", "r")
            ]
            assert any(set(table[word]) <= set(names) for names in by_part), word

    def test_nltk_did_not_stay_allowed_to_read_there(self, real_wordnet):
        import nltk.data

        before = list(nltk.data.path)
        with corpus.reading(real_wordnet):
            pass
        assert nltk.data.path == before
        assert "nltk" in sys.modules

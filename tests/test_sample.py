"""The embedded sample: the committed file, and the generator that wrote it."""

import logging
from pathlib import Path

import pandas as pd
import pytest

from tasks.catalog.columns import CATALOG_COLUMNS, FAMILY_RATINGS, NOT_FAMILY_RATINGS
from tasks.errors import ConfigError
from tasks.sample import FEWEST_TITLES, N_TITLES, generate_sample
from tasks.sample.__main__ import main
from tasks.sample.dice import Dice
from tasks.sample.proportions import MISSING_SHARES, MOVIE_SHARE, RATING_SHARES
from tasks.sample.stories import STORIES
from tasks.sample.vocabulary import NONFICTION, TONES
from tasks.sample.writing import _fill, _plural
from tasks.volume.atomic import from_csv, to_csv

COMMITTED = Path(__file__).parents[1] / "data" / "sample_titles.csv"
KIDS_WORDS = r"\b(?:kids?|child|children|animated|family|princess|puppy|school|magical)\b"
CRIME_WORDS = r"\b(?:murder\w*|killer|crime|drugs?|sex|blood\w*|violen\w*|gun|bod(?:y|ies))\b"


@pytest.fixture(scope="module")
def generated() -> pd.DataFrame:
    return generate_sample()


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return generate_sample(FEWEST_TITLES, seed=1)


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    return from_csv(COMMITTED.read_bytes(), dtype={"release_year": "int64"})


@pytest.fixture(scope="module")
def amount(sample) -> pd.Series:
    """Minutes of a film, seasons of a show."""
    return sample["duration"].str.extract(r"(\d+)", expand=False).astype("float")


@pytest.fixture(scope="module")
def slices(sample, amount) -> dict[str, pd.Series]:
    text = sample["title"] + ". " + sample["description"]
    movie = sample["type"] == "Movie"
    return {
        "kids genres": sample["listed_in"].str.contains("Children & Family|Kids' TV"),
        "horror": sample["listed_in"].str.contains("Horror|Thriller"),
        "long shows": ~movie & amount.ge(3),
        "short films": movie & amount.lt(90),
        "kids words": text.str.contains(KIDS_WORDS, case=False),
        "crime words": text.str.contains(CRIME_WORDS, case=False),
    }


def test_the_committed_file_is_what_the_generator_writes(generated):
    assert to_csv(generated) == COMMITTED.read_bytes()


def test_the_file_reads_back_as_it_was_generated(generated, sample):
    pd.testing.assert_frame_equal(sample, generated)


def test_the_file_is_small():
    assert COMMITTED.stat().st_size < 900_000


def test_another_seed_writes_another_catalog(small):
    other = generate_sample(FEWEST_TITLES, seed=2)
    assert not set(small["description"]) & set(other["description"])
    assert small["rating"].eq("TV-MA").sum() == other["rating"].eq("TV-MA").sum()


def test_too_few_titles_are_refused():
    with pytest.raises(ConfigError, match=r"n_titles is 199; a sample needs at least 200"):
        generate_sample(FEWEST_TITLES - 1)


def test_the_command_writes_the_same_bytes(tmp_path, caplog, small):
    path = tmp_path / "titles.csv"
    with caplog.at_level(logging.INFO):
        main([str(path), "--titles", "200", "--seed", "1"])
    assert path.read_bytes() == to_csv(small)
    assert "200 titles" in caplog.text


class TestSchema:
    def test_columns_are_the_catalogs(self, sample):
        assert tuple(sample.columns) == CATALOG_COLUMNS

    def test_ids_count_up(self, sample):
        assert sample["show_id"].tolist() == [f"s{n}" for n in range(1, N_TITLES + 1)]

    @pytest.mark.parametrize(
        ("column", "pattern"),
        [
            ("type", r"Movie|TV Show"),
            ("date_added", r" ?[A-Z][a-z]+ \d{1,2}, 20[012]\d"),
            ("rating", r"[A-Z]+(?:-[A-Z0-9]+)*|\d+ min"),
            ("duration", r"\d+ min|1 Season|\d+ Seasons"),
        ],
    )
    def test_cells_are_written_as_in_the_real_catalogue(self, sample, column, pattern):
        assert sample[column].dropna().str.fullmatch(pattern).all()

    def test_release_years_are_not_after_the_date_added(self, sample):
        added = sample["date_added"].str[-4:].astype("float")
        assert not (sample["release_year"] > added).any()
        assert sample["release_year"].between(1925, 2021).all()

    def test_genres_are_sorted_and_at_most_three(self, sample):
        genres = sample["listed_in"].str.split(", ")
        assert genres.map(lambda names: names == sorted(set(names)) and len(names) <= 3).all()


class TestProportions:
    def test_types(self, sample):
        assert sample["type"].eq("Movie").mean() == pytest.approx(MOVIE_SHARE / 10_000, abs=1e-3)

    @pytest.mark.parametrize("kind", ["Movie", "TV Show"])
    def test_ratings(self, sample, kind):
        found = sample.loc[sample["type"] == kind, "rating"].fillna("").value_counts(normalize=True)
        for rating, share in RATING_SHARES[kind].items():
            assert found[rating] == pytest.approx(share / 10_000, abs=0.01), rating

    def test_family_is_the_minority(self, sample):
        assert sample["rating"].isin(FAMILY_RATINGS).mean() == pytest.approx(0.234, abs=0.01)

    @pytest.mark.parametrize("kind", ["Movie", "TV Show"])
    @pytest.mark.parametrize("column", MISSING_SHARES)
    def test_missing_cells(self, sample, column, kind):
        missing = sample.loc[sample["type"] == kind, column].isna().mean()
        assert missing == pytest.approx(MISSING_SHARES[column][kind] / 10_000, abs=2e-3)

    def test_other_columns_are_complete(self, sample):
        complete = ["show_id", "type", "title", "release_year", "listed_in", "description"]
        assert not sample[complete].isna().any(axis=None)

    def test_text_lengths(self, sample):
        description = sample["description"].str.len().quantile([0.05, 0.5, 0.95])
        title = sample["title"].str.len().quantile([0.05, 0.5, 0.95])
        assert description.tolist() == pytest.approx([125, 146, 152], abs=6)
        assert title.tolist() == pytest.approx([5, 15, 39], abs=3)

    def test_durations(self, sample, amount):
        movie = sample["type"] == "Movie"
        assert amount[movie].median() == pytest.approx(98, abs=3)
        assert amount[~movie].eq(1).mean() == pytest.approx(0.67, abs=0.04)


class TestOddities:
    def test_texts_that_look_missing_are_text(self, sample):
        assert {"NA", "None", "1994"} <= set(sample["title"])

    def test_three_films_have_their_duration_in_rating(self, sample):
        odd = sample[sample["duration"].isna()]
        assert len(odd) == 3
        assert odd["rating"].str.fullmatch(r"\d+ min").all()
        assert odd["type"].eq("Movie").all()

    def test_six_pairs_of_titles_share_a_description(self, sample):
        twins = sample[sample["description"].duplicated(keep=False)]
        assert twins["description"].value_counts().tolist() == [2] * 6
        assert twins["title"].is_unique

    def test_two_pairs_share_a_title_and_a_third_all_but_its_case(self, sample):
        twins = sample[sample["title"].str.casefold().duplicated(keep=False)]
        assert (len(twins), twins["title"].nunique()) == (6, 4)
        assert twins["description"].is_unique

    def test_a_few_dates_of_shows_begin_with_a_space(self, sample):
        spaced = sample["date_added"].str.startswith(" ", na=False)
        assert spaced.sum() == 15
        assert sample.loc[spaced, "type"].eq("TV Show").all()

    @pytest.mark.parametrize("pattern", [r"[^\x00-\x7f]", '"', ",", "'"])
    def test_titles_need_care_with_encoding_and_quotes(self, sample, pattern):
        assert sample["title"].str.contains(pattern).sum() >= 5


class TestSlices:
    @pytest.mark.parametrize(
        "name", ["kids genres", "horror", "long shows", "short films", "kids words", "crime words"]
    )
    def test_has_titles_of_both_classes(self, sample, slices, name):
        ratings = sample.loc[slices[name], "rating"]
        assert ratings.isin(FAMILY_RATINGS).sum() >= 3
        assert ratings.isin(NOT_FAMILY_RATINGS).sum() >= 3

    def test_words_hint_at_the_audience_and_no_more(self, sample, slices):
        family = sample["rating"].isin(FAMILY_RATINGS)
        assert 0.3 < family[slices["kids words"]].mean() < 0.7
        assert family[slices["crime words"]].mean() < 0.15
        assert (slices["kids words"] & slices["crime words"]).any()
        assert (~slices["kids words"] & ~slices["crime words"]).mean() > 0.4


class TestText:
    def test_descriptions_are_whole_sentences(self, sample):
        text = sample["description"]
        assert text.str.fullmatch(r"[A-Z].*[.?]").all()
        assert not text.str.contains(r"[{}]|  |\ba [aeio](?!ne)|\bthe a\b").any()

    def test_nothing_looks_like_a_link_or_markup(self, sample):
        text = sample["title"] + " " + sample["description"]
        assert not text.str.contains(r"https?:|www\.|@|<|netflix", case=False).any()

    @pytest.mark.parametrize("theme", [*STORIES, *NONFICTION])
    def test_every_slot_of_a_theme_can_be_filled(self, theme):
        phrases = {**STORIES, **NONFICTION}[theme]
        words = {**TONES["plain"], **phrases, "work": ("film",)}
        for frame in words["frame"]:
            assert "{" not in _fill(Dice(0), frame, words)

    def test_no_phrase_comes_twice(self):
        text = _fill(Dice(3), "{fruit} {fruit}", {"fruit": ("fig", "pear")})
        assert sorted(text.lower().split()) == ["fig", "pear"]

    def test_articles_and_capitals_are_repaired(self):
        text = _fill(Dice(0), "a owl. a {pet} and a unicorn", {"pet": ("eager cat",)})
        assert text == "An owl. An eager cat and a unicorn"

    def test_plurals(self):
        assert _plural("No Kisss, Furys, Boys and Ashs") == "No Kisses, Furies, Boys and Ashes"


class TestDice:
    def test_its_sequence_is_fixed(self):
        dice = Dice(20211)
        assert [dice.below(100) for _ in range(5)] == [44, 73, 60, 86, 7]

    def test_weights_of_zero_are_never_drawn(self):
        dice = Dice(1)
        assert {dice.weighted({"a": 0, "b": 1, "c": 2}) for _ in range(50)} == {"b", "c"}

    def test_quantiles_bound_the_draws(self):
        dice = Dice(1)
        draws = [dice.from_quantiles(((0, 10), (500, 20), (1000, 40))) for _ in range(400)]
        assert min(draws) >= 10
        assert max(draws) < 40
        assert sum(draw < 20 for draw in draws) / 400 == pytest.approx(0.5, abs=0.08)

    def test_shuffling_keeps_every_value(self):
        assert sorted(Dice(1).shuffled(range(9))) == list(range(9))

"""Twins are on the same side, and nobody ever moves."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.catalog.text import normalise_texts
from tasks.label.split import split_by_content

COLUMNS = ["title", "description", "date_added"]
JANUARY, MARCH, MAY = "January 1, 2020", "March 1, 2020", " May 1, 2020"
MANY = [(f"title {i}", f"description {i}", JANUARY) for i in range(4000)]


def split(*rows, **options):
    return split_by_content(pd.DataFrame(rows, columns=COLUMNS, dtype="str"), **options)


def find_titles(side, n, description=None):
    """Return n titles that, alone in a catalog, fall on the side."""
    titles = [f"title {i}" for i in range(40)]
    return [t for t in titles if split((t, description or t, JANUARY))["split"][0] == side][:n]


def test_the_side_follows_from_the_content_alone():
    result = split(*MANY[:8])
    assert result["split"].tolist() == ["train"] * 6 + ["test"] * 2
    assert result["content_group"].tolist()[:2] == ["e9c288a519f348fd", "d86a672219918f34"]
    assert result["content_group"].is_unique


def test_the_share_of_test_titles_and_a_salt_that_gives_another_split_with_the_same_twins():
    rows = [(f"title {i}", f"description {i % 60}", JANUARY) for i in range(80)]
    plain, salted = split(*rows)["split"], split(*rows, salt="other")["split"]
    assert (plain != salted).sum() > 10
    for sides in (plain, salted):
        assert sides[:20].tolist() == sides[60:].tolist()
    for share in (0.0, 0.25, 1.0):
        found = (split(*MANY, test_share=share)["split"] == "test").mean()
        assert found == pytest.approx(share, abs=0.02)


def test_a_twin_takes_the_side_and_group_of_the_older_title():
    for side in ("train", "test"):
        (title,) = find_titles(side, 1)
        rows = [(title, title, MARCH), (title, "another", MAY), ("another title", title, MAY)]
        result = split(*rows)
        assert result["split"].tolist() == [side] * 3
        assert set(result["content_group"]) == {split(rows[0])["content_group"][0]}


def test_age_and_not_row_order_decides_who_is_older():
    train, test = find_titles("train", 1, "same")[0], find_titles("test", 1, "same")[0]
    for rows, side in (
        ([(train, "same", JANUARY), (test, "same", MARCH)], "train"),
        ([(test, "same", MARCH), (train, "same", JANUARY)], "train"),
        ([(train, "same", MARCH), (test, "same", None)], "test"),
        ([(train, "same", MARCH), (test, "same", "some day")], "test"),
    ):
        assert split(*rows)["split"].tolist() == [side] * 2, rows


def test_a_newcomer_with_twins_on_both_sides_gets_no_split_on_one_side_it_joins_them(caplog):
    train, test = find_titles("train", 1)[0], find_titles("test", 1)[0]
    rows = [(train, train, JANUARY), (test, test, JANUARY), (train, test, MAY)]
    with caplog.at_level("WARNING"):
        result = split(*rows)
    assert result["split"].tolist()[:2] == ["train", "test"]
    assert result["split"].isna().tolist() == [False, False, True]
    assert result["content_group"].nunique() == 3
    assert "1 titles have twins in train and in test" in caplog.text
    a, b = find_titles("train", 2)
    result = split((a, a, JANUARY), (b, b, MARCH), (a, b, MAY))
    assert result["split"].tolist() == ["train"] * 3
    assert set(result["content_group"]) == {split((a, a, JANUARY))["content_group"][0]}


def test_empty_texts_make_no_twins_the_index_is_kept_and_dates_are_optional():
    for empty in (None, "", "…", " "):
        result = split(*((f"title {i}", empty, JANUARY) for i in range(40)))
        assert result["content_group"].is_unique, empty
        assert set(result["split"]) == {"train", "test"}, empty
    catalog = pd.DataFrame({"title": ["A", "a"], "description": ["b", None]}, index=[9, 4])
    result = split_by_content(catalog)
    assert result.index.tolist() == [9, 4]
    assert len(set(result["content_group"])) == 1
    assert split_by_content(catalog.iloc[:0]).shape == (0, 2)


TITLES = st.lists(
    st.tuples(
        st.sampled_from(["", "Ann", "ann!", "Bob", "Cid", "Dee", "Eve"]),
        st.sampled_from([None, "one", "ONE.", "two", "three", "four", "five"]),
        st.sampled_from([None, *(f"June {day}, 2020" for day in range(1, 9))]),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=50, deadline=None)
@given(TITLES, st.integers(1, 8), st.randoms(use_true_random=False))
def test_twins_stay_together_and_nobody_moves_as_the_catalog_grows_in_any_order(rows, day, random):
    catalog = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    result = split_by_content(catalog, 0.5)
    settled = result.dropna(subset="split")
    for column in ("title", "description"):
        texts = normalise_texts(catalog[column].loc[settled.index])
        seen = {(text, *place) for text, place in zip(texts, settled.to_numpy(), strict=True)}
        assert sum(text != "" for text, *_ in seen) == len({*texts} - {""}), column

    order = random.sample(list(catalog.index), len(catalog))
    shuffled = split_by_content(catalog.loc[order], 0.5).loc[catalog.index]
    pd.testing.assert_frame_equal(shuffled, result)

    added = pd.to_datetime(catalog["date_added"], format="%B %d, %Y")
    earlier = catalog[added.isna() | (added <= pd.Timestamp(2020, 6, day))]
    before = split_by_content(earlier, 0.5)["split"]
    pd.testing.assert_series_equal(before, result["split"].loc[earlier.index])


@pytest.mark.catalog
def test_the_real_catalogue_has_no_twins_across_the_split(real_catalog):
    catalog = pd.read_csv(real_catalog, dtype="str", keep_default_na=False, na_values=[""])
    settled = split_by_content(catalog).dropna(subset="split")
    for column in ("title", "description"):
        texts = normalise_texts(catalog[column].loc[settled.index])
        sides = dict(zip(texts, settled["split"], strict=True))
        assert [sides[text] for text in texts] == settled["split"].tolist()
    assert (settled["split"] == "test").mean() == pytest.approx(0.25, abs=0.02)

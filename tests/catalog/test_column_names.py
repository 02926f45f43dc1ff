import pandas as pd
import pytest

from tasks.catalog.column_names import clean_colnames
from tasks.errors import CatalogError


@pytest.mark.parametrize(
    ("found", "cleaned"),
    [
        ("show_id", "show_id"),
        (" Show ID ", "show_id"),
        ("show-id", "show_id"),
        ("showId", "show_id"),
        ("RELEASE_YEAR", "release_year"),
        ("Release.Year (A.D.)", "release_year_a_d"),
        ("Año", "año"),
        ("2nd Title", "2nd_title"),
    ],
)
def test_every_spelling_becomes_snake_case(found, cleaned):
    assert clean_colnames(pd.DataFrame(columns=[found])).columns.tolist() == [cleaned]


def test_the_frame_given_keeps_its_names():
    frame = pd.DataFrame({"Show ID": ["s1"]})

    assert clean_colnames(frame)["show_id"].tolist() == ["s1"]
    assert frame.columns.tolist() == ["Show ID"]


def test_two_names_that_become_one_are_refused():
    with pytest.raises(CatalogError, match="'Show ID' and 'show_id' both become 'show_id'"):
        clean_colnames(pd.DataFrame(columns=["Show ID", "title", "show_id"]))


def test_a_name_without_letters_and_digits_is_refused():
    with pytest.raises(CatalogError, match="column name '--' has no letter and no digit"):
        clean_colnames(pd.DataFrame(columns=["title", "--"]))

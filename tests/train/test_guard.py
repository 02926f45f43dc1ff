"""Deliberate sabotage of the training table; each is caught and named."""

import logging
import random

import pandas as pd
import pytest

from tasks.augment.transform import Context, Passage
from tasks.augment.transforms import random_deletion, random_swap
from tasks.catalog.twins import near_duplicates
from tasks.catalog.utilities import title_text
from tasks.errors import LeakageError
from tasks.fetch.source import load_netflix_data
from tasks.label.split import split_by_content
from tasks.train.guard import check_training_rows


def guard(training, labeled):
    check_training_rows(training, labeled, near_duplicates(labeled))


def with_row(training, **cells):
    row = training.iloc[[0]].assign(parent_id=None, operation=None).assign(**cells)
    return pd.concat([training, row], ignore_index=True)


def test_a_clean_table_passes_and_is_described(training, labeled, caplog):
    with caplog.at_level(logging.INFO):
        guard(training, labeled)
    assert "Training guard: 55 training rows have nothing of 12 test titles" in caplog.text


def test_a_test_title_among_the_rows_is_found_whatever_it_is_called(training, labeled):
    texts = title_text(labeled)
    swapped, shortened = (
        operation(Passage.of(texts[7]), random.Random(1), Context())
        for operation in (random_swap, random_deletion)
    )
    disguised = training.assign(text=training["text"].mask(training["show_id"] == "s002", texts[7]))
    copy = {"parent_id": "s001", "operation": "x"}
    s008 = r"has \d+% of its words in common with the test title s008 \('Title number7'\)"
    cases = (
        (r"^Training row s008 is a test title\. Training must see", {"show_id": "s008"}),
        (r"s008~x~1 is an augmented copy of the test title s008", {**copy, "parent_id": "s008"}),
        (rf"Training row s099 {s008}", {"show_id": "s099", "text": texts[7]}),
        (rf"Training row s001~x~1, a copy of s001, {s008}", {**copy, "text": swapped}),
        (rf"Training row s001~x~1, a copy of s001, {s008}", {**copy, "text": shortened}),
    )
    for expected, cells in cases:
        cells = {"show_id": f"{cells.get('parent_id')}~x~1", **cells}
        with pytest.raises(LeakageError, match=expected):
            guard(with_row(training, **cells), labeled)
    with pytest.raises(LeakageError, match=rf"Training row s002 {s008}"):
        guard(disguised, labeled)


def test_near_duplicates_of_test_titles_and_their_copies_are_named(training, labeled):
    edited = labeled.copy()
    edited.loc[edited["show_id"] == "s001", "description"] = labeled["description"][7]
    expected = r"Training row s001 is a near-duplicate of the test title s008 \(the same desc"
    with pytest.raises(LeakageError, match=expected):
        guard(training, edited)
    copies = training[training["parent_id"] == "s001"]
    with pytest.raises(LeakageError, match="s001~swap~0, a copy of s001, is a near-duplicate"):
        guard(copies, edited)


def test_a_row_that_comes_from_no_train_title(training, labeled):
    for split in ("nowhere", None):
        edited = labeled.copy()
        edited.loc[edited["show_id"] == "s002", "split"] = split
        with pytest.raises(LeakageError, match="row s002 comes from no title on the train side"):
            guard(training, edited)
    with pytest.raises(LeakageError, match="Training row x comes from no title on the train side"):
        guard(with_row(training, show_id="x", text="of no title at all"), labeled)


def test_many_offenders_are_counted_and_some_named(training, labeled):
    expected = "^Training row s001 is a test title; .*; .*; and 52 rows more. Training must"
    with pytest.raises(LeakageError, match=expected):
        guard(training, labeled.assign(split="test"))


@pytest.mark.catalog
def test_nothing_leaks_in_the_real_catalog(real_catalog):
    catalog = load_netflix_data(real_catalog)
    labeled = pd.concat([catalog, split_by_content(catalog)], axis=1)
    near = near_duplicates(labeled)
    kept = (labeled["split"] == "train") & ~labeled["show_id"].isin(near["show_id"])
    rows = labeled.loc[kept, ["show_id"]].assign(text=title_text(labeled), parent_id=None)
    check_training_rows(rows.astype("str"), labeled, near)

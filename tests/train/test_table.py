import logging

import numpy as np
import pytest

from tasks.catalog.utilities import title_text
from tasks.config import TrainConfig
from tasks.errors import LeakageError
from tasks.train.stage import train
from tasks.train.table import read_or_count_terms, read_training_table
from tasks.train.terms import TermCounts


@pytest.fixture
def count_terms(monkeypatch):
    """Counts how often terms are counted."""
    calls = []
    of = TermCounts.of

    def spy(texts):
        calls.append(len(texts))
        return of(texts)

    monkeypatch.setattr(TermCounts, "of", spy)
    return calls


def read(workspace):
    augment = workspace.read("augment")
    texts = read_training_table(augment, workspace.read("label"))["text"]
    return read_or_count_terms(workspace, TrainConfig(), augment, texts)


def test_a_test_title_in_the_training_table_stops_training(write_run, labeled, training):
    test_text = title_text(labeled[labeled["show_id"] == "s004"]).iloc[0]
    leaked = training.assign(text=training["text"].where(training["show_id"] != "s002", test_text))
    workspace = write_run(labeled, leaked)
    expected = r"Training row s002 has 100% of its words .* test title s004 \('Title number3'\)"
    with pytest.raises(LeakageError, match=expected):
        train(workspace, TrainConfig(), "logistic_regression")
    with pytest.raises(LeakageError, match=expected):
        read(workspace)


def test_terms_are_counted_once_a_run(workspace, count_terms):
    first, second = read(workspace), read(workspace)
    assert len(count_terms) == 1
    assert list(second.texts) == list(first.texts)
    assert list(second.terms) == list(first.terms)
    np.testing.assert_array_equal(second.matrix.toarray(), first.matrix.toarray())


def test_two_writers_leave_the_same_bytes(write_run, labeled):
    one, other = write_run(labeled, run_id="run1"), write_run(labeled, run_id="run2")
    read(one), read(other)
    files = [w.read("train_features").manifest["files"] for w in (one, other)]
    assert files[0] == files[1]


def test_another_training_table_is_counted_anew(write_run, labeled, training, count_terms):
    read(write_run(labeled, training))
    fewer = read(write_run(labeled, training[:20]))
    assert len(count_terms) == 2
    assert len(fewer.texts) == 20


def test_altered_counts_are_counted_anew(workspace, count_terms, caplog):
    read(workspace)
    path = workspace.run.path / "train_features" / "terms.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with caplog.at_level(logging.WARNING):
        read(workspace)
    assert len(count_terms) == 2
    assert "Counting terms again" in caplog.text


def test_a_scratch_run_reads_the_counts_of_its_source(workspace, count_terms):
    read(workspace)
    scratch = workspace.volume.workspace("scratch__x", reads=["augment"])
    read(scratch)
    assert len(count_terms) == 1
    assert scratch.run.stages() == []

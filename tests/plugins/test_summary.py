"""The summary that a run ends with."""

import pytest

from labeling_lab import summary


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"roc_auc": 0.91234, "intervals": {"roc_auc": [0.9, 0.925]}}, "0.912 [0.900, 0.925]"),
        ({"roc_auc": 0.5, "intervals": {"roc_auc": None}}, "0.500"),
        ({"roc_auc": None}, "-"),
        ({}, "-"),
    ],
)
def test_a_figure_comes_with_its_interval(block, text):
    assert summary.figure(block, "roc_auc") == text


def test_the_catalog_line_counts_what_was_wrong():
    fetch = {"rows": 8807, "source": "titles.csv", "quarantined": 2, "repaired": 3}
    assert summary.catalog_line(fetch) == "8,807 titles from titles.csv; 2 quarantined, 3 repaired"


def test_the_label_line_tells_ties_from_no_votes():
    label = {
        "rules": 12,
        "reasons": {"voted": 90, "tie": 4, "no votes": 6},
        "labels": {"family": 30, "not family": 60, "unlabelled": 10},
    }
    assert summary.label_line(label) == (
        "12 rules; 90 voted, 4 ties, 6 without votes; 30 family, 60 not"
    )


def test_the_train_line_ranks_and_counts():
    candidates = [
        {
            "model": name,
            "roc_auc": {"mean": mean},
            "rating_hidden": {"mean": hidden},
            "n_titles": 6563,
        }
        for name, mean, hidden in (("random_forest", 0.99, 0.9), ("linear", 0.98, 0.8))
    ]
    assert summary.train_line(candidates) == (
        "random forest 0.9900, 0.900 hidden; linear 0.9800, 0.800 hidden "
        "(ROC-AUC, 6,563 titles cross-validated)"
    )


def test_without_a_finished_run_it_says_what_to_do(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    assert summary.main() == 1
    assert "run the whole workflow once (make run)" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.parametrize(
    ("needed", "text"),
    [
        ({"n": 1796}, "2 rules that never read rating, worth about 1,796 hand labels"),
        ({"n": None}, "2 rules that never read rating"),
    ],
)
def test_the_blind_line_says_what_the_rules_are_worth(needed, text):
    blind = {"rules": ["a", "b"], "withhold": ["rating"], "hand_labels_needed": needed}
    assert summary.blind_line(blind) == text

"""The summary of the newest run, whatever became of it."""

import io

from rich.console import Console

from labeling_lab import summary
from tasks.evaluate_slices.metrics import METRICS

SHARED = (
    "9 genres: 4 the lab's own, 3 translated, 2 unknown: Podcast (2); "
    "3 of 5 ratings say family or not, 1 missing, 1 unknown: Q (1); "
    "descriptions: 75\u00a0% English, 25\u00a0% French"
)


def printed(volume, run):
    console = Console(highlight=False, width=120, file=io.StringIO())
    console.print(summary.summary(volume, run))
    return console.file.getvalue()


def test_a_run_that_stopped_before_publishing_shows_as_far_as_it_got(sample_run):
    text = printed(sample_run.volume, sample_run.run)
    assert f"Run {sample_run.run.id}" in text
    assert "They mean nothing" in text
    for name in (
        "Fetched",
        "Labelled",
        "Answered",
        "To review",
        "Augmented",
        "Audited",
        "Trained",
        "Not finished",
    ):
        assert name in text, name
    for metric in METRICS:
        assert metric.words in text, metric.name
    assert "Champion      none yet" in text
    assert max(map(len, text.splitlines())) <= 120


def test_lines_count_in_plain_words(tmp_path, monkeypatch, capsys):
    reasons = {"voted": 90, "tie": 4, "no votes": 6}
    blind = {"rules": ["a", "b"], "withhold": ["rating"], "hand_labels_needed": {"n": 1796}}
    model = {"model": "random_forest", "roc_auc": {"mean": 0.99}, "rating_hidden": {"mean": 0.9}}
    fetch = {"rows": 8807, "source": "titles.csv", "quarantined": 2, "repaired": 3}
    home = {
        "genre_names": {"n": 9, "known": 4, "mapped": 3, "unmapped": 2},
        "unmapped_genres": {"Podcast": 2},
        "ratings": {"n": 5, "with_gold": 3, "missing": 1, "unknown": 1},
        "unknown_ratings": {"Q": 1},
        "languages": {"English": 3, "French": 1},
    }
    nobody = {"train": 0, "test": 0, "disagreement": 0, "voting": 0}
    some = {**nobody, "train": 300, "test": 1, "disagreement": 2}
    votes = {**some, "voting": 300, "strength": 0.97, "labels_changed": 40, "labels_gained": 0}
    settled = "people settled 300 train and 1 test title, and disagree about 2"
    label = {"rules": 12, "reasons": reasons, "labels": {"family": 30, "not family": 60}}
    assert [
        summary.fetched(fetch),
        summary.shared({"home": home}),
        summary.labelled(label),
        *(summary.answered({"answers": answers}) for answers in (nobody, some, votes)),
        summary.augmented({"copies": {}}),
        summary.audited(blind),
        summary.audited({**blind, "hand_labels_needed": {}}),
        summary.trained({"candidates": [{**model, "n_titles": 6563}]}),
    ] == [
        "8,807 titles from titles.csv; 2 quarantined, 3 repaired",
        SHARED,
        "12 rules; 90 voted, 4 ties, 6 without votes; 30 family, 60 not",
        "no title yet; see To review",
        f"{settled}; they are gold, and none votes",
        f"{settled}; 300 vote with strength 0.97: 40 labels changed, 0 gained",
        "0 copies of train titles: none",
        "2 rules that never read rating, worth about 1,796 hand labels",
        "2 rules that never read rating",
        "random forest 0.9900, 0.900 hidden (ROC-AUC, 6,563 titles cross-validated)",
    ]
    # Without a run it says what to do.
    monkeypatch.setenv("LABELING_LAB_DATA", str(tmp_path))
    assert summary.main() == 1
    assert "make run" in capsys.readouterr().err.replace("\n", " ")


def test_a_run_of_an_earlier_lab_is_one_clear_line(monkeypatch, sample_run, capsys):
    monkeypatch.setenv("LABELING_LAB_DATA", str(sample_run.volume.root))
    monkeypatch.setattr(summary, "FACTS", (("Shares", "fetch", "fetch.json", lambda r: r["no"]),))
    assert summary.main() == 1
    assert "Run sample says nothing of 'no': an earlier version" in capsys.readouterr().err

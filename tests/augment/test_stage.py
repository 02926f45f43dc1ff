"""The stage: the training table, its copies and its counts, what it reads and what it writes."""

import re

import pandas as pd
import pytest

from tasks.augment import synonyms
from tasks.augment.copies import Copy
from tasks.augment.stage import add_copies, augment, make_training_table, training_titles
from tasks.augment.transforms import TRANSFORMS, random_deletion, random_swap
from tasks.catalog.utilities import FEATURE_COLUMNS, title_text
from tasks.config import AugmentConfig, StageConfig
from tasks.errors import ArtifactError, ConfigError, WordNetError
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import apply_rules
from tasks.volume import atomic

FIRST = ["show_id", "text", "label", "parent_id", "operation", "probability"]
PLAIN = (random_swap, random_deletion)
NONE_NEAR = pd.DataFrame(columns=["show_id", "test_id", "why"], dtype="str")
PLAIN_NAMES = tuple(operation.name for operation in PLAIN)


def run(titles, operations=PLAIN, rules=(), table=None, near=NONE_NEAR, **config):
    """Return the originals, the copies and the counts."""
    training, counts = make_training_table(
        titles, near, operations, table or {}, rules, AugmentConfig(**config)
    )
    is_copy = training["parent_id"].notna()
    assert not is_copy.iloc[: (~is_copy).sum()].any()
    return training[~is_copy], training[is_copy], counts


def test_everything_is_counted(titles):
    originals, copies, counts = run(titles(3, 8))
    assert sum(counts.pop("copies").values()) == len(copies) == 5
    assert len(originals) == 11
    assert counts == {
        "minority": "family",
        "before": {"family": 3, "not_family": 8},
        "after": {"family": 8, "not_family": 8},
        "copies_wanted": 5,
        "titles_copied": 3,
        "duplicates_dropped": 0,
        "votes_changed": 0,
        "not_applicable": {},
        "target_reached": True,
    }
    for frame, operations, reached in ((titles(3, 8), (), False), (titles(5, 5), PLAIN, True)):
        _, copies, counts = run(frame, operations)
        assert (len(copies), counts["target_reached"]) == (0, reached)


def test_no_test_title_none_without_label_none_nearly_a_test_title_and_no_copy_of_one(titles):
    frame = titles(3, 8)
    near = pd.DataFrame([["s3", "s11", "the same title"]], columns=NONE_NEAR.columns)
    outside = {"s3", *frame["show_id"][(frame["split"] != "train") | frame["label"].isna()]}
    assert len(outside) == 5
    originals, copies, _ = run(frame, near=near)
    assert outside.isdisjoint(originals["show_id"])
    assert outside.isdisjoint(copies["parent_id"])


def test_the_rows_are_the_titles_as_features(titles):
    rows = training_titles(titles(2, 3), left_out={"s1", "s9"})
    assert rows["show_id"].tolist() == ["s0", "s2", "s3", "s4"]
    assert rows[["parent_id", "operation"]].isna().all(axis=None)
    assert rows["text"].iloc[0] == (
        "Title 0. a brave child and the friend of number 0 walk to some far away place"
    )
    assert rows.loc[0, ["label", "duration_value", "genre_count"]].tolist() == [1, 90.0, 1.0]
    assert [*rows.columns[:6], rows.columns[-1]] == [*FIRST, "content_group"]
    assert sorted(rows.columns[6:-1]) == sorted({*FEATURE_COLUMNS} - {"text"})
    assert rows["label"].dtype == "int8"
    assert set(rows.dtypes[["show_id", "text", "parent_id", "operation"]].astype(str)) == {"str"}


def test_copies_follow_in_order_and_have_all_but_text_id_and_operation_from_their_parent(titles):
    frame = titles(2, 2).assign(cast="A, B", country="X", director="D")
    frame["probability"] = [0.9, 0.8, 0.1, 0.2, 1, 0, float("nan"), float("nan")]
    frame["rating"] = ["G", None, "PG", "PG", "G", "G", "G", "G"]
    originals = training_titles(frame)
    copies = [Copy("s1", "swap", 2, "c"), Copy("s1", "swap", 10, "b"), Copy("s0", "swap", 1, "a")]
    table = add_copies(originals, copies)
    made = table.iloc[4:].set_index("show_id")
    pd.testing.assert_frame_equal(table.iloc[:4], originals)
    assert list(made.index) == ["s0~swap~1", "s1~swap~2", "s1~swap~10"]
    assert list(made["text"]) == ["a", "c", "b"]
    assert list(made["parent_id"]) == ["s0", "s1", "s1"]
    assert set(made["operation"]) == {"swap"}
    inherited = originals.columns.drop(["show_id", "text", "parent_id", "operation"])
    parents = originals.set_index("show_id").loc[made["parent_id"], inherited]
    pd.testing.assert_frame_equal(
        made[inherited].reset_index(drop=True), parents.reset_index(drop=True)
    )


def test_copies_of_a_title_stay_when_the_catalog_grows(titles):
    frame = titles(4, 20)
    more = frame.iloc[[4]].assign(show_id="t1", title="Another", content_group="gt1")
    _, before, _ = run(frame, max_copies=1)
    _, after, _ = run(pd.concat([frame, more], ignore_index=True), max_copies=1)
    before, after = (table.set_index("show_id")["text"] for table in (before, after))
    both = before.index.intersection(after.index)
    assert len(both) == 8
    assert before[both].equals(after[both])


def test_odd_texts_survive(titles):
    for description in ("", None, "NA", "None", "1994", "<b>1</b>", "=1+1", "x" * 5000):
        frame = titles(3, 8)
        frame.loc[frame["show_id"] == "s0", "description"] = description
        originals, _, counts = run(frame)
        assert counts["target_reached"], description
        assert originals["text"].iloc[0] == f"Title 0. {description or ''}"
        written = atomic.from_csv(atomic.to_csv(originals))
        assert written["text"].iloc[0] == originals["text"].iloc[0]


def test_keywords_of_the_rules_stay_and_so_do_the_votes(titles):
    """The contract of augmentation: no transform changes what a rule says of a title."""
    frame = titles(3, 200)
    words = ("murder at christmas", "a kid and a serial killer", "the stand-up special of a family")
    frame.loc[[0, 1, 2], "description"] = [
        f"{text} and brave friends walk to some quiet place far away" for text in words
    ]
    table = {"walk": ("stroll",), "brave": ("courageous",), "kid": ("child",)}
    for operation in TRANSFORMS:
        _, copies, counts = run(frame, (operation,), LABELING_FUNCTIONS, table, max_copies=20)
        assert len(copies) > 2, operation.name
        assert counts["votes_changed"] == 0, operation.name
        own = frame.set_index("show_id").loc[copies["parent_id"]].reset_index()
        texts = title_text(own)
        before, after = (
            apply_rules(own.assign(title=text, description=text), LABELING_FUNCTIONS)
            for text in (texts, list(copies["text"]))
        )
        assert (before.to_numpy() == after.to_numpy()).all(), operation.name


class TestStage:
    def test_what_it_writes(self, labeled_sample, caplog):
        with caplog.at_level("INFO"):
            summary = augment(labeled_sample, AugmentConfig(operations=PLAIN_NAMES))
        written = labeled_sample.read("augment")
        training = written.read_table("augmented.parquet")
        csv = atomic.from_csv(written.read_bytes("netflix_augmented.csv"))
        assert written.read_json("augment.json") == summary
        assert summary["after"]["family"] == summary["after"]["not_family"]
        assert list(csv.columns) == list(training.columns.drop("content_group"))
        assert list(csv["text"]) == list(training["text"])
        assert csv["parent_id"].isna().sum() == training["parent_id"].isna().sum()
        assert training["show_id"].is_unique
        counted = (
            rf"Made {summary['copies_wanted']} of \d+ copies of family titles.* dropped \d+ dup"
        )
        assert re.search(counted, caplog.text)
        config = AugmentConfig(operations=("random_swap",), max_copies=1)
        assert augment(labeled_sample, config)["target_reached"] is False
        assert re.search(r"target ratio is not reached: \d+ copies are missing", caplog.text)

    def test_harmful_operations_are_dropped_where_that_is_asked_for(self, labeled_sample, caplog):
        dropping = AugmentConfig(operations=PLAIN_NAMES, drop_harmful_operations=True)
        with pytest.raises(ArtifactError, match="has no augmentation_audit; run that stage first"):
            augment(labeled_sample, dropping)
        with labeled_sample.write("augmentation_audit", StageConfig()) as out:
            out.write_json("audit.json", {"harmful": ["random_swap"]})
        kept = augment(labeled_sample, AugmentConfig(operations=PLAIN_NAMES))
        assert set(kept["copies"]) == set(PLAIN_NAMES)
        assert set(labeled_sample.read("augment").manifest["inputs"]) == {"label"}
        dropped = augment(labeled_sample, dropping)
        assert set(dropped["copies"]) == {"random_deletion"}
        assert dropped["operations_dropped"] == ["random_swap"]
        inputs = labeled_sample.read("augment").manifest["inputs"]
        assert set(inputs) == {"label", "augmentation_audit"}
        assert "Dropped, because the audit found them harmful: random_swap" in caplog.text

    def test_missing_wordnet_or_operation_is_an_error_that_says_what_to_do(
        self, labeled_sample, monkeypatch
    ):
        monkeypatch.setattr(synonyms, "search_path", lambda root: [root / "nltk_data"])
        advice = "run python -m tasks.augment.wordnet, or leave synonym_replacement out"
        with pytest.raises(WordNetError, match=rf"needs WordNet, which is not in .*{advice}"):
            augment(labeled_sample, AugmentConfig())
        with pytest.raises(ConfigError, match="operations names back_translation"):
            augment(labeled_sample, AugmentConfig(operations=("back_translation",)))
        augment(labeled_sample, AugmentConfig(operations=PLAIN_NAMES))

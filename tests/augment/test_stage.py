"""The stage on a small volume: the training table, its copies and its counts."""

import re

import pandas as pd
import pytest

from tasks.augment import corpus, stage
from tasks.augment.sources import from_debian_folder
from tasks.augment.stage import augment
from tasks.augment.synonyms import load_synonyms
from tasks.augment.transform import Passage, transform
from tasks.config import AugmentConfig, StageConfig
from tasks.errors import ArtifactError, ConfigError, LabelingError, WordNetError
from tasks.volume import atomic

PLAIN = ("random_swap", "random_deletion")
COLUMNS = [
    *("show_id", "text", "label", "parent_id", "operation", "probability"),
    *("duration_value", "duration_unit", "release_year", "cast_count", "genre_count", "type"),
    *("rating", "cast", "director", "country", "listed_in", "content_group"),
]


@pytest.fixture
def run(labeled_run):
    """Run the stage on titles; returns summary, training table and artifacts."""

    def make(titles, rules=(), run_id="a", **config):
        workspace = labeled_run(titles, rules, run_id)
        summary = augment(workspace, AugmentConfig(**{"operations": PLAIN, **config}))
        artifacts = workspace.read("augment")
        return summary, artifacts.read_table("augmented.parquet"), artifacts

    return make


def split_table(training):
    is_copy = training["parent_id"].notna()
    return training[~is_copy], training[is_copy]


def test_the_summary_counts_everything(run, titles):
    summary, _, artifacts = run(titles(3, 8))
    assert summary == artifacts.read_json("augment.json")
    copies, rates = summary.pop("copies"), summary.pop("kept_rates")
    assert sum(copies.values()) == 5
    assert {name: (rate["n"], rate["kept_rate"]) for name, rate in rates.items()} == {
        name: (n, 1.0) for name, n in copies.items()
    }
    assert summary == {
        "minority": "family",
        "before": {"family": 3, "not_family": 8},
        "after": {"family": 8, "not_family": 8},
        "copies_wanted": 5,
        "titles_copied": 3,
        "duplicates_dropped": 0,
        "not_applicable": {},
        "refused_by": {},
        "target_reached": True,
        "wordnet": None,
        "near_duplicates_left_out": 0,
        "operations_dropped": [],
    }


def test_originals_are_the_labelled_train_titles(run, titles):
    _, training, _ = run(titles(3, 8))
    originals, _ = split_table(training)
    assert list(originals["show_id"]) == sorted(f"s{i}" for i in range(11))
    assert originals["operation"].isna().all()
    first = originals.set_index("show_id").loc["s10"]
    assert first["text"] == (
        "Title 10. a brave child and the friend of number 10 walk to some far away place"
    )
    assert (first["label"], first["duration_value"], first["genre_count"]) == (0, 90.0, 1)


def test_the_tables_columns_and_types(run, titles):
    _, training, artifacts = run(titles(3, 8))
    assert sorted(training.columns) == sorted(COLUMNS)
    assert list(training.columns[:6]) == COLUMNS[:6]
    assert training.columns[-1] == "content_group"
    assert training["label"].dtype == "int8"
    assert {str(training[c].dtype) for c in ("show_id", "text", "parent_id", "operation")} == {
        "str"
    }
    csv = atomic.from_csv(artifacts.read_bytes("netflix_augmented.csv"))
    assert list(csv.columns) == list(training.columns[:-1])
    assert csv["parent_id"].isna().sum() == 11
    assert list(csv["text"]) == list(training["text"])


def test_a_copy_has_all_but_id_text_and_operation_from_its_parent(run, titles):
    frame = titles(3, 8)
    frame["rating"] = frame["show_id"].map({"s0": "G", "s1": "PG"}).astype("str")
    _, training, _ = run(frame)
    originals, copies = split_table(training)
    inherited = training.columns.drop(["show_id", "text", "parent_id", "operation"])
    parents = originals.set_index("show_id").loc[copies["parent_id"], inherited]
    pd.testing.assert_frame_equal(
        copies[inherited].reset_index(drop=True), parents.reset_index(drop=True)
    )
    assert set(copies["operation"]) <= set(PLAIN)
    assert training["show_id"].is_unique
    assert copies["show_id"].str.match(r"s\d+~(random_swap|random_deletion)~1$").all()


def test_copies_follow_the_originals_in_order(run, titles):
    _, training, _ = run(titles(3, 40), max_copies=12)
    _, copies = split_table(training)
    number = copies["show_id"].str.split("~").str[-1].astype(int)
    keys = list(zip(copies["parent_id"], copies["operation"], number, strict=True))
    assert keys == sorted(keys)
    assert number.max() > 1
    assert training["parent_id"].isna().iloc[:43].all()


def test_no_test_or_unlabelled_title_and_no_copy_of_one(run, titles):
    frame = titles(3, 8)
    outside = set(frame["show_id"][(frame["split"] != "train") | frame["label"].isna()])
    assert len(outside) == 4
    _, training, _ = run(frame)
    assert outside.isdisjoint(training["show_id"])
    assert outside.isdisjoint(training["parent_id"])


def test_a_copy_never_has_the_text_of_a_test_title(run, titles):
    frame = titles(1, 2)
    frame.loc[frame["show_id"] == "s0", ["title", "description"]] = ["A", "dog. walk"]
    frame.loc[frame["split"] == "test", ["title", "description"]] = ["A. walk", "DOG"]
    summary, training, _ = run(frame, operations=("random_swap",), max_copies=3)
    assert split_table(training)[1].empty
    assert summary["duplicates_dropped"] == 3


def test_every_text_is_there_once(run, titles):
    _, training, _ = run(titles(4, 60), max_copies=20)
    normal = training["text"].map(stage.normalise)
    assert normal.is_unique


def test_the_less_frequent_class_is_copied_whichever_it_is(run, titles):
    summary, training, _ = run(titles(8, 3))
    assert summary["minority"] == "not family"
    assert summary["after"] == {"family": 8, "not_family": 8}
    assert set(split_table(training)[1]["label"]) == {0}


@pytest.mark.parametrize(
    ("n_family", "n_other", "balance", "copies"),
    [(3, 8, 1.0, 5), (3, 8, 0.5, 1), (3, 8, 0.3, 0), (5, 5, 1.0, 0), (3, 10, 0.75, 5)],
)
def test_the_target_ratio(run, titles, n_family, n_other, balance, copies):
    summary, training, _ = run(titles(n_family, n_other), balance=balance)
    assert summary["copies_wanted"] == copies
    assert len(split_table(training)[1]) == copies


def test_balanced_classes_need_nothing(run, titles, caplog):
    with caplog.at_level("INFO"):
        run(titles(5, 5), operations=None)
    assert "the classes are balanced" in caplog.text


def test_no_operations_switch_augmentation_off(run, titles):
    summary, training, _ = run(titles(3, 8), operations=())
    assert len(training) == 11
    assert summary["target_reached"] is False
    assert split_table(training)[1].empty


def test_too_few_copies_are_said(run, titles, caplog):
    summary, _, _ = run(titles(1, 50), max_copies=2)
    assert summary["target_reached"] is False
    assert re.search(r"target ratio is not reached: \d+ copies are missing", caplog.text)


def test_shuffled_titles_give_the_same_bytes(run, titles):
    frame = titles(4, 20)
    _, _, one = run(frame, run_id="one")
    _, _, other = run(frame.sample(frac=1, random_state=1), run_id="other")
    for name in ("augmented.parquet", "netflix_augmented.csv", "augment.json"):
        assert one.read_bytes(name) == other.read_bytes(name)


def test_another_seed_gives_other_copies(run, titles):
    _, one, _ = run(titles(4, 20), run_id="one", seed=1)
    _, other, _ = run(titles(4, 20), run_id="other", seed=2)
    assert list(split_table(one)[1]["text"]) != list(split_table(other)[1]["text"])


def test_copies_of_a_title_stay_when_the_catalog_grows(run, titles):
    few, many = titles(4, 20), titles(4, 20)
    more = many.iloc[[4]].assign(show_id="t1", title="Another", content_group="gt1")
    _, before, _ = run(few, run_id="before", max_copies=1)
    _, after, _ = run(pd.concat([many, more], ignore_index=True), run_id="after", max_copies=1)
    copies, grown = (split_table(t)[1].set_index("show_id")["text"] for t in (before, after))
    both = copies.index.intersection(grown.index)
    assert len(both) == 8
    assert copies[both].equals(grown[both])


def test_keywords_of_the_rules_stay(run, titles):
    rules = [{"name": "kw", "keywords": ["child*", "far away"]}, {"name": "rated"}]
    _, training, _ = run(titles(3, 60), rules, max_copies=20)
    texts = split_table(training)[1]["text"]
    assert len(texts) == 57
    for word in ("child", "far away"):
        assert texts.str.contains(rf"\b{word}\b").all()


@pytest.mark.parametrize(
    "description", ["", None, "NA", "None", "1994", "<b>1</b>", "=1+1", "x" * 5000]
)
def test_odd_texts_survive(run, titles, description):
    frame = titles(3, 8)
    frame.loc[frame["show_id"] == "s0", "description"] = description
    summary, training, artifacts = run(frame)
    assert summary["target_reached"] is True
    text = training.set_index("show_id")["text"]["s0"]
    assert text == f"Title 0. {description or ''}"
    csv = atomic.from_csv(artifacts.read_bytes("netflix_augmented.csv"))
    assert csv.set_index("show_id")["text"]["s0"] == text


def test_texts_without_free_words_are_counted(run, titles):
    frame = titles(3, 8)
    frame["description"] = ""
    summary, training, _ = run(frame)
    assert split_table(training)[1].empty
    assert summary["not_applicable"] == {"random_deletion": 12, "random_swap": 12}


def test_one_class_only_is_an_error(run, titles):
    with pytest.raises(LabelingError, match="None of the 8 labelled train titles is family"):
        run(titles(0, 8))


def test_no_label_at_all_is_an_error(run, titles):
    with pytest.raises(LabelingError, match="None of the 0 labelled train titles"):
        run(titles(0, 0))


def test_an_unknown_operation_is_an_error(run, titles):
    with pytest.raises(ConfigError, match="operations names back_translation"):
        run(titles(3, 8), operations=("back_translation",))


def test_a_train_title_that_is_nearly_a_test_title_is_left_out(run, titles, caplog):
    frame = titles(3, 8)
    frame.loc[frame["show_id"].isin(["s3", "s11"]), "title"] = ["The Twin", "the TWIN!"]
    summary, training, _ = run(frame)
    assert summary["near_duplicates_left_out"] == 1
    assert "s3" not in set(training["show_id"])
    assert re.search(
        r"Left out 1 train titles .* such as s3 \(of s11: the same title\)", caplog.text
    )


@transform()
def curse(words, rng, context):
    """Let the last word be murder."""
    return [*words[:-1], "murder"]


@transform()
def shout(words, rng, context):
    """Let the last word be loud."""
    return [*words[:-1], "LOUD"]


def test_a_copy_on_which_a_rule_votes_otherwise_is_not_kept(run, titles, monkeypatch, caplog):
    monkeypatch.setattr(stage, "TRANSFORMS", (curse, shout))
    with caplog.at_level("INFO"):
        summary, training, _ = run(titles(3, 8), [{"name": "kw_violence"}], operations=None)
    assert set(split_table(training)[1]["operation"]) == {"shout"}
    assert summary["copies"] == {"shout": 3}
    rate = summary["kept_rates"]["curse"]
    assert (rate["n"], rate["kept"], rate["refused"], rate["kept_rate"]) == (12, 0, 12, 0.0)
    assert summary["refused_by"] == {"kw_violence": 12}
    assert "curse 0.00% of 12, shout 100.00% of 3" in caplog.text


def test_harmful_operations_are_dropped_where_that_is_asked_for(labeled_run, titles, caplog):
    workspace = labeled_run(titles(3, 8))
    with workspace.write("augmentation_audit", StageConfig()) as out:
        out.write_json("audit.json", {"harmful": ["random_swap"]})
    kept = augment(workspace, AugmentConfig(operations=PLAIN))
    assert set(kept["copies"]) == set(PLAIN)
    assert "augmentation_audit" not in workspace.read("augment").manifest["inputs"]
    dropped = augment(workspace, AugmentConfig(operations=PLAIN, drop_harmful_operations=True))
    assert set(dropped["copies"]) == {"random_deletion"}
    assert dropped["operations_dropped"] == ["random_swap"]
    assert "augmentation_audit" in workspace.read("augment").manifest["inputs"]
    assert "Dropped, because the audit found them harmful: random_swap" in caplog.text


def test_dropping_harmful_operations_needs_an_audit(run, titles):
    with pytest.raises(ArtifactError, match="has no augmentation_audit; run that stage first"):
        run(titles(3, 8), drop_harmful_operations=True)


def test_missing_wordnet_is_an_error_that_says_what_to_do(run, titles, monkeypatch):
    monkeypatch.setattr(corpus, "search_path", lambda root: [root / "nltk_data"])
    message = (
        r"needs WordNet.*run python -m tasks.augment.wordnet, or leave synonym_replacement out"
    )
    with pytest.raises(WordNetError, match=message):
        run(titles(3, 8), operations=None)


def test_synonyms_are_replaced_with_a_small_wordnet(run, titles, tmp_path, debian_folder):
    from_debian_folder(tmp_path / "nltk_data" / "corpora", debian_folder)
    summary, training, _ = run(titles(3, 8), operations=("synonym_replacement",))
    assert summary["copies"] == {"synonym_replacement": 5}
    assert len(summary["wordnet"]) == 64
    changes = split_table(training)[1]["text"].str.extract(r"a (\w+) (\w+) and")
    assert set(changes.itertuples(index=False, name=None)) == {
        ("courageous", "kid"),
        ("courageous", "youngster"),
    }


@pytest.mark.wordnet
def test_with_the_real_wordnet(run, titles, real_wordnet, tmp_path, monkeypatch):
    monkeypatch.setattr(corpus, "find", lambda root: real_wordnet)
    summary, training, _ = run(titles(3, 30), operations=None, max_copies=10)
    assert summary["target_reached"] is True
    assert set(summary["copies"]) == {"synonym_replacement", *PLAIN}
    table, summary_digest = load_synonyms(tmp_path)
    assert summary["wordnet"] == summary_digest
    texts = training.set_index("show_id")["text"]
    replaced = training[training["operation"] == "synonym_replacement"]
    for parent, copy in zip(texts[replaced["parent_id"]], replaced["text"], strict=True):
        pairs = zip(Passage.of(parent).words, Passage.of(copy).words, strict=True)
        changes = [(old, new) for old, new in pairs if old != new]
        assert len(changes) == 2
        assert all(new in table[old] for old, new in changes)

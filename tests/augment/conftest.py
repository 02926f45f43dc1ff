"""A labelled catalog, the sample's labels, and a WordNet small enough to be read."""

import os
from pathlib import Path

import pandas as pd
import pytest

from tasks.augment import synonyms
from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.pipeline import LABEL
from tasks.volume.runs import Volume

# Lemmas of each synset, one line a synset, in each part of speech; "%" marks a tagged sense.
SYNSETS = {
    "noun": ["movie% film% picture", "child% kid% youngster", "Paris", "find", "find uncovering"],
    "verb": ["find% discover% come_upon", "found% establish"],
    "adj": ["brave% courageous(p) Stoic", "dear beloved"],
    "adv": ["bravely courageously"],
}
EXCEPTIONS = {"noun": "children child\n", "verb": "found find\n", "adj": "", "adv": ""}
PART_LETTERS = {"noun": "n", "verb": "v", "adj": "a", "adv": "r"}


@pytest.fixture(scope="session")
def labeled_sample(tmp_path_factory, run_on):
    """A run on the embedded sample that got as far as its labels: its workspace."""
    return run_on(tmp_path_factory.mktemp("labeled"), "sample", LABEL)


@pytest.fixture
def titles():
    """Make labelled titles: so many train titles of each class, two test, two without label."""

    def make(n_family, n_other):
        kinds = (
            [(1, "train")] * n_family
            + [(0, "train")] * n_other
            + [(1, "test"), (0, "test"), (None, "train"), (None, None)]
        )
        ids = range(len(kinds))
        story = "a brave child and the friend of number {} walk to some far away place"
        cells = {
            "show_id": [f"s{i}" for i in ids],
            "title": [f"Title {i}" for i in ids],
            "description": [story.format(i) for i in ids],
        }
        frame = pd.DataFrame(cells, columns=list(CATALOG_COLUMNS)).astype("str")
        frame = frame.assign(type="Movie", rating="PG", duration="90 min", listed_in="Dramas")
        frame["release_year"] = pd.array([2020] * len(kinds), dtype="Int64")
        frame["label"] = pd.array([label for label, _ in kinds], dtype="Int8")
        frame["probability"] = frame["label"].astype("float64")
        frame["split"] = pd.array([split for _, split in kinds], dtype="str")
        frame["content_group"] = "g" + frame["show_id"]
        return frame.sort_values("show_id", ignore_index=True)

    return make


@pytest.fixture
def debian_folder(tmp_path):
    """A folder like Debian's /usr/share/wordnet: valid, tiny, without lexnames and index.sense."""
    folder = tmp_path / "usr-share-wordnet"
    write_wordnet(folder)
    return folder


def write_wordnet(folder: Path) -> None:
    folder.mkdir()
    for part, lines in SYNSETS.items():
        letter = PART_LETTERS[part]
        data = "  1 Tiny WordNet 3.0 Copyright nobody\n"
        index: dict[str, list[tuple[str, bool]]] = {}
        for line in lines:
            offset = f"{len(data):08d}"
            words = [word.rstrip("%") for word in line.split()]
            pairs = " ".join(f"{word} 0" for word in words)
            frames = " 00" if part == "verb" else ""
            data += f"{offset} 03 {letter} {len(words):02x} {pairs} 000{frames} | gloss  \n"
            for word in line.split():
                lemma = word.rstrip("%").partition("(")[0].lower()
                index.setdefault(lemma, []).append((offset, word.endswith("%")))
        rows = ["  1 Tiny WordNet 3.0 Copyright nobody"]
        for lemma, senses in sorted(index.items()):
            tagged = sum(is_tagged for _, is_tagged in senses)
            offsets = " ".join(offset for offset, _ in senses)
            rows.append(f"{lemma} {letter} {len(senses)} 0 {len(senses)} {tagged} {offsets}  ")
        (folder / f"data.{part}").write_text(data)
        (folder / f"index.{part}").write_text("\n".join(rows) + "\n")
        (folder / f"{part}.exc").write_text(EXCEPTIONS[part])
    (folder / "cntlist.rev").write_text("")


@pytest.fixture(scope="session")
def real_wordnet() -> Path:
    """Where the real WordNet is."""
    place = synonyms.find(Volume.from_environment().root)
    if place is None:
        message = f"WordNet is not provisioned; run {synonyms.INSTALL_COMMAND}"
        if os.environ.get("LABELING_LAB_REQUIRE_WORDNET") == "1":
            pytest.fail(message)
        pytest.skip(message)
    return place

"""The table of stages says what the stages do: read from a real run on the sample."""

import inspect

from tasks.pipeline import FIGURES, STAGES, load, needed_by

NAMES = [entry.name for entry in STAGES]


def test_every_entry_is_whole_unique_and_reads_earlier_ones_only():
    assert len(set(NAMES)) == len(NAMES)
    for place, entry in enumerate(STAGES):
        assert set(entry.reads) <= set(NAMES[:place]), entry.name
        assert entry.files, entry.name
        assert len(set(entry.files)) == len(entry.files), entry.name
        assert entry.doc.endswith("."), entry.name
        parameters = list(inspect.signature(load(entry.function)).parameters)
        assert parameters[:2] == ["workspace", "config"], entry.name
        assert entry.config().to_dict(), entry.name
    assert needed_by("augment") == ("fetch", "label", "augmentation_audit")


def written(manifest):
    """Return the files in a manifest, those in a folder by the folder's name."""
    return {FIGURES if name.startswith(FIGURES) else name for name in manifest["files"]}


def test_every_stage_writes_what_the_table_says_and_reads_no_more(sample_run):
    done = {name.split("/")[0]: sample_run.read(name).manifest for name in sample_run.run.stages()}
    for entry in STAGES[: NAMES.index("evaluate_slices") + 1]:
        manifest = done[entry.name]
        assert written(manifest) == set(entry.files), entry.name
        read = {name.split("/")[0] for name in manifest["inputs"]}
        assert read <= set(entry.reads), entry.name

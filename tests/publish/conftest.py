"""A volume of runs that may be published: copies of a real run, on titles that count as real."""

import os
import shutil
import signal

import pytest

from tasks.config import DecideConfig, EvaluateConfig, PublishConfig
from tasks.errors import LabError, PublishError
from tasks.pipeline import EVALUATE_SLICES, METRICS
from tasks.publish import release, rollback
from tasks.publish.canary import examine
from tasks.publish.decision import decide
from tasks.publish.stage import publish
from tasks.volume.runs import Volume

# What the sample, fitted quickly, does not reach; every other gate stays as declared.
LOW = {"rating_hidden_roc_auc": 0.5, "blind_audit_roc_auc": 0.5}
BETTER = {
    "n": 300, "status": "ok", "challenger": 0.75, "champion": 0.74, "difference": 0.01,
    "intervals": {"difference": [0.005, 0.015]}, "outcome": "better",
}  # fmt: skip


@pytest.fixture
def metrics(finished):
    """The metrics of the run, to be altered."""
    return finished.read(EVALUATE_SLICES).read_json(METRICS)


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch):
    """Let the canary do its work here and not in a fresh process, which takes seconds."""

    def examine_here(folder):
        try:
            examine(folder)
        except LabError as error:
            raise PublishError(f"the canary refused the release: {error}") from error

    monkeypatch.setattr(release, "run_canary", examine_here)
    monkeypatch.setattr(rollback, "run_canary", examine_here)


class Lab:
    """A volume to publish from."""

    def __init__(self, root, finished):
        self.volume = Volume(root)
        self.releases = self.volume.releases
        self.finished = finished

    def run(self, run_id="run1", finished=None, **blocks):
        """Copy the finished run; `blocks` replace those of its metrics.

        Beside a champion, the comparison says that the run is better.
        """
        source = finished or self.finished
        shutil.copytree(source.run.path, self.volume.run(run_id).path)
        workspace = self.volume.workspace(run_id)
        if champion := self.releases.current():
            blocks = {"comparison": {"champion_version": champion, **BETTER}, **blocks}
        if blocks:
            rewrite_stage(workspace, EVALUATE_SLICES, {METRICS: blocks})
        return workspace

    def decide(self, workspace, **thresholds):
        return decide(workspace, DecideConfig(thresholds={**LOW, **thresholds}))

    def publish(self, workspace, approval=None, **settings):
        """Decide and publish."""
        self.decide(workspace)
        return publish(workspace, PublishConfig(**settings), approval)

    def events(self):
        return [(e["event"], e["run_id"], e.get("version")) for e in self.releases.history()]


def rewrite_stage(workspace, name, changed):
    """Write a stage of a run again, as it was but for `changed` files: bytes, or JSON keys."""
    old = workspace.read(name)
    inputs = []
    for earlier, read in old.manifest["inputs"].items():
        inputs.append(workspace.read(earlier))
        for file in read["files"]:
            inputs[-1].file(file)
    with workspace.write(name, EvaluateConfig(), inputs=inputs) as out:
        for file in {**old.manifest["files"], **changed}:
            new = changed.get(file)
            if isinstance(new, dict):
                out.write_json(file, {**old.read_json(file), **new})
            else:
                out.write_bytes(file, old.read_bytes(file) if new is None else new)


@pytest.fixture
def better():
    """A comparison with the champion that the challenger wins."""
    return BETTER


@pytest.fixture
def rewrite():
    return rewrite_stage


@pytest.fixture
def lab(tmp_path, finished):
    return Lab(tmp_path / "volume", finished)


@pytest.fixture
def killed_at():
    """Run a function in a process of its own that SIGKILL ends at a step: ``(owner, name)``."""

    def run(function, owner, name):
        child = os.fork()
        if not child:
            try:
                setattr(owner, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
                function()
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"not killed at {name}"
        assert os.WTERMSIG(status) == signal.SIGKILL

    return run

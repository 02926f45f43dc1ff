"""The lab's errors: every message names what was found, what was expected and what to do next."""


class LabError(ValueError):
    """Anything the lab refuses, with a message written for the person who has to act on it."""


class ConfigError(LabError):
    """A parameter has a value that no stage can work with."""


class CatalogError(LabError):
    """A catalog file is missing, unreadable, or not a catalog."""


class RetryableError(LabError):
    """Something around the lab failed, not what it was asked to do: a retry may mend it."""


class ProcessError(RetryableError):
    """A process was killed by a signal, ran out of time or out of memory."""


class VolumeError(RetryableError):
    """The volume cannot be read or written: a folder is missing, read-only or full."""


class ArtifactError(VolumeError):
    """An artifact of a run or a release is missing, half-written or altered."""


class RuleError(LabError):
    """A rulebook entry is malformed, or answered with the wrong shape or values."""


class LabelingError(LabError):
    """The votes leave nothing to train on."""


class WordNetError(LabError):
    """WordNet is needed and is not installed."""


class LeakageError(LabError):
    """What is scored on, or gold, reached training or a rule."""


class TrainingError(LabError):
    """There is not enough labelled data of both classes to train and compare models."""


class EvaluationError(LabError):
    """Predictions and catalog do not fit together."""


class PublishError(LabError):
    """A release cannot be assembled or switched to."""

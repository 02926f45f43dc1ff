"""A model as a skops file: data without code, the same bytes whenever it is written."""

import io
import json
import sys
import zipfile
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any

from sklearn.pipeline import Pipeline

from tasks.catalog.formats import shorten
from tasks.errors import LabError, PublishError
from tasks.pipeline import MODEL
from tasks.volume.releases import Releases

# What a published model may be made of, beyond arrays and containers. A type gets here by name,
# after a person looked at what its constructor and its state do; the contract test writes every
# candidate of the rulebook and names what is missing.
TRUSTED = (
    "builtins.str",
    "numpy.dtype",
    "numpy.float64",
    "numpy.int64",
    "sklearn.calibration.CalibratedClassifierCV",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.compose._column_transformer.ColumnTransformer",
    "sklearn.ensemble._forest.RandomForestClassifier",
    "sklearn.feature_extraction.text.TfidfTransformer",
    "sklearn.impute._base.SimpleImputer",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.pipeline.Pipeline",
    "sklearn.preprocessing._data.StandardScaler",
    "sklearn.preprocessing._encoders.OneHotEncoder",
    "sklearn.svm._classes.LinearSVC",
    "sklearn.tree._classes.DecisionTreeClassifier",
    "sklearn.tree._tree.Tree",
    "tasks.train.features.CatalogFeatures",
    "tasks.train.features.SharedColumns",
    "tasks.train.features.TextFeatures",
    "tasks.train.folds.GroupedFolds",
    "tasks.train.names.ListedNames",
    "tasks.train.names.ListedPairs",
)
# The module of skops that lists what skops vouches for, and its lists that skops asks for.
_VOUCHED_FOR = "skops.io._trusted_types"
_LISTS = (
    "CONTAINER_TYPE_NAMES",
    "NUMPY_DTYPE_TYPE_NAMES",
    "NUMPY_RANDOM_BIT_GENERATOR_TYPE_NAMES",
    "NUMPY_UFUNC_TYPE_NAMES",
    "PRIMITIVE_TYPE_NAMES",
    "SCIPY_UFUNC_TYPE_NAMES",
    "SKLEARN_ESTIMATOR_TYPE_NAMES",
    "SKLEARN_INTERNAL_TYPE_NAMES",
)
_SCHEMA = "schema.json"
_ID, _FILE = "__id__", "file"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def load_model(releases: Releases, version: str | None = None) -> Pipeline:
    """Load the model of a release, such as ``v0003``; nothing in the file can run code.

    Parameters
    ----------
    version : str, optional
        By default the champion.

    Returns
    -------
    Pipeline
        From a raw catalog to ``predict_proba``; column 1 is P(family).

    Raises
    ------
    ArtifactError
        If the release or its model is missing or altered.
    PublishError
        If there is no release yet, or the model is made of a type that is not trusted, or by an
        earlier version of the lab, without its rules.
    """
    chosen = version or releases.current()
    if chosen is None:
        raise PublishError(f"{releases.root} has no release yet; run the workflow (make run).")
    return parse_model(releases.read_bytes(chosen, MODEL), f"{MODEL} of release {chosen}")


def import_skops() -> Any:
    """Return ``skops.io``, which vouches for no type here: `TRUSTED` says all.

    By itself it would import every estimator of scikit-learn, and pytest with them, and look for
    every ufunc in every module, only to list their names: measured, two of the 4.7 CPU seconds that
    importing it takes. So its lists are empty here, for all of the process. Where somebody imported
    it before, it stays as it is, and vouches for what its authors trust.
    """
    if "skops.io" not in sys.modules:
        nothing = ModuleType(_VOUCHED_FOR)
        vars(nothing).update({name: [] for name in _LISTS})
        sys.modules[_VOUCHED_FOR] = nothing
    try:
        import skops.io
    except ImportError as error:
        del sys.modules[_VOUCHED_FOR]
        raise LabError(
            f"skops is missing or not of the version that the lab knows ({error}); install what "
            "requirements.lock says."
        ) from error
    return skops.io


def parse_model(content: bytes, name: str) -> Pipeline:
    """Return the model in a skops file whose digest was checked; `name` goes into the errors."""
    skops_io = import_skops()
    try:
        foreign = set(skops_io.get_untrusted_types(data=content)) - set(TRUSTED)
        if not foreign:
            return skops_io.loads(content, trusted=list(TRUSTED))
    except MemoryError:
        raise
    except PublishError as error:  # a part of the model refuses its state
        raise PublishError(f"{name}: {error}") from error
    except Exception as error:  # a damaged schema fails anywhere inside skops
        raise PublishError(
            f"{name} is not a skops file ({type(error).__name__}: {shorten(str(error), 200)}); "
            "publish again."
        ) from error
    raise PublishError(
        f"{name} holds {shorten(', '.join(sorted(foreign)), 400)}, which may not be loaded: a "
        "model is made of the types in TRUSTED (tasks/volume/model_file.py). If the type is "
        "harmless, add it there; if you do not know where it comes from, do not use this release."
    )


def to_skops(model: Any) -> bytes:
    """Serialise a fitted model; the same model gives the same bytes.

    skops numbers objects by their addresses in memory and dates what it writes: both are replaced.
    """
    raw = import_skops().dumps(model)
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as found, zipfile.ZipFile(target, "w") as written:
        schema = json.loads(found.read(_SCHEMA))
        files: dict[str, str] = {}
        _renumber(schema, {}, files)
        contents = {new: found.read(name) for name, new in files.items()}
        contents[_SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
        for name, content in contents.items():
            info = zipfile.ZipInfo(name, date_time=_EPOCH)
            written.writestr(info, content, zipfile.ZIP_DEFLATED, compresslevel=6)
    return target.getvalue()


def _renumber(node: Any, ids: dict[int, int], files: dict[str, str]) -> None:
    """Give objects and files the number of their first place in the schema."""
    if isinstance(node, list):
        for inner in node:
            _renumber(inner, ids, files)
    elif isinstance(node, dict):
        if isinstance(node.get(_ID), int):
            node[_ID] = ids.setdefault(node[_ID], len(ids))
        name = node.get(_FILE)
        if isinstance(name, str) and _ID in node:
            node[_FILE] = files.setdefault(name, f"{len(files)}{PurePosixPath(name).suffix}")
        for inner in node.values():
            _renumber(inner, ids, files)

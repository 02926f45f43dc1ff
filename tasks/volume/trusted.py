"""TRUSTED: the types that a published model may be made of; nothing else is ever loaded.

A type gets here by name, after a person looked at what its constructor and its state do. The
contract test writes every candidate of the rulebook and names what is missing.
"""

import json
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from tasks.errors import PublishError

SCHEMA = "schema.json"


def _names(module: str, *types: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for name in types)


TRUSTED: frozenset[str] = frozenset().union(
    _names("builtins", "dict", "list", "slice", "str", "tuple"),
    _names("numpy", "dtype", "float64", "int64", "ndarray"),
    _names("sklearn.calibration", "CalibratedClassifierCV", "_CalibratedClassifier"),
    _names("sklearn.calibration", "_SigmoidCalibration"),
    _names("sklearn.compose._column_transformer", "ColumnTransformer"),
    _names("sklearn.ensemble._forest", "RandomForestClassifier"),
    _names("sklearn.feature_extraction.text", "TfidfTransformer"),
    _names("sklearn.impute._base", "SimpleImputer"),
    _names("sklearn.linear_model._logistic", "LogisticRegression"),
    _names("sklearn.pipeline", "Pipeline"),
    _names("sklearn.preprocessing._data", "StandardScaler"),
    _names("sklearn.preprocessing._encoders", "OneHotEncoder"),
    _names("sklearn.svm._classes", "LinearSVC"),
    _names("sklearn.tree._classes", "DecisionTreeClassifier"),
    _names("sklearn.tree._tree", "Tree"),
    _names("tasks.train.features", "CatalogFeatures", "SharedColumns", "TextFeatures"),
    _names("tasks.train.folds", "GroupedFolds"),
    _names("tasks.train.names", "ListedNames", "ListedPairs"),
)


def check_types(content: bytes, name: str) -> None:
    """Refuse a skops file that names a type outside `TRUSTED`; nothing is imported or run.

    Parameters
    ----------
    content : bytes
        The file.
    name : str
        Goes into the error.

    Raises
    ------
    PublishError
        Naming the foreign types, or if it is not a skops file.
    """
    if foreign := sorted(set(found_types(content, name)) - TRUSTED):
        raise PublishError(
            f"{name} holds {', '.join(foreign)}, which may not be loaded: a model is made of the "
            "types in tasks/volume/trusted.py only. If the type is harmless, add it there; "
            "if you do not know where it comes from, do not use this release."
        )


def found_types(content: bytes, name: str) -> list[str]:
    """Return the full names of all types and functions that a skops file names."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            schema = json.loads(archive.read(SCHEMA))
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise PublishError(f"{name} is not a skops file ({error}); publish again.") from error
    return sorted(set(_walk(schema)))


def _walk(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "__class__" in node:
            yield f"{node.get('__module__')}.{node['__class__']}"
        for inner in node.values():
            yield from _walk(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _walk(inner)

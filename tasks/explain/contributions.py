"""How a fitted model adds up: its features by name, and what each one contributes to a score."""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.pipeline import Pipeline

from tasks.errors import LabError

log = logging.getLogger(__name__)

Floats = npt.NDArray[np.float64]

BACKGROUND_TITLES = 25
_NAMED_AFTER = {"text": "word", "listed_in": "genre"}  # other columns speak for themselves
SHAP_MISSING = (
    "A {kind} can only be explained with shap, which is not installed; "
    "install the extra (pip install shap) and run it again, or publish a linear model."
)


@dataclass(frozen=True)
class LinearScore:
    """A model's log-odds of family as a linear function of its features.

    Parameters
    ----------
    coefficients : array of float, shape (n_features,)
    intercept : float
    """

    coefficients: Floats
    intercept: float


def linear_score(model: Pipeline) -> LinearScore | None:
    """Return the model's log-odds as a linear function; None if it is a forest.

    A calibrated model is the mean of its members, each with its sigmoid's slope applied.

    Raises
    ------
    LabError
        If the model is neither linear nor a forest of trees.
    """
    estimator = _last(model.named_steps["model"])
    if hasattr(estimator, "coef_"):
        return LinearScore(np.ravel(estimator.coef_), float(np.ravel(estimator.intercept_)[0]))
    members = getattr(estimator, "calibrated_classifiers_", ())
    if members and all(hasattr(member.estimator, "coef_") for member in members):
        scores = [_calibrated(member) for member in members]
        coefficients = np.mean([score.coefficients for score in scores], axis=0)
        return LinearScore(coefficients, float(np.mean([score.intercept for score in scores])))
    if hasattr(estimator, "estimators_"):
        return None
    raise LabError(
        f"{type(estimator).__name__} cannot be explained: it is neither linear nor a forest. "
        "Add it to tasks/explain/contributions.py, or publish another model."
    )


def _calibrated(member: Any) -> LinearScore:
    """Apply a sigmoid calibrator, P = 1 / (1 + exp(a f + b)), to a linear margin f."""
    inner = member.estimator
    calibrator = member.calibrators[0]
    slope, offset = -getattr(calibrator, "a_", -1.0), -getattr(calibrator, "b_", 0.0)
    intercept = float(np.ravel(inner.intercept_)[0])
    return LinearScore(slope * np.ravel(inner.coef_), float(slope * intercept + offset))


def feature_names(model: Pipeline) -> list[str]:
    """Return readable names: ``word: princess``, ``genre: Dramas``, ``rating = TV-MA``."""
    features = model.named_steps["features"]
    every = features.get_feature_names_out()
    names: list[str] = []
    for label, transformer, columns in features.transformers_:
        span = features.output_indices_[label]
        if span.stop > span.start:
            bare = [str(name).removeprefix(f"{label}__") for name in every[span]]
            names += _readable(bare, columns, hasattr(_last(transformer), "categories_"))
    return [names[column] for column in _kept(model, len(names))]


def _last(step: Any) -> Any:
    return step[-1] if isinstance(step, Pipeline) else step


def _kept(model: Pipeline, n_features: int) -> list[int]:
    """Return which features a model that chooses among them itself, step by step, looks at."""
    kept = np.arange(n_features)
    last = model.named_steps["model"]
    for step in last[:-1] if isinstance(last, Pipeline) else ():
        kept = kept[step.columns_]
    return kept.tolist()


def _readable(names: Sequence[str], columns: Any, categorical: bool) -> Iterator[str]:
    if isinstance(columns, str):
        return (f"{_NAMED_AFTER.get(columns, columns)}: {name}" for name in names)
    return (_category(name, columns) if categorical else name for name in names)


def _category(name: str, columns: Sequence[str]) -> str:
    column = max((c for c in columns if name.startswith(f"{c}_")), key=len, default="")
    value = name.removeprefix(f"{column}_")
    return f"{column} = {'missing' if value in ('nan', 'None', '<NA>') else value}"


def featurise(model: Pipeline, catalog: pd.DataFrame) -> sparse.csr_array:
    """Return what the model sees of a catalog, shape (n_titles, n_features)."""
    values = sparse.csr_array(model[:-1].transform(catalog)).astype(np.float64)
    return values[:, _kept(model, values.shape[1])]


def linear_rows(
    score: LinearScore, values: sparse.csr_array, background: sparse.csr_array
) -> Iterator[tuple[float, Floats]]:
    """Yield base and contributions, title by title: a dense table would not fit in memory."""
    middle = column_means(background)
    base = float(score.intercept + middle @ score.coefficients)
    for row in range(values.shape[0]):
        yield base, (values[[row]].toarray().ravel() - middle) * score.coefficients


def forest_rows(
    model: Pipeline, values: sparse.csr_array, background: sparse.csr_array
) -> Iterator[tuple[float, Floats]]:
    """Yield base and contributions, title by title, in probability; needs shap.

    They are interventional: compared with background titles. The path-dependent kind, which needs
    no background, is off by twenty orders of magnitude in trees 100 levels deep.
    """
    estimator = _last(model.named_steps["model"])
    explainer = _tree_explainer(estimator, pick_evenly(background, BACKGROUND_TITLES))
    family = list(estimator.classes_).index(1)
    base = float(np.ravel(explainer.expected_value)[family])
    for row in range(values.shape[0]):
        yield base, explainer.shap_values(values[[row]].toarray())[0, :, family]


def pick_evenly(values: sparse.csr_array, n: int) -> sparse.csr_array:
    """Return at most `n` rows, evenly spread; always the same ones."""
    last = values.shape[0] - 1
    return values[np.linspace(0, last, min(n, last + 1)).astype(int)]


def _tree_explainer(estimator: Any, background: sparse.csr_array) -> Any:
    started = time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what shap's own imports say is not the user's affair
            import shap
    except ImportError as error:
        raise LabError(SHAP_MISSING.format(kind=type(estimator).__name__)) from error
    explainer = shap.TreeExplainer(
        estimator, data=background.toarray(), feature_perturbation="interventional"
    )
    log.info("shap is ready after %.1f s", time.perf_counter() - started)
    return explainer


def column_means(values: sparse.csr_array) -> Floats:
    """Return each feature's mean, shape (n_features,)."""
    return np.asarray(values.mean(axis=0)).ravel()


def mean_deviation(values: sparse.csr_array) -> Floats:
    """Return each column's mean absolute deviation from its mean, without making it dense."""
    columns = values.tocsc()
    means = column_means(values)
    stored = np.diff(columns.indptr)
    deviation = np.abs(columns.data - np.repeat(means, stored))
    owner = np.repeat(np.arange(columns.shape[1]), stored)
    sums = np.bincount(owner, weights=deviation, minlength=columns.shape[1])
    return (sums + (values.shape[0] - stored) * np.abs(means)) / values.shape[0]

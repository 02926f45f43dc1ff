"""What moved the model: each feature's contribution to a title's score.

Contributions are Shapley values (S. Lundberg and S.-I. Lee, 2017) against a title that has no word,
no category and average numbers. Those of a linear model have a closed form, coefficient times
value, which needs no library; a forest's need the extra ``shap``.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.pipeline import Pipeline

from tasks.catalog.columns import VOTE_COLUMNS
from tasks.errors import LabError

Floats = npt.NDArray[np.float64]

LOG_ODDS = "log-odds"
PROBABILITY = "probability"
# Other columns speak for themselves.
_NAMED_AFTER = {"text": "word", "listed_in": "genre", **dict.fromkeys(VOTE_COLUMNS, "rule")}
SHAP_MISSING = (
    "A {kind} can only be explained with shap, which is not installed; "
    "install the extra (pip install shap) and run it again, or publish a linear model."
)


@dataclass(frozen=True)
class Opinion:
    """What a model says of a title.

    Contributions, the largest first, are of ``feature``, ``value`` (as the model sees it) and
    ``contribution``; positive is towards family. With the base they add up to the log-odds of a
    linear model (of a calibrated one: to the mean of its members') or the probability of a forest.
    """

    probability: float  # of family
    unit: str = ""  # log-odds or probability; empty if contributions are not known
    base: float | None = None  # the score of a title that has nothing
    contributions: tuple[Mapping[str, Any], ...] = ()


def explain_titles(model: Pipeline, catalog: pd.DataFrame) -> list[Opinion]:
    """Say for each title which features moved a published model, and how far.

    `LabError` if the model cannot be explained, or only with shap, which is not installed.
    """
    seen = model[:-1].transform(catalog)
    names, values = feature_names(model), kept_values(model, seen)
    score = linear_score(model)
    if score is None:
        unit, (base, contributions) = PROBABILITY, forest_contributions(model, values)
    else:
        coefficients, base = score
        unit, contributions = LOG_ODDS, sparse.csr_array(values.multiply(coefficients))
    chances = model[-1].predict_proba(seen)[:, 1].tolist()
    return [
        Opinion(chance, unit, base, _largest_first(names, values[[row]], contributions[[row]]))
        for row, chance in enumerate(chances)
    ]


def _largest_first(
    names: Sequence[str], values: sparse.csr_array, contributions: sparse.csr_array
) -> tuple[dict[str, Any], ...]:
    """List what moved one title; of equal contributions the first by name comes first."""
    value, moved = values.toarray().ravel(), contributions.toarray().ravel()
    order = sorted(np.flatnonzero(moved).tolist(), key=lambda i: (-abs(moved[i]), names[i]))
    return tuple(
        {"feature": names[i], "value": float(value[i]), "contribution": float(moved[i])}
        for i in order
    )


def linear_score(model: Pipeline) -> tuple[Floats, float] | None:
    """Return coefficients and intercept of a model's log-odds of family; None for a forest.

    A calibrated model is the mean of its members, each with its sigmoid's slope applied.
    `LabError` if the model is neither linear nor a forest of trees.
    """
    estimator = _last(model.named_steps["model"])
    if hasattr(estimator, "coef_"):
        return np.ravel(estimator.coef_), float(np.ravel(estimator.intercept_)[0])
    members = getattr(estimator, "calibrated_classifiers_", ())
    if members and all(hasattr(member.estimator, "coef_") for member in members):
        coefficients, intercepts = zip(*map(_calibrated, members), strict=True)
        return np.mean(coefficients, axis=0), float(np.mean(intercepts))
    if hasattr(estimator, "estimators_"):
        return None
    raise LabError(
        f"{type(estimator).__name__} cannot be explained: it is neither linear nor a forest. "
        "Add it to tasks/explain/contributions.py, or publish another model."
    )


def _calibrated(member: Any) -> tuple[Floats, float]:
    """Apply a sigmoid calibrator, P = 1 / (1 + exp(a f + b)), to a linear margin f."""
    inner, calibrator = member.estimator, member.calibrators[0]
    slope, offset = -getattr(calibrator, "a_", -1.0), -getattr(calibrator, "b_", 0.0)
    return slope * np.ravel(inner.coef_), slope * float(np.ravel(inner.intercept_)[0]) + offset


def forest_contributions(
    model: Pipeline, values: sparse.csr_array
) -> tuple[float, sparse.csr_array]:
    """Return base and contributions in probability; needs shap.

    They are interventional: compared with a background. The path-dependent kind, which needs none,
    is off by twenty orders of magnitude in trees 100 levels deep.
    """
    estimator = _last(model.named_steps["model"])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what shap's own imports say is not the user's affair
            import shap
    except ImportError as error:
        raise LabError(SHAP_MISSING.format(kind=type(estimator).__name__)) from error
    nothing = np.zeros((1, values.shape[1]))
    explainer = shap.TreeExplainer(estimator, data=nothing, feature_perturbation="interventional")
    family = list(estimator.classes_).index(1)
    contributions = explainer.shap_values(values.toarray())[:, :, family]
    return float(np.ravel(explainer.expected_value)[family]), sparse.csr_array(contributions)


def kept_values(model: Pipeline, seen: Any) -> sparse.csr_array:
    """Return those features that the model's classifier looks at, shape (n_titles, n_features)."""
    values = sparse.csr_array(seen).astype(np.float64)
    return values[:, _kept(model, values.shape[1])]


@lru_cache(maxsize=2)  # of tens of thousands of names, asked for with every title
def feature_names(model: Pipeline) -> list[str]:
    """Return readable names: ``word: princess``, ``rule: kw_war``, ``rating = TV-MA``."""
    features = model.named_steps["features"]
    every = features.get_feature_names_out()
    names: list[str] = []
    for label, transformer, columns in features.transformers_:
        span = features.output_indices_[label]
        if span.stop > span.start:
            categorical = hasattr(_last(transformer), "categories_")
            bare = (str(name).removeprefix(f"{label}__") for name in every[span])
            names += (_readable(name, columns, categorical) for name in bare)
    return [names[column] for column in _kept(model, len(names))]


def _readable(name: str, columns: str | Sequence[str], categorical: bool) -> str:
    if isinstance(columns, str):
        return f"{_NAMED_AFTER.get(columns, columns)}: {name}"
    if not categorical:
        return name
    column = max((c for c in columns if name.startswith(f"{c}_")), key=len, default="")
    value = name.removeprefix(f"{column}_")
    return f"{column} = {'missing' if value in ('nan', 'None', '<NA>') else value}"


def _kept(model: Pipeline, n_features: int) -> list[int]:
    """Return which features a model that chooses among them itself, step by step, looks at."""
    kept = np.arange(n_features)
    last = model.named_steps["model"]
    for step in last[:-1] if isinstance(last, Pipeline) else ():
        kept = kept[step.columns_]
    return kept.tolist()


def _last(step: Any) -> Any:
    return step[-1] if isinstance(step, Pipeline) else step

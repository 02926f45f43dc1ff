"""The rulebook of models: the candidates that compete in every run.

To add one, write a function that builds it, decorated and with a one-line docstring, add it to
`MODELS`, and add one row to the table in its tests. The DAG reads this file for the names, so
scikit-learn is imported inside the builders.
"""

from typing import TYPE_CHECKING

from tasks.rulebook import rulebook
from tasks.train.core import model

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    from tasks.train.folds import GroupedFolds


@model()
def logistic_regression(seed: int) -> "LogisticRegression":
    """Logistic regression: linear, its coefficients can be read."""
    from sklearn.linear_model import LogisticRegression

    # Dual coordinate descent: far fewer passes than lbfgs where there are more terms than rows.
    return LogisticRegression(solver="liblinear", dual=True, max_iter=1000, random_state=seed)


@model(fits_in_threads=True)
def random_forest(seed: int) -> "Pipeline":
    """Random forest of 300 trees on the terms that several rows share."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import Pipeline

    from tasks.train.features import SharedColumns

    # Three rows a leaf, and no terms of fewer than five rows: such terms make the trees deep and
    # slow and, measured on titles with the rating hidden, no better.
    forest = RandomForestClassifier(n_estimators=300, min_samples_leaf=3, random_state=seed)
    return Pipeline([("shared", SharedColumns(min_rows=5)), ("forest", forest)])


@model()
def calibrated_linear_svc(seed: int, inner_folds: "GroupedFolds") -> "CalibratedClassifierCV":
    """Linear support vector machine, its margins calibrated to probabilities."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    margins = LinearSVC(tol=1e-3, max_iter=5000, random_state=seed)
    return CalibratedClassifierCV(margins, method="sigmoid", cv=inner_folds)


MODELS = rulebook(logistic_regression, random_forest, calibrated_linear_svc)

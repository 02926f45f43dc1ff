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
    """Random forest of 100 trees on the terms that a dozen rows share."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import Pipeline

    from tasks.train.features import SharedColumns

    # Rare terms make trees deep and slow. Without them the share of columns that a split may choose
    # from stays what it is with all of them, 245 of 60,000: a larger one, as the square root of
    # fewer columns would be, finds the rating more often and ranks titles without one worse.
    forest = RandomForestClassifier(n_estimators=100, max_features=0.004, random_state=seed)
    return Pipeline([("shared", SharedColumns(min_rows=12)), ("forest", forest)])


@model()
def calibrated_linear_svc(seed: int, inner_folds: "GroupedFolds") -> "CalibratedClassifierCV":
    """Linear support vector machine, its margins calibrated to probabilities."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    margins = LinearSVC(tol=1e-2, max_iter=5000, random_state=seed)
    return CalibratedClassifierCV(margins, method="sigmoid", cv=inner_folds)


MODELS = rulebook(logistic_regression, random_forest, calibrated_linear_svc)

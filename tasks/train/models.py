"""The rulebook of models: the candidates that compete in every run.

To add one, write a function that builds it, decorated and with a one-line docstring, add it to
`MODELS`, and add one row to the table in its tests. The DAG reads this file for the names, so
scikit-learn is imported inside the builders.
"""

from typing import TYPE_CHECKING

from tasks.catalog.rulebook import rulebook
from tasks.train.model import model

if TYPE_CHECKING:
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    from tasks.train.folds import GroupedFolds

ROWS_OF_A_TREE = 10_000


@model()
def logistic_regression(seed: int) -> "LogisticRegression":
    """Logistic regression: linear, its coefficients can be read."""
    from sklearn.linear_model import LogisticRegression

    # Dual coordinate descent: far fewer passes than lbfgs where there are more terms than rows.
    # A tolerance of 0.5 moves a probability by 0.0001 in the mean and no figure of the
    # cross-validation in its fourth decimal, in a third of the time of the default's 0.0001.
    return LogisticRegression(
        solver="liblinear", dual=True, tol=0.5, max_iter=1000, random_state=seed
    )


@model(fits_in_threads=True, masking="half")
def random_forest(seed: int, n_rows: int) -> "Pipeline":
    """Random forest of 60 trees on what some sixty rows share."""
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import Pipeline

    from tasks.train.features import SharedColumns

    # Rare terms and tiny leaves make trees deep and slow. Without them a split can choose from a
    # larger share of the columns for a quarter of the work: on held-out train titles that ranks
    # better with the rating and as well without it. Much more, and every tree asks for the rating.
    # No tree gets more than a catalogue's usual number of rows: deep trees on ten times as many
    # take far more than ten times as long.
    forest = RandomForestClassifier(
        n_estimators=60,
        max_features=0.02,
        min_samples_leaf=3,
        max_samples=min(n_rows, ROWS_OF_A_TREE),
        random_state=seed,
    )
    shared = SharedColumns(min_rows=max(60, n_rows // 150))
    return Pipeline([("shared", shared), ("forest", forest)])


@model()
def calibrated_linear_svc(seed: int, inner_folds: "GroupedFolds") -> "CalibratedClassifierCV":
    """Linear support vector machine, its margins calibrated to probabilities."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.svm import LinearSVC

    # C below 1: with the default the model all but reads the rating when it is there.
    margins = LinearSVC(C=0.1, tol=0.3, max_iter=5000, random_state=seed)
    return CalibratedClassifierCV(margins, method="sigmoid", cv=inner_folds)


MODELS = rulebook(logistic_regression, random_forest, calibrated_linear_svc)

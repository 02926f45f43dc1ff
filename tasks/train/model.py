"""What a candidate is: a named, documented builder of a scikit-learn classifier."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any

from tasks.errors import RuleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tasks.train.folds import GroupedFolds

ARGUMENTS = ("seed", "inner_folds", "n_rows")


@dataclass(frozen=True)
class Model:
    """A candidate of the rulebook; `model` makes it."""

    name: str
    doc: str
    builder: Callable[..., Any]
    fits_in_threads: bool
    masking: str = "copy"

    def build(self, seed: int, n_rows: int, inner_folds: "GroupedFolds | None" = None) -> Any:
        """Return an unfitted classifier for so many rows."""
        offered = {"seed": seed, "inner_folds": inner_folds, "n_rows": n_rows}
        wanted = signature(self.builder).parameters
        return self.builder(**{name: offered[name] for name in wanted})

    def fit(
        self,
        features: Any,
        labels: "NDArray[Any]",
        groups: "NDArray[Any]",
        seed: int,
        weights: "NDArray[Any] | None" = None,
    ) -> Any:
        """Return a classifier fitted to the rows.

        Rows of one group never fall on both sides of a split inside the classifier. Weights tell
        how much each row counts; by default all the same.
        """
        from joblib import parallel_config

        from tasks.train.folds import GroupedFolds, likelier_class

        classes = None if weights is None else likelier_class(labels, groups, weights)
        inner_folds = GroupedFolds(seed=seed, groups=groups, classes=classes)
        classifier = self.build(seed, len(labels), inner_folds)
        # Not by n_jobs on the classifier: threads would then also add up its votes at prediction
        # time, in an order, and so to a last digit, that changes from call to call.
        with parallel_config("threading", n_jobs=-1 if self.fits_in_threads else 1):
            return classifier.fit(features, labels, **_weight_arguments(classifier, weights))


def _weight_arguments(classifier: Any, weights: "NDArray[Any] | None") -> dict[str, Any]:
    """Return the weights under the name by which the classifier asks for them."""
    if weights is None or (weights == 1).all():
        return {}
    steps = getattr(classifier, "steps", None)
    return {f"{steps[-1][0]}__sample_weight" if steps else "sample_weight": weights}


def model(
    *, fits_in_threads: bool = False, masking: str = "copy"
) -> Callable[[Callable[..., Any]], Model]:
    """Make a candidate of a function that builds an unfitted classifier with ``predict_proba``.

    Parameters
    ----------
    fits_in_threads : bool
        Whether the fit may use every core; only where their number cannot change the result. Not
        for liblinear, whose random numbers all threads of a process share.
    masking : str
        How ratings are masked for it, see `tasks.train.recipe`: ``copy``, or ``half`` for a model
        that rows cost much.

    Returns
    -------
    callable
        A decorator of a function with a one-line docstring that may take ``seed``, ``n_rows``, the
        number of rows that it will be fitted to, and ``inner_folds``, by which a classifier that
        cross-validates on its own training rows has to split them.

    Raises
    ------
    RuleError
        If the builder has no such docstring, or takes other arguments.
    """

    def decorate(builder: Callable[..., Any]) -> Model:
        name = builder.__name__
        doc = (builder.__doc__ or "").strip()
        if not doc or "\n" in doc:
            raise RuleError(f"{name} needs a docstring of one line that says what it is.")
        if foreign := [a for a in signature(builder).parameters if a not in ARGUMENTS]:
            raise RuleError(
                f"{name} takes {', '.join(foreign)}; expected some of {', '.join(ARGUMENTS)}."
            )
        return Model(name, doc, builder, fits_in_threads, masking)

    return decorate

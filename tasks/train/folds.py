"""Folds that keep what belongs together on one side: twins, and copies with their parent."""

from collections.abc import Iterator
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tasks.catalog.columns import CLASS_NAMES, FAMILY, NOT_FAMILY
from tasks.errors import TrainingError

Indices = NDArray[np.intp]
INNER_FOLDS = 3


def groups_per_class(labels: NDArray[Any], groups: NDArray[Any]) -> dict[int, int]:
    """Count the groups of each class; a group with any family row counts as family."""
    of_group = pd.Series(labels).groupby(groups).max()
    return {label: int((of_group == label).sum()) for label in (FAMILY, NOT_FAMILY)}


def likelier_class(
    labels: NDArray[Any], groups: NDArray[Any], weights: NDArray[Any]
) -> NDArray[np.int64]:
    """Return for each row the class that has most of the weight in its group.

    With soft labels every title has rows of both classes.
    """
    codes, names = pd.factorize(groups)
    family = np.bincount(codes, weights * (labels == FAMILY), len(names))
    share = family / np.bincount(codes, weights, len(names))
    return np.where(share[codes] >= 0.5, FAMILY, NOT_FAMILY).astype(np.int64)


def assign_folds(
    labels: NDArray[Any], groups: NDArray[Any], n_folds: int, seed: int
) -> NDArray[np.int64]:
    """Deal rows out to folds, whole groups at a time, each fold with its share of both classes.

    Like scikit-learn's StratifiedGroupKFold, which weighs every fold for every group and takes
    over a second for some thousand groups; here nearly every group is one title with its copies,
    so dealing the groups out by class does as well, at once. Each class has at least `n_folds`
    groups; the seed and the order of the rows fix the folds, which count from 0.
    """
    from sklearn.model_selection import StratifiedKFold

    codes, names = pd.factorize(groups)
    of_group = np.full(len(names), NOT_FAMILY)
    np.maximum.at(of_group, codes, labels)
    fold_of_group = np.empty(len(names), dtype=np.int64)
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    for fold, (_, members) in enumerate(folds.split(of_group, of_group)):
        fold_of_group[members] = fold
    return fold_of_group[codes]


class GroupedFolds:
    """A scikit-learn splitter that knows its rows' groups, and forgets them when pickled.

    There are `INNER_FOLDS` folds, or fewer where a class has fewer groups. `classes` are what the
    rows count as when the folds are dealt out; by default their labels.
    """

    def __init__(
        self, seed: int, groups: NDArray[Any], classes: NDArray[Any] | None = None
    ) -> None:
        self.seed = seed
        self.groups: NDArray[Any] | None = groups
        self.classes = classes

    def __deepcopy__(self, memo: object) -> Self:
        """Return itself, which never changes: cloning a classifier keeps the groups."""
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "groups": None, "classes": None}

    def get_n_splits(self, *_: Any) -> int:
        """Return the most folds that there will be."""
        return INNER_FOLDS

    def split(self, X: Any, y: Any) -> Iterator[tuple[Indices, Indices]]:  # noqa: ARG002, N803
        """Yield the train rows and the held-out rows of each fold."""
        labels = np.asarray(y if self.classes is None else self.classes)
        groups = np.arange(len(labels)) if self.groups is None else self.groups
        counts = groups_per_class(labels, groups)
        rarest = min(counts, key=lambda label: counts[label])
        n_folds = min(INNER_FOLDS, counts[rarest])
        if n_folds < 2:
            raise TrainingError(
                f"{counts[rarest]} of {len(set(groups))} distinct titles to train on is "
                f"{CLASS_NAMES[rarest]}; calibration needs 2 or more. Raise the parameter folds "
                "if it is low, choose models without calibration, or label more titles."
            )
        fold = assign_folds(labels, groups, n_folds, self.seed)
        for held_out in range(n_folds):
            yield np.flatnonzero(fold != held_out), np.flatnonzero(fold == held_out)

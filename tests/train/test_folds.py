import copy

import numpy as np
import pytest

from tasks.errors import TrainingError
from tasks.train.folds import GroupedFolds, assign_folds, groups_per_class, likelier_class


def test_a_group_with_a_family_row_counts_as_family():
    labels, groups = np.array([0, 1, 0, 0, 1]), np.array(["a", "a", "b", "c", "d"])
    assert groups_per_class(labels, groups) == {1: 2, 0: 2}


def test_the_likelier_class_of_a_group_has_most_of_its_weight():
    labels, groups = np.array([1, 0, 1, 0, 1]), np.array(["a", "a", "b", "b", "b"])
    weights = np.array([0.9, 0.1, 0.2, 0.8, 0.3])
    assert likelier_class(labels, groups, weights).tolist() == [1, 1, 0, 0, 0]


def test_groups_stay_together_every_fold_has_its_share_and_the_seed_fixes_them():
    labels = np.repeat([1, 0, 0], 20)
    groups = np.array([f"g{i // 2}" for i in range(60)])
    fold = assign_folds(labels, groups, 5, seed=1)
    for group in set(groups):
        assert len(set(fold[groups == group])) == 1, group
    assert [int(labels[fold == f].sum()) for f in range(5)] == [4] * 5
    assert [int((fold == f).sum()) for f in range(5)] == [12] * 5
    assert (fold == assign_folds(labels, groups, 5, seed=1)).all()
    assert (fold != assign_folds(labels, groups, 5, seed=2)).any()


def test_inner_folds_keep_groups_together():
    labels, groups = np.tile([0, 0, 1, 1], 6), np.arange(24) // 2
    folds = copy.deepcopy(GroupedFolds(seed=0, groups=groups))  # as scikit-learn clones it
    splits = list(folds.split(np.zeros(24), labels))
    assert len(splits) == 3
    for train, held_out in splits:
        assert not set(groups[train]) & set(groups[held_out])
    np.testing.assert_array_equal(np.sort(np.concatenate([h for _, h in splits])), np.arange(24))


def test_inner_folds_are_fewer_where_a_class_has_fewer_groups_but_never_one():
    labels = np.array([1, 1, 1, 0, 0, 0, 0])
    groups = np.array(["a", "a", "b", "c", "d", "e", "f"])
    assert len(list(GroupedFolds(seed=0, groups=groups).split(np.zeros(7), labels))) == 2
    expected = "1 of 4 distinct titles to train on is family; calibration needs 2 or more"
    alone = GroupedFolds(seed=0, groups=np.delete(groups, [2, 6]))
    with pytest.raises(TrainingError, match=expected):
        list(alone.split(np.zeros(5), np.delete(labels, [2, 6])))


def test_folds_can_be_dealt_out_by_other_classes_than_the_labels():
    labels, classes = np.tile([1, 0], 6), np.repeat([1, 0], 6)
    folds = GroupedFolds(seed=0, groups=np.arange(12) // 2, classes=classes)
    shares = [classes[held_out].sum() for _, held_out in folds.split(np.zeros(12), labels)]
    assert shares == [2, 2, 2]

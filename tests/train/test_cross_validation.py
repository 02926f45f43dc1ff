import pytest

from tasks.errors import TrainingError
from tasks.train.cross_validation import family_probability, fit_candidate, fold_of_rows
from tasks.train.models import logistic_regression


def test_no_copy_or_twin_is_on_another_side_than_its_title(training):
    fold = fold_of_rows(training, n_folds=3, seed=0)
    by_id = dict(zip(training["show_id"], fold, strict=True))
    copies = training[training["parent_id"].notna()]
    assert [by_id[i] for i in copies["show_id"]] == [by_id[i] for i in copies["parent_id"]]
    twins = training.loc[training["content_group"] == "g6", "show_id"]
    assert set(twins[~twins.str.contains("~")]) == {"s007", "s010"}
    assert len({by_id[i] for i in twins}) == 1
    assert set(fold) == {0, 1, 2}


def test_a_minority_of_three_titles_is_refused_and_says_what_to_lower(training):
    family = training.loc[training["label"] == 1, "content_group"].unique()[:3]
    few = training[(training["label"] == 0) | training["content_group"].isin(family)]
    expected = (
        r"3 distinct titles of \d+ labelled for training are family; 5-fold cross-validation "
        r"needs 5 or more of each class. Lower the parameter folds to 3 or less"
    )
    with pytest.raises(TrainingError, match=expected):
        fold_of_rows(few, n_folds=5, seed=0)
    assert set(fold_of_rows(few, n_folds=3, seed=0)) == {0, 1, 2}


@pytest.mark.parametrize("kept", [0, 1])
def test_one_class_is_refused(training, kept):
    with pytest.raises(TrainingError, match=r"^0 distinct titles .* Label more titles"):
        fold_of_rows(training[training["label"] == kept], n_folds=2, seed=0)


def test_a_copy_of_no_title_is_refused(training):
    lost = training.assign(
        content_group=training["content_group"].mask(training["show_id"] == "s001~swap~1", "gone")
    )
    with pytest.raises(TrainingError, match="The copy s001~swap~1 has the content group of no"):
        fold_of_rows(lost, n_folds=3, seed=0)


def test_no_rows_have_no_probabilities(training):
    fitted = fit_candidate(logistic_regression, training, seed=0)
    assert family_probability(fitted, training[:0]).shape == (0,)

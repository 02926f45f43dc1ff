import numpy as np
import pandas as pd

from tasks.train.names import ListedNames, ListedPairs

CAST = pd.Series(["Ann Lee, Bo Li", "Bo Li,  Cy Ray", None, "Cy Ray, Cy Ray", ""], dtype="str")


def test_a_column_for_each_name_that_titles_share():
    names = ListedNames(min_titles=2)
    found = names.fit_transform(CAST).toarray()
    assert found.tolist() == [[1, 0], [1, 1], [0, 0], [0, 1], [0, 0]]
    assert names.get_feature_names_out().tolist() == ["Bo Li", "Cy Ray"]
    unseen = pd.Series(["Zoe Fay, Bo Li", None], dtype="str")
    assert names.transform(unseen).toarray().tolist() == [[1, 0], [0, 0]]


def test_copies_of_a_title_count_once():
    cells = pd.Series(["Ann, Bo", "Ann, Bo", "Bo"], dtype="str")
    assert ListedNames(2, np.array(["g1", "g1", "g2"])).fit(cells).names_.tolist() == ["Bo"]
    assert ListedNames(2).fit(cells).names_.tolist() == ["Ann", "Bo"]


def test_no_shared_name_is_one_column_that_stays_empty():
    for cells in ([None, None], ["", ""], ["Ann", "Bo"]):
        found = ListedNames(2).fit_transform(pd.Series(cells, dtype="str"))
        assert found.toarray().tolist() == [[0], [0]], cells


def test_order_of_rows_and_of_names_in_a_cell_change_nothing():
    other = pd.Series(["Cy Ray", "Cy Ray, Bo Li", "Bo Li, Ann Lee"], dtype="str")
    one, two = ListedNames(1).fit(CAST), ListedNames(1).fit(other)
    assert one.names_.tolist() == two.names_.tolist()
    np.testing.assert_array_equal(one.transform(CAST).toarray(), two.transform(CAST).toarray())


def test_pairs_within_a_cell_with_the_whole_cell_and_across_two_columns():
    cells = pd.DataFrame({"listed_in": ["Dramas, Comedies", "Dramas", None]}, dtype="str")
    pairs = ListedPairs(1)
    found = pairs.fit_transform(cells).toarray()
    assert pairs.names_.tolist() == ["Comedies + Dramas", "only Comedies + Dramas", "only Dramas"]
    assert found.tolist() == [[1, 1, 0], [0, 0, 1], [0, 0, 0]]
    across = pd.DataFrame({"genre": ["A, B", "A"], "country": ["X", None]}, dtype="str")
    assert ListedPairs(1).fit(across).names_.tolist() == ["A in X", "B in X"]

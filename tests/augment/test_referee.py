import pandas as pd

from tasks.augment.referee import RuleReferee, rules_on_text
from tasks.augment.transform import Passage
from tasks.catalog.columns import CATALOG_COLUMNS, FAMILY, NOT_FAMILY
from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.rule import labeling_function


@labeling_function(reads=("title", "description"), votes=NOT_FAMILY)
def says_murder(catalog):
    """Says murder."""
    return catalog["description"].str.contains("murder", na=False).to_numpy(dtype=bool)


@labeling_function(reads=("title",), votes=FAMILY)
def starts_with_zoo(catalog):
    """Has a title that starts with Zoo."""
    return catalog["title"].str.startswith("Zoo", na=False).to_numpy(dtype=bool)


@labeling_function(reads=("rating",), votes=FAMILY)
def rated(catalog):
    """Has a rating."""
    return catalog["rating"].notna().to_numpy()


RULES = (says_murder, starts_with_zoo, rated)


def make_titles(*texts):
    rows = [
        {"show_id": f"s{i}", "title": title, "description": description}
        for i, (title, description) in enumerate(texts)
    ]
    return pd.DataFrame(rows).reindex(columns=list(CATALOG_COLUMNS)).astype("str")


def words_of(text):
    return Passage.of(text).words


def referee_for(*texts):
    names = {rule.name for rule in RULES}
    return RuleReferee(make_titles(*texts), rules_on_text(names, RULES))


def test_only_rules_that_read_text_are_asked():
    names = {"says_murder", "rated", "unheard_of"}
    assert rules_on_text(names, RULES) == (says_murder,)
    assert {"title", "description"}.issuperset(
        column for rule in rules_on_text({"kw_violence"}) for column in rule.reads
    )
    assert rules_on_text({rule.name for rule in LABELING_FUNCTIONS})


def test_it_names_the_rules_that_vote_otherwise():
    referee = referee_for(("Zoo", "a calm day"), ("Farm", "a murder there"))
    copies = [
        ("s0", "Zoo a day calm"),
        ("s0", "Farm a murder day"),
        ("s1", "Farm there a murder"),
        ("s1", "Farm a killing there"),
    ]
    verdicts = referee([parent for parent, _ in copies], [words_of(text) for _, text in copies])
    assert verdicts == [(), ("says_murder", "starts_with_zoo"), (), ("says_murder",)]


def test_words_stay_in_the_column_that_they_are_in():
    referee = referee_for(("Big Zoo", "nice day"))
    assert referee(["s0"], [["Zoo", "Big", "nice", "day"]]) == [("starts_with_zoo",)]
    assert referee(["s0"], [["Big", "nice", "Zoo", "day"]]) == [()]


def test_a_word_that_is_gone_leaves_the_columns_apart():
    referee = referee_for(("The Zoo", "nice day"))
    assert referee(["s0"], [["", "Zoo", "nice", "day"]]) == [("starts_with_zoo",)]


def test_missing_descriptions_have_no_words():
    referee = referee_for(("Zoo walk", None))
    assert referee(["s0"], [["walk", "Zoo"]]) == [("starts_with_zoo",)]


def test_without_rules_nothing_is_refused():
    referee = RuleReferee(make_titles(("Zoo", "day")), ())
    assert referee(["s0"], [["Farm", "murder"]]) == [()]

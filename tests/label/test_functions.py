"""The rulebook: what every rule must be, and one literal title each that it votes on or not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tasks.label.functions import LABELING_FUNCTIONS
from tasks.label.vote import aggregate, apply_rules
from tasks.schema import ABSTAIN, CATALOG_COLUMNS, FAMILY, NOT_FAMILY

# rule: (a title that it votes on, a title that it does not), each by the cells that it reads
EXAMPLES = {
    "rated_for_families": ({"rating": "PG"}, {"rating": "PG-13"}),
    "rated_for_children": ({"rating": "TV-Y7-FV"}, {"rating": "TV-G"}),
    "rated_for_everyone": ({"rating": "G"}, {"rating": "PG"}),
    "rated_with_guidance": ({"rating": "TV-PG"}, {"rating": "TV-14"}),
    "rated_beyond_families": ({"rating": "NC-17"}, {"rating": "NR"}),
    "rated_for_teens": ({"rating": "PG-13"}, {"rating": "R"}),
    "rated_for_adults": ({"rating": "TV-MA"}, {"rating": "TV-14"}),
    "genre_children": ({"listed_in": "Kids' TV, TV Comedies"}, {"listed_in": "Comedies"}),
    "genre_faith": ({"listed_in": "Dramas, Faith & Spirituality"}, {"listed_in": "Dramas"}),
    "genre_nature": ({"listed_in": "Science & Nature TV"}, {"listed_in": "Docuseries"}),
    "genre_horror": ({"listed_in": "TV Horror, TV Dramas"}, {"listed_in": "TV Dramas"}),
    "genre_thriller": ({"listed_in": "Dramas, Thrillers"}, {"listed_in": "TV Mysteries"}),
    "genre_crime": ({"listed_in": "Crime TV Shows"}, {"listed_in": "TV Dramas"}),
    "genre_stand_up": ({"listed_in": "Stand-Up Comedy"}, {"listed_in": "Comedies"}),
    "kw_children": ({"title": "Bedtime With Otto"}, {"title": "The Kidney Thief"}),
    "kw_make_believe": ({"description": "A shy unicorn."}, {"description": "A shy accountant."}),
    "kw_animal_friends": ({"description": "Two PUPPIES run."}, {"description": "A puppet state."}),
    "kw_holidays": ({"title": "Santa Is Late"}, {"title": "Santana Is Late"}),
    "kw_violence": ({"description": "Who murdered her?"}, {"description": "The war is over."}),
    "kw_crime": ({"description": "A drug cartel rises."}, {"description": "A drugstore opens."}),
    "kw_sex": ({"description": "An affair begins."}, {"description": "A fair begins in Essex."}),
    "kw_horror": ({"title": "The Haunted Sock"}, {"description": "A live demonstration."}),
    "kw_cruelty": ({"description": "He kidnaps her."}, {"title": "Grapes"}),
    "kw_strong_humor": ({"description": "A foul-mouthed vicar."}, {"description": "A droll one."}),
}
BLANK = {
    "show_id": "s1",
    "type": "Movie",
    "title": "Plain",
    "listed_in": "Movies",
    "description": "Nothing happens.",
}
every_rule = pytest.mark.parametrize("rule", LABELING_FUNCTIONS, ids=lambda rule: rule.name)


def titles(*rows):
    return pd.DataFrame([BLANK | row for row in rows], columns=CATALOG_COLUMNS, dtype="str")


def examples():
    return titles(*(row for pair in EXAMPLES.values() for row in pair))


def test_the_rulebook_has_enough_rules_of_both_classes():
    assert len(LABELING_FUNCTIONS) >= 12
    assert {rule.votes for rule in LABELING_FUNCTIONS} == {FAMILY, NOT_FAMILY}


def test_every_rule_has_its_row_in_the_table():
    assert list(EXAMPLES) == [rule.name for rule in LABELING_FUNCTIONS]


@every_rule
def test_it_votes_on_one_title_and_not_on_the_other(rule):
    assert rule(titles(*EXAMPLES[rule.name])).tolist() == [rule.votes, ABSTAIN]


@every_rule
def test_it_is_named_and_documented(rule):
    assert rule.name == rule.fires.__name__
    assert rule.name.islower()
    assert rule.doc.endswith(".")


def test_docs_are_unique():
    assert len({rule.doc for rule in LABELING_FUNCTIONS}) == len(LABELING_FUNCTIONS)


@every_rule
def test_it_votes_its_own_class_only(rule):
    assert set(rule(examples()).tolist()) == {rule.votes, ABSTAIN}


@every_rule
def test_it_is_pure(rule):
    catalog = examples()
    before = catalog.copy(deep=True)
    first, second = rule(catalog), rule(catalog)
    pd.testing.assert_frame_equal(catalog, before)
    assert first.tolist() == second.tolist()


@every_rule
def test_the_order_of_rows_does_not_matter(rule):
    catalog = examples()
    order = np.random.default_rng(0).permutation(len(catalog))
    assert rule(catalog.iloc[order]).tolist() == rule(catalog)[order].tolist()


@every_rule
def test_each_title_is_judged_alone(rule):
    catalog = examples()
    alone = [rule(catalog.iloc[[row]])[0] for row in range(len(catalog))]
    assert alone == rule(catalog).tolist()


@every_rule
def test_it_abstains_where_every_cell_is_missing(rule):
    catalog = pd.DataFrame(index=range(3), columns=CATALOG_COLUMNS, dtype="str")
    assert rule(catalog).tolist() == [ABSTAIN] * 3
    assert rule(catalog.iloc[:0]).tolist() == []


@every_rule
def test_it_reads_its_declared_columns_only(rule):
    catalog = examples()
    others = [column for column in CATALOG_COLUMNS if column not in rule.reads]
    blanked = catalog.copy()
    blanked[others] = "kid murder unicorn sex"
    assert rule(blanked).tolist() == rule(catalog).tolist()


@every_rule
def test_it_is_vectorised(rule):
    calls = []

    def counting(catalog):
        calls.append(len(catalog))
        return rule.fires(catalog)

    replace(rule, fires=counting)(examples())
    assert calls == [len(examples())]


@pytest.mark.parametrize(
    "rule", [rule for rule in LABELING_FUNCTIONS if rule.keywords], ids=lambda rule: rule.name
)
def test_each_declared_keyword_makes_it_vote(rule):
    words = rule.keywords.words
    assert len(set(words)) == len(words)
    catalog = titles(*({"description": f"So {word.removesuffix('*')}!"} for word in words))
    assert rule(catalog).tolist() == [rule.votes] * len(words)


@every_rule
def test_rules_that_look_for_words_declare_them(rule):
    assert (rule.keywords is not None) == rule.name.startswith("kw_")
    assert (rule.keywords is not None) == ("mentions" in rule.fires.__code__.co_names)


@pytest.mark.parametrize(
    ("against", "label"),
    [
        ({"listed_in": "Horror Movies"}, FAMILY),
        ({"listed_in": "Horror Movies, Thrillers"}, None),
        ({"listed_in": "Horror Movies, Thrillers", "title": "A Murder"}, NOT_FAMILY),
    ],
)
def test_it_takes_three_hints_to_outvote_a_rating(against, label):
    votes = apply_rules(titles({"rating": "PG"} | against), LABELING_FUNCTIONS)
    found = aggregate(votes)["label"].iloc[0]
    assert (None if pd.isna(found) else found) == label

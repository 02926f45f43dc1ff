"""The rulebook: what every rule must be, and one literal title each that it votes on or not."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tasks.catalog.columns import ABSTAIN, CATALOG_COLUMNS, FAMILY, NOT_FAMILY
from tasks.label.functions import FAIR, HINT, LABELING_FUNCTIONS, STRONG, VERDICT
from tasks.label.vote import aggregate, apply_rules

# rule: (a title that it votes on, a title that it does not), each by the cells that it reads
EXAMPLES = {
    "rated_for_families": ({"rating": "PG"}, {"rating": "PG-13"}),
    "rated_for_children": ({"rating": "TV-Y7-FV"}, {"rating": "TV-G"}),
    "rated_for_everyone": ({"rating": "G"}, {"rating": "PG"}),
    "rated_with_guidance": ({"rating": "TV-PG"}, {"rating": "TV-14"}),
    "rated_beyond_families": ({"rating": "NC-17"}, {"rating": "NR"}),
    "rated_for_teens": ({"rating": "PG-13"}, {"rating": "R"}),
    "rated_for_adults": ({"rating": "TV-MA"}, {"rating": "TV-14"}),
    "genre_children": ({"listed_in": "Kids' TV, TV Dramas"}, {"listed_in": "Comedies"}),
    "genre_only_children": ({"listed_in": "Kids' TV, TV Comedies"}, {"listed_in": "TV Comedies"}),
    "genre_faith": ({"listed_in": "Dramas, Faith & Spirituality"}, {"listed_in": "Dramas"}),
    "genre_nature": ({"listed_in": "Science & Nature TV"}, {"listed_in": "Docuseries"}),
    "genre_music": ({"listed_in": "Music & Musicals"}, {"listed_in": "Dramas"}),
    "genre_sports": ({"listed_in": "Dramas, Sports Movies"}, {"listed_in": "Dramas"}),
    "genre_classic": ({"listed_in": "Classic Movies"}, {"listed_in": "Cult Movies"}),
    "genre_documentary": ({"listed_in": "Documentaries"}, {"listed_in": "Docuseries"}),
    "genre_reality": ({"listed_in": "Reality TV"}, {"listed_in": "TV Shows"}),
    "genre_horror": ({"listed_in": "TV Horror, TV Dramas"}, {"listed_in": "TV Dramas"}),
    "genre_thriller": ({"listed_in": "Dramas, Thrillers"}, {"listed_in": "TV Mysteries"}),
    "genre_crime": ({"listed_in": "Crime TV Shows"}, {"listed_in": "TV Dramas"}),
    "genre_stand_up": ({"listed_in": "Stand-Up Comedy"}, {"listed_in": "Comedies"}),
    "genre_lgbtq": ({"listed_in": "Dramas, LGBTQ Movies"}, {"listed_in": "Dramas"}),
    "genre_independent": ({"listed_in": "Independent Movies"}, {"listed_in": "Movies"}),
    "genre_romance": ({"listed_in": "Romantic TV Shows"}, {"listed_in": "TV Dramas"}),
    "genre_teen": ({"listed_in": "Teen TV Shows"}, {"listed_in": "TV Shows"}),
    "genre_anime_series": ({"listed_in": "Anime Series"}, {"listed_in": "Anime Features"}),
    "genre_drama_series": ({"listed_in": "TV Dramas"}, {"listed_in": "Dramas"}),
    "genre_drama": ({"listed_in": "Dramas"}, {"listed_in": "TV Dramas"}),
    "genre_action": ({"listed_in": "Action & Adventure"}, {"listed_in": "Dramas"}),
    "genre_fantastic": ({"listed_in": "TV Sci-Fi & Fantasy"}, {"listed_in": "Anime Series"}),
    "genre_international": ({"listed_in": "Korean TV Shows"}, {"listed_in": "British TV Shows"}),
    "genre_docuseries": ({"listed_in": "Docuseries"}, {"listed_in": "Documentaries"}),
    "genre_other_comedy": (
        {"listed_in": "Comedies, Dramas"},
        {"listed_in": "Children & Family Movies, Comedies"},
    ),
    "film_short": ({"duration": "24 min"}, {"duration": "50 min"}),
    "film_compact": (
        {"duration": "84 min"},
        {"duration": "62 min", "listed_in": "Stand-Up Comedy"},
    ),
    "film_long": ({"duration": "120 min"}, {"type": "TV Show", "duration": "130 min"}),
    "year_of_the_code": ({"release_year": "1940"}, {"release_year": "1968"}),
    "year_before_pg_13": ({"release_year": "1983"}, {"release_year": "1984"}),
    "country_latin": ({"country": "France, Spain"}, {"country": "France"}),
    "country_east_asia": ({"country": "Japan"}, {"country": "India"}),
    "kw_children": ({"title": "Bedtime With Otto"}, {"title": "The Kidney Thief"}),
    "kw_brands": ({"title": "LEGO: The Lost Brick"}, {"title": "The Legate"}),
    "kw_make_believe": ({"description": "A shy unicorn."}, {"description": "A shy accountant."}),
    "kw_animal_friends": ({"description": "Two PUPPIES run."}, {"description": "A puppet state."}),
    "kw_holidays": ({"title": "Santa Is Late"}, {"title": "Santana Is Late"}),
    "kw_learning": ({"description": "Ann learns to count."}, {"description": "A learned man."}),
    "kw_playful": ({"description": "The pals save the day."}, {"description": "A pale day."}),
    "kw_wildlife": ({"description": "Lions at rest."}, {"description": "Lionel rests."}),
    "kw_youngsters": ({"description": "Two siblings row."}, {"description": "Two bankers row."}),
    "kw_uplifting": ({"description": "A tale of hope."}, {"description": "A hopper car."}),
    "kw_violence": ({"description": "Who murdered her?"}, {"description": "The war is over."}),
    "kw_crime": ({"description": "A drug cartel rises."}, {"description": "A drugstore opens."}),
    "kw_sex": ({"description": "An affair begins."}, {"description": "A fair begins in Essex."}),
    "kw_horror": ({"title": "The Haunted Sock"}, {"description": "A live demonstration."}),
    "kw_cruelty": ({"description": "He abuses drugs. Suicide?"}, {"title": "Grapes"}),
    "kw_strong_humor": ({"description": "A foul-mouthed vicar."}, {"description": "A droll one."}),
    "kw_war": ({"description": "The war is over."}, {"description": "The warden naps."}),
    "kw_death": ({"title": "Dead Calm Water"}, {"title": "The Deadline"}),
    "kw_love": ({"description": "His ex-wife calls."}, {"description": "His exam nears."}),
    "kw_grown_ups": ({"description": "A lawyer moves."}, {"description": "The law moves."}),
    "kw_darkness": ({"description": "A forbidden secret past."}, {"description": "A passport."}),
}
BLANK = {
    "show_id": "s1",
    "type": "Movie",
    "title": "Plain",
    "listed_in": "Movies",
    "description": "Nothing happens.",
}
every_rule = pytest.mark.parametrize("rule", LABELING_FUNCTIONS, ids=lambda rule: rule.name)


@pytest.fixture(scope="module")
def row_rules():
    """Return the rules as the bench has them, one row at a time."""
    path = Path(__file__).parents[1] / "bench" / "row_wise.py"
    return runpy.run_path(str(path))["ROW_RULES"]


def titles(*rows):
    return pd.DataFrame([BLANK | row for row in rows], columns=CATALOG_COLUMNS, dtype="str")


def examples():
    return titles(*(row for pair in EXAMPLES.values() for row in pair))


def test_the_rulebook_has_enough_rules_of_both_classes():
    assert len(LABELING_FUNCTIONS) >= 40
    assert {rule.votes for rule in LABELING_FUNCTIONS} == {FAMILY, NOT_FAMILY}


def test_every_rule_has_its_row_in_the_table():
    assert list(EXAMPLES) == [rule.name for rule in LABELING_FUNCTIONS]


@every_rule
def test_it_votes_on_one_title_and_not_on_the_other(rule):
    assert rule(titles(*EXAMPLES[rule.name])).tolist() == [rule.votes, ABSTAIN]


@every_rule
def test_it_is_named_and_documented(rule):
    assert rule.name.isidentifier()
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
    assert (rule.keywords is not None) == (rule.group == "keyword") == rule.name.startswith("kw_")


@every_rule
def test_its_group_is_what_it_reads(rule):
    groups = {"rating": ("rating",), "genre": ("listed_in",), "keyword": ("title", "description")}
    assert groups.get(rule.group, rule.reads) == rule.reads


@every_rule
def test_its_strength_is_one_of_the_four(rule):
    assert rule.strength in {VERDICT, STRONG, FAIR, HINT}
    assert (rule.strength == VERDICT) == (rule.group == "rating")


@every_rule
def test_its_row_wise_twin_votes_the_same(rule, row_rules):
    catalog = examples()
    by_hand = [row_rules[rule.name](row) for _, row in catalog.fillna("").iterrows()]
    assert by_hand == rule(catalog).tolist()


def test_no_word_speaks_for_both_classes():
    sides = {FAMILY: set(), NOT_FAMILY: set()}
    for rule in LABELING_FUNCTIONS:
        sides[rule.votes].update(rule.keywords.words if rule.keywords else ())
    assert sides[FAMILY] & sides[NOT_FAMILY] == set()


AGAINST = [
    {"listed_in": "Horror Movies"},
    {"listed_in": "Horror Movies, Thrillers"},
    {"listed_in": "Horror Movies, Thrillers", "title": "A Murder"},
]


def test_it_takes_three_rules_to_outvote_a_rating_by_majority():
    labels = [label_of({"rating": "PG"} | against, "majority") for against in AGAINST]
    assert labels == [FAMILY, None, NOT_FAMILY]


@pytest.mark.parametrize("against", AGAINST)
def test_by_weight_a_rating_is_not_outvoted(against):
    assert label_of({"rating": "PG"} | against, "weighted") == FAMILY


def test_hints_do_not_count_in_a_majority():
    hints = {"listed_in": "Dramas, International Movies", "description": "A secret wedding."}
    assert label_of(hints, "majority") is None
    assert label_of(hints, "weighted") == NOT_FAMILY


def label_of(cells, aggregator):
    votes = apply_rules(titles(cells), LABELING_FUNCTIONS)
    found = aggregate(votes, LABELING_FUNCTIONS, aggregator)["label"].iloc[0]
    return None if pd.isna(found) else found

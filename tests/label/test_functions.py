"""The rulebook: what every rule must be, and one literal title each that it votes on or not."""

import runpy
from pathlib import Path

import numpy as np
import pandas as pd

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
    "documentary_nature": (
        {"listed_in": "Docuseries", "description": "Polar bears."},
        {"listed_in": "Documentaries", "description": "Polar bears at war."},
    ),
    "series_homely": (
        {"listed_in": "Reality TV", "title": "Cake"},
        {"listed_in": "Reality TV", "title": "Cake", "description": "Singles bake."},
    ),
    "genre_music": ({"listed_in": "Music & Musicals"}, {"listed_in": "Dramas"}),
    "genre_sports_story": (
        {"listed_in": "Dramas, Sports Movies"},
        {"listed_in": "Documentaries, Sports Movies"},
    ),
    "genre_classic": ({"listed_in": "Classic Movies"}, {"listed_in": "Cult Movies"}),
    "genre_documentary": ({"listed_in": "Documentaries"}, {"listed_in": "Docuseries"}),
    "genre_reality_contest": (
        {"listed_in": "Reality TV"},
        {"listed_in": "Reality TV", "description": "Singles bake."},
    ),
    "genre_horror": ({"listed_in": "TV Horror, TV Dramas"}, {"listed_in": "TV Dramas"}),
    "genre_thriller": ({"listed_in": "Dramas, Thrillers"}, {"listed_in": "TV Mysteries"}),
    "genre_crime": ({"listed_in": "Crime TV Shows"}, {"listed_in": "TV Dramas"}),
    "genre_stand_up": ({"listed_in": "Stand-Up Comedy"}, {"listed_in": "Comedies"}),
    "genre_lgbtq": ({"listed_in": "Dramas, LGBTQ Movies"}, {"listed_in": "Dramas"}),
    "genre_independent": ({"listed_in": "Independent Movies"}, {"listed_in": "Movies"}),
    "genre_romance": ({"listed_in": "Romantic TV Shows"}, {"listed_in": "TV Dramas"}),
    "genre_drama_series": ({"listed_in": "TV Dramas"}, {"listed_in": "Dramas"}),
    "genre_drama": ({"listed_in": "Dramas"}, {"listed_in": "TV Dramas"}),
    "genre_action": ({"listed_in": "Action & Adventure"}, {"listed_in": "Dramas"}),
    "genre_fantastic": ({"listed_in": "TV Sci-Fi & Fantasy"}, {"listed_in": "Anime Series"}),
    "genre_international": ({"listed_in": "Korean TV Shows"}, {"listed_in": "British TV Shows"}),
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
    "country_europe": ({"country": "India, Poland"}, {"country": "United Kingdom"}),
    "country_africa_and_levant": ({"country": "Nigeria"}, {"country": "Poland"}),
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


def titles(*rows):
    return pd.DataFrame([BLANK | row for row in rows], columns=CATALOG_COLUMNS, dtype="str")


def examples():
    return titles(*(row for pair in EXAMPLES.values() for row in pair))


def test_every_rule_votes_on_one_title_and_not_on_the_other():
    assert list(EXAMPLES) == [rule.name for rule in LABELING_FUNCTIONS]
    for rule in LABELING_FUNCTIONS:
        assert rule(titles(*EXAMPLES[rule.name])).tolist() == [rule.votes, ABSTAIN], rule.name


def test_every_rule_is_named_documented_and_of_a_known_strength():
    texts = ("title", "description")
    groups = {"rating": {("rating",)}, "keyword": {texts}}
    groups["genre"] = {("listed_in",), ("listed_in", *texts)}
    for rule in LABELING_FUNCTIONS:
        assert rule.name.isidentifier(), rule.name
        assert rule.name.islower(), rule.name
        assert rule.doc.endswith("."), rule.name
        assert rule.strength in {VERDICT, STRONG, FAIR, HINT}, rule.name
        assert (rule.strength == VERDICT) == (
            rule.group == "rating" or rule.name in {"genre_children", "genre_only_children"}
        ), rule.name
        assert rule.reads in groups.get(rule.group, {rule.reads}), rule.name
        assert (rule.group == "keyword") == rule.name.startswith("kw_"), rule.name
        assert rule.travels, f"{rule.name}: a published model does not vote with it"
    assert len({rule.doc for rule in LABELING_FUNCTIONS}) == len(LABELING_FUNCTIONS) >= 40
    assert {rule.votes for rule in LABELING_FUNCTIONS} == {FAMILY, NOT_FAMILY}


def test_every_rule_is_pure_and_judges_each_title_alone_in_any_order():
    catalog = examples()
    before = catalog.copy(deep=True)
    order = np.random.default_rng(0).permutation(len(catalog))
    alone = [catalog.iloc[[row]] for row in range(len(catalog))]
    together = apply_rules(catalog, LABELING_FUNCTIONS)
    for rule in LABELING_FUNCTIONS:
        votes = rule(catalog)
        assert together[rule.name].tolist() == votes.tolist(), rule.name
        assert set(votes.tolist()) == {rule.votes, ABSTAIN}, rule.name
        assert rule(catalog.iloc[order]).tolist() == votes[order].tolist(), rule.name
        judged = [title for title, vote in zip(alone, votes, strict=True) if vote != ABSTAIN]
        assert all(rule(title)[0] == rule.votes for title in judged), rule.name
    pd.testing.assert_frame_equal(catalog, before)


def test_no_rule_votes_on_missing_cells_or_reads_what_it_does_not_declare():
    catalog = examples()
    missing = pd.DataFrame(index=range(3), columns=CATALOG_COLUMNS, dtype="str")
    for rule in LABELING_FUNCTIONS:
        assert rule(missing).tolist() == [ABSTAIN] * 3, rule.name
        assert rule(missing.iloc[:0]).tolist() == [], rule.name
        others = [column for column in CATALOG_COLUMNS if column not in rule.reads]
        blanked = catalog.assign(**dict.fromkeys(others, "kid murder unicorn sex"))
        assert rule(blanked).tolist() == rule(catalog).tolist(), rule.name


def test_each_declared_keyword_makes_its_rule_vote_and_speaks_for_one_class():
    sides = {FAMILY: set(), NOT_FAMILY: set()}
    for rule in LABELING_FUNCTIONS:
        words = rule.keywords.words if rule.group == "keyword" else ()
        sides[rule.votes].update(words)
        catalog = titles(*({"description": f"So {word.removesuffix('*')}!"} for word in words))
        assert rule(catalog).tolist() == [rule.votes] * len(set(words)), rule.name
    assert sides[FAMILY] & sides[NOT_FAMILY] == set()


def test_every_rule_votes_as_its_row_wise_twin_in_the_bench():
    path = Path(__file__).parents[1] / "bench" / "row_wise.py"
    row_rules = runpy.run_path(str(path))["ROW_RULES"]
    catalog = examples()
    rows = [row for _, row in catalog.fillna("").iterrows()]
    for rule in LABELING_FUNCTIONS:
        assert [row_rules[rule.name](row) for row in rows] == rule(catalog).tolist(), rule.name


def label_of(cells, aggregator):
    votes = apply_rules(titles(cells), LABELING_FUNCTIONS)
    found = aggregate(votes, LABELING_FUNCTIONS, aggregator)["label"].iloc[0]
    return None if pd.isna(found) else found


def test_three_rules_outvote_a_rating_by_majority_and_not_by_weight():
    horror = {"rating": "PG", "listed_in": "Horror Movies"}
    both = {"rating": "PG", "listed_in": "Horror Movies, Independent Movies"}
    for cells, by_majority in (
        (horror, FAMILY),
        (both, None),
        (both | {"title": "A Murder"}, NOT_FAMILY),
    ):
        assert label_of(cells, "majority") == by_majority, cells
        assert label_of(cells, "weighted") == FAMILY, cells
    hints = {"listed_in": "Dramas, International Movies", "description": "A secret wedding."}
    assert label_of(hints, "majority") is None
    assert label_of(hints, "weighted") == NOT_FAMILY

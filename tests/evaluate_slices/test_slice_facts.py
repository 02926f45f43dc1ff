"""Facts hold for the titles that they say, and their code finds the same ones."""

import subprocess
import sys
from itertools import combinations

import numpy as np
import pandas as pd

from tasks.catalog.columns import CATALOG_COLUMNS
from tasks.evaluate_slices import slices
from tasks.evaluate_slices.slice_facts import facts_of, to_code


def make_titles():
    rows = [
        ("Movie", "Ann", "India", 1975, "61 min", "Dramas, Kids' TV"),
        ("Movie", None, "Japan, India", 2004, "95 min", "TV Dramas"),
        ("TV Show", None, None, 2015, "1 Season", "Podcasts (Live) & More"),
        ("TV Show", "Bob", "West Germany", None, "4 Seasons", None),
    ] * 2
    names = ["type", "director", "country", "release_year", "duration", "listed_in"]
    titles = pd.DataFrame(rows, columns=names).astype({"release_year": "Int64"})
    texts = {name: titles[name].astype("str") for name in names if name != "release_year"}
    return titles.assign(**texts, cast="Someone").reindex(columns=CATALOG_COLUMNS)


def found_by(code, titles):
    """Paste the code into the rulebook and let the new slice find its titles."""
    scope = dict(vars(slices))
    exec(code, scope)
    return next(v for k, v in scope.items() if k not in vars(slices) and k != "__builtins__")(
        titles
    )


def every_fact(titles, least=1):
    return [fact for facts in facts_of(titles, least) for fact in facts]


def test_facts_hold_for_the_titles_that_they_say_and_of_a_feature_one_at_most():
    held = {fact.phrase: fact.holds[:4].tolist() for fact in every_fact(make_titles())}
    yes, no = True, False
    assert held["of type Movie"] == [yes, yes, no, no]
    assert held["released from 1900 to 1979"] == [yes, no, no, no]
    assert held["of 90 to 119 minutes"] == [no, yes, no, no]
    assert held["of 1 season"] == [no, no, yes, no]
    assert held["of 3 or more seasons"] == [no, no, no, yes]
    assert held["with no director named"] == [no, yes, yes, no]
    assert held["listed under Dramas"] == [yes, no, no, no]
    assert held["from India"] == [yes, yes, no, no]
    assert held["listed under Podcasts (Live) & More"] == [no, no, yes, no]
    assert "with no cast named" not in held  # for none
    assert not [phrase for phrase in held if "rating" in phrase]
    for facts in facts_of(make_titles(), 1):
        assert np.sum([fact.holds for fact in facts], axis=0).max() <= 1


def test_pasted_code_finds_the_same_titles():
    titles = make_titles()
    facts = every_fact(titles)
    for chosen in [*((fact,) for fact in facts), *combinations(facts, 2)]:
        expected = np.logical_and.reduce([fact.holds for fact in chosen])
        np.testing.assert_array_equal(found_by(to_code(chosen), titles), expected)


def test_code_looks_as_the_rulebook_does_and_needs_no_formatting(tmp_path):
    by_name = {fact.name: fact for fact in every_fact(make_titles())}
    code = to_code((by_name["of_90_to_119_minutes"], by_name["tv_dramas"]))
    name = "def tv_dramas_of_90_to_119_minutes(titles: pd.DataFrame) -> pd.Series:"
    doc = '    """Titles listed under TV Dramas and of 90 to 119 minutes."""'
    reads = '@slicing_function(reads=("duration", "listed_in"))'
    assert code.splitlines()[:3] == [reads, name, doc]
    facts = every_fact(make_titles())
    chosen = [*((fact,) for fact in facts), *combinations(facts, 2)]
    path = tmp_path / "pasted.py"
    path.write_text("\n\n".join(to_code(facts) for facts in chosen))
    ruff = [sys.executable, "-m", "ruff", "format", "--diff", "--isolated", "--line-length=100"]
    done = subprocess.run([*ruff, str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_what_code_cannot_quote_and_few_or_all_titles_have_no_fact():
    titles = make_titles().assign(listed_in='Say "Hi", 90s, Podcasts\\')
    assert not [fact for fact in every_fact(titles) if fact.column == "listed_in"]
    titles = make_titles()
    for least in (3, 5):
        for fact in every_fact(titles, least):
            assert least <= fact.holds.sum() < len(titles), fact.name

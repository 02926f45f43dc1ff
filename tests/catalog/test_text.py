import pandas as pd

from tasks.catalog.text import (
    guard_formula,
    normalise_text,
    normalise_texts,
    split_names,
    unguard_formula,
)


def test_texts_that_only_look_different_are_normalised_to_the_same_and_no_others():
    for text, normal in [
        ("The  DOG's day!", "the dog s day"),
        ("\ufb01ne Stra\u00dfe", "fine strasse"),
        ("...", ""),
        ("\u0939\u0948", "\u0939\u0948"),
        ("1994_x", "1994 x"),
    ]:
        assert normalise_text(text) == normal, text
    for one, other in [
        ("\uff26\uff35\uff2c\uff2c\u3000\uff57\uff49\uff44\uff54\uff48", "Full width"),
        ("don't", "don\u2019t"),
        ("Cafe\u0301", "caf\u00e9"),
    ]:
        assert normalise_text(one) == normalise_text(other), one
    for one, other in [("The End 2", "The End 3"), ("Caf\u00e9", "Cafe"), ("हिंदी", "हदी")]:
        assert normalise_text(one) != normalise_text(other), one
    assert normalise_texts(pd.Series(["A b", None], dtype="str")) == ["a b", ""]


def test_listed_names_are_trimmed_and_none_is_empty():
    for cell, names in [
        ("Dramas, Comedies", ("Dramas", "Comedies")),
        (" A  b ,, B,", ("A b", "B")),
        ("", ()),
    ]:
        assert split_names(cell) == names, cell


def test_a_guarded_formula_comes_back_as_it_was_and_a_number_is_none():
    for cell, guarded in [
        ("=1", "'=1"),
        ("-5", "-5"),
        ("'-5", "'-5"),
        ("'=x", "''=x"),
        ("-", "'-"),
    ]:
        assert (guard_formula(cell), unguard_formula(guarded)) == (guarded, cell)

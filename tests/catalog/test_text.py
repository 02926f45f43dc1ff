import pandas as pd

from tasks.catalog.text import normalise_text, normalise_texts, split_names


def test_normalised_texts_differ_in_words_only():
    for text, normal in [
        ("The  DOG's day!", "the dog s day"),
        ("\ufb01ne Stra\u00dfe", "fine strasse"),
        ("...", ""),
        ("\u0939\u0948", "\u0939\u0948"),
        ("1994_x", "1994 x"),
    ]:
        assert normalise_text(text) == normal, text


def test_a_missing_text_is_empty():
    assert normalise_texts(pd.Series(["A b", None], dtype="str")) == ["a b", ""]


def test_listed_names_are_trimmed_and_none_is_empty():
    for cell, names in [
        ("Dramas, Comedies", ("Dramas", "Comedies")),
        (" A  b ,, B,", ("A b", "B")),
        ("", ()),
    ]:
        assert split_names(cell) == names, cell

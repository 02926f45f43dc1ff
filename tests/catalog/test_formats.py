from tasks.catalog.formats import (
    count,
    counts_in_words,
    figure,
    figure_in,
    in_words,
    percent,
    shorten,
)

NAN = float("nan")


def test_counts_names_and_quotes():
    assert (count(8807), count(0), count(None)) == ("8,807", "0", "-")
    assert (count(1, "title"), count(8807, "title")) == ("1 title", "8,807 titles")
    assert counts_in_words({"family": 2070, "no_votes": 0}) == "2,070 family, 0 no votes"
    assert in_words("calibrated_linear_svc") == "calibrated linear SVC"
    assert (shorten("short"), shorten("x" * 9000, 2)) == ("short", "xx... (9,000 characters)")


def test_figures_have_three_digits_and_never_round_up_to_1():
    for value, shown in [
        (0.5, "0.500"),
        (1.0, "1.000"),
        (0.9996, "0.9996"),
        (0.99999, "0.99999"),
        (0.999, "0.999"),
        (-0.0004, "0.000"),
        (1234.5, "1,234.500"),
        (8807, "8,807"),
        (None, "-"),
        (NAN, "-"),
        (True, "-"),
    ]:
        assert figure(value) == shown, value
    assert figure(0.99123, digits=4) == "0.9912"
    # They differ from what they are compared with.
    assert figure(0.9499999, beside=0.95) == "0.9499999"
    assert figure(0.9412345, beside=0.95) == "0.941"
    assert figure(0.95, beside=0.95) == "0.950"
    assert figure(0.94, (0.9, 0.94996), beside=0.95) == "0.940 [0.900, 0.94996]"


def test_figures_come_with_their_interval():
    for block, shown in [
        ({"a": 0.84, "intervals": {"a": [0.8, 0.88]}}, "0.840 [0.800, 0.880]"),
        ({"a": 0.9, "intervals": {"a": [0.8, 0.99999]}}, "0.900 [0.800, 0.99999]"),
        ({"a": 0.84, "intervals": {"a": None}}, "0.840"),
        ({"a": 0.84}, "0.840"),
        ({"a": None, "intervals": {"a": None}}, "-"),
        ({}, "-"),
    ]:
        assert figure_in(block, "a") == shown, block


def test_percents_never_round_to_nothing_or_all():
    for share, digits, shown in [
        (0.234, 0, "23 %"),
        (0.234, 1, "23.4 %"),
        (0, 0, "0 %"),
        (1, 0, "100 %"),
        (0.004, 0, "0.4 %"),
        (0.00004, 1, "0.004 %"),
        (0.994, 0, "99 %"),
        (0.998, 0, "99.8 %"),
        (0.9996, 0, "99.96 %"),
        (1 - 1e-9, 1, "99.9999999 %"),
        (None, 0, "-"),
        (NAN, 0, "-"),
    ]:
        assert percent(share, digits).replace("\u00a0", " ") == shown, (share, digits)

import pytest

from tasks.publish.markdown import code, escape, figure, number, section, table


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain words", "plain words"),
        ("a|b", r"a\|b"),
        ("two\nlines\r\n and   spaces", "two lines and spaces"),
        ("*bold* _it_ `code`", r"\*bold\* \_it\_ \`code\`"),
        ("[link](http://x)", r"\[link\]\(http://x\)"),
        ("<script>&amp;", r"&lt;script\>&amp;amp;"),
        ("back\\slash", "back\\\\slash"),
        ("# 1", r"\# 1"),
        (20211, "20211"),
    ],
)
def test_nothing_in_text_acts_as_markdown_or_html(text, escaped):
    assert escape(text) == escaped


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (8807, "8,807"),
        (1.0, "1.000"),
        (0.99951, ">0.999"),
        (0.999, "0.999"),
        (0.5, "0.500"),
        (None, "-"),
        ("x", "-"),
        (True, "-"),
    ],
)
def test_numbers(value, shown):
    assert number(value) == shown


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ({"a": 0.84, "intervals": {"a": [0.8, 0.88]}}, "0.840 (0.800 to 0.880)"),
        ({"a": 0.84, "intervals": {"a": None}}, "0.840"),
        ({"a": 0.84}, "0.840"),
        ({"a": None, "intervals": {"a": None}}, "-"),
        ({}, "-"),
    ],
)
def test_figures_come_with_their_interval(block, shown):
    assert figure(block, "a") == shown


def test_tables_sections_and_code():
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert section("T", "one", "", "two") == "## T\n\none\n\ntwo"
    assert code("\nx = 1\n", "python") == "```python\nx = 1\n```"

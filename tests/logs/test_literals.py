"""What a log is looked through for before an expression is tried: every match has to hold one of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.logs.expression import Expression
from console.logs.literals import literals_of
from console.logs.needle import Needle

ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "ab",
        "ba",
        "abb",
        ".",
        "[ab]",
        "[^a]",
        r"\w",
        r"\b",
        "^",
        "$",
        "(?:ab|ba)",
        "(a|bb)",
        "(?i:ab)",
        "a|b",
        "č",
    ]
)
REPEATED = st.tuples(ATOMS, st.sampled_from(["", "", "*", "+", "?", "{2}", "{0,2}", "+?"])).map(
    lambda pair: f"(?:{pair[0]}){pair[1]}" if pair[1] else pair[0]
)
EXPRESSIONS = st.lists(REPEATED, min_size=1, max_size=4).map("".join) | st.lists(
    st.lists(REPEATED, min_size=1, max_size=3).map("".join), min_size=2, max_size=3
).map("|".join)


@given(
    EXPRESSIONS | EXPRESSIONS.map("(?:{})ab".format), st.lists(st.text("abABč ", max_size=8), max_size=8), st.booleans()
)
@settings(deadline=None, max_examples=600)
def test_every_line_that_matches_holds_one_of_them(expression: str, lines: list[str], ignore_case: bool) -> None:
    found = literals_of(expression, ignore_case=ignore_case)
    if found is None:
        return
    compiled = re.compile(expression, re.MULTILINE | (re.IGNORECASE if ignore_case else 0))
    needles = [Needle(text.encode(), fold=found.fold) for text in found.texts]
    for line in lines:
        if compiled.search(line):
            data = line.encode()
            assert any(list(needle.hits(data, 0, len(data))) for needle in needles), (found, line)


@pytest.mark.parametrize(
    ("expression", "texts"),
    [
        ('" 50[0-9] |hay.*needle', {'" 50', "needle"}),
        (r"worker \d+ (?:failed|gave up)", {"worker "}),
        (r"(?P<what>failed|gave up)$", {"failed", "gave up"}),
        (r"\bGET\b", {"GET"}),
        (r"(?i)timeout", {"timeout"}),
        (r"(?s)a.*bcd", {"bcd"}),
        (r"(ab){2,}x", {"ab"}),
    ],
)
def test_the_longest_are_chosen(expression: str, texts: set[str]) -> None:
    found = literals_of(expression)
    assert found is not None
    assert found.texts == texts


@pytest.mark.parametrize("expression", [r"\d+", "a|bc", "(abc)?", "(abc|d*)", "x", "a\ufffdb", "(?i)čau"])
def test_where_there_are_none_nothing_is_said(expression: str) -> None:
    assert literals_of(expression) is None


def test_what_the_parser_cannot_tell_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.logs.literals._parser", lambda: re)  # as if it were gone
    assert literals_of("needle") is None


def test_an_expression_whose_texts_are_everywhere_is_tried_on_all_of_a_block() -> None:
    data = b"ab ab\n" * 5000 + b"ab x\n"
    pattern = Expression("ab.x")
    try:
        assert list(pattern.hits(data, 0, len(data))) == [30_000]
    finally:
        pattern.close()


def test_the_spans_of_matches_are_counted_in_characters() -> None:
    pattern = Expression("ž+|b", ignore_case=True)
    try:
        assert pattern.spans(["abc", "", "čŽžB", "none"]) == [[(1, 2)], [], [(1, 3), (3, 4)], []]
        assert pattern.spans([]) == []
    finally:
        pattern.close()

"""The colours of a line are told apart from its text, which stays the safe one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.logs.clean import terminal_safe
from console.logs.colours import Coloured, with_colours

PIECES = st.sampled_from(
    [
        *(
            "\x1b[31m",
            "\x1b[1;32m",
            "\x1b[0m",
            "\x1b[m",
            "\x1b[38;5;208m",
            "\x1b[38;2;1;2;3m",
            "\x9b35m",
            "\x1b[48;5;1m",
        ),
        *(
            "\x1b",
            "\x1b[",
            "\x1b]0;",
            "\x07",
            "31m",
            "\x1b[2J",
            "\t",
            "\r",
            "a",
            "ěž",
            "\x00",
            "\u202e",
            "|",
            "\x1b[999m",
        ),
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join))
def test_the_text_is_the_safe_one_and_the_parts_are_in_order_within_it(text: str) -> None:
    safe, parts = with_colours(text)
    assert safe == terminal_safe(text)
    borders = [border for part in parts for border in part[:2]]
    assert borders == sorted(borders)
    assert all(part.begin < part.end <= len(safe) and (part.colour or part.bold) for part in parts)


@given(st.binary(max_size=60))
def test_any_bytes_have_colours_or_none(data: bytes) -> None:
    assert with_colours(data)[0] == terminal_safe(data)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("plain", []),
        ("a \x1b[31mred\x1b[0m b", [("red", "red", False)]),
        ("\x1b[1mbold\x1b[22m \x1b[92mgreen", [("bold", None, True), ("green", "green", False)]),
        ("\t\x1b[33mtab\tbed\x1b[39m end", [("tab     bed", "yellow", False)]),
        ("\x1b[1;38;5;196mx\x1b[m", [("x", "red", True)]),
        ("\x1b[38;5;240mgrey\x1b[38:2:255:165:0morange", [("orange", "yellow", False)]),
        ("\x1b[48;5;34mground\x1b[31;44m both", [(" both", "red", False)]),
        ("\x1b[31m\x1b[32mlast wins", [("last wins", "green", False)]),
        ("\x1b]0;\x1b[31mno title", [("no title", "red", False)]),
        ("end\r\x1b[31m of line", [(" of line", "red", False)]),
    ],
)
def test_the_usual_sequences(line: str, expected: list[tuple[str, str | None, bool]]) -> None:
    safe, parts = with_colours(line)
    assert [(safe[part.begin : part.end], part.colour, part.bold) for part in parts] == expected


def test_a_line_of_nothing_but_changes_costs_no_more_than_some() -> None:
    safe, parts = with_colours("\x1b[31ma\x1b[32mb" * 1000)
    assert len(safe) == 2000
    assert parts[-1] == Coloured(49, 2000, "green", bold=False)

"""Whatever stands in a log, no control byte reaches the terminal, and nothing is hidden."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.logs.clean import terminal_safe

PIECES = st.sampled_from(
    [
        "\x1b",
        "\x1b[",
        "\x1b]",
        "\x1bP",
        "\x9b",
        "\x9d",
        "\x07",
        "\x1b\\",
        "\x9c",
        "31m",
        "0;title",
        "\t",
        "\r",
        "\n",
        "a",
    ]
)
# Arabic signs that embrace the number behind them: format characters, but seen.
SEEN = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def is_harmless(text: str) -> bool:
    return not any(
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and ord(char) not in SEEN for char in text
    )


@given(st.binary())
def test_no_bytes_leave_a_control_character(data: bytes) -> None:
    assert is_harmless(terminal_safe(data))


@given(st.lists(st.one_of(PIECES, st.text(st.characters(), max_size=5))).map("".join))
def test_no_text_leaves_a_control_character(text: str) -> None:
    safe = terminal_safe(text)
    assert is_harmless(safe)
    safe.encode()


def test_every_character_that_unicode_calls_invisible_is_shown() -> None:
    every = "".join(chr(code) for code in range(0x110000))
    assert is_harmless(terminal_safe(every))


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u115f\u1160\u3164\uffa0")))
def test_text_that_can_be_seen_stays_as_typed(text: str) -> None:
    assert terminal_safe(text) == text
    assert terminal_safe(text.encode()) == text


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[31m",
        "\x1b[38;5;196m",
        "\x1b[2J",
        "\x1b[?1049h",
        "\x1b[0 q",
        "\x9b31m",
        "\x1b]0;a title\x07",
        "\x1b]8;;https://example.org\x1b\\",
        "\x9d52;c;ZXZpbA==\x9c",
        "\x1bPq#0;2;0;0;0\x1b\\",
        "\x1b_application\x1b\\",
        "\x1bc",
        "\x1b7",
        "\x1b(0",
        "\x1b#8",
    ],
)
def test_whole_escape_sequences_are_removed(sequence: str) -> None:
    assert terminal_safe(f"before{sequence}after") == "beforeafter"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("\x1b", "␛"),
        ("\x1b]0;a title without an end", "␛]0;a title without an end"),
        ("\x1b[31", "␛[31"),
        ("a\x00b\x7fc", "a␀b␡c"),
        ("a\x85b", "a\\x85b"),
        ("10 %\r20 %", "10 %␍20 %"),
        ("\x0e\x0f", "␎␏"),
        ("admin\u202egpj.exe", "admin\\u202egpj.exe"),
        ("pay\u200bpal", "pay\\u200bpal"),
        ("a\u2028b", "a\\u2028b"),
        ("name\udcff", "name\\xff"),
        ("\ud800", "\\ud800"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_what_is_left_of_control_characters_is_a_visible_sign(typed: str, shown: str) -> None:
    assert terminal_safe(typed) == shown


def test_invalid_utf8_shows_as_replacement() -> None:
    assert terminal_safe(b"P\xc5\x99\xedli\xc5") == "Př\ufffdli\ufffd"


def test_tabs_go_to_the_next_of_eight_columns_as_they_are_seen() -> None:
    assert terminal_safe("ab\tc") == "ab      c"
    assert terminal_safe("\x1b[31mab\x1b[0m\tc") == "ab      c"
    assert terminal_safe("\x00\tc") == "␀       c"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_the_line_end_is_taken_off(end: str) -> None:
    assert terminal_safe("line" + end) == "line"
    assert terminal_safe(b"line" + end.encode()) == "line"


def test_brackets_stay_as_typed() -> None:
    assert terminal_safe("[red]not red[/red] [79]") == "[red]not red[/red] [79]"


HOSTILE = [
    b"\x1b]0;pwned\x07\x1b[2J\x1b[?1049h\x1b]52;c;cm0gLXJm\x07",
    b"\x1bP+q544e\x1b\\\x1b_Gf=24;AAAA\x1b\\",
    b"\x9b31m\x9d0;title\x9c\x90q\x9c",
    "\u009b31m\u009d0;title\u009c".encode(),
    b"\x1b\x1b\x1b[31m\x1b[[31m\x1b]\x1b]0;a\x07",
    b"\x1b[31\x1b[31mm",  # what is left after one removal must not be a new sequence
    b"\x1b]0;a\x1b]0;b\x07\x07",
    b"\xff\xfe\xc0\x80\xed\xa0\x80\xf8\x88\x80\x80\x80",
    b"\x00" * 40 + bytes(range(256)),
    "\u202eabc\u2066\u200b\ufeff\U000e0001".encode(),
    b"[red]markup[/red] [link=file:///etc/passwd]x[/link]",
    b"%s%n%x {0} {} $(reboot) `reboot`",
    b"a\rb\x08\x08c\x0b\x0cd\x7f",
]


@pytest.mark.parametrize("line", HOSTILE)
def test_no_hostile_line_sends_a_byte_that_a_terminal_obeys(line: bytes) -> None:
    safe = terminal_safe(line)
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) <= 0x9F for char in safe)
    assert terminal_safe(safe) == safe
    safe.encode()


@given(st.lists(st.sampled_from(HOSTILE), max_size=5).map(b"".join), st.integers(0, 200))
def test_nor_does_one_that_was_cut_anywhere(line: bytes, cut: int) -> None:
    safe = terminal_safe(line[:cut]) + terminal_safe(line[cut:])
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) <= 0x9F for char in safe)

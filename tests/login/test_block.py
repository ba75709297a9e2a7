"""The block goes in and out of any .bashrc, and every other byte stays."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.login.block import ENDED_LINE, find, intact, put_back, put_in, take_out, written

SCRIPT = Path("/srv/.console/login.sh")
MARKS = (b"# >>> console login", b"# <<< console login")

PIECES = st.sampled_from(
    [b"\n", b"\r\n", b"\r", b"\\\n", b"# >>>", b"<<<", b"'", b'"', b"\x00", b"\xff", b"export A=1\n", b"if true; then"]
)
FILES = st.lists(st.one_of(PIECES, st.binary(max_size=8)), max_size=12).map(b"".join)
BASHRC = FILES.filter(lambda data: not any(mark in data for mark in MARKS))
# What people add with an editor: whole lines.
LINES = st.lists(st.sampled_from([b"alias ll='ls -l'\n", b"\n", b"# a comment\n", b"\xff\r\n"]), max_size=3).map(
    b"".join
)


@given(st.one_of(st.none(), BASHRC))
def test_in_and_out_is_as_before(data: bytes | None) -> None:
    changed = put_in(data, SCRIPT)
    block = find(changed)
    assert block is not None
    assert intact(block, SCRIPT)
    assert take_out(changed, block) == data


@given(BASHRC, LINES, LINES)
def test_what_was_written_around_it_stays(data: bytes, before: bytes, after: bytes) -> None:
    changed = put_in(data, SCRIPT)
    block = find(changed)
    assert block is not None
    edited = before + changed + after
    found = find(edited)
    assert found is not None
    assert intact(found, SCRIPT)
    left = take_out(edited, found)
    # The line end that the block needed is needed by what now stands after it.
    kept = b"\n" if block.note == ENDED_LINE and after else b""
    assert left == before + data + kept + after


@given(LINES, LINES)
def test_a_file_that_was_made_stays_when_something_else_is_in_it(before: bytes, after: bytes) -> None:
    edited = before + put_in(None, SCRIPT) + after
    block = find(edited)
    assert block is not None
    assert take_out(edited, block) == (before + after or None)


@given(BASHRC, st.data())
def test_a_byte_that_was_changed_inside_is_noticed(data: bytes, drawn: st.DataObject) -> None:
    changed = put_in(data, SCRIPT)
    block = find(changed)
    assert block is not None
    inside = written(SCRIPT, block.note)
    place = drawn.draw(st.integers(inside.index(b"\n") + 1, inside.rindex(b"# <<<") - 2))
    other = drawn.draw(st.binary(min_size=1, max_size=1).filter(lambda byte: byte != inside[place : place + 1]))
    at = block.start + place
    edited = changed[:at] + other + changed[at + 1 :]
    found = find(edited)
    assert found is not None
    assert not intact(found, SCRIPT)
    restored = find(put_back(edited, found, SCRIPT))
    if found.whole:
        assert restored is not None
        assert intact(restored, SCRIPT)
        assert take_out(put_back(edited, found, SCRIPT), restored) == data


@given(FILES)
def test_nothing_that_stands_in_a_file_breaks_the_search(data: bytes) -> None:
    block = find(data)
    assert block is None or 0 <= block.start < block.end <= len(data)


def test_the_line_end_at_the_end_of_the_file_may_be_gone() -> None:
    changed = put_in(b"a\n", SCRIPT)[:-1]
    block = find(changed)
    assert block is not None
    assert intact(block, SCRIPT)
    assert take_out(changed, block) == b"a\n"


@pytest.mark.parametrize(
    "edited",
    [
        written(SCRIPT).replace(b"\n", b"\r\n"),
        written(SCRIPT) + written(SCRIPT),
        written(SCRIPT).split(b"# <<<")[0],
        b"# <<< console login <<<\n",
        b"# <<< console login <<<\n# >>> console login >>>\n",
        written(SCRIPT, b"something else"),
        written(Path("/elsewhere/login.sh")),
    ],
    ids=["CRLF", "twice", "no end", "no begin", "turned round", "another note", "another place"],
)
def test_what_is_no_longer_as_written_is_not_intact(edited: bytes) -> None:
    block = find(b"before\n" + edited + b"after\n")
    assert block is not None
    assert not intact(block, SCRIPT)
    assert block.start == len(b"before\n")


@pytest.mark.parametrize("shell", ["bash", "dash"])
@pytest.mark.parametrize("options", ["", "set -eu; IFS=/; set -f; alias ls=true; "])
def test_a_shell_that_is_not_interactive_does_nothing_with_it(tmp_path: Path, shell: str, options: str) -> None:
    script = tmp_path / "login.sh"
    script.write_text("echo read")
    bashrc = tmp_path / "bashrc"
    bashrc.write_bytes(options.encode() + put_in(b"", script))
    done = subprocess.run([shell, "-c", f". {bashrc}; echo $?"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("0\n", "")

"""The block in .bashrc: found, put in, taken out. Bytes in, bytes out; every byte around it stays."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

MADE_FILE = b"made this file"
ENDED_LINE = b"ended the line before"

_OPENING = re.compile(rb"^# >>> console login(?: \(([^()\n]*)\))? >>>[ \t\r]*$", re.MULTILINE)
_CLOSING = re.compile(rb"^# <<< console login <<<[ \t\r]*$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """What is between the marks of ``data[start:end]``, and they themselves.

    ``note`` is what has to be undone beside the block itself. ``whole`` is False where the marks do not make one
    block, so that nobody can say what is inside; ``start`` to ``end`` then spans them all.
    """

    start: int
    end: int
    text: bytes
    note: bytes
    whole: bool


def written(script: Path, note: bytes = b"") -> bytes:
    """The block that reads ``script``.

    bash only, since other shells that read .bashrc would not know the script; and an interactive one only, since
    bash reads .bashrc for commands over SSH too (``ssh host true``, scp, rsync), where nothing may happen.
    """
    quoted = shlex.quote(str(script)).encode("utf-8", "surrogateescape")
    mark = b" (" + note + b")" if note else b""
    return (
        b"# >>> console login" + mark + b" >>>\n"
        b"# The console at an SSH login; CONSOLE_SKIP=1 leaves it out. These lines go with: console login off\n"
        b"case ${BASH_VERSION:+bash}$- in bash*i*) if [[ -r " + quoted + b" ]]; then \\. " + quoted + b"; fi ;; esac\n"
        b"# <<< console login <<<\n"
    )


def find(data: bytes) -> Block | None:
    """The block in ``data``; None where there is no mark of one."""
    openings, closings = list(_OPENING.finditer(data)), list(_CLOSING.finditer(data))
    marks = openings + closings
    if not marks:
        return None
    start, end = min(mark.start() for mark in marks), max(mark.end() for mark in marks)
    if data[end : end + 1] == b"\n":
        end += 1
    whole = len(openings) == len(closings) == 1 and openings[0].end() < closings[0].start()
    note = (openings[0].group(1) or b"") if whole else b""
    return Block(start, end, data[start:end], note, whole)


def intact(block: Block, script: Path) -> bool:
    """Whether it is as ``written``; an editor may have cut the end of the file's last line."""
    if not block.whole or block.note not in (b"", MADE_FILE, ENDED_LINE):
        return False
    expected = written(script, block.note)
    return block.text in (expected, expected[:-1])


def put_in(data: bytes | None, script: Path) -> bytes:
    """``data`` with the block at its end, where all that .bashrc sets is in force; None is a file that is missing."""
    if data is None:
        return written(script, MADE_FILE)
    if data and not data.endswith(b"\n"):
        return data + b"\n" + written(script, ENDED_LINE)
    return data + written(script)


def take_out(data: bytes, block: Block) -> bytes | None:
    """``data`` without ``block``, as it was before ``put_in``; None where the file is to go too."""
    before, after = data[: block.start], data[block.end :]
    if block.note == ENDED_LINE and not after and before.endswith(b"\n"):
        before = before[:-1]
    if block.note == MADE_FILE and not before and not after:
        return None
    return before + after


def put_back(data: bytes, block: Block, script: Path) -> bytes:
    """``data`` with ``block`` as ``written`` in its place."""
    note = block.note if block.note in (MADE_FILE, ENDED_LINE) else b""
    return data[: block.start] + written(script, note) + data[block.end :]

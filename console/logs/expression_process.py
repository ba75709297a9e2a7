"""The process that tries an expression: ``python -m console.logs.expression_process i|- EXPRESSION``.

Reads blocks from its input, each behind a letter and its length, and writes for each its answer, behind the length of
that in bytes. After ``L`` it is a place in each line that matches; after ``S`` three numbers for each match: its line,
and where in it, in characters of UTF-8, it begins and ends. All numbers have eight bytes, the lowest first. Ends when
its input does.
"""

from __future__ import annotations

import array
import itertools
import re
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

_ASKED = struct.Struct("<cQ")
_LENGTH = struct.Struct("<Q")
_MOST_SPANS = 100  # in one line


def main() -> None:
    """The process."""
    ignored, expression = sys.argv[1:]
    flags = re.MULTILINE | (re.IGNORECASE if ignored == "i" else 0)
    text = re.compile(expression, flags)
    try:
        if expression.isascii():
            tried: _Bytes | _Text = _Bytes(re.compile(expression.encode("ascii"), flags))
        else:
            tried = _Text(text)
        serve(sys.stdin.buffer, sys.stdout.buffer, tried, text)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)


class _Bytes:
    """Tries the expression on the bytes as they are."""

    def __init__(self, compiled: re.Pattern[bytes]) -> None:
        self._compiled = compiled

    def places(self, data: bytes) -> Iterator[int]:
        search, at, size = self._compiled.search, 0, len(data)
        last = size if data.endswith(b"\n") else size + 1  # behind the last line's end there is no other one
        while at < size and (match := search(data, at)) is not None and match.start() < last:
            first = data.rfind(b"\n", at, match.start()) + 1 or at
            end = data.find(b"\n", match.start())
            end = size if end < 0 else end
            # A match over a line's end is none; the line may hold another one.
            if match.end() <= end or search(data, first, end) is not None:
                yield first
            at = end + 1


class _Text:
    """Tries the expression on what the bytes are in UTF-8, line by line."""

    def __init__(self, compiled: re.Pattern[str]) -> None:
        self._compiled = compiled

    def places(self, data: bytes) -> Iterator[int]:
        at = 0
        for line in data.split(b"\n"):
            if self._compiled.search(line.decode("utf-8", "replace")) is not None and at < len(data):
                yield at
            at += len(line) + 1


def spans(text: re.Pattern[str], lines: str) -> Iterator[int]:
    """The number of a line and a match's begin and end in it, for each match that is not empty."""
    for number, line in enumerate(lines.split("\n")):
        for match in itertools.islice(text.finditer(line), _MOST_SPANS):
            if match.end() > match.start():
                yield from (number, *match.span())


def serve(blocks: BinaryIO, answers: BinaryIO, tried: _Bytes | _Text, text: re.Pattern[str]) -> None:
    """Answer for each block of ``blocks``, until there are no more."""
    while len(asked := blocks.read(_ASKED.size)) == _ASKED.size:
        what, length = _ASKED.unpack(asked)
        block = blocks.read(length)
        found = tried.places(block) if what == b"L" else spans(text, block.decode())
        answer = array.array("Q", found).tobytes()
        answers.write(_LENGTH.pack(len(answer)) + answer)
        answers.flush()


if __name__ == "__main__":
    main()

"""The process that tries an expression: ``python -m console.logs.expression_process i|- EXPRESSION``.

Reads blocks from its input, each behind its length, and writes for each the places of the lines that match, behind
their length in bytes; all numbers have eight bytes, the lowest first. Ends when its input does.
"""

from __future__ import annotations

import array
import re
import struct
import sys
from collections.abc import Iterator
from typing import BinaryIO

_LENGTH = struct.Struct("<Q")


def main() -> None:
    """The process."""
    ignored, expression = sys.argv[1:]
    flags = re.MULTILINE | (re.IGNORECASE if ignored == "i" else 0)
    try:
        if expression.isascii():
            serve(sys.stdin.buffer, sys.stdout.buffer, _Bytes(re.compile(expression.encode("ascii"), flags)))
        else:
            serve(sys.stdin.buffer, sys.stdout.buffer, _Text(re.compile(expression, flags)))
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


def serve(blocks: BinaryIO, places: BinaryIO, tried: _Bytes | _Text) -> None:
    """Answer for each block of ``blocks``, until there are no more."""
    while len(told := blocks.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(told)
        found = array.array("Q", tried.places(blocks.read(length))).tobytes()
        places.write(_LENGTH.pack(len(found)) + found)
        places.flush()


if __name__ == "__main__":
    main()

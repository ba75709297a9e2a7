"""Which lines are wanted: those that hold a text, or those that tell of something that went wrong."""

from __future__ import annotations

import bisect
import heapq
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Protocol

from .levels import level_of
from .needle import Data, Lowered, Needle
from .pattern import Pattern
from .scan import BLOCK, Block
from .timeline import Joined
from .traceback_search import HEADER, leading, may_go_on, open_at, span_at

Range = tuple[int, int]  # where in the log the first wanted line begins, and the one after the last

# All that ``level_of`` may call an error stands in a line that holds one of these; it then looks at that line alone.
_WORDS = (b"erro", b"crit", b"fatal", b"emerg", b"alert", b"exception", b"traceback", b"systemexit")
_ANSWER = re.compile(rb" 5\d\d(?!\S)")  # begins with a letter, not a class: that is nine times quicker
_BLANKS = (b"\t", b"\v", b"\f", b"\r")
_HEAD = 1200  # bytes of a line that hold what level_of looks at
_MOST_HELD = 500  # lines of a traceback whose end is waited for


class Wanted(Protocol):
    """What a filter or a search looks for."""

    def ranges(self, log: Joined, block: Block) -> Iterator[Range]:
        """The wanted lines of ``block``, in order."""

    def decide(self, lines: Sequence[bytes], quiet: bool) -> tuple[int, list[int]]:
        """The same for lines that have come: how many of the first ones are decided, and which of these are wanted.

        The others are to be asked for again with what comes next. ``quiet``: nothing more came; all are decided then.
        """

    def close(self) -> None:
        """Let go of what it holds; what another thread looks for with it ends, with SearchEnded."""


class Everything:
    """Every line: for what takes a choice where there is none."""

    def ranges(self, log: Joined, block: Block) -> Iterator[Range]:  # noqa: ARG002 - the shape of Wanted
        yield block.first, block.last

    def decide(self, lines: Sequence[bytes], quiet: bool) -> tuple[int, list[int]]:  # noqa: ARG002 - the shape of Wanted
        return len(lines), list(range(len(lines)))

    def close(self) -> None:
        """Nothing is held."""


class Matching:
    """Lines that match ``pattern``."""

    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern

    def ranges(self, log: Joined, block: Block) -> Iterator[Range]:
        if block.data is None:
            if _holds(log, block, self.pattern):
                yield block.first, block.last
            return
        data, offset, at, end = block.data, block.offset, block.begin, block.end
        for hit in self.pattern.hits(data, at, end):
            if hit >= end and data[end - 1] == 0x0A:  # an empty match behind the last line
                return
            stop = data.find(b"\n", hit, end) + 1 or end
            yield offset + max(at, data.rfind(b"\n", at, hit) + 1), offset + stop
            at = stop

    def decide(self, lines: Sequence[bytes], quiet: bool) -> tuple[int, list[int]]:  # noqa: ARG002 - each is for itself
        text = b"".join(line + b"\n" for line in lines)
        begins = list(itertools.accumulate((len(line) + 1 for line in lines), initial=0))
        return len(lines), [bisect.bisect_right(begins, hit) - 1 for hit in self.pattern.hits(text, 0, len(text))]

    def close(self) -> None:
        self.pattern.close()


def _holds(log: Joined, block: Block, pattern: Pattern) -> bool:
    """Whether a very long line holds a match; it is looked through in pieces that overlap."""
    at = block.first
    while True:
        piece = log.read(min(BLOCK, block.last - at), at)
        ends = at + len(piece) >= block.last
        end = len(piece) - (ends and piece.endswith(b"\n"))
        if next(pattern.hits(piece, 0, end), None) is not None:
            return True
        if ends or not piece:
            return False
        at += max(1, len(piece) - pattern.reach)


class Errors:
    """Lines of level error and above, answers of 500 and above, and tracebacks whole."""

    def __init__(self) -> None:
        self._signs = Signs()

    def ranges(self, log: Joined, block: Block) -> Iterator[Range]:
        done = block.first
        traceback = open_at(log, block.first)
        if traceback is not None:
            done = min(traceback, block.last)
            yield block.first, done
        if block.data is None:
            if done == block.first and is_error(log.read(min(_HEAD, block.last - block.first), block.first)):
                yield block.first, block.last
            return
        data, offset, end = block.data, block.offset, block.end
        at = done - offset
        for hit in self._signs.hits(data, at, end):
            if hit < at:  # in a line that was looked at
                continue
            first = max(at, data.rfind(b"\n", at, hit) + 1)
            at = data.find(b"\n", hit, end) + 1 or end
            head = bytes(data[first : min(at, first + _HEAD)])
            if HEADER in head and (span := span_at(log, offset + first)) is not None:
                at = min(span - offset, end)
                yield offset + first, offset + at
            elif is_error(head):
                yield offset + first, offset + at

    def decide(self, lines: Sequence[bytes], quiet: bool) -> tuple[int, list[int]]:
        wanted: list[int] = []
        at = 0
        while at < len(lines):
            if HEADER in lines[at][:_HEAD]:
                length = leading(lines[at : at + _MOST_HELD])
                waits = length is None or may_go_on(lines[at + length : at + _MOST_HELD])
                if waits and not quiet and len(lines) - at < _MOST_HELD:
                    return at, wanted
                wanted += range(at, at + (length or 1))
                at += length or 1
            else:
                if is_error(lines[at]):
                    wanted.append(at)
                at += 1
        return at, wanted

    def close(self) -> None:
        """Nothing is held."""


def is_error(line: bytes) -> bool:
    """Whether one line by itself tells of something that went wrong."""
    return level_of(line[:_HEAD].decode("utf-8", "replace").rstrip("\n")) in ("error", "5xx")


class Signs:
    """Where in blocks a sign of an error stands. Each sign is looked for by itself, which is many times quicker than
    one expression for all.
    """

    def __init__(self) -> None:
        self._words = [Needle(word, fold=True) for word in _WORDS]
        self._answers = [Needle(blank + b"5") for blank in _BLANKS]

    def hits(self, data: Data, begin: int, end: int) -> Iterator[int]:
        """A place of each sign in each line of ``data[begin:end]``, in order."""
        lowered = Lowered(data, begin, end)
        return heapq.merge(
            *(word.hits(data, begin, end, lowered) for word in self._words),
            *(answer.hits(data, begin, end) for answer in self._answers),
            (match.start() for match in _ANSWER.finditer(data, begin, end)),
        )

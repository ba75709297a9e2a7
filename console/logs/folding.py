"""Tracebacks folded: which lines of a page are then hidden, and behind which one."""

from __future__ import annotations

from collections.abc import Sequence

from .position import LogLine
from .timeline import Joined, Timeline
from .traceback_search import HEADER, covering

HIDDEN = -1


def folds(timeline: Timeline, lines: Sequence[LogLine]) -> list[int]:
    """For each of ``lines``, in the log's order: HIDDEN when it is within a traceback, neither its first line nor the
    one that names its last exception; how many are hidden behind it when it is the first one; else 0.
    """
    found: list[int] = []
    fold: _Fold | None = None
    for number, line in enumerate(lines):
        offset = timeline.offset_of(line.position)
        if (fold is None or offset >= fold.end) and (not number or HEADER in line.data):
            fold = _fold_at(timeline.bytes, offset)
        found.append(fold.count_at(offset) if fold is not None and offset < fold.end else 0)
    return found


class _Fold:
    """The traceback from ``begin`` to ``end`` of the log, whose line at ``named`` says what was raised."""

    def __init__(self, begin: int, end: int, named: int, hidden: int) -> None:
        self.begin, self.end, self._named, self._hidden = begin, end, named, hidden

    def count_at(self, offset: int) -> int:
        if offset == self.begin:
            return self._hidden
        return 0 if offset in (self.begin, self._named) or offset < self.begin else HIDDEN


def _fold_at(log: Joined, offset: int) -> _Fold | None:
    found = covering(log, offset)
    if found is None:
        return None
    begin, end, traceback = found
    lines = log.read(end - begin, begin).removesuffix(b"\n").split(b"\n")
    kind = traceback.chain[-1].kind.encode()
    last = next((number for number in range(len(lines) - 1, 0, -1) if kind in lines[number]), len(lines) - 1)
    named = begin + sum(len(line) + 1 for line in lines[:last])
    return _Fold(begin, end, named, len(lines) - 2) if len(lines) > 2 else None

"""The wanted lines of a log, from any place forward or back, at the speed at which the log can be read."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .lines import MAX_LINE, Line, lines_forward
from .position import LogLine, Position
from .scan import back, forward
from .timeline import Timeline
from .wanted import Range, Wanted


@dataclass(frozen=True)
class Progress:
    """``done`` bytes of ``all`` were looked through, and ``found`` places found in them."""

    done: int
    all: int
    found: int


@dataclass(frozen=True)
class Found:
    """``lines`` are in the log's order. ``ended``: there are no more on that side; ``cancelled``: nobody knows."""

    lines: tuple[LogLine, ...]
    ended: bool
    cancelled: bool


class Watcher:
    """Told of a search's progress after each block (a megabyte); the search ends where ``cancelled`` says so."""

    def __init__(
        self, on_progress: Callable[[Progress], None] | None = None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._on_progress = on_progress
        self._cancelled = cancelled
        self.stopped = False

    def goes_on(self, done: int, whole: int, found: int) -> bool:
        if self._on_progress is not None:
            self._on_progress(Progress(done, whole, found))
        self.stopped = self._cancelled is not None and self._cancelled()
        return not self.stopped


def wanted_after(
    timeline: Timeline,
    wanted: Wanted,
    position: Position | None,
    n: int,
    *,
    stop: Position | None = None,
    max_line: int = MAX_LINE,
    watcher: Watcher | None = None,
) -> Found:
    """The first ``n`` wanted lines from ``position`` (None: the beginning) on and before ``stop`` (None: the end).

    The next hit after a line is looked for from its ``end``.
    """
    watcher = watcher or Watcher()
    log = timeline.bytes
    start = log.begin if position is None else timeline.offset_of(position)
    end = log.end if stop is None else timeline.offset_of(stop)
    lines: list[Line] = []
    places = 0
    for block in forward(log, start, end):
        for first, last in wanted.ranges(log, block):
            places += 1
            lines += lines_forward(log, first, n - len(lines), last, max_line=max_line)
            if len(lines) >= n:
                return Found(tuple(timeline.placed(lines)), ended=False, cancelled=False)
        if not watcher.goes_on(block.last - start, end - start, places):
            break
    return Found(tuple(timeline.placed(lines)), ended=not watcher.stopped, cancelled=watcher.stopped)


def wanted_before(
    timeline: Timeline,
    wanted: Wanted,
    position: Position | None,
    n: int,
    *,
    start: Position | None = None,
    max_line: int = MAX_LINE,
    watcher: Watcher | None = None,
) -> Found:
    """The last ``n`` wanted lines before ``position`` (None: the end) and from ``start`` (None: the beginning) on."""
    watcher = watcher or Watcher()
    log = timeline.bytes
    stop = log.end if position is None else timeline.offset_of(position)
    begin = None if start is None else timeline.offset_of(start)
    lines: deque[Line] = deque()
    places = 0
    for block in back(log, begin, stop):
        for first, last in reversed(list(wanted.ranges(log, block))):
            places += 1
            for line in reversed(lines_forward(log, first, last - first, last, max_line=max_line)):
                lines.appendleft(line)
                if len(lines) >= n:
                    return Found(tuple(timeline.placed(list(lines))), ended=False, cancelled=False)
        if not watcher.goes_on(stop - block.first, _behind(timeline, begin, stop), places):
            break
    return Found(tuple(timeline.placed(list(lines))), ended=not watcher.stopped, cancelled=watcher.stopped)


def _behind(timeline: Timeline, begin: int | None, stop: int) -> int:
    """The bytes to be looked through; those of packed files, which only unpacking tells, are left out."""
    if begin is not None:
        return stop - begin
    return max(stop - timeline.bytes.known_begin, 0)


def count_wanted(
    timeline: Timeline,
    wanted: Wanted,
    *,
    start: Position | None = None,
    stop: Position | None = None,
    watcher: Watcher | None = None,
) -> int | None:
    """How many places are wanted (matching lines; errors, with a traceback as one) in all; None when cancelled."""
    watcher = watcher or Watcher()
    log = timeline.bytes
    first = log.begin if start is None else timeline.offset_of(start)
    end = log.end if stop is None else timeline.offset_of(stop)
    found = 0
    for block in forward(log, first, end):
        found += sum(1 for _range in wanted.ranges(log, block))
        if not watcher.goes_on(block.last - first, end - first, found):
            return None
    return found


def each_wanted(
    timeline: Timeline,
    wanted: Wanted,
    *,
    start: Position | None = None,
    stop: Position | None = None,
    max_line: int = MAX_LINE,
) -> Iterator[LogLine]:
    """Every wanted line between two positions, one block held at a time."""
    log = timeline.bytes
    first = log.begin if start is None else timeline.offset_of(start)
    end = log.end if stop is None else timeline.offset_of(stop)
    for block in forward(log, first, end):
        yield from timeline.placed(_lines_of(timeline, wanted.ranges(log, block), max_line))


def _lines_of(timeline: Timeline, ranges: Iterator[Range], max_line: int) -> list[Line]:
    return [
        line
        for first, last in ranges
        for line in lines_forward(timeline.bytes, first, last - first, last, max_line=max_line)
    ]

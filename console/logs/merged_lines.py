"""Lines of several logs, the places between them, and the times by which they are ordered."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .lines import lines_back, lines_forward
from .position import LogLine, Position
from .restarts import RestartEvent, restart_event
from .timeline import Timeline
from .times import time_of

SUPERVISORD = "supervisord"
_PAGE = 64  # lines of one log read at once
_MOST_UNTIMED = 2000  # lines without a time that are held until one with a time comes
_HEAD = 200  # bytes of a line that hold its time

# A place in a merged log: one in each, None where that log is not there yet, which is before its first line.
Places = tuple[Position | None, ...]


@dataclass(frozen=True)
class MergedLine:
    """A line of the log of ``source``. ``time``: seconds since 1970, its own or that of the line before it; None for
    lines before the first time. ``event``: what supervisord's log says of a program's start or end here.
    """

    source: str
    line: LogLine
    time: float | None
    event: RestartEvent | None = None


@dataclass(frozen=True)
class MergedPage:
    """Some lines in their order; the page before ends at ``begin``, the one after it begins at ``end``."""

    lines: tuple[MergedLine, ...]
    begin: Places
    end: Places


@dataclass(frozen=True)
class MergedPosition:
    """The line at ``position`` of the log of ``source``. ``places`` is where in the other logs it stands, as far as
    that is known; else its time tells.
    """

    source: str
    position: Position
    places: Places | None = field(default=None, compare=False)


Place = Position | Places  # between two lines of a log, or of several
LineAt = Position | MergedPosition  # a line of a log, or of one of several


def emptied(places: Places, begins: Places) -> Places:
    """``places`` once the files in which ``begins`` lies have been emptied: what stood in them is gone."""
    return tuple(
        begin if place is not None and begin is not None and place[:2] == begin[:2] else place
        for place, begin in zip(places, begins, strict=True)
    )


Timed = tuple[float | None, LogLine]
Numbered = tuple[tuple[float, int], int, float | None, LogLine]  # its place in the order, the log's number, its time


def merged_line(source: str, seconds: float | None, line: LogLine) -> MergedLine:
    return MergedLine(source, line, seconds, restart_event(line.data) if source == SUPERVISORD else None)


def numbered(number: int, lines: Iterable[Timed], sign: int) -> Iterator[Numbered]:
    """The lines of the log ``number`` with their places in the order of all, which ``sign`` -1 turns round."""
    for seconds, line in lines:
        key = float("-inf") if seconds is None else seconds
        yield (sign * key, sign * number), number, seconds, line


def back(timeline: Timeline, position: Position, max_line: int, start: Position | None = None) -> Iterator[Timed]:
    """The lines before ``position``, those that begin at ``start`` or behind, with their times, the last one first."""
    now = time.time()
    begin = None if start is None else timeline.offset_of(start)
    waiting: list[LogLine] = []
    while page := timeline.before(position, _PAGE, max_line=max(max_line, _HEAD)):
        for line in reversed(page):
            is_out = begin is not None and timeline.offset_of(line.position) < begin
            if not is_out:
                waiting.append(line)
            elif not waiting:
                return
            seconds = time_of(line.data, now)
            if seconds is not None or len(waiting) > _MOST_UNTIMED:
                yield from ((seconds, one) for one in waiting)
                waiting = []
        position = page[0].position
    yield from ((None, one) for one in waiting)


def forward(timeline: Timeline, position: Position, max_line: int, stop: Position | None = None) -> Iterator[Timed]:
    """The lines from ``position`` on, those that begin before ``stop``, with their times."""
    now = time.time()
    seconds = time_before(timeline, position)
    end = timeline.bytes.end if stop is None else timeline.offset_of(stop)
    while timeline.offset_of(position) < end and (
        page := timeline.after(position, _PAGE, max_line=max(max_line, _HEAD))
    ):
        whole = timeline.offset_of(page[-1].end) <= end
        for line in page:
            if not whole and timeline.offset_of(line.position) >= end:
                return
            own = time_of(line.data, now)
            seconds = seconds if own is None else own
            yield seconds, line
        position = page[-1].end


def time_before(
    timeline: Timeline, position: Position, *, floor: int | None = None, known: float | None = None
) -> float | None:
    """The time of the last line before ``position`` that has one, of the last 2,000; ``known`` where none has from
    byte ``floor`` on.
    """
    now, stop, looked = time.time(), timeline.offset_of(position), 0
    while looked <= _MOST_UNTIMED and (lines := lines_back(timeline.bytes, stop, _PAGE, max_line=_HEAD)):
        for line in reversed(lines):
            if floor is not None and line.offset < floor:
                return known
            seconds = time_of(line.data, now)
            if seconds is not None:
                return seconds
        looked += len(lines)
        stop = lines[0].offset
    return None


def time_at(timeline: Timeline, offset: int) -> float | None:
    """The time of the line at byte ``offset``: its own, or that of the last line before it that has one."""
    lines = lines_forward(timeline.bytes, offset, 1, timeline.bytes.end, max_line=_HEAD)
    own = time_of(lines[0].data) if lines else None
    return time_before(timeline, timeline.bytes.position_of(offset)) if own is None else own


def with_times(timeline: Timeline, lines: Sequence[LogLine]) -> list[Timed]:
    """Some ``lines`` of a log, in its order, with their times."""
    now = time.time()
    timed: list[Timed] = []
    for line in lines:
        seconds = time_of(line.data, now)
        if seconds is None and timed:
            before = timed[-1]
            floor = timeline.offset_of(before[1].end)
            seconds = time_before(timeline, line.position, floor=floor, known=before[0])
        elif seconds is None:
            seconds = time_before(timeline, line.position)
        timed.append((seconds, line))
    return timed

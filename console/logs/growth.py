"""What has come to a log since the last look: how much, and whether it was emptied meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

from .lines import next_line_end
from .position import Position
from .timeline import Timeline

_PROOF = 256  # bytes before the place that show whether the file still is what was read
_BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Growth:
    """``bytes`` came from ``begin`` on. ``emptied``: what was read of the live file before is no longer in it."""

    begin: Position
    bytes: int
    emptied: bool


class GrowthWatch:
    """Tells what comes to ``timeline`` behind ``position`` (default: its end). Not to be shared between threads."""

    def __init__(self, timeline: Timeline, position: Position | None = None) -> None:
        self._timeline = timeline
        self._read_to(timeline.end if position is None else position)

    def look(self) -> Growth:
        """What came since the last call; the timeline is refreshed. Raises like ``Timeline.refresh``."""
        timeline = self._timeline
        timeline.refresh()
        found = timeline.bytes.begin_of(self._position[:2])
        emptied = found is not None and (found[1] < self._position.offset or self._proof_before() != self._proof)
        begin = self._position._replace(offset=0) if emptied else self._position
        came = timeline.bytes.end - timeline.offset_of(begin)
        if came or emptied:
            self._read_to(timeline.end)
        return Growth(begin, came, emptied)

    def _read_to(self, position: Position) -> None:
        self._position = position
        self._proof = self._proof_before()

    def _proof_before(self) -> bytes:
        """The bytes before the position, of its own file only."""
        count = min(_PROOF, self._position.offset)
        return self._timeline.bytes.read(count, self._timeline.offset_of(self._position) - count)


def count_lines(timeline: Timeline, start: Position) -> int:
    """How many lines end between ``start`` and the log's end."""
    log, at, count = timeline.bytes, timeline.offset_of(start), 0
    while block := log.read(_BLOCK, at):
        count += block.count(b"\n")
        at += len(block)
    return count


def complete_end(timeline: Timeline) -> Position:
    """Where the last line begins that has no line end yet, or the log's end."""
    return timeline.line_at(timeline.end)


def earlier(timeline: Timeline, position: Position, count: int) -> Position:
    """The line about ``count`` bytes before ``position``, at the latest the one before it; the log's beginning there.

    No more of the log is unpacked than lies between.
    """
    offset = timeline.offset_of(position)
    return timeline.bytes.position_of(timeline.line_start(timeline.bytes.reach(offset - count)))


def later(timeline: Timeline, position: Position, count: int) -> Position:
    """The line about ``count`` bytes after ``position``, or after the line that begins there; the end there."""
    log, offset = timeline.bytes, timeline.offset_of(position)
    if offset + count >= log.end:
        return timeline.end
    start = timeline.line_start(offset + count)
    return log.position_of(start if start > offset else next_line_end(log, offset + count, log.end))


def is_begin(timeline: Timeline, position: Position) -> bool:
    """Whether there is nothing before ``position``."""
    offset = timeline.offset_of(position)
    return timeline.bytes.reach(offset - 1) >= offset

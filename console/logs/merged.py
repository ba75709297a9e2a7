"""Several logs as one, by the times in their lines: from the end back, or from any place on."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..container import Container
from ..results import Program
from .lines import MAX_LINE, LogMissing
from .position import LogLine, Position
from .restarts import RestartEvent, restart_event
from .timeline import Timeline
from .times import NoTimes, position_at, time_of

SUPERVISORD = "supervisord"
_PAGE = 64  # lines of one log read at once
_MOST_UNTIMED = 2000  # lines without a time that are held until one with a time comes

Places = tuple[Position | None, ...]  # a place in a merged log: one in each, None where that log is not there


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


def merged_logs(container: Container, programs: Sequence[Program]) -> dict[str, Path]:
    """The logs that belong together: each program's, by its name, with the ones of errors, and supervisord's own."""
    found: dict[str, Path] = {}
    for program in programs:
        for name, log in ((program.full_name, program.log_file), (f"{program.full_name}!", program.error_log_file)):
            if log is not None and container.under_root(log) not in found.values():
                found[name] = container.under_root(log)
    if not programs:
        found = {"app": container.log_dir / "python.log", "nginx": container.log_dir / "nginx.log"}
    return {**found, SUPERVISORD: container.supervisor_log}


class Merged:
    """The logs of ``logs`` (names to paths) as one, each with its rotated files.

    A page costs a few lines of each log, wherever it is. What lines without times say is ordered with the line before
    them; a log whose lines have no times at all stands before everything. Those that do not exist are left out until
    ``refresh`` finds them. Not to be shared between threads. Raises ConsoleError for a log that cannot be read.
    """

    def __init__(self, logs: Mapping[str, Path]) -> None:
        self.logs = dict(logs)
        self._timelines: dict[str, Timeline] = {}
        self.refresh()

    def __enter__(self) -> Merged:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        for timeline in self._timelines.values():
            timeline.close()
        self._timelines.clear()

    def refresh(self) -> None:
        """Take in what was written and rotated since."""
        for name, path in self.logs.items():
            try:
                if name in self._timelines:
                    self._timelines[name].refresh()
                else:
                    self._timelines[name] = Timeline(path)
            except LogMissing:
                continue

    @property
    def begin(self) -> Places:
        return self._places(lambda timeline: timeline.begin)

    @property
    def end(self) -> Places:
        return self._places(lambda timeline: timeline.end)

    def before(self, places: Places | None, n: int, *, max_line: int = MAX_LINE) -> MergedPage:
        """The ``n`` lines before ``places`` (None: the end); none at the beginning."""
        end = self.end if places is None else places
        streams = [
            _numbered(number, _back(self._timelines[name], place, max_line), -1)
            for number, (name, place) in enumerate(zip(self.logs, end, strict=True))
            if place is not None and name in self._timelines
        ]
        begin = list(end)
        lines: list[MergedLine] = []
        for _key, number, seconds, line in heapq.merge(*streams, key=lambda item: item[0]):
            if len(lines) >= n:
                break
            lines.append(self._line(number, seconds, line))
            begin[number] = line.position
        return MergedPage(tuple(reversed(lines)), tuple(begin), end)

    def after(self, places: Places | None, n: int, *, max_line: int = MAX_LINE) -> MergedPage:
        """The ``n`` lines from ``places`` (None: the beginning) on; none at the end."""
        begin = self.begin if places is None else places
        streams = [
            _numbered(number, _forward(self._timelines[name], place, max_line), 1)
            for number, (name, place) in enumerate(zip(self.logs, begin, strict=True))
            if place is not None and name in self._timelines
        ]
        end = list(begin)
        lines: list[MergedLine] = []
        for _key, number, seconds, line in heapq.merge(*streams, key=lambda item: item[0]):
            if len(lines) >= n:
                break
            lines.append(self._line(number, seconds, line))
            end[number] = line.end
        return MergedPage(tuple(lines), begin, tuple(end))

    def at_time(self, when: datetime) -> Places:
        """Where the first line at or after ``when`` begins in each log; the end of a log whose lines have no times."""

        def position(timeline: Timeline) -> Position:
            try:
                return position_at(timeline, when)
            except NoTimes:
                return timeline.end

        return self._places(position)

    def _places(self, position_in: Callable[[Timeline], Position]) -> Places:
        return tuple(position_in(self._timelines[name]) if name in self._timelines else None for name in self.logs)

    def _line(self, number: int, seconds: float | None, line: LogLine) -> MergedLine:
        name = list(self.logs)[number]
        return MergedLine(name, line, seconds, restart_event(line.data) if name == SUPERVISORD else None)


_Timed = tuple[float | None, LogLine]
_Key = tuple[float, int]


def _numbered(number: int, lines: Iterator[_Timed], sign: int) -> Iterator[tuple[_Key, int, float | None, LogLine]]:
    for seconds, line in lines:
        key = float("-inf") if seconds is None else seconds
        yield (sign * key, sign * number), number, seconds, line


def _back(timeline: Timeline, position: Position, max_line: int) -> Iterator[_Timed]:
    """The lines before ``position`` with their times, the last one first."""
    now = time.time()
    waiting: list[LogLine] = []
    while page := timeline.before(position, _PAGE, max_line=max_line):
        for line in reversed(page):
            seconds = time_of(line.data, now)
            waiting.append(line)
            if seconds is not None or len(waiting) > _MOST_UNTIMED:
                yield from ((seconds, one) for one in waiting)
                waiting = []
        position = page[0].position
    yield from ((None, one) for one in waiting)


def _forward(timeline: Timeline, position: Position, max_line: int) -> Iterator[_Timed]:
    """The lines from ``position`` on with their times."""
    now = time.time()
    seconds = next((time for time, _line in _back(timeline, position, 200)), None)
    while page := timeline.after(position, _PAGE, max_line=max_line):
        for line in page:
            own = time_of(line.data, now)
            seconds = seconds if own is None else own
            yield seconds, line
        position = page[-1].end

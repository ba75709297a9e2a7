"""Several logs as one, by the times in their lines: from the end back, or from any place on."""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from .growth import complete_end, is_begin
from .lines import MAX_LINE, LogMissing
from .merged_lines import (
    MergedLine,
    MergedPage,
    MergedPosition,
    Numbered,
    Places,
    back,
    forward,
    merged_line,
    numbered,
    time_at,
)
from .merged_wanted import place_of, slice_of, wanted_after_all, wanted_before_all
from .position import Position
from .search import Watcher
from .timeline import Timeline
from .times import NoTimes, position_at
from .wanted import Wanted

_PAGE = 500  # lines
_SEEN_OF_EVENTS = 1000  # bytes of a line that hold its time and what it says of a program


class Merged:
    """The logs of ``logs`` (names to paths) as one, each with its rotated files.

    A page costs a few lines of each log, wherever it is. What lines without times say is ordered with the line before
    them; a log whose lines have no times at all stands before everything. Those that do not exist are left out until
    ``refresh`` finds them. Not to be shared between threads. Raises ConsoleError for a log that cannot be read.
    """

    def __init__(self, logs: Mapping[str, Path]) -> None:
        self.logs = dict(logs)
        self.timelines: dict[str, Timeline] = {}  # of those that exist
        self.refresh()

    def __enter__(self) -> Merged:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        for timeline in self.timelines.values():
            timeline.close()
        self.timelines.clear()

    def refresh(self) -> None:
        """Take in what was written and rotated since."""
        for timeline in self.timelines.values():
            with contextlib.suppress(LogMissing):
                timeline.refresh()
        self.look_for_missing()

    def look_for_missing(self) -> list[str]:
        """Take in logs that were not there before; which ones."""
        new = []
        for name, path in self.logs.items():
            if name not in self.timelines:
                with contextlib.suppress(LogMissing):
                    self.timelines[name] = Timeline(path)
                    new.append(name)
        return new

    def timeline(self, source: str) -> Timeline:
        """The log of ``source`` by itself. Raises LogMissing when it is not there."""
        if source not in self.timelines:
            self.timelines[source] = Timeline(self.logs[source])
        return self.timelines[source]

    @property
    def begin(self) -> Places:
        return self._places(lambda timeline: timeline.begin)

    @property
    def end(self) -> Places:
        return self._places(lambda timeline: timeline.end)

    @property
    def complete_end(self) -> Places:
        """The end without last lines that have no line end yet."""
        return self._places(complete_end)

    def before(
        self,
        places: Places | None,
        n: int,
        wanted: Wanted | None = None,
        *,
        start: Places | None = None,
        max_line: int = MAX_LINE,
        watcher: Watcher | None = None,
    ) -> MergedPage:
        """The ``n`` lines before ``places`` (None: the end), from ``start`` (None: the beginning) on; none there.

        With ``wanted`` only those that are, with tracebacks whole; fewer where ``watcher`` ended it.
        """
        end = self.end if places is None else places
        start = None if start is None else self.found(start)
        if wanted is not None:
            lows = self.begin if start is None else start
            taken = wanted_before_all(
                self._open(),
                wanted,
                lows,
                end,
                n,
                max_line=max(max_line, _SEEN_OF_EVENTS),
                watcher=watcher or Watcher(),
            )
            return MergedPage(tuple(map(self._line, taken.lines)), taken.begin, taken.end)
        streams = [
            numbered(number, back(timeline, place, max_line, None if start is None else start[number]), -1)
            for number, (timeline, place) in enumerate(zip(self._open(), end, strict=True))
            if place is not None and timeline is not None
        ]
        begin = list(end)
        lines: list[MergedLine] = []
        for one in heapq.merge(*streams, key=lambda item: item[0]):
            if len(lines) >= n:
                break
            lines.append(self._line(one))
            begin[one[1]] = one[3].position
        return MergedPage(tuple(reversed(lines)), tuple(begin), end)

    def after(
        self,
        places: Places | None,
        n: int,
        wanted: Wanted | None = None,
        *,
        stop: Places | None = None,
        max_line: int = MAX_LINE,
        watcher: Watcher | None = None,
    ) -> MergedPage:
        """The ``n`` lines from ``places`` (None: the beginning) on that begin before ``stop`` (None: the end); none
        there. With ``wanted`` like ``before``.
        """
        begin = self.begin if places is None else self.found(places)
        stop = None if stop is None else self.found(stop)
        if wanted is not None:
            highs = self.end if stop is None else stop
            taken = wanted_after_all(
                self._open(),
                wanted,
                begin,
                highs,
                n,
                max_line=max(max_line, _SEEN_OF_EVENTS),
                watcher=watcher or Watcher(),
            )
            return MergedPage(tuple(map(self._line, taken.lines)), taken.begin, taken.end)
        streams = [
            numbered(number, forward(timeline, place, max_line, None if stop is None else stop[number]), 1)
            for number, (timeline, place) in enumerate(zip(self._open(), begin, strict=True))
            if place is not None and timeline is not None
        ]
        end = list(begin)
        lines: list[MergedLine] = []
        for one in heapq.merge(*streams, key=lambda item: item[0]):
            if len(lines) >= n:
                break
            lines.append(self._line(one))
            end[one[1]] = one[3].end
        return MergedPage(tuple(lines), begin, tuple(end))

    def each(
        self,
        wanted: Wanted | None = None,
        *,
        start: Places | None = None,
        stop: Places | None = None,
        max_line: int = MAX_LINE,
        watcher: Watcher | None = None,
    ) -> Iterator[MergedLine]:
        """Every line between two places, or every wanted one, some hundred of each log held at a time."""
        places = start
        while (page := self.after(places, _PAGE, wanted, stop=stop, max_line=max_line, watcher=watcher)).lines:
            yield from page.lines
            places = page.end

    def at_time(self, when: datetime, *, cancelled: Callable[[], bool] = lambda: False) -> Places:
        """Where the first line at or after ``when`` begins in each log; the end of a log whose lines have no times."""

        def position(timeline: Timeline) -> Position:
            try:
                return position_at(timeline, when, cancelled=cancelled)
            except NoTimes:
                return timeline.end

        return self._places(position)

    def earlier(self, places: Places) -> Places:
        """Where the slice before ``places`` begins: some megabytes of the log that has most, the same time of all."""
        return slice_of(self._open(), self.begin, places, back=True)

    def later(self, places: Places, stop: Places) -> Places:
        """Where the slice from ``places`` on ends, at the latest at ``stop``."""
        return slice_of(self._open(), self.found(places), stop, back=False)

    def within(self, places: Places, stop: Places) -> Places:
        """``places``, in each log at the latest at ``stop``."""
        return tuple(
            last
            if timeline is not None
            and place is not None
            and last is not None
            and timeline.offset_of(last) < timeline.offset_of(place)
            else place
            for timeline, place, last in zip(self._open(), places, stop, strict=True)
        )

    def is_begin(self, places: Places) -> bool:
        """Whether there is nothing before ``places``."""
        return all(
            timeline is None or place is None or is_begin(timeline, place)
            for timeline, place in zip(self._open(), places, strict=True)
        )

    def bytes_between(self, start: Places, stop: Places) -> int:
        """How many bytes of all logs lie between two places; 0 where ``start`` is behind."""
        return sum(
            max(0, timeline.offset_of(last) - timeline.offset_of(first))
            for timeline, first, last in zip(self._open(), self.found(start), stop, strict=True)
            if timeline is not None and first is not None and last is not None
        )

    def places_at(self, line: MergedPosition) -> Places:
        """Where ``line`` stands among the lines of all logs: what it says itself, or what its time says."""
        if line.places is not None:
            return line.places
        timeline = self.timeline(line.source)
        offset, number = timeline.offset_of(line.position), self.number_of(line.source)
        places = place_of(self._open(), number, time_at(timeline, offset), offset)
        return tuple(
            None if one is None else one.bytes.position_of(place)
            for one, place in zip(self._open(), places, strict=True)
        )

    def first_of(self, page: MergedPage) -> MergedPosition | None:
        """The first line of a page, with its place."""
        return self._standing(page.lines[0], page.begin) if page.lines else None

    def last_of(self, page: MergedPage) -> MergedPosition | None:
        """The last line of a page, with its place."""
        return self._standing(page.lines[-1], page.end) if page.lines else None

    def moved(self, places: Places, source: str, position: Position) -> Places:
        """``places`` with another one in the log of ``source``."""
        number = self.number_of(source)
        return (*places[:number], position, *places[number + 1 :])

    def number_of(self, source: str) -> int:
        """Which of the places is that of ``source``."""
        return list(self.logs).index(source)

    def found(self, places: Places) -> Places:
        """``places`` with the beginnings of those logs that were not there then."""
        return tuple(
            timeline.begin if place is None and timeline is not None else place
            for timeline, place in zip(self._open(), places, strict=True)
        )

    def _standing(self, line: MergedLine, places: Places) -> MergedPosition:
        places = self.moved(places, line.source, line.line.position)
        return MergedPosition(line.source, line.line.position, places)

    def _open(self) -> list[Timeline | None]:
        return [self.timelines.get(name) for name in self.logs]

    def _places(self, position_in: Callable[[Timeline], Position]) -> Places:
        return tuple(None if timeline is None else position_in(timeline) for timeline in self._open())

    def _line(self, one: Numbered) -> MergedLine:
        return merged_line(list(self.logs)[one[1]], one[2], one[3])

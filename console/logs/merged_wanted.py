"""The wanted lines of several logs by their times: gone through a slice at a time, which holds the same time of all.

So a hit that is near is found without looking through the whole of the logs that have none.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .growth import earlier, later
from .merged_lines import Numbered, Places, numbered, time_at, with_times
from .search import Watcher, wanted_after, wanted_before
from .timeline import Timeline
from .times import NoTimes, first_at
from .wanted import Wanted

SLICE = 16 * 1024 * 1024  # bytes of a log: a page
_SLICES = 4  # of them at once for a search, which need not show anything between
_UNTIMED = float("-inf")

Logs = Sequence[Timeline | None]  # by their numbers; None for one that does not exist yet
Offsets = list[int]  # in each of them


class Taken(NamedTuple):
    """Some wanted lines in order, which cover the logs from ``begin`` to ``end``."""

    lines: list[Numbered]
    begin: Places
    end: Places


def wanted_before_all(
    logs: Logs, wanted: Wanted, lows: Places, highs: Places, n: int, *, max_line: int, watcher: Watcher
) -> Taken:
    """The last ``n`` wanted lines between two places; fewer where there are no more, or where ``watcher`` ended it."""
    low, high = _offsets(logs, lows), _offsets(logs, highs)
    share = Share(watcher, sum(high) - sum(low))
    taken: list[Numbered] = []
    while len(taken) < n and high != low:
        begin = slice_before(logs, low, high, _SLICES * SLICE)
        found: list[list[Numbered]] = []
        for number, log in enumerate(logs):
            if log is None or begin[number] == high[number]:
                found.append([])
                continue
            start, stop = log.bytes.position_of(begin[number]), log.bytes.position_of(high[number])
            lines = wanted_before(
                log, wanted, stop, n - len(taken), start=start, max_line=max_line, watcher=share
            ).lines
            found.append([*numbered(number, reversed(with_times(log, lines)), -1)])
            share.looked += high[number] - begin[number]
        if watcher.stopped:
            break
        some = _first(found, n - len(taken))
        taken[:0] = reversed(some)
        share.found = len(taken)
        high = begin if len(taken) < n else _place_before(logs, begin, high, found, some)
    return Taken(taken, _places(logs, high), highs)


def wanted_after_all(
    logs: Logs, wanted: Wanted, lows: Places, highs: Places, n: int, *, max_line: int, watcher: Watcher
) -> Taken:
    """The first ``n`` of them."""
    low, high = _offsets(logs, lows), _offsets(logs, highs)
    share = Share(watcher, sum(high) - sum(low))
    taken: list[Numbered] = []
    while len(taken) < n and low != high:
        end = slice_after(logs, low, high, _SLICES * SLICE)
        found: list[list[Numbered]] = []
        for number, log in enumerate(logs):
            if log is None or low[number] == end[number]:
                found.append([])
                continue
            start, stop = log.bytes.position_of(low[number]), log.bytes.position_of(end[number])
            lines = wanted_after(log, wanted, start, n - len(taken), stop=stop, max_line=max_line, watcher=share).lines
            found.append([*numbered(number, with_times(log, lines), 1)])
            share.looked += end[number] - low[number]
        if watcher.stopped:
            break
        some = _first(found, n - len(taken))
        taken += some
        share.found = len(taken)
        low = end if len(taken) < n else _place_after(logs, low, end, found, some)
    return Taken(taken, lows, _places(logs, low))


def slice_of(logs: Logs, lows: Places, highs: Places, *, back: bool) -> Places:
    """Of what lies between two places the last slice: where it begins; or the first one: where it ends."""
    look = slice_before if back else slice_after
    return _places(logs, look(logs, _offsets(logs, lows), _offsets(logs, highs), SLICE))


# -- slices ----------------------------------------------------------------------------------------


def slice_before(logs: Logs, low: Offsets, high: Offsets, count: int) -> Offsets:
    """Where the slice before ``high`` begins: of the log that has most for its time it holds about ``count`` bytes, of
    the others the same time. It is ``high`` only where nothing is left above ``low``.
    """
    begin = list(high)
    opened: dict[int, float] = {}  # the logs that go on before it, and the time there
    for number, log in _left(logs, low, high):
        position = earlier(log, log.bytes.position_of(high[number]), count)
        begin[number] = max(low[number], log.offset_of(position))
        if begin[number] > low[number]:
            opened[number] = _key(time_at(log, begin[number]))
    if not opened:
        return begin
    bound = max(opened.values())
    aligned = list(high)
    for number, log in _left(logs, low, high):
        place = _first_at(log, bound)
        if opened.get(number) == bound != _UNTIMED:
            place = min(place, begin[number])
        aligned[number] = min(high[number], max(place, low[number] if bound != _UNTIMED else begin[number]))
    if aligned == high:
        # What is left has no times: log by log, the last one first.
        number = max(number for number, _log in _left(logs, low, high))
        aligned[number] = begin[number]
    return aligned


def slice_after(logs: Logs, low: Offsets, high: Offsets, count: int) -> Offsets:
    """Where the slice from ``low`` on ends, in the same way."""
    end = list(low)
    for number, log in _left(logs, low, high):
        position = later(log, log.bytes.position_of(low[number]), count)
        end[number] = min(high[number], log.offset_of(position))
        if time_at(log, low[number]) is None:
            # It stands before all others, as far as it has no times.
            stop = list(low)
            timed = _first_at(log, _UNTIMED)
            stop[number] = min(end[number], timed) if timed > low[number] else end[number]
            return stop
    opened = {
        number: _key(time_at(log, end[number])) for number, log in _left(logs, low, high) if end[number] < high[number]
    }
    if not opened:
        return end
    bound = min(opened.values())
    aligned = list(low)
    for number, log in _left(logs, low, high):
        place = _first_at(log, math.nextafter(bound, math.inf))
        if opened.get(number) == bound:
            place = max(place, end[number])
        aligned[number] = max(low[number], min(place, high[number]))
    return aligned


def place_of(logs: Logs, number: int, seconds: float | None, offset: int) -> Offsets:
    """The place of the line at ``offset`` of the log ``number``, whose time is ``seconds``, in all logs."""
    places = []
    for other, log in enumerate(logs):
        if log is None:
            places.append(0)
        elif other == number:
            places.append(offset)
        elif other < number:  # what it has of the same time stands before
            places.append(_first_at(log, math.nextafter(_key(seconds), math.inf)))
        elif seconds is None:
            places.append(log.bytes.begin)
        else:
            places.append(_first_at(log, seconds))
    return places


# -- within ----------------------------------------------------------------------------------------


def _left(logs: Logs, low: Offsets, high: Offsets) -> Iterator[tuple[int, Timeline]]:
    return ((number, log) for number, log in enumerate(logs) if log is not None and low[number] < high[number])


def _first(found: Sequence[Sequence[Numbered]], n: int) -> list[Numbered]:
    some = []
    for one in heapq.merge(*found, key=lambda item: item[0]):
        some.append(one)
        if len(some) == n:
            break
    return some


def _place_before(
    logs: Logs, low: Offsets, high: Offsets, found: Sequence[Sequence[Numbered]], some: Sequence[Numbered]
) -> Offsets:
    """Where the last one of ``some``, the first line in the logs' order, stands in all of them."""
    _order, number, seconds, line = some[-1]
    log = logs[number]
    assert log is not None
    begin = place_of(logs, number, seconds, log.offset_of(line.position))
    for other, log in enumerate(logs):
        if log is None or other == number:
            continue
        count = sum(1 for one in some if one[1] == other)
        least = log.offset_of(found[other][count][3].end) if count < len(found[other]) else low[other]
        most = log.offset_of(found[other][count - 1][3].position) if count else high[other]
        begin[other] = min(most, max(least, begin[other]))
    return begin


def _place_after(
    logs: Logs, low: Offsets, high: Offsets, found: Sequence[Sequence[Numbered]], some: Sequence[Numbered]
) -> Offsets:
    """Where it goes on behind the last one of ``some``, in all logs."""
    _order, number, seconds, line = some[-1]
    log = logs[number]
    assert log is not None
    end = place_of(logs, number, seconds, log.offset_of(line.end))
    for other, log in enumerate(logs):
        if log is None or other == number:
            continue
        count = sum(1 for one in some if one[1] == other)
        least = log.offset_of(found[other][count - 1][3].end) if count else low[other]
        most = log.offset_of(found[other][count][3].position) if count < len(found[other]) else high[other]
        end[other] = max(least, min(most, end[other]))
    return end


def _first_at(log: Timeline, seconds: float) -> int:
    """The first line of this time or a later one; the end of a log without times."""
    try:
        return first_at(log, seconds)
    except NoTimes:
        return log.bytes.end


def _key(seconds: float | None) -> float:
    return _UNTIMED if seconds is None else seconds


def _offsets(logs: Logs, places: Places) -> Offsets:
    """A log that is not there yet counts as empty."""
    return [
        0 if log is None else log.bytes.begin if place is None else log.offset_of(place)
        for log, place in zip(logs, places, strict=True)
    ]


def _places(logs: Logs, offsets: Offsets) -> Places:
    return tuple(
        None if log is None else log.bytes.position_of(offset) for log, offset in zip(logs, offsets, strict=True)
    )


class Share(Watcher):
    """Watches the search in one log, which is a part of that in all."""

    def __init__(self, watcher: Watcher, whole: int) -> None:
        super().__init__()
        self._watcher = watcher
        self._whole = whole
        self.looked = self.found = 0

    def goes_on(self, done: int, whole: int, found: int) -> bool:  # noqa: ARG002 - the whole of one slice
        self.stopped = not self._watcher.goes_on(self.looked + done, self._whole, self.found + found)
        return not self.stopped

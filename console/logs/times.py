"""The times that stand in log lines, and the places of a log that a time means."""

from __future__ import annotations

import re
import time
from calendar import timegm
from collections.abc import Callable, Iterator
from datetime import datetime

from ..errors import ConsoleError
from ..text import _
from .lines import Line, lines_back, lines_forward
from .position import Position
from .timeline import Timeline

_HEAD = 200  # bytes of a line in which its time is looked for
_PROBED = 1000  # lines at three places of a log that show whether its lines have times
_PROBED_FIRST = 10  # which mostly are enough
_AT_FIRST, _AT_ONCE = 4, 100  # lines read at once: most have times
_MONTHS = {name: number for number, name in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}

_TIME = re.compile(
    # supervisord's, Python logging's, gunicorn's and nginx's own, and ISO 8601
    rb"(?<!\d)(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d\d:?\d\d))?(?!\d)"
    # the common log format: https://httpd.apache.org/docs/current/logs.html
    rb"|(?<!\d)(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})"
    # syslog's, which has no year: RFC 3164
    rb"|^(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?!\d)"
)


class NoTimes(ConsoleError):
    """The lines of a log have no times."""


def time_of(line: bytes, now: float | None = None) -> float | None:
    """The time that stands near the begin of ``line``, in seconds since 1970; None where there is none.

    A time without an offset is taken for local, one without a year for the last such day before ``now`` (default: now).
    """
    found = _TIME.search(line[:_HEAD])
    if found is None:
        return None
    part = found.groups()
    try:
        if part[0]:
            fraction = float(b"0." + part[6]) if part[6] else 0.0
            return _seconds(int(part[0]), int(part[1]), int(part[2]), part[3:6], part[7]) + fraction
        if part[8]:
            return _seconds(int(part[10]), _MONTHS[part[9]], int(part[8]), part[11:14], part[14])
        now = time.time() if now is None else now
        year = time.localtime(now).tm_year
        seconds = _seconds(year, _MONTHS[part[15]], int(part[16]), part[17:20], None)
        if seconds > now + 86400:
            seconds = _seconds(year - 1, _MONTHS[part[15]], int(part[16]), part[17:20], None)
    except (ValueError, KeyError, OverflowError):  # digits in the shape of a time
        return None
    return seconds


def _seconds(year: int, month: int, day: int, clock: tuple[bytes, ...], offset: bytes | None) -> float:
    hour, minute, second = (int(part) for part in clock)
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError
    datetime(year, month, day)  # raises ValueError for a day that does not exist
    if offset is None:
        return time.mktime((year, month, day, hour, minute, second, 0, 0, -1))
    seconds = timegm((year, month, day, hour, minute, second))
    if offset == b"Z":
        return float(seconds)
    sign = -1 if offset[:1] == b"-" else 1
    return float(seconds - sign * (int(offset[1:3]) * 3600 + int(offset[-2:]) * 60))


def position_at(timeline: Timeline, when: datetime, *, cancelled: Callable[[], bool] = lambda: False) -> Position:
    """Where the first line at or after ``when`` begins; the log's end when there is none.

    Found by halving, which needs the times to rise along the log. Lines without a time belong to the one before.
    Raises NoTimes for a log whose lines have none.
    """
    return timeline.bytes.position_of(first_at(timeline, when.timestamp(), cancelled=cancelled))


def first_at(timeline: Timeline, seconds: float, *, cancelled: Callable[[], bool] = lambda: False) -> int:
    """The same for ``seconds`` since 1970, as an offset in the log's bytes."""
    log, now = timeline.bytes, time.time()
    if log.begin < log.end and not has_times(timeline):
        raise NoTimes(
            _("The lines of {log} have no times.").format(log=timeline.path.name),
            _("So nobody can tell which of them were written when."),
        )
    low = log.begin  # times before it are too old
    high = answer = log.end  # from it on there is nothing that would be nearer
    while low < high and not cancelled():
        middle = max(low, timeline.line_start((low + high) // 2))
        found = _timed_line(timeline, middle, high, now)
        if found is None:
            high = middle
        elif found[2] < seconds:
            low = found[1]
        else:
            answer, high = found[0], middle
    return answer


def _timed_line(timeline: Timeline, start: int, stop: int, now: float) -> tuple[int, int, float] | None:
    """The first line from ``start`` on that has a time: its begin, its end, and the time."""
    count = _AT_FIRST
    while lines := lines_forward(timeline.bytes, start, count, stop, max_line=_HEAD):
        for line in lines:
            seconds = time_of(line.data, now)
            if seconds is not None:
                return line.offset, line.end, seconds
        start, count = lines[-1].end, _AT_ONCE
    return None


def has_times(timeline: Timeline) -> bool:
    """Whether lines have times, by three places of the log."""
    return any(time_of(line.data) is not None for page in _probed(timeline) for line in page)


def _probed(timeline: Timeline) -> Iterator[list[Line]]:
    log = timeline.bytes
    middle = timeline.line_start((log.begin + log.end) // 2)
    for count in (_PROBED_FIRST, _PROBED):
        yield lines_forward(log, log.begin, count, log.end, max_line=_HEAD)
        yield lines_forward(log, middle, count, log.end, max_line=_HEAD)
        yield lines_back(log, log.end, count, max_line=_HEAD)

"""Places in a log to go to: the next hit or error from where one is, a time, a part of the whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..errors import WrongUsage
from ..text import _
from .position import Position
from .scan import Block
from .search import Watcher, wanted_after, wanted_before
from .timeline import Joined, Timeline
from .times import position_at
from .traceback_search import traceback_at
from .wanted import Errors, Range, Wanted
from .when import moment

_PERCENT = re.compile(r"(\d{1,3}(?:[.,]\d+)?)\s*%")


class Both:
    """Lines that ``inner`` wants among those that ``outer`` wants."""

    def __init__(self, outer: Wanted, inner: Wanted) -> None:
        self._outer = outer
        self._inner = inner

    def ranges(self, log: Joined, block: Block) -> Iterator[Range]:
        outer, inner = self._outer.ranges(log, block), self._inner.ranges(log, block)
        within = next(outer, None)
        for first, last in inner:
            while within is not None and within[1] <= first:
                within = next(outer, None)
            if within is None:
                return
            if first >= within[0]:
                yield first, last

    def decide(self, lines: Sequence[bytes], quiet: bool) -> tuple[int, list[int]]:
        decided, outer = self._outer.decide(lines, quiet)
        _decided, inner = self._inner.decide([lines[number] for number in outer], quiet=True)
        return decided, [outer[number] for number in inner]

    def close(self) -> None:
        self._outer.close()
        self._inner.close()


def hit_after(timeline: Timeline, wanted: Wanted, position: Position, watcher: Watcher) -> Position | None:
    """The first wanted line from ``position`` on; None when there is none, or the search was cancelled."""
    found = wanted_after(timeline, wanted, position, 1, max_line=0, watcher=watcher)
    return found.lines[0].position if found.lines else None


def hit_before(timeline: Timeline, wanted: Wanted, position: Position, watcher: Watcher) -> Position | None:
    """The last wanted line before ``position``."""
    found = wanted_before(timeline, wanted, position, 1, max_line=0, watcher=watcher)
    return found.lines[0].position if found.lines else None


def error_after(timeline: Timeline, position: Position, watcher: Watcher) -> Position | None:
    """The first error or traceback behind the line at ``position`` and the traceback that it belongs to."""
    here = traceback_at(timeline, position)
    if here is not None:
        start = here.end
    else:
        lines = timeline.after(position, 1, max_line=0)
        start = lines[0].end if lines else timeline.end
    return hit_after(timeline, Errors(), start, watcher)


def error_before(timeline: Timeline, position: Position, watcher: Watcher) -> Position | None:
    """The last error or the begin of the last traceback before the line at ``position``."""
    here = traceback_at(timeline, position)
    if here is not None and timeline.offset_of(here.begin) < timeline.offset_of(position):
        return here.begin
    found = hit_before(timeline, Errors(), position, watcher)
    if found is None:
        return None
    traceback = traceback_at(timeline, found)
    return traceback.begin if traceback is not None else found


def place_of(timeline: Timeline, text: str, watcher: Watcher) -> Position:
    """The line that ``text`` means: a time (``14:05``, ``Thu 14:05``, ``-2h``) or a part of the log (``50%``).

    Raises WrongUsage for what is neither, NoTimes where the lines have no times.
    """
    share = share_of(text)
    if share is not None:
        return timeline.at_fraction(share)
    return position_at(timeline, moment(text), cancelled=lambda: not watcher.goes_on(0, 0, 0))


def share_of(text: str) -> float | None:
    """The part of a log (0.0 to 1.0) that ``text`` means, as ``50%``; None when it is none.

    Raises WrongUsage for one that is more than the whole.
    """
    percent = _PERCENT.fullmatch(text.strip())
    if percent is None:
        return None
    share = float(percent[1].replace(",", "."))
    if share > 100:
        raise WrongUsage(_("A part of the log is 0% to 100%: {text}").format(text=text))
    return share / 100


def text_at(timeline: Timeline, position: Position, *, max_line: int) -> tuple[str, bool]:
    """The traceback that the line at ``position`` belongs to, and True; else the line by itself, and False.

    As it stands in the log, not safe for a terminal.
    """
    found = traceback_at(timeline, position)
    if found is not None:
        return found.text, True
    lines = timeline.after(position, 1, max_line=max_line)
    return (lines[0].marked.decode("utf-8", "replace") if lines else ""), False

"""Pages of a log as a screen shows them, all its lines or only the wanted ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ..logs.colours import Coloured, with_colours
from ..logs.folding import folds
from ..logs.growth import GrowthWatch, complete_end, count_lines, earlier, is_begin, later
from ..logs.levels import level_of
from ..logs.merged_lines import LineAt, MergedPosition, Place, time_at
from ..logs.position import NOWHERE, LogLine, Position
from ..logs.search import count_wanted, wanted_after, wanted_before
from ..logs.sources import of_one
from ..logs.timeline import Timeline
from ..logs.traceback_search import goes_on_at
from ..logs.wanted import Errors, Matching, Wanted

PAGE = 500  # lines
LONGEST = 4096  # bytes of a line that are shown; Enter shows it whole
SLICE = 16 * 1024 * 1024  # bytes that are looked through for wanted lines at once
TAIL = 512 * 1024  # bytes: of more that came at once the last page is read first


@dataclass(frozen=True)
class Row:
    """A line as it is shown: safe for a terminal; ``end`` is where the next one begins.

    Of several logs as one: ``line`` is where it stands in its own log, ``lead`` that log's name, ``is_rule`` that it
    says of a program that it began or ended, and is drawn as a rule.
    """

    begin: Place
    end: Place
    text: str
    level: str | None = None
    complete: bool = True
    colours: tuple[Coloured, ...] = ()  # the program's own
    fold: int = 0  # of a traceback's first line how many lines hide behind it, HIDDEN for these
    line: MergedPosition | None = None
    lead: str = ""
    is_rule: bool = False

    @property
    def at(self) -> LineAt:
        """Which line it is."""
        return of_one(self.begin) if self.line is None else self.line

    @property
    def is_gone(self) -> bool:
        """The log was emptied since: it no longer has this line."""
        return (self.begin if self.line is None else self.line.position) == NOWHERE


@dataclass(frozen=True)
class Page:
    """Some rows in order, which cover the log from ``begin`` to ``end``: what is wanted of it is all there.

    ``at_begin``, ``at_end``: there is nothing before, behind. ``middle``: the row at which, or behind which, the line
    is around which the page was asked for.
    """

    rows: tuple[Row, ...]
    begin: Place
    end: Place
    at_begin: bool
    at_end: bool
    middle: int | None = None


@dataclass(frozen=True)
class News:
    """What came: ``page`` goes on where the last one ended, or stands alone where too much came (``jumped``).

    ``lines`` counts all that came. ``emptied``: the log was emptied before; older pages are gone.
    """

    page: Page | None
    lines: int
    jumped: bool = False
    emptied: bool = False
    begin: Place | None = None  # of several logs only in those that were emptied


class Pages(Protocol):
    """What a reader reads: one log (``LogPages``), or several as one (``MergedPages``)."""

    def close(self) -> None: ...

    def choose(self, wanted: Wanted | None) -> None: ...

    def last(self) -> Page: ...

    def first(self) -> Page: ...

    def before(self, place: Place) -> Page: ...

    def after(self, place: Place) -> Page: ...

    def around(self, line: LineAt) -> Page: ...

    def line_of(self, line: LineAt, seconds: float | None = None) -> LineAt | None: ...

    def news(self, end: Place | None) -> News | None: ...

    def newest(self, place: Place) -> tuple[Page, bool]: ...


class LogPages:
    """Reads the log at ``path``. With ``wanted`` a page may come incomplete: it covers a slice of the log, and the
    next one is to be asked for. Not to be shared between threads. Raises like ``Timeline``.
    """

    def __init__(self, path: Path, wanted: Wanted | None = None) -> None:
        self.timeline = Timeline(path)
        self.wanted = wanted
        self._growth = GrowthWatch(self.timeline)
        self._seen = complete_end(self.timeline)

    def close(self) -> None:
        self.timeline.close()

    def choose(self, wanted: Wanted | None) -> None:
        """From now on only what is ``wanted``; None: all."""
        self.wanted = wanted

    @property
    def end(self) -> Position:
        """Where the last page ends: only complete lines can be judged, but all are shown."""
        return self.timeline.end if self.wanted is None else complete_end(self.timeline)

    def last(self) -> Page:
        """The end of the log."""
        return self.before(self.end)

    def first(self) -> Page:
        """The beginning of the log."""
        return self.after(self.timeline.begin)

    def before(self, place: Place) -> Page:
        """The rows before ``place``."""
        timeline, position = self.timeline, of_one(place)
        if self.wanted is None:
            rows = self._rows(timeline.before(position, PAGE, max_line=LONGEST))
            begin = of_one(rows[0].begin) if rows else position
        else:
            begin = earlier(timeline, position, SLICE)
            found = wanted_before(timeline, self.wanted, position, PAGE, start=begin, max_line=LONGEST)
            rows = self._rows(found.lines)
            begin = begin if found.ended or not rows else of_one(rows[0].begin)
        return Page(rows, begin, _end(rows, position), is_begin(timeline, begin), self._is_end(position))

    def after(self, place: Place) -> Page:
        """The rows from ``place`` on."""
        timeline, position = self.timeline, of_one(place)
        if self.wanted is None:
            rows = self._rows(timeline.after(position, PAGE, max_line=LONGEST))
            end = of_one(rows[-1].end) if rows else position
        else:
            end = min(later(timeline, position, SLICE), self.end, key=timeline.offset_of)
            found = wanted_after(timeline, self.wanted, position, PAGE, stop=end, max_line=LONGEST)
            rows = self._rows(found.lines)
            end = end if found.ended or not rows else of_one(rows[-1].end)
        return Page(rows, position, _end(rows, end), is_begin(timeline, position), self._is_end(end))

    def around(self, line: LineAt) -> Page:
        """The rows on both sides of ``line``."""
        start = self.timeline.line_at(of_one(line))
        before, after = self.before(start), self.after(start)
        rows = before.rows + after.rows
        return Page(rows, before.begin, after.end, before.at_begin, after.at_end, middle=len(before.rows))

    def line_of(self, line: LineAt, seconds: float | None = None) -> LineAt | None:
        """The begin of the line that ``line`` is in."""
        return self.timeline.line_at(of_one(line))

    def seconds_at(self, line: LineAt) -> float | None:
        """The time of ``line``, its own or that of the last line before it that has one."""
        return time_at(self.timeline, self.timeline.offset_of(of_one(line)))

    def news(self, end: Place | None) -> News | None:
        """What came since the last call; rows only behind ``end``, where the last page ended, and none for None."""
        growth = self._growth.look()
        if not growth.bytes and not growth.emptied:
            return None
        now = complete_end(self.timeline)
        start = growth.begin if growth.emptied else self._seen
        lines = self._count(start)
        self._seen = now
        if end is None:
            return News(None, lines, emptied=growth.emptied, begin=growth.begin)
        page, jumped = self.newest(growth.begin if growth.emptied else of_one(end))
        return News(page, lines, jumped, growth.emptied, growth.begin)

    def newest(self, place: Place) -> tuple[Page, bool]:
        """The rows behind ``place``, or of more than a page the last ones, and whether some were left out."""
        timeline, start = self.timeline, of_one(place)
        if isinstance(self.wanted, Errors) and goes_on_at(timeline, start):
            return self.last(), True  # when its first lines came, nobody could tell that they were of a traceback
        if timeline.bytes.end - timeline.offset_of(start) <= TAIL:
            page = self.after(start)
            if page.at_end:
                return page, False
        if self.wanted is None:
            return self.last(), True
        found = wanted_before(timeline, self.wanted, self.end, PAGE, start=start, max_line=LONGEST)
        rows = self._rows(found.lines)
        begin = start if found.ended else of_one(rows[0].begin)
        return Page(rows, begin, self.end, is_begin(timeline, begin), at_end=True), not found.ended

    def _rows(self, lines: Sequence[LogLine]) -> tuple[Row, ...]:
        # What matches is shown wherever it stands.
        hidden = [0] * len(lines) if isinstance(self.wanted, Matching) else folds(self.timeline, lines)
        rows = []
        for line, fold in zip(lines, hidden, strict=True):
            text, colours = with_colours(line.marked)
            rows.append(Row(line.position, line.end, text, level_of(text), line.complete, colours, fold))
        return tuple(rows)

    def _count(self, start: Position) -> int:
        if self.wanted is None:
            return count_lines(self.timeline, start)
        return count_wanted(self.timeline, self.wanted, start=start, stop=complete_end(self.timeline)) or 0

    def _is_end(self, position: Position) -> bool:
        return self.timeline.offset_of(position) >= self.timeline.offset_of(self.end)


def _end(rows: Sequence[Row], end: Place) -> Place:
    """Where the next page begins: a last line without its end is read again with it."""
    return rows[-1].begin if rows and not rows[-1].complete else end

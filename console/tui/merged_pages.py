"""Pages of several logs as one, by their times, as a screen shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from ..errors import ConsoleError
from ..logs.clean import terminal_safe
from ..logs.colours import with_colours
from ..logs.folding import folds
from ..logs.growth import Growth, GrowthWatch, complete_end, count_lines
from ..logs.levels import level_of
from ..logs.lines import LogMissing
from ..logs.merged import Merged
from ..logs.merged_lines import LineAt, MergedLine, MergedPage, MergedPosition, Place, Places, emptied
from ..logs.position import NOWHERE, Position
from ..logs.search import count_wanted
from ..logs.sources import of_several
from ..logs.traceback_search import goes_on_at
from ..logs.wanted import Errors, Matching, Wanted
from ..text import _
from . import log_pages
from .log_pages import LONGEST, News, Page, Row

_LONGEST_NAME = 16  # cells


class MergedPages:
    """Reads ``logs`` (names to paths) as one; what ``LogPages`` does for one log. Only complete lines are shown.

    Raises LogMissing as long as there is none of them, and like ``Merged``.
    """

    def __init__(self, logs: Mapping[str, Path], wanted: Wanted | None = None) -> None:
        self.merged = Merged(logs)
        self.wanted = wanted
        self._names = {name: terminal_safe(name) for name in logs}
        self._width = min(_LONGEST_NAME, max(map(cell_len, self._names.values())))
        self._growth: dict[str, GrowthWatch] = {}
        self._seen: dict[str, Position] = {}  # where what was counted ends
        if not self.merged.timelines:
            raise LogMissing(_("There is no log yet."))
        for name, timeline in self.merged.timelines.items():
            self._growth[name] = GrowthWatch(timeline)
            self._seen[name] = complete_end(timeline)

    def close(self) -> None:
        self.merged.close()

    def choose(self, wanted: Wanted | None) -> None:
        """From now on only what is ``wanted``; None: all."""
        self.wanted = wanted

    @property
    def end(self) -> Places:
        """Where the last page ends."""
        return self.merged.complete_end

    def last(self) -> Page:
        """The end of the logs."""
        return self.before(self.end)

    def first(self) -> Page:
        """The beginning of the logs."""
        return self.after(self.merged.begin)

    def before(self, place: Place) -> Page:
        """The rows before ``place``."""
        places = _of_several(place)
        start = None if self.wanted is None else self.merged.earlier(places)
        page = self.merged.before(places, log_pages.PAGE, self.wanted, start=start, max_line=LONGEST)
        rows = self._rows(page, back=True)
        return Page(rows, page.begin, places, self.merged.is_begin(page.begin), self._is_end(places))

    def after(self, place: Place) -> Page:
        """The rows from ``place`` on."""
        places = _of_several(place)
        stop = self.end if self.wanted is None else self.merged.later(places, self.end)
        page = self.merged.after(places, log_pages.PAGE, self.wanted, stop=stop, max_line=LONGEST)
        rows = self._rows(page, back=False)
        return Page(rows, places, page.end, self.merged.is_begin(places), self._is_end(page.end))

    def around(self, line: LineAt) -> Page:
        """The rows on both sides of ``line``."""
        places = self.merged.within(self.merged.places_at(of_several(line)), self.end)
        before, after = self.before(places), self.after(places)
        rows = before.rows + after.rows
        return Page(rows, before.begin, after.end, before.at_begin, after.at_end, middle=len(before.rows))

    def line_of(self, line: LineAt, seconds: float | None = None) -> LineAt | None:
        """``line``, which may be one of one log; of another log than these the line of its time, ``seconds``."""
        merged = self.merged
        if isinstance(line, MergedPosition) and line.position == NOWHERE:
            return line
        if isinstance(line, MergedPosition):
            position = merged.timelines[line.source].line_at(line.position)
            return replace(line, position=position, places=line.places if position == line.position else None)
        for name, timeline in merged.timelines.items():
            if timeline.bytes.begin_of(line[:2]) is not None:
                return MergedPosition(name, timeline.line_at(line))
        if seconds is None:
            return None
        places = merged.at_time(datetime.fromtimestamp(seconds).astimezone())
        return merged.last_of(merged.after(places, 1, stop=self.end))

    def news(self, end: Place | None) -> News | None:
        """What came since the last call; rows only behind ``end``, where the last page ended, and none for None."""
        merged, lines = self.merged, 0
        for name in merged.look_for_missing():
            self._growth[name] = GrowthWatch(merged.timelines[name], merged.timelines[name].begin)
            self._seen[name] = merged.timelines[name].begin
        begins: dict[str, Position] = {}
        grown, failed = False, None
        for name in self._growth:
            try:
                growth = self._look(name)
            except ConsoleError as error:  # the others go on; said when they are quiet
                failed = error
                continue
            if growth is None:
                continue
            grown = True
            if growth.emptied:
                begins[name] = growth.begin
            lines += self._count(name, growth.begin if growth.emptied else self._seen[name])
            self._seen[name] = complete_end(merged.timelines[name])
        if not grown and failed is not None:
            raise failed
        if not grown:
            return None
        begin = tuple(begins.get(name) for name in merged.logs) if begins else None
        if end is None:
            return News(None, lines, emptied=begin is not None, begin=begin)
        places = _of_several(end)
        page, jumped = self.newest(places if begin is None else emptied(places, begin))
        return News(page, lines, jumped, begin is not None, begin)

    def newest(self, place: Place) -> tuple[Page, bool]:
        """The rows behind ``place``, or of more than a page the last ones, and whether some were left out."""
        places = _of_several(place)
        if isinstance(self.wanted, Errors) and any(
            at is not None and goes_on_at(self.merged.timelines[name], at)
            for name, at in zip(self.merged.logs, places, strict=True)
        ):
            return self.last(), True  # as in LogPages
        if self.merged.bytes_between(places, self.end) <= log_pages.TAIL:
            page = self.after(places)
            if page.at_end:
                return page, False
        if self.wanted is None:
            return self.last(), True
        found = self.merged.before(self.end, log_pages.PAGE, self.wanted, start=places, max_line=LONGEST)
        ended = len(found.lines) < log_pages.PAGE
        begin = places if ended else found.begin
        rows = self._rows(found, back=True)
        return Page(rows, begin, found.end, self.merged.is_begin(begin), at_end=True), not ended

    # -- within --------------------------------------------------------------------------------

    def _look(self, name: str) -> Growth | None:
        try:
            growth = self._growth[name].look()
        except LogMissing:  # between the two steps of a rotation, or removed: what is open can be read
            return None
        return growth if growth.bytes or growth.emptied else None

    def _count(self, name: str, start: Position) -> int:
        timeline = self.merged.timelines[name]
        if self.wanted is None:
            return count_lines(timeline, start)
        return count_wanted(timeline, self.wanted, start=start, stop=complete_end(timeline)) or 0

    def _is_end(self, places: Places) -> bool:
        return self.merged.bytes_between(places, self.end) == 0

    def _rows(self, page: MergedPage, *, back: bool) -> tuple[Row, ...]:
        """The page's lines with the places between them: counted from the end that is exact for what is wanted."""
        merged = self.merged
        places = [page.end if back else page.begin]
        for line in reversed(page.lines) if back else page.lines:
            place = line.line.position if back else line.line.end
            places.append(merged.moved(places[-1], line.source, place))
        if back:
            places.reverse()
        hidden = self._folds(page.lines)
        return tuple(
            self._row(line, begin, end, fold)
            for line, begin, end, fold in zip(page.lines, places, places[1:], hidden, strict=False)
        )

    def _folds(self, lines: Sequence[MergedLine]) -> list[int]:
        found = [0] * len(lines)
        if isinstance(self.wanted, Matching):
            return found
        for name, timeline in self.merged.timelines.items():
            numbers = [number for number, line in enumerate(lines) if line.source == name]
            for number, fold in zip(numbers, folds(timeline, [lines[one].line for one in numbers]), strict=True):
                found[number] = fold
        return found

    def _row(self, line: MergedLine, begin: Places, end: Places, fold: int) -> Row:
        text, colours = with_colours(line.line.marked)
        # With a filter the places in the other logs are those of what is wanted of them, which may be far away.
        at = MergedPosition(line.source, line.line.position, begin if self.wanted is None else None)
        level, event = level_of(text), line.event
        if event is not None:
            when = datetime.fromtimestamp(line.time or 0).astimezone().strftime("%H:%M:%S")
            said = terminal_safe(f"── {when} {event.program} {event.what} {event.detail}".rstrip())
            return Row(begin, end, said, level, line=at, is_rule=True)
        name = self._names[line.source]
        name = name if cell_len(name) <= self._width else set_cell_size(name, self._width - 1) + "…"
        lead = set_cell_size(name, self._width) + " │ "
        return Row(begin, end, text, level, True, colours, fold, at, lead)


def _of_several(place: Place) -> Places:
    assert not isinstance(place, Position), place
    return place

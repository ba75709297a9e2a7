"""The part of a log that is in memory, and the view on it: no widget, no thread, no file.

Pages come from a reader in another thread; the window says which it needs next. It holds some pages around the view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

from ..logs.merged_lines import LineAt, Place, Places, emptied
from ..logs.position import NOWHERE, Position
from ..logs.sources import of_one
from .log_pages import Page, Row

MOST_ROWS = 4000
_AHEAD = 200  # rows of the window that are to be there on each side of the view

Side = Literal["before", "after"]


def one_high(_row: Row) -> int:
    """The height of a row that is not wrapped."""
    return 1


class LogWindow:
    """Rows of a log from ``begin`` to ``end``, a view of ``height`` lines that starts ``sub`` lines into row ``top``,
    and a cursor on one row. While ``following`` the view is at the end of the log; ``unseen`` counts what came since
    it is not.
    """

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.begin: Place | None = None
        self.end: Place | None = None
        self.at_begin = self.at_end = True
        self.top = self.sub = self.cursor = 0
        self.following = True
        self.unseen = 0
        self._gone = 0  # rows at the begin that the log no longer has
        self._height = 1
        self._high: Callable[[Row], int] = one_high

    # -- what comes ----------------------------------------------------------------------------

    def show(self, page: Page, at: LineAt | Place | None = None) -> None:
        """Show ``page`` instead, with the cursor on the line at ``at`` in the middle; None: its end, following."""
        self.rows = list(page.rows)
        self.begin, self.end, self.at_begin, self.at_end = page.begin, page.end, page.at_begin, page.at_end
        self.top = self.sub = self._gone = 0
        self.following = at is None
        if at is None:
            self.unseen = 0
            self._settle()
        else:
            self.cursor = self._row_at(at, page)
            self.centre()

    def add_before(self, page: Page) -> None:
        """Put older rows before; what is in view stays."""
        if page.end != self.begin:
            return
        self.rows[:0] = page.rows
        # A page that covers nothing is the last one, whatever became of the file meanwhile.
        self.begin, self.at_begin = page.begin, page.at_begin or page.begin == page.end
        self.top += len(page.rows)
        self.cursor += len(page.rows)
        last = next((number for number, _sub in reversed(list(self.visible()))), 0)
        spare = min(len(self.rows) - MOST_ROWS, len(self.rows) - 1 - max(last, self.cursor))
        if spare > 0 and not self.following:
            self.end, self.at_end = self.rows[-spare].begin, False
            del self.rows[-spare:]
        self._settle()

    def add_after(self, page: Page) -> None:
        """Put newer rows behind; what is in view stays, unless the view follows."""
        if page.begin != self.end:
            return
        if self.rows and not self.rows[-1].complete:
            del self.rows[-1]  # comes again
        self.rows += page.rows
        self.end, self.at_end = page.end, page.at_end or page.begin == page.end
        spare = len(self.rows) - MOST_ROWS
        if not self.following:
            spare = min(spare, self.top, self.cursor)
        if spare > 0:
            del self.rows[:spare]
            self._gone = max(0, self._gone - spare)
            self.begin, self.at_begin = self.rows[0].begin, self._gone > 0
            self.top = max(0, self.top - spare)
            self.cursor = max(0, self.cursor - spare)
        self._settle()

    def came(self, lines: int) -> None:
        """So many lines came that the view does not go along with."""
        if not self.following:
            self.unseen += lines
        self.at_end = False

    def emptied(self, begin: Place) -> None:
        """The log was emptied: what is here is no longer in it, and it goes on at ``begin``."""
        if not isinstance(begin, Position):
            self._emptied_in(begin)
            return
        file = begin[:2]
        self.rows = [
            replace(row, begin=NOWHERE, end=NOWHERE) if of_one(row.begin)[:2] == file else row
            for row in self.rows
            if row.complete
        ]
        self._gone = len(self.rows)
        self.at_begin, self.at_end = True, False
        self.end = begin
        if not self.rows:
            self.begin = begin
        self._settle()

    def _emptied_in(self, begins: Places) -> None:
        """Some of several logs were emptied: the other ones' lines stay what they are."""

        def now(place: Place) -> Place:
            return place if isinstance(place, Position) else emptied(place, begins)

        files = {begin[:2] for begin in begins if begin is not None}
        rows = []
        for row in self.rows:
            line, place = row.line, now(row.begin)
            if line is not None and not isinstance(place, Position):
                is_gone = line.position[:2] in files
                line = replace(line, position=NOWHERE, places=place) if is_gone else replace(line, places=None)
            rows.append(replace(row, begin=place, end=now(row.end), line=line))
        self.rows = rows
        self.begin = None if self.begin is None else now(self.begin)
        self.end = None if self.end is None else now(self.end)
        self.at_end = False
        self._settle()

    # -- what is needed ------------------------------------------------------------------------

    def needs(self) -> tuple[Side, Place] | None:
        """Which page is to be read next, and where it begins or ends; None when enough is there."""
        if self.begin is None or self.end is None:
            return None
        below = len(self.rows) - max((number for number, _sub in self.visible()), default=self.top) - 1
        if not self.at_end and (self.following or below < _AHEAD):
            return "after", self.end
        if not self.at_begin and self.top < _AHEAD:
            return "before", self.begin
        return None

    # -- the view ------------------------------------------------------------------------------

    def fit(self, height: int, high: Callable[[Row], int]) -> None:
        """The view has this height, and a row takes as many of its lines as ``high`` says: none when it is hidden."""
        self._height, self._high = max(1, height), high
        self.sub = 0
        self._settle()

    def visible(self) -> Iterator[tuple[int, int]]:
        """The lines in view from the top: the number of a row, and which of its lines."""
        number, sub, left = self.top, self.sub, self._height
        while left and number < len(self.rows):
            if sub >= self._high(self.rows[number]):  # a hidden row has no lines at all
                number, sub = number + 1, 0
                continue
            yield number, sub
            sub += 1
            left -= 1

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def move(self, by: int) -> None:
        """Move the cursor by rows; the view goes along where it would leave it."""
        self._pause(by)
        self.cursor = self._seen(max(0, min(self.cursor + by, len(self.rows) - 1)), by)
        self._settle(keep_cursor=True)
        self._resume(by)

    def scroll(self, by: int) -> None:
        """Move the view by lines, and the cursor with it."""
        self._pause(by)
        before = self.top
        self.top, self.sub = self._stepped(self.top, self.sub, by)
        self.cursor += self.top - before
        if (self.top, self.sub) == (0, 0) and by < 0:
            self.cursor = 0
        self._settle()
        self._resume(by)

    def page(self, by: int) -> None:
        self.scroll(by * max(1, self._height - 1))

    def follow(self) -> None:
        """Go to the end, where that is here, and along with what comes."""
        self.following, self.unseen = True, 0
        self._settle()

    def pause(self) -> None:
        """Stay where it is."""
        self.following = False

    def find(self, line: LineAt | Place) -> int | None:
        """The number of the row that is ``line``, None when it is not here."""
        return next((number for number, row in enumerate(self.rows) if line in (row.at, row.begin)), None)

    def go_to(self, number: int) -> None:
        """Put the cursor on a row, in the middle of the view unless it is in view already."""
        self.following = False
        shown = {row for row, _sub in self.visible()}
        self.cursor = number
        if number in shown:
            self._settle(keep_cursor=True)
        else:
            self.centre()

    def centre(self) -> None:
        """Bring the cursor's row into the middle of the view."""
        self.following = False
        self.top, self.sub = self._stepped(self.cursor, 0, -(self._height // 2))
        self._settle()

    # -- within --------------------------------------------------------------------------------

    def _row_at(self, line: LineAt | Place, page: Page) -> int:
        """The row that is ``line``, else the first one behind."""
        found = self.find(line)
        if found is None:
            found = page.middle or 0
        return min(found, max(0, len(self.rows) - 1))

    def _pause(self, by: int) -> None:
        if by < 0 and self.rows:
            self.following = False

    def _resume(self, by: int) -> None:
        at_last = (self.top, self.sub) == self._bottom() and self.cursor == self._seen(len(self.rows) - 1, 1)
        if by > 0 and self.at_end and at_last:
            self.follow()

    def _seen(self, number: int, by: int) -> int:
        """The row with this number, or where that is hidden the next one in the direction of ``by``, or else before."""
        ways = (range(max(0, number), len(self.rows)), range(min(number, len(self.rows) - 1), -1, -1))
        for way in ways if by > 0 else reversed(ways):
            for row in way:
                if self._high(self.rows[row]):
                    return row
        return number

    def _stepped(self, number: int, sub: int, by: int) -> tuple[int, int]:
        """The place ``by`` lines from a line, within the rows."""
        sub += by
        while sub < 0:
            if number == 0:
                return 0, 0
            number -= 1
            sub += self._high(self.rows[number])
        while number < len(self.rows) and sub >= (high := self._high(self.rows[number])):
            sub -= high
            number += 1
        return (number, sub) if number < len(self.rows) else (max(0, len(self.rows) - 1), 0)

    def _bottom(self) -> tuple[int, int]:
        """Where the view begins when the last row is at its foot."""
        if not self.rows:
            return 0, 0
        last = len(self.rows) - 1
        return self._stepped(last, self._high(self.rows[last]) - 1, 1 - self._height)

    def _settle(self, *, keep_cursor: bool = False) -> None:
        """Keep the view within the rows, and the cursor within the view (or the view around the cursor)."""
        bottom = self._bottom()
        if self.following:
            self.top, self.sub = bottom
            self.cursor = self._seen(max(0, len(self.rows) - 1), 1)
            return
        self.cursor = self._seen(max(0, min(self.cursor, len(self.rows) - 1)), -1)
        if keep_cursor and self.rows:
            if self.cursor < self.top or (self.cursor == self.top and self.sub):
                self.top, self.sub = self.cursor, 0
            lowest = self._stepped(
                self.cursor, min(self._high(self.rows[self.cursor]), self._height) - 1, 1 - self._height
            )
            self.top, self.sub = max((self.top, self.sub), lowest)
        self.top, self.sub = min((self.top, self.sub), bottom)
        shown = [number for number, _sub in self.visible()]
        if shown:
            self.cursor = self._seen(max(shown[0], min(self.cursor, shown[-1])), -1)
